/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Times and amounts as people read them. */
#include "unit.h"
#include <stdlib.h>
#include "timefmt.h"

#define SEC 1000000ull
#define NOW (1763780047ull * SEC) /* 2025-11-22 02:54:07 UTC */

static void test_since(void **state)
{
	static const struct {
		uint64_t usec;
		const char *since, *exact;
	} vectors[] = {
		{0, "-", "-"},
		{NOW, "02:54:07", "02:54:07.000"},
		{NOW - 4 * SEC + 207999, "02:54:03", "02:54:03.207"},
		{1763769600ull * SEC, "00:00:00", "00:00:00.000"},
		{1763769600ull * SEC - 1, "Nov 21 23:59", "Nov 21 23:59:59.999"},
		{1735689600ull * SEC, "Jan 01 00:00", "Jan 01 00:00:00.000"},
		{1735689600ull * SEC - 1, "2024-12-31 23:59", "2024-12-31 23:59:59.999"},
		{NOW + 86400 * SEC, "Nov 23 02:54", "Nov 23 02:54:07.000"},
	};
	char buf[TIMEFMT_BUF];

	for (size_t i = 0; i < ARRAY_SIZE(vectors); i++) {
		UNIT_ROW(vectors, i, vectors[i].since);
		assert_string_equal(timefmt_since(vectors[i].usec, NOW, buf), vectors[i].since);
		assert_string_equal(timefmt_exact(vectors[i].usec, NOW, buf), vectors[i].exact);
	}
	/* beyond what a calendar holds: no crash, some text */
	assert_true(timefmt_since(UINT64_MAX, NOW, buf)[0]);
	assert_true(timefmt_exact(UINT64_MAX, NOW, buf)[0]);
}

static void test_ago(void **state)
{
	static const struct {
		uint64_t usec;
		const char *text;
	} vectors[] = {
		{NOW, "0 s ago"},
		{NOW + SEC / 2, "0 s ago"}, /* clocks of two processes */
		{NOW + 5 * SEC, "in the future"},
		{NOW - 119 * SEC, "119 s ago"},
		{NOW - 120 * SEC, "2 min ago"},
		{NOW - 7199 * SEC, "119 min ago"},
		{NOW - 7200 * SEC, "2 h ago"},
		{NOW - 2 * 86400 * SEC + SEC, "47 h ago"},
		{NOW - 2 * 86400 * SEC, "2 days ago"},
	};
	char buf[TIMEFMT_BUF];

	for (size_t i = 0; i < ARRAY_SIZE(vectors); i++) {
		UNIT_ROW(vectors, i, vectors[i].text);
		assert_string_equal(timefmt_ago(vectors[i].usec, NOW, buf), vectors[i].text);
	}
}

static void test_size(void **state)
{
	static const struct {
		uint64_t bytes;
		const char *text;
	} vectors[] = {
		{0, "0 B"},
		{512, "512 B"},
		{1023, "1023 B"},
		{1024, "1 KiB"},
		{1025, "1.0 KiB"}, /* not exactly one */
		{1536, "1.5 KiB"},
		{4096, "4 KiB"},
		{1048575, "1024 KiB"},
		{1 << 20, "1 MiB"},
		{(1 << 20) + (1 << 19), "1.5 MiB"},
		{1ull << 40, "1 TiB"},
		{UINT64_MAX, "16 EiB"},
	};
	char buf[TIMEFMT_BUF];

	for (size_t i = 0; i < ARRAY_SIZE(vectors); i++) {
		UNIT_ROW(vectors, i, vectors[i].text);
		assert_string_equal(sizefmt(vectors[i].bytes, buf), vectors[i].text);
	}
}

static int set_zone(void **state)
{
	return setenv("TZ", "UTC", 1);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_since),
		cmocka_unit_test(test_ago),
		cmocka_unit_test(test_size),
	};

	return cmocka_run_group_tests(tests, set_zone, NULL);
}
