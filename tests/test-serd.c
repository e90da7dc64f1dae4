/* SPDX-License-Identifier: GPL-2.0-or-later */
/* N in T: when it fires, that it fires once, and when it does so again. */
#include "unit.h"
#include <errno.h>
#include <string.h>
#include "serd.h"

/* An event per letter: '.' it does not fire, 'F' it does; @at: its time */
static const struct {
	const char *what;
	unsigned int n;
	uint64_t t;
	uint64_t at[12];
	const char *fires;
} talks[] = {
	{"single errors", 3, 10, {0, 6, 12, 18, 24}, "....."},
	{"three within ten", 3, 10, {0, 5, 9}, "..F"},
	{"exactly ten", 3, 10, {0, 5, 10}, "..F"},
	{"eleven", 3, 10, {0, 5, 11}, "..."},
	{"once a burst", 3, 10, {0, 1, 2, 3, 4, 5}, "..F..."},
	{"again after a pause", 3, 10, {0, 1, 2, 30, 31, 32, 33}, "..F..F."},
	{"it goes on", 3, 10, {0, 1, 2, 9, 10, 11}, "..F..."},
	{"a lull arms it", 3, 10, {0, 1, 2, 9, 10, 18}, "..F..F"},
	{"a rate below does", 3, 10, {0, 1, 2, 13, 14, 15}, "..F..F"},
	{"all at once", 4, 0, {7, 7, 7, 7, 7, 8, 8, 8, 8}, "...F....F"},
	{"every one", 1, 10, {0, 10, 100, 200}, "F.FF"},
	{"a clock that goes back stands still", 3, 10, {100, 50, 60, 111, 122}, "..F.."},
	{"from time 0", 2, 5, {0, 0}, ".F"},
};

static void test_talks(void **state)
{
	for (size_t i = 0; i < ARRAY_SIZE(talks); i++) {
		char fires[16] = "";
		struct serd serd;

		UNIT_ROW(talks, i, talks[i].what);
		assert_int_equal(serd_init(&serd, talks[i].n, talks[i].t), 0);
		for (size_t k = 0; k < strlen(talks[i].fires); k++)
			strcat(fires, serd_record(&serd, talks[i].at[k]) ? "F" : ".");
		assert_string_equal(fires, talks[i].fires);
	}
}

static void test_limits(void **state)
{
	struct serd serd;

	assert_int_equal(serd_init(&serd, 0, 1), -EINVAL);
	assert_int_equal(serd_init(&serd, SERD_N_MAX + 1, 1), -EINVAL);
	assert_int_equal(serd_init(&serd, SERD_N_MAX, 1000), 0);
	for (unsigned int i = 0; i < SERD_N_MAX; i++)
		assert_int_equal(serd_record(&serd, i), i == SERD_N_MAX - 1);
	assert_true(serd_bursting(&serd, 1000));
	assert_false(serd_bursting(&serd, 1001));
	serd_reset(&serd);
	assert_false(serd_bursting(&serd, 63));
	assert_false(serd_record(&serd, 63));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_talks),
		cmocka_unit_test(test_limits),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
