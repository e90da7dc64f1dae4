/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The range grammar, its lists, and that every failure says what it is. */
#include "unit.h"
#include <string.h>
#include "rangespec.h"

static const struct {
	const char *text;
	int r;
	struct byte_range want;
} specs[] = {
	{"2048266s+1s", 0, {1048712192, 512}},
	{"0x3e820000+4K", 0, {1048707072, 4096}},
	{"0+1", 0, {0, 1}},
	{"0X10+0xA", 0, {16, 10}},
	{"1K+1M", 0, {1024, 1048576}},
	{"1k+1m", 0, {1024, 1048576}},
	{"1G+1T", 0, {1073741824, 1099511627776}},
	{"1g+1t", 0, {1073741824, 1099511627776}},
	{"0x1s+0x2s", 0, {512, 1024}},
	{"007+08", 0, {7, 8}},
	{"9223372036854775807+1", 0, {9223372036854775807u, 1}},
	{"0+9223372036854775808", 0, {0, 9223372036854775808u}},
	{"18014398509481983s+1s", 0, {9223372036854775296u, 512}},

	{"", RANGESPEC_E_SYNTAX, {0}},
	{"+", RANGESPEC_E_SYNTAX, {0}},
	{"5", RANGESPEC_E_SYNTAX, {0}},
	{"5s", RANGESPEC_E_SYNTAX, {0}},
	{"5+", RANGESPEC_E_SYNTAX, {0}},
	{"+5", RANGESPEC_E_SYNTAX, {0}},
	{"5-6", RANGESPEC_E_SYNTAX, {0}},
	{"5 6", RANGESPEC_E_SYNTAX, {0}},
	{"5 +6", RANGESPEC_E_NUMBER, {0}},
	{" 5+6", RANGESPEC_E_NUMBER, {0}},
	{"5+6\n", RANGESPEC_E_NUMBER, {0}},
	{"5+6+7", RANGESPEC_E_NUMBER, {0}},
	{"5++6", RANGESPEC_E_NUMBER, {0}},
	{"-5+6", RANGESPEC_E_NUMBER, {0}},
	{"5+-6", RANGESPEC_E_NUMBER, {0}},
	{"0x+1", RANGESPEC_E_NUMBER, {0}},
	{"1+0x", RANGESPEC_E_NUMBER, {0}},
	{"0xG+1", RANGESPEC_E_NUMBER, {0}},
	{"0xg+1", RANGESPEC_E_NUMBER, {0}},
	{"x10+1", RANGESPEC_E_NUMBER, {0}},
	{"a+b", RANGESPEC_E_NUMBER, {0}},
	{"K+1", RANGESPEC_E_NUMBER, {0}},
	{"1S+1", RANGESPEC_E_NUMBER, {0}},
	{"1P+1", RANGESPEC_E_NUMBER, {0}},
	{"1KB+1", RANGESPEC_E_NUMBER, {0}},
	{"1Ks+1", RANGESPEC_E_NUMBER, {0}},
	{"1.5K+1", RANGESPEC_E_NUMBER, {0}},
	{"1e3+1", RANGESPEC_E_NUMBER, {0}},
	{"\xd9\xa1+1", RANGESPEC_E_NUMBER, {0}},

	{"5+0", RANGESPEC_E_EMPTY, {0}},
	{"5+0x0s", RANGESPEC_E_EMPTY, {0}},

	{"9223372036854775808+1", RANGESPEC_E_OVERFLOW, {0}},
	{"9223372036854775809+1", RANGESPEC_E_OVERFLOW, {0}},
	{"9223372036854775807+2", RANGESPEC_E_OVERFLOW, {0}},
	{"1+9223372036854775808", RANGESPEC_E_OVERFLOW, {0}},
	{"18014398509481984s+1s", RANGESPEC_E_OVERFLOW, {0}},
	{"36028797018963968s+1s", RANGESPEC_E_OVERFLOW, {0}},
	{"0+16777216T", RANGESPEC_E_OVERFLOW, {0}},
	{"18446744073709551616+1", RANGESPEC_E_OVERFLOW, {0}},
	{"1+99999999999999999999999999", RANGESPEC_E_OVERFLOW, {0}},
	{"0x10000000000000000+1", RANGESPEC_E_OVERFLOW, {0}},
	{"18446744073709551615+18446744073709551615", RANGESPEC_E_OVERFLOW, {0}},
};

static void test_specs(void **state)
{
	for (size_t i = 0; i < ARRAY_SIZE(specs); i++) {
		struct byte_range got = {77, 78};

		UNIT_ROW(specs, i, specs[i].text);
		assert_int_equal(rangespec_parse(specs[i].text, &got), specs[i].r);
		assert_int_equal(got.start, specs[i].r ? 77 : specs[i].want.start);
		assert_int_equal(got.len, specs[i].r ? 78 : specs[i].want.len);
	}
}

static void test_format(void **state)
{
	static const struct {
		struct byte_range r;
		const char *text;
	} vectors[] = {
		{{1048712192, 512}, "2048266s+1s"},
		{{0, 512}, "0s+1s"},
		{{0, 1}, "0+1"},
		{{512, 513}, "512+513"},
		{{513, 512}, "513+512"},
		{{0, 0}, "0s+0s"},
		{{9223372036854775807u, 1}, "9223372036854775807+1"},
		{{UINT64_MAX, UINT64_MAX}, "18446744073709551615+18446744073709551615"},
	};

	for (size_t i = 0; i < ARRAY_SIZE(vectors); i++) {
		char buf[RANGESPEC_BUF];

		UNIT_ROW(vectors, i, vectors[i].text);
		assert_ptr_equal(rangespec_format(vectors[i].r, buf), buf);
		assert_string_equal(buf, vectors[i].text);
	}
	/* and back */
	for (size_t i = 0; i < ARRAY_SIZE(specs); i++) {
		struct byte_range got = {0, 0};
		char buf[RANGESPEC_BUF];

		if (specs[i].r)
			continue;
		UNIT_ROW(specs, i, specs[i].text);
		assert_int_equal(rangespec_parse(rangespec_format(specs[i].want, buf), &got), 0);
		assert_int_equal(got.start, specs[i].want.start);
		assert_int_equal(got.len, specs[i].want.len);
	}
}

