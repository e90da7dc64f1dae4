/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Range sets: vectors for the borders that matter, then a long random walk
 * beside a bitmap, which cannot get an order or a border wrong, and a walk in
 * which every allocation fails once.
 */
#include "unit.h"
#include "unit_alloc.h"
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include "rangeset.h"

#define TOP UINT64_MAX

/* "10-20 30-31": half-open */
static struct rangeset set_of(const char *text)
{
	struct rangeset set = RANGESET_NULL;
	unsigned long long start, end;
	int used;

	while (sscanf(text, "%llu-%llu%n", &start, &end, &used) == 2) {
		assert_int_equal(rangeset_add(&set, (struct byte_range){start, end - start}), 0);
		text += used;
	}
	return set;
}

static void assert_normal(const struct rangeset *set)
{
	assert_true(set->n <= set->allocated);
	for (size_t i = 0; i < set->n; i++) {
		assert_true(set->ranges[i].len > 0);
		assert_true(set->ranges[i].len <= UINT64_MAX - set->ranges[i].start);
		if (i)
			assert_true(set->ranges[i].start > range_end(set->ranges[i - 1]));
	}
}

/* @got, which is released, must be what @want says */
static void expect(struct rangeset *got, const char *want)
{
	struct rangeset set = set_of(want);

	assert_normal(got);
	assert_int_equal(got->n, set.n);
	for (size_t i = 0; i < set.n; i++) {
		assert_int_equal(got->ranges[i].start, set.ranges[i].start);
		assert_int_equal(got->ranges[i].len, set.ranges[i].len);
	}
	assert_true(rangeset_equal(got, &set));
	rangeset_deinit(&set);
	rangeset_deinit(got);
}

static const struct {
	const char *a, *b, *sum, *difference, *common;
} pairs[] = {
	{"", "", "", "", ""},
	{"0-10", "", "0-10", "0-10", ""},
	{"", "0-10", "0-10", "", ""},
	{"0-10", "10-20", "0-20", "0-10", ""},
	{"10-20", "0-10", "0-20", "10-20", ""},
	{"0-10", "11-20", "0-10 11-20", "0-10", ""},
	{"0-10", "9-20", "0-20", "0-9", "9-10"},
	{"0-100", "10-20 30-40", "0-100", "0-10 20-30 40-100", "10-20 30-40"},
	{"10-20 30-40", "0-100", "0-100", "", "10-20 30-40"},
	{"0-10 20-30 40-50", "10-20 30-40", "0-50", "0-10 20-30 40-50", ""},
	{"0-10 20-30 40-50", "5-45", "0-50", "0-5 45-50", "5-10 20-30 40-45"},
	{"0-10 20-30", "0-10 20-30", "0-10 20-30", "", "0-10 20-30"},
	{"0-1 2-3 4-5", "1-2 3-4", "0-5", "0-1 2-3 4-5", ""},
	{"0-10 20-30", "9-21", "0-30", "0-9 21-30", "9-10 20-21"},
	{"5-6", "0-1 2-3 8-9", "0-1 2-3 5-6 8-9", "5-6", ""},
	{"18446744073709551600-18446744073709551615", "18446744073709551614-18446744073709551615",
	 "18446744073709551600-18446744073709551615", "18446744073709551600-18446744073709551614",
	 "18446744073709551614-18446744073709551615"},
	{"0-18446744073709551615", "1-18446744073709551614", "0-18446744073709551615",
	 "0-1 18446744073709551614-18446744073709551615", "1-18446744073709551614"},
};

static void test_pairs(void **state)
{
	for (size_t i = 0; i < ARRAY_SIZE(pairs); i++) {
		struct rangeset a = set_of(pairs[i].a), b = set_of(pairs[i].b);
		struct rangeset got = set_of("77-78");

		UNIT_ROW(pairs, i, pairs[i].a);
		assert_int_equal(rangeset_diff(&a, &b, &got), 0);
		expect(&got, pairs[i].difference);
		assert_int_equal(rangeset_intersect(&a, &b, &got), 0);
		expect(&got, pairs[i].common);
		assert_int_equal(rangeset_intersect(&b, &a, &got), 0);
		expect(&got, pairs[i].common);

		assert_int_equal(rangeset_copy(&got, &a), 0);
		assert_int_equal(rangeset_add_set(&got, &b), 0);
		expect(&got, pairs[i].sum);
		assert_int_equal(rangeset_copy(&got, &b), 0);
		assert_int_equal(rangeset_add_set(&got, &a), 0);
		expect(&got, pairs[i].sum);

		assert_int_equal(rangeset_copy(&got, &a), 0);
		assert_int_equal(rangeset_subtract_set(&got, &b), 0);
		expect(&got, pairs[i].difference);

		/* one by one gives the same */
		assert_int_equal(rangeset_copy(&got, &a), 0);
		for (size_t k = 0; k < b.n; k++)
			assert_int_equal(rangeset_subtract(&got, b.ranges[k]), 0);
		expect(&got, pairs[i].difference);

		/* an operand as the result */
		assert_int_equal(rangeset_diff(&a, &b, &b), 0);
		expect(&b, pairs[i].difference);
		assert_int_equal(rangeset_add_set(&a, &a), 0);
		expect(&a, pairs[i].a);
	}
}

