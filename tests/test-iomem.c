/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What an address is, and where the next thing begins. */
#include "unit.h"
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include "iomem.h"

#define PC                                                                                         \
	"00000000-00000fff : Reserved\n"                                                           \
	"00001000-0009fbff : System RAM\n"                                                         \
	"  00002000-00002fff : Kernel code\n"                                                      \
	"100000000-13fffffff : Persistent Memory\n"                                                \
	"  100000000-13fffffff : namespace0.0\n"

static int tell(const struct iomem_piece *piece, void *data)
{
	char *text = data;
	size_t len = strlen(text);

	assert_true(piece->spa.range.len > 0);
	snprintf(text + len, 256 - len, "%" PRIx64 "+%" PRIx64 "=%s;", piece->spa.range.start,
		 piece->spa.range.len, piece->name);
	return 0;
}

static int stop(const struct iomem_piece *piece, void *data)
{
	return 7;
}

static void test_vectors(void **state)
{
	static const struct {
		const char *text;
		struct byte_range spa;
		int r;
		const char *told;
	} vectors[] = {
		{PC, {0x2000, 0x200}, 0, "2000+200=System RAM;"},
		{PC, {0xf00, 0x200}, 0, "f00+100=Reserved;1000+100=System RAM;"},
		{PC, {0x9fb00, 0x200}, 0, "9fb00+100=System RAM;9fc00+100=;"},
		{PC, {0xffffff00, 0x200}, 0, "ffffff00+100=;100000000+100=Persistent Memory;"},
		{PC, {0x13fffff00, 0x200}, 0, "13fffff00+100=Persistent Memory;140000000+100=;"},
		{PC, {0x2000, 0}, 0, ""},
		{"00000000-00000000 : Reserved\n  00000000-00000000 : a\n", {1, 1}, -EACCES, ""},
		{"", {1, 1}, -EBADMSG, ""},
		{"00000000-00000fff\n", {1, 1}, -EBADMSG, ""},
		{"x", {1, 1}, -EBADMSG, ""},
		{"00000fff-00000000 : a\n", {1, 1}, -EBADMSG, ""},
		{"0-ffffffffffffffff : a\n", {1, 1}, -EBADMSG, ""},
		{"0-fff : no newline", {1, 1}, 0, "1+1=no newline;"},
	};

	for (size_t i = 0; i < ARRAY_SIZE(vectors); i++) {
		char told[256] = "";

		UNIT_ROW(vectors, i, vectors[i].told);
		assert_int_equal(iomem_split(vectors[i].text, (struct spa_range){vectors[i].spa},
					     tell, told),
				 vectors[i].r);
		assert_string_equal(told, vectors[i].told);
	}
	assert_int_equal(iomem_split(PC, (struct spa_range){{1, 1}}, stop, NULL), 7);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_vectors),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