#define TEXT(s) (s), sizeof(s) - 1

static const struct {
	const char *text;
	size_t len;
	int r;
	unsigned int line;
	struct byte_range want[3]; /* with the set's own 1000+1, up to the first of length 0 */
} lists[] = {
	{TEXT(""), 0, 0, {{1000, 1}}},
	{TEXT("\n\n  \t\n\r\n"), 0, 0, {{1000, 1}}},
	{TEXT("# nothing\n   # here\n#"), 0, 0, {{1000, 1}}},
	{TEXT("1s+1s\n"), 0, 0, {{512, 512}}}, /* takes 1000+1 in */
	{TEXT("8 8\n"), 0, 0, {{1000, 1}, {4096, 4096}}},
	{TEXT("8 8"), 0, 0, {{1000, 1}, {4096, 4096}}},
	{TEXT("  8\t8  # as sysfs prints it\r\n"), 0, 0, {{1000, 1}, {4096, 4096}}},
	{TEXT("8K+1 # comment + plus\n16 1\n"), 0, 0, {{1000, 1}, {8192, 512}}},
	{TEXT("5+5\n\n2 1\n"), 0, 0, {{5, 5}, {1000, 1}, {1024, 512}}},
	{TEXT("1001+1\n999+1\n"), 0, 0, {{999, 3}}},

	{TEXT("8 8\n8\n"), RANGESPEC_E_SYNTAX, 2, {{1000, 1}}},
	{TEXT("8 8 8\n"), RANGESPEC_E_SYNTAX, 1, {{1000, 1}}},
	{TEXT("# x\n8 # 8\n"), RANGESPEC_E_SYNTAX, 2, {{1000, 1}}},
	{TEXT("8 8\n\nx y\n"), RANGESPEC_E_NUMBER, 3, {{1000, 1}}},
	{TEXT("8s 8\n"), RANGESPEC_E_NUMBER, 1, {{1000, 1}}},
	{TEXT("8 8s\n"), RANGESPEC_E_NUMBER, 1, {{1000, 1}}},
	{TEXT("0x8 8\n"), RANGESPEC_E_NUMBER, 1, {{1000, 1}}},
	{TEXT("-8 8\n"), RANGESPEC_E_NUMBER, 1, {{1000, 1}}},
	{TEXT("5 + 6\n"), RANGESPEC_E_NUMBER, 1, {{1000, 1}}},
	{TEXT("8 8\0\n"), RANGESPEC_E_NUMBER, 1, {{1000, 1}}},
	{TEXT("\0"), RANGESPEC_E_SYNTAX, 1, {{1000, 1}}},
	{TEXT("8 8\n8 0\n"), RANGESPEC_E_EMPTY, 2, {{1000, 1}}},
	{TEXT("8+0"), RANGESPEC_E_EMPTY, 1, {{1000, 1}}},
	{TEXT("18014398509481984 1\n"), RANGESPEC_E_OVERFLOW, 1, {{1000, 1}}},
	{TEXT("1 18014398509481984\n"), RANGESPEC_E_OVERFLOW, 1, {{1000, 1}}},
	{TEXT("36028797018963969 1\n"), RANGESPEC_E_OVERFLOW, 1, {{1000, 1}}},
	{TEXT("1 36028797018963969\n"), RANGESPEC_E_OVERFLOW, 1, {{1000, 1}}},
	{TEXT("99999999999999999999 1\n"), RANGESPEC_E_OVERFLOW, 1, {{1000, 1}}},
	{TEXT("1 99999999999999999999\n"), RANGESPEC_E_OVERFLOW, 1, {{1000, 1}}},
};

static void test_lists(void **state)
{
	for (size_t i = 0; i < ARRAY_SIZE(lists); i++) {
		CLEANUP(rangeset_deinit) struct rangeset set = RANGESET_NULL;
		unsigned int line = 0;
		size_t n;

		UNIT_ROW(lists, i, lists[i].text);
		assert_int_equal(rangeset_append_unsorted(&set, (struct byte_range){1000, 1}), 0);
		assert_int_equal(rangespec_parse_list(lists[i].text, lists[i].len, &set, &line),
				 lists[i].r);
		assert_int_equal(line, lists[i].line);
		for (n = 0; n < ARRAY_SIZE(lists[i].want) && lists[i].want[n].len; n++) {
			assert_true(n < set.n);
			assert_int_equal(set.ranges[n].start, lists[i].want[n].start);
			assert_int_equal(set.ranges[n].len, lists[i].want[n].len);
		}
		assert_int_equal(set.n, n);
	}
}

static void test_messages(void **state)
{
	for (int e = RANGESPEC_OK; e <= RANGESPEC_E_OVERFLOW; e++) {
		assert_non_null(rangespec_strerror(e));
		for (int other = RANGESPEC_OK; other < e; other++)
			assert_string_not_equal(rangespec_strerror(e), rangespec_strerror(other));
	}
	assert_non_null(rangespec_strerror(99));
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_specs),
		cmocka_unit_test(test_format),
		cmocka_unit_test(test_lists),
		cmocka_unit_test(test_messages),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