static void test_bridge_and_round_out(void **state)
{
	static const struct {
		const char *in;
		uint64_t gap, granule;
		const char *bridged, *rounded;
	} vectors[] = {
		{"", 5, 512, "", ""},
		{"0-1 2-3", 0, 2, "0-1 2-3", "0-4"},
		{"0-1 2-3", 1, 1, "0-3", "0-1 2-3"},
		{"0-1 3-4 10-11", 2, 4, "0-4 10-11", "0-4 8-12"},
		{"0-1 3-4 10-11", 5, 8, "0-4 10-11", "0-16"},
		{"0-1 3-4 10-11", 6, 4096, "0-11", "0-4096"},
		{"512-513 1023-1024 1536-1537", TOP, 512, "512-1537", "512-1024 1536-2048"},
		{"4095-4097", 0, 4096, "4095-4097", "0-8192"},
	};

	for (size_t i = 0; i < ARRAY_SIZE(vectors); i++) {
		struct rangeset in = set_of(vectors[i].in), got = RANGESET_NULL;

		UNIT_ROW(vectors, i, vectors[i].in);
		assert_int_equal(rangeset_bridge(&in, vectors[i].gap, &got), 0);
		expect(&got, vectors[i].bridged);
		assert_int_equal(rangeset_round_out(&in, vectors[i].granule, &got), 0);
		expect(&got, vectors[i].rounded);
		assert_int_equal(rangeset_bridge(&in, vectors[i].gap, &in), 0);
		expect(&in, vectors[i].bridged);
	}
}

static void test_queries(void **state)
{
	static const struct {
		struct byte_range r;
		size_t found; /* rangeset_find() of r.start */
		bool contains, overlaps;
	} vectors[] = {
		{{0, 1}, 0, false, false},  {{9, 1}, 0, false, false},  {{9, 2}, 0, false, true},
		{{10, 1}, 0, true, true},   {{10, 10}, 0, true, true},  {{10, 11}, 0, false, true},
		{{19, 1}, 0, true, true},   {{20, 1}, 1, false, false}, {{20, 10}, 1, false, false},
		{{20, 11}, 1, false, true}, {{12, 20}, 0, false, true}, {{39, 1}, 1, true, true},
		{{40, 1}, 2, false, false}, {{0, TOP}, 0, false, true}, {{15, 0}, 0, true, false},
		{{25, 0}, 1, true, false},  {{TOP, 0}, 2, true, false},
	};
	struct rangeset set = set_of("10-20 30-40");

	for (size_t i = 0; i < ARRAY_SIZE(vectors); i++) {
		UNIT_ROW(vectors, i, NULL);
		assert_int_equal(rangeset_find(&set, vectors[i].r.start), vectors[i].found);
		assert_int_equal(rangeset_contains(&set, vectors[i].r), vectors[i].contains);
		assert_int_equal(rangeset_overlaps(&set, vectors[i].r), vectors[i].overlaps);
	}
	assert_int_equal(rangeset_bytes(&set), 20);
	rangeset_clear(&set);
	assert_int_equal(rangeset_bytes(&set), 0);
	assert_int_equal(rangeset_find(&set, 0), 0);
	rangeset_deinit(&set);
}

