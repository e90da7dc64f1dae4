/* SPDX-License-Identifier: GPL-2.0-or-later */
/* sysfs badblocks text: what the kernel prints, what a cut page looks like, what is refused. */
#include "unit.h"
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include "badblocks.h"

#define TEXT(s) (s), sizeof(s) - 1

static const struct {
	const char *name, *text;
	size_t len;
	struct byte_range want[3]; /* up to the first of length 0 */
} good[] = {
	{"nothing bad", TEXT(""), {{0}}},
	{"one sector", TEXT("2048266 1\n"), {{1048712192, 512}}},
	{"first sector", TEXT("0 1\n"), {{0, 512}}},
	{"two", TEXT("8 8\n65536 1\n"), {{4096, 4096}, {33554432, 512}}},
	{"no newline at the end", TEXT("8 8\n65536 1"), {{4096, 4096}, {33554432, 512}}},
	{"touching ones coalesce", TEXT("8 8\n16 8\n"), {{4096, 8192}}},
	{"overlapping, unordered", TEXT("20 4\n8 8\n10 8\n"), {{4096, 5120}, {10240, 2048}}},
	{"several blanks", TEXT("8 \t 8\n"), {{4096, 4096}}},
	{"leading zeros", TEXT("00008 08\n"), {{4096, 4096}}},
	{"the last sector there can be",
	 TEXT("36028797018963966 1\n"),
	 {{18446744073709550592u, 512}}},
	{"everything but one sector", TEXT("0 36028797018963967\n"), {{0, 18446744073709551104u}}},
};

static void test_good(void **state)
{
	for (size_t i = 0; i < ARRAY_SIZE(good); i++) {
		CLEANUP(rangeset_deinit) struct rangeset set = RANGESET_NULL;
		unsigned int line = 99;
		bool cut = true;
		size_t n;

		UNIT_ROW(good, i, good[i].name);
		/* what was there is replaced */
		assert_int_equal(rangeset_add(&set, (struct byte_range){1 << 20, 1}), 0);
		assert_int_equal(badblocks_parse(good[i].text, good[i].len, &set, &cut, &line), 0);
		assert_false(cut);
		assert_int_equal(line, 99);
		for (n = 0; n < ARRAY_SIZE(good[i].want) && good[i].want[n].len; n++) {
			assert_true(n < set.n);
			assert_int_equal(set.ranges[n].start, good[i].want[n].start);
			assert_int_equal(set.ranges[n].len, good[i].want[n].len);
		}
		assert_int_equal(set.n, n);
	}
}

static const struct {
	const char *name, *text;
	size_t len;
	int r;
	unsigned int line;
} bad[] = {
	{"a word", TEXT("none\n"), -EINVAL, 1},
	{"one number", TEXT("8\n"), -EINVAL, 1},
	{"one number and a blank", TEXT("8 \n"), -EINVAL, 1},
	{"count 0", TEXT("8 0\n"), -EINVAL, 1},
	{"three numbers", TEXT("8 8 8\n"), -EINVAL, 1},
	{"blank behind", TEXT("8 8 \n"), -EINVAL, 1},
	{"blank before", TEXT(" 8 8\n"), -EINVAL, 1},
	{"empty line", TEXT("8 8\n\n9 9\n"), -EINVAL, 2},
	{"only a newline", TEXT("\n"), -EINVAL, 1},
	{"negative", TEXT("8 8\n-1 8\n"), -EINVAL, 2},
	{"plus sign", TEXT("+1 8\n"), -EINVAL, 1},
	{"hexadecimal", TEXT("0x10 1\n"), -EINVAL, 1},
	{"hexadecimal digits", TEXT("1f 1\n"), -EINVAL, 1},
	{"carriage return", TEXT("8 8\r\n"), -EINVAL, 1},
	{"NUL", TEXT("8 8\n9\0 9\n"), -EINVAL, 2},
	{"NUL at the end", TEXT("8 8\n\0"), -EINVAL, 2},
	{"comma", TEXT("8,8\n"), -EINVAL, 1},
	{"exactly 2^64", TEXT("36028797018963967 1\n"), -ERANGE, 1},
	{"a sector that would wrap to a small one", TEXT("36028797018963969 1\n"), -ERANGE, 1},
	{"2^64 by count", TEXT("0 36028797018963968\n"), -ERANGE, 1},
	{"the sum wraps", TEXT("8 1\n36028797018963966 2\n"), -ERANGE, 2},
	{"65 bits", TEXT("18446744073709551616 1\n"), -ERANGE, 1},
	{"65 bits of count", TEXT("1 18446744073709551616\n"), -ERANGE, 1},
};

