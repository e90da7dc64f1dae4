/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Near or not, and who leads whom. */
#include "unit.h"
#include "vicinity.h"

#define S(start, n)                                                                                \
	{                                                                                          \
		(start) * UINT64_C(512), (n)*UINT64_C(512)                                         \
	}

static const struct {
	const char *what;
	struct byte_range a, b;
	bool near;
} nears[] = {
	{"same sector", S(3, 1), S(3, 1), true},
	{"first and last sector of a page", S(0, 1), S(7, 1), true},
	{"last of a page, first of the next", S(7, 1), S(8, 1), true},
	{"first of a page, first of the next: touches the page", S(0, 1), S(8, 1), true},
	{"first of a page, second of the next", S(0, 1), S(9, 1), false},
	{"last of a page, last of the next: it is the other's page that is touched", S(7, 1),
	 S(15, 1), true},
	{"neither touches the other's page", S(6, 1), S(9, 1), false},
	{"page and sector behind it", S(0, 8), S(8, 1), true},
	{"page and second sector behind it: its page touches", S(0, 8), S(9, 1), true},
	{"page and last sector of the page before", S(8, 8), S(7, 1), true},
	{"page and first sector of the page before", S(8, 8), S(0, 1), true},
	{"a page apart", S(0, 8), S(16, 8), false},
	{"a page apart, sectors", S(7, 1), S(16, 1), false},
	{"inside", S(100, 100), S(150, 1), true},
};

static void test_near(void **state)
{
	for (size_t i = 0; i < ARRAY_SIZE(nears); i++) {
		UNIT_ROW(nears, i, nears[i].what);
		assert_int_equal(vicinity_near(nears[i].a, nears[i].b), nears[i].near);
		assert_int_equal(vicinity_near(nears[i].b, nears[i].a), nears[i].near);
	}
}

static const struct {
	const char *what;
	struct vicinity_extent extents[6];
	size_t n_extents, n_owners;
	struct byte_range news[4];
	size_t n_news;
	size_t want[8];
} unites[] = {
	{"nobody there", {{{0, 0}, 0}}, 0, 0, {S(0, 1), S(100, 1)}, 2, {0, 1}},
	{"news among itself", {{{0, 0}, 0}}, 0, 0, {S(0, 1), S(8, 1), S(100, 1)}, 3, {0, 0, 2}},
	{"joins", {{S(0, 1), 0}}, 1, 1, {S(4, 1)}, 1, {0, 0}},
	{"no news, no union", {{S(0, 1), 0}, {S(1, 1), 1}}, 2, 2, {{0, 0}}, 0, {0, 1}},
	{"bridges two, extents unsorted",
	 {{S(100, 1), 0}, {S(16, 1), 1}, {S(0, 1), 2}},
	 3,
	 3,
	 {S(8, 1)},
	 1,
	 {0, 1, 1, 1}},
	{"one range over many",
	 {{S(0, 1), 0}, {S(40, 1), 1}, {S(80, 1), 0}, {S(200, 1), 2}},
	 4,
	 3,
	 {S(30, 60)},
	 1,
	 {0, 0, 2, 0}},
	{"a chain through an owner with two places",
	 {{S(0, 1), 1}, {S(1000, 1), 1}, {S(500, 1), 0}},
	 3,
	 2,
	 {S(1, 1), S(504, 1), S(1001, 1)},
	 3,
	 {0, 1, 1, 0, 1}},
	{"at the very start", {{S(0, 1), 0}}, 1, 1, {S(0, 1)}, 1, {0, 0}},
};

static void test_unite(void **state)
{
	for (size_t i = 0; i < ARRAY_SIZE(unites); i++) {
		CLEANUP(rangeset_deinit) struct rangeset news = RANGESET_NULL;
		CLEANUP(freep) size_t *leaders = NULL;
		struct vicinity_extent extents[6];

		UNIT_ROW(unites, i, unites[i].what);
		for (size_t k = 0; k < ARRAY_SIZE(extents); k++)
			extents[k] = unites[i].extents[k];
		for (size_t k = 0; k < unites[i].n_news; k++)
			assert_int_equal(rangeset_add(&news, unites[i].news[k]), 0);
		assert_int_equal(vicinity_unite(extents, unites[i].n_extents, unites[i].n_owners,
						&news, &leaders),
				 0);
		for (size_t k = 0; k < unites[i].n_owners + news.n; k++)
			assert_int_equal(leaders[k], unites[i].want[k]);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_near),
		cmocka_unit_test(test_unite),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
