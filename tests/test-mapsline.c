/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Lines of /proc/PID/maps, as kernels print them and as they never should. */
#include "unit.h"
#include <errno.h>
#include <string.h>
#include "mapsline.h"

#define R MAPSLINE_READ
#define W MAPSLINE_WRITE
#define X MAPSLINE_EXEC
#define S MAPSLINE_SHARED

static const struct {
	const char *line;
	int r;
	struct mapsline want;
} lines[] = {
	{"55d0c2a00000-55d0c2a21000 r-xp 00002000 fe:01 131073                     /usr/bin/cat",
	 0,
	 {0x55d0c2a00000, 0x55d0c2a21000, 0x2000, 131073, 0xfe, 1, R | X}},
	{"7f1200000000-7f1200001000 rw-s 46000000 103:00005 18446744073709551615   /srv/a name "
	 "(deleted)",
	 0,
	 {0x7f1200000000, 0x7f1200001000, 0x46000000, UINT64_MAX, 0x103, 5, R | W | S}},
	{"7ffd5a3e2000-7ffd5a403000 rw-p 00000000 00:00 0                          [stack]",
	 0,
	 {0x7ffd5a3e2000, 0x7ffd5a403000, 0, 0, 0, 0, R | W}},
	{"7ffd5a403000-7ffd5a404000 ---p 00000000 00:00 0 ",
	 0,
	 {0x7ffd5a403000, 0x7ffd5a404000, 0, 0, 0, 0, 0}},
	{"1000-2000 --xp 0 0:0 7", 0, {0x1000, 0x2000, 0, 7, 0, 0, X}},
	{"ABC000-ABD000 r--s 00000000 07:03 131 x 1-2 rw-p 0 0:0 9",
	 0,
	 {0xabc000, 0xabd000, 0, 131, 7, 3, R | S}},
	{"ffffffffff600000-ffffffffff601000 --xp 00000000 00:00 0 [vsyscall]",
	 0,
	 {0xffffffffff600000, 0xffffffffff601000, 0, 0, 0, 0, X}},
	{"1000-3000 r--p ffffffffffffd000 0:0 7",
	 0,
	 {0x1000, 0x3000, 0xffffffffffffd000, 7, 0, 0, R}},
	{"1000-3000 r--p ffffffffffffe000 0:0 7", -EBADMSG, {0}}, /* its end would wrap */
	{"2000-1000 r--p 0 0:0 7", -EBADMSG, {0}},
	{"1000-1000 r--p 0 0:0 7", -EBADMSG, {0}},
	{"1000-2000 r--q 0 0:0 7", -EBADMSG, {0}},
	{"1000-2000 wr-p 0 0:0 7", -EBADMSG, {0}},
	{"1000-2000 r-p 0 0:0 7", -EBADMSG, {0}},
	{"1000-2000 r--p 0 0:0 7x", -EBADMSG, {0}},
	{"1000-2000 r--p 0 0:0 ", -EBADMSG, {0}},
	{"1000-2000 r--p 0 0-0 7", -EBADMSG, {0}},
	{"1000-2000 r--p 0 100000000:0 7", -EBADMSG, {0}},
	{"1000-2000 r--p 0 0:100000000 7", -EBADMSG, {0}},
	{"10000000000000000-2 r--p 0 0:0 7", -EBADMSG, {0}},
	{" 1000-2000 r--p 0 0:0 7", -EBADMSG, {0}},
	{"1000-2000 rw-s", -EBADMSG, {0}},
	{"1000-2000 rw", -EBADMSG, {0}},
	{"", -EBADMSG, {0}},
};

static void test_lines(void **state)
{
	for (size_t i = 0; i < ARRAY_SIZE(lines); i++) {
		const struct mapsline *want = &lines[i].want;
		struct mapsline got, untouched;

		memset(&untouched, 0x5a, sizeof(untouched));
		memset(&got, 0x5a, sizeof(got));
		UNIT_ROW(lines, i, lines[i].line);
		assert_int_equal(mapsline_parse(lines[i].line, strlen(lines[i].line), &got),
				 lines[i].r);
		if (lines[i].r) {
			assert_memory_equal(&got, &untouched, sizeof(got));
			continue;
		}
		/* one by one: what lies between the fields may be anything */
		assert_true(got.start == want->start && got.end == want->end);
		assert_true(got.offset == want->offset && got.ino == want->ino);
		assert_int_equal(got.major, want->major);
		assert_int_equal(got.minor, want->minor);
		assert_int_equal(got.perms, want->perms);
	}
}

/* Whatever is cut off: nothing behind the end is looked at. */
static void test_end(void **state)
{
	static const char line[] = "1000-2000 rw-s 3000 fe:01 131";
	struct mapsline m;

	for (size_t len = 0; len < sizeof(line) - 3; len++) {
		char *copy = malloc(len + 1);

		assert_non_null(copy);
		memcpy(copy, line, len);
		assert_int_equal(mapsline_parse(copy, len, &m), -EBADMSG);
		free(copy);
	}
	assert_int_equal(mapsline_parse(line, sizeof(line) - 1, &m), 0);
	assert_int_equal(m.ino, 131);
	assert_int_equal(mapsline_parse(line, sizeof(line) - 2, &m), 0);
	assert_int_equal(m.ino, 13);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_lines),
		cmocka_unit_test(test_end),
	};

	return cmocka_run_group_tests_name("mapsline", tests, NULL, NULL);
}