static void test_bad(void **state)
{
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++) {
		CLEANUP(rangeset_deinit) struct rangeset set = RANGESET_NULL;
		unsigned int line = 99;
		bool cut = true;

		UNIT_ROW(bad, i, bad[i].name);
		assert_int_equal(rangeset_add(&set, (struct byte_range){7, 1}), 0);
		assert_int_equal(badblocks_parse(bad[i].text, bad[i].len, &set, &cut, &line),
				 bad[i].r);
		assert_int_equal(line, bad[i].line);
		assert_int_equal(badblocks_parse(bad[i].text, bad[i].len, &set, &cut, NULL),
				 bad[i].r);
		assert_true(cut);
		assert_int_equal(set.n, 1);
		assert_int_equal(set.ranges[0].start, 7);
	}
}

/* A page as sysfs fills it: "1000 1\n1002 1\n" … up to @len bytes, the last line as far as it fits.
 */
static size_t fill_page(char *page, size_t len)
{
	size_t used = 0, lines = 0;
	char line[32];

	while (used < len) {
		size_t n = (size_t)snprintf(line, sizeof(line), "%zu 1\n", 1000 + 2 * lines);

		memcpy(page + used, line, n < len - used ? n : len - used);
		used += n;
		lines += used <= len;
	}
	return lines;
}

static void test_cut(void **state)
{
	static const struct {
		size_t len;
		bool cut;
	} vectors[] = {
		{4096, true},
		{4095, true},
		{4096 - 8, true},
		{BADBLOCKS_NEAR_FULL + 1, true},
		{BADBLOCKS_NEAR_FULL, true},
		{BADBLOCKS_NEAR_FULL - 1, false},
	};
	char page[4096];

	for (size_t i = 0; i < ARRAY_SIZE(vectors); i++) {
		CLEANUP(rangeset_deinit) struct rangeset set = RANGESET_NULL;
		size_t lines = fill_page(page, vectors[i].len);
		bool ends = page[vectors[i].len - 1] == '\n';
		bool cut = !vectors[i].cut;
		int r;

		UNIT_ROW(vectors, i, NULL);
		r = badblocks_parse(page, vectors[i].len, &set, &cut, NULL);
		if (!vectors[i].cut && !ends) {
			/* short of a page the last line counts, whatever it says */
			assert_true(r == -EINVAL || (r == 0 && set.n == lines + 1));
			continue;
		}
		assert_int_equal(r, 0);
		assert_int_equal(cut, vectors[i].cut);
		assert_int_equal(set.n, lines);
		assert_int_equal(set.ranges[lines - 1].start, (1000 + 2 * (lines - 1)) * 512);
	}
}

/* Cut inside the last line's count: "… 12" of "… 1234" must not be taken for 12 sectors. */
static void test_cut_inside_a_number(void **state)
{
	CLEANUP(rangeset_deinit) struct rangeset set = RANGESET_NULL;
	char page[BADBLOCKS_NEAR_FULL + 16];
	size_t used = BADBLOCKS_NEAR_FULL, lines = fill_page(page, used);
	bool cut = false;

	while (page[used - 1] != '\n')
		used--;
	memcpy(page + used, "99999999 1234", 13);
	for (size_t len = BADBLOCKS_NEAR_FULL; len <= used + 13; len++) {
		assert_int_equal(badblocks_parse(page, len, &set, &cut, NULL), 0);
		assert_true(cut);
		assert_int_equal(set.n, lines);
	}
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_good),
		cmocka_unit_test(test_bad),
		cmocka_unit_test(test_cut),
		cmocka_unit_test(test_cut_inside_a_number),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