static void test_refused(void **state)
{
	static const struct byte_range wraps[] = {{TOP, 1}, {1, TOP}, {TOP, TOP}, {TOP - 1, 2}};
	struct rangeset set = set_of("10-20");

	for (size_t i = 0; i < ARRAY_SIZE(wraps); i++) {
		UNIT_ROW(wraps, i, NULL);
		assert_int_equal(rangeset_add(&set, wraps[i]), -ERANGE);
		assert_int_equal(rangeset_subtract(&set, wraps[i]), -ERANGE);
		assert_int_equal(rangeset_append_unsorted(&set, wraps[i]), -ERANGE);
	}
	assert_int_equal(rangeset_add(&set, (struct byte_range){50, 0}), 0);
	assert_int_equal(rangeset_append_unsorted(&set, (struct byte_range){5, 0}), 0);
	assert_int_equal(rangeset_subtract(&set, (struct byte_range){15, 0}), 0);
	expect(&set, "10-20");
}

static void test_move(void **state)
{
	struct rangeset a = set_of("1-2 4-5"), b = set_of("7-8");

	rangeset_move(&a, &a);
	rangeset_move(&b, &a);
	assert_null(a.ranges);
	expect(&a, "");
	expect(&b, "1-2 4-5");
}

/* ---- the random walk ---- */

#define UNIVERSE 192u

struct model {
	bool has[UNIVERSE];
};

struct walk {
	uint64_t random; /* xorshift64 */
	uint64_t base;   /* where the universe lies on the number line */
};

static unsigned int draw(struct walk *walk, unsigned int below)
{
	walk->random ^= walk->random << 13;
	walk->random ^= walk->random >> 7;
	walk->random ^= walk->random << 17;
	return (unsigned int)((walk->random >> 33) % below);
}

/* mostly short ranges, so that there are many gaps; length 0 included */
static struct byte_range draw_range(struct walk *walk)
{
	unsigned int start = draw(walk, UNIVERSE);
	unsigned int len = draw(walk, draw(walk, 4) ? 8 : UNIVERSE);

	if (len > UNIVERSE - start)
		len = UNIVERSE - start;
	return (struct byte_range){walk->base + start, len};
}

static void model_put(struct model *model, const struct walk *walk, struct byte_range r, bool value)
{
	for (uint64_t i = 0; i < r.len; i++)
		model->has[r.start - walk->base + i] = value;
}

static void assert_model(const struct walk *walk, const struct rangeset *set,
			 const struct model *model)
{
	uint64_t bytes = 0;

	assert_normal(set);
	for (unsigned int i = 0; i < UNIVERSE; i++) {
		struct byte_range one = {walk->base + i, 1};
		size_t at = rangeset_find(set, one.start);

		assert_int_equal(rangeset_contains(set, one), model->has[i]);
		assert_int_equal(rangeset_overlaps(set, one), model->has[i]);
		assert_true(at == set->n || range_end(set->ranges[at]) > one.start);
		assert_true(!at || range_end(set->ranges[at - 1]) <= one.start);
		bytes += model->has[i];
	}
	assert_int_equal(rangeset_bytes(set), bytes);
}

static void draw_set(struct walk *walk, struct rangeset *set, struct model *model)
{
	*model = (struct model){0};
	rangeset_clear(set);
	for (unsigned int i = draw(walk, 24); i; i--) {
		struct byte_range r = draw_range(walk);

		assert_int_equal(rangeset_append_unsorted(set, r), 0);
		model_put(model, walk, r, true);
	}
	rangeset_normalise(set);
	assert_model(walk, set, model);
}

static void model_bridge(struct model *model, unsigned int gap)
{
	unsigned int last = UNIVERSE;

	for (unsigned int i = 0; i < UNIVERSE; i++) {
		if (!model->has[i])
			continue;
		for (unsigned int k = last + 1; last < i && i - last - 1 <= gap && k < i; k++)
			model->has[k] = true;
		last = i;
	}
}

static void model_round_out(struct model *model, unsigned int granule)
{
	for (unsigned int i = 0; i < UNIVERSE; i += granule) {
		bool any = false;

		for (unsigned int k = i; k < i + granule; k++)
			any |= model->has[k];
		for (unsigned int k = i; k < i + granule; k++)
			model->has[k] = any;
	}
}

/* One random operation on @set and @model; @other and its model are a second operand. */
static void step(struct walk *walk, struct rangeset *set, struct model *model,
		 const struct rangeset *other, const struct model *other_model)
{
	unsigned int operation = draw(walk, 16), n;
	struct byte_range r = draw_range(walk);

	switch (operation) {
	default:
		assert_int_equal(rangeset_add(set, r), 0);
		model_put(model, walk, r, true);
		break;
	case 8:
	case 9:
	case 10:
		assert_int_equal(rangeset_subtract(set, r), 0);
		model_put(model, walk, r, false);
		break;
	case 11:
		assert_int_equal(rangeset_add_set(set, other), 0);
		for (n = 0; n < UNIVERSE; n++)
			model->has[n] |= other_model->has[n];
		break;
	case 12:
		assert_int_equal(draw(walk, 2) ? rangeset_subtract_set(set, other)
					       : rangeset_diff(set, other, set),
				 0);
		for (n = 0; n < UNIVERSE; n++)
			model->has[n] &= !other_model->has[n];
		break;
	case 13:
		assert_int_equal(draw(walk, 2) ? rangeset_intersect(set, other, set)
					       : rangeset_intersect(other, set, set),
				 0);
		for (n = 0; n < UNIVERSE; n++)
			model->has[n] &= other_model->has[n];
		break;
	case 14:
		n = draw(walk, 6);
		assert_int_equal(rangeset_bridge(set, n, set), 0);
		model_bridge(model, n);
		break;
	case 15:
		n = 1u << draw(walk, 4);
		assert_int_equal(rangeset_round_out(set, n, set), 0);
		model_round_out(model, n);
		break;
	}
}

static void test_random_walk(void **state)
{
	/* the top of the line is no multiple of a granule: the universe ends just below it */
	static const uint64_t bases[] = {0, UINT64_C(1) << 32, TOP - 255 - UNIVERSE + 64};
	struct rangeset set = RANGESET_NULL, other = RANGESET_NULL;
	struct model model = {0}, other_model = {0};

	for (size_t i = 0; i < ARRAY_SIZE(bases); i++) {
		struct walk walk = {0x9e3779b97f4a7c15, bases[i]};

		UNIT_ROW(bases, i, NULL);
		assert_int_equal(walk.base % 64, 0);
		draw_set(&walk, &set, &model);
		for (unsigned int n = 0; n < 8000; n++) {
			if (n % 16 == 0)
				draw_set(&walk, &other, &other_model);
			if (n % 256 == 0)
				draw_set(&walk, &set, &model); /* or it fills up */
			step(&walk, &set, &model, &other, &other_model);
			assert_model(&walk, &set, &model);
		}
	}
	rangeset_deinit(&set);
	rangeset_deinit(&other);
}

/* What needs memory and gets none says so and changes nothing. */
static void test_no_memory(void **state)
{
	struct rangeset set = set_of("10-20 30-40 50-60 70-80"), other = set_of("15-35 90-91");
	struct rangeset result = set_of("1-2"), empty = RANGESET_NULL;

	assert_int_equal(set.n, set.allocated); /* or the next one would fit */
	allocations_left = 0;
	assert_int_equal(rangeset_add(&set, (struct byte_range){90, 1}), -ENOMEM);
	assert_int_equal(rangeset_add(&set, (struct byte_range){0, 1}), -ENOMEM);
	assert_int_equal(rangeset_append_unsorted(&set, (struct byte_range){0, 1}), -ENOMEM);
	assert_int_equal(rangeset_subtract(&set, (struct byte_range){35, 1}), -ENOMEM);
	assert_int_equal(rangeset_add_set(&set, &other), -ENOMEM);
	assert_int_equal(rangeset_subtract_set(&set, &other), -ENOMEM);
	assert_int_equal(rangeset_intersect(&set, &other, &result), -ENOMEM);
	assert_int_equal(rangeset_diff(&set, &other, &result), -ENOMEM);
	assert_int_equal(rangeset_bridge(&set, 5, &result), -ENOMEM);
	assert_int_equal(rangeset_round_out(&set, 8, &result), -ENOMEM);
	assert_int_equal(rangeset_copy(&empty, &set), -ENOMEM);
	/* what fits needs none */
	assert_int_equal(rangeset_subtract(&other, (struct byte_range){15, 1}), 0);
	assert_int_equal(rangeset_add(&other, (struct byte_range){80, 11}), 0);
	allocations_left = -1;

	expect(&set, "10-20 30-40 50-60 70-80");
	expect(&result, "1-2");
	expect(&other, "16-35 80-91");
	expect(&empty, "");
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_pairs),     cmocka_unit_test(test_bridge_and_round_out),
		cmocka_unit_test(test_queries),   cmocka_unit_test(test_refused),
		cmocka_unit_test(test_move),      cmocka_unit_test(test_random_walk),
		cmocka_unit_test(test_no_memory),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
