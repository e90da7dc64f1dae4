/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Events in a set: what coalesces and what does not, storms of the same and of
 * distinct pages, memory that runs out. Nothing said may ever be missing.
 */
#include "unit.h"
#include <errno.h>
#include <string.h>
#include "event.h"
#include "unit_alloc.h"

#define PAGE(n)                                                                                    \
	{                                                                                          \
		(n) * UINT64_C(4096), 4096                                                         \
	}

struct step {
	enum media_source source;
	enum event_space space;
	dev_t devno;
	const char *name;
	struct byte_range range;
	uint64_t at_usec;
	int r;
	size_t n_entries; /* after it */
	size_t n_ranges;  /* of the entry it went to (the last: see @entry) */
	size_t entry;
};

#define MF SOURCE_MEMORY_FAILURE
#define XH SOURCE_XFS_HEALTH

static const struct step steps[] = {
	{MF, EVENT_PHYSICAL, 0, "", PAGE(7), 50, 0, 1, 1, 0},
	{MF, EVENT_PHYSICAL, 0, "", PAGE(7), 60, 0, 1, 1, 0},
	{MF, EVENT_PHYSICAL, 0, "not used", PAGE(8), 40, 0, 1, 1, 0},
	{MF, EVENT_PHYSICAL, 9, "", PAGE(10), 70, 0, 1, 2, 0},
	{SOURCE_MCE, EVENT_PHYSICAL, 0, "", PAGE(7), 70, 0, 2, 1, 1},
	{XH, EVENT_DEVICE, 0x10300, "pmem0", PAGE(1), 80, 0, 3, 1, 2},
	{XH, EVENT_DEVICE, 0x10300, "", PAGE(5), 80, 0, 3, 2, 2},
	{XH, EVENT_DEVICE, 0x10301, "pmem0", PAGE(1), 80, 0, 4, 1, 3},
	{XH, EVENT_DEVICE, 0, "dax0.0", PAGE(1), 80, 0, 5, 1, 4},
	{XH, EVENT_DEVICE, 0, "dax0.0", PAGE(3), 80, 0, 5, 2, 4},
	{XH, EVENT_DEVICE, 0, "dax0.1", PAGE(3), 80, 0, 6, 1, 5},
	{XH, EVENT_REGION, 0, "dax0.1", PAGE(3), 80, 0, 7, 1, 6},
	{XH, EVENT_REGION, 5, "dax0.1", PAGE(4), 80, 0, 7, 1, 6},
	{XH, EVENT_REGION, 0, "dax0.1", {77, 0}, 80, 0, 7, 1, 6},
	{XH, EVENT_REGION, 0, "dax0.1", {UINT64_MAX, 2}, 80, -ERANGE, 7, 1, 6},
	{XH, EVENT_REGION, 0, "dax0.1", {UINT64_MAX - 4096, 4096}, 80, 0, 7, 2, 6},
};

static struct media_event make(const struct step *step)
{
	struct media_event event = {
		.source = step->source,
		.at_usec = step->at_usec,
		.space = step->space,
		.devno = step->devno,
		.range = step->range,
	};

	strcpy(event.name, step->name);
	return event;
}

static void test_coalesces(void **state)
{
	CLEANUP(event_set_deinit) struct event_set set = EVENT_SET_NULL;

	for (size_t i = 0; i < ARRAY_SIZE(steps); i++) {
		struct media_event event = make(&steps[i]);

		UNIT_ROW(steps, i, steps[i].name);
		assert_int_equal(event_set_add(&set, &event), steps[i].r);
		assert_int_equal(set.n, steps[i].n_entries);
		assert_int_equal(set.entries[steps[i].entry].ranges.n, steps[i].n_ranges);
	}
	assert_int_equal(set.entries[0].first_usec, 40);
	assert_int_equal(set.entries[0].last_usec, 70);
	assert_int_equal(set.entries[0].n, 4);
	assert_int_equal(event_set_count(&set), 14);
	event_set_remove(&set, 0);
	assert_int_equal(set.n, 6);
	assert_int_equal(set.entries[0].source, SOURCE_MCE);
	assert_int_equal(event_set_count(&set), 10);
}

/* @n events, each @stride pages behind the last, come as a storm, twice */
static const struct {
	const char *what;
	size_t n;
	uint64_t stride;
	size_t want_ranges; /* 0: some number below the limit */
	bool exact;
} storms[] = {
	{"one page", 10000, 0, 1, true},
	{"neighbours", 10000, 1, 1, true},
	{"10,000 distinct pages", 10000, 2, 10000, true},
	{"as many as fit", EVENT_RANGES_MAX, 2, EVENT_RANGES_MAX, true},
	{"more than fit", 3 * EVENT_RANGES_MAX, 2, 0, false},
	{"more than fit, far apart", 2 * EVENT_RANGES_MAX, UINT64_C(1) << 20, 0, false},
};

static void test_storm(void **state)
{
	for (size_t i = 0; i < ARRAY_SIZE(storms); i++) {
		CLEANUP(event_set_deinit) struct event_set set = EVENT_SET_NULL;
		struct media_event event = {.source = MF, .space = EVENT_PHYSICAL};

		UNIT_ROW(storms, i, storms[i].what);
		for (size_t k = 0; k < 2 * storms[i].n; k++) {
			event.range = (struct byte_range)PAGE(k % storms[i].n * storms[i].stride);
			assert_int_equal(event_set_add(&set, &event), 0);
			assert_true(set.entries[0].ranges.n <= EVENT_RANGES_MAX);
		}
		assert_int_equal(set.n, 1);
		assert_int_equal(set.entries[0].n, 2 * storms[i].n);
		if (storms[i].want_ranges)
			assert_int_equal(set.entries[0].ranges.n, storms[i].want_ranges);
		assert_int_equal(set.entries[0].gap == 0, storms[i].exact);
		for (size_t k = 0; k < storms[i].n; k++)
			assert_true(
				rangeset_contains(&set.entries[0].ranges,
						  (struct byte_range)PAGE(k * storms[i].stride)));
	}
}

static void add_page(struct event_set *set, enum media_source source, uint64_t page, int want)
{
	const struct media_event event = {
		.source = source, .space = EVENT_PHYSICAL, .at_usec = page, .range = PAGE(page)};

	assert_int_equal(event_set_add(set, &event), want);
}

/* pages known, then one that comes without memory: which range has to grow */
static const struct {
	const char *what;
	uint64_t known[4], news;
	struct byte_range grown;
	uint64_t gap_pages;
} droughts[] = {
	{"behind all", {10, 20, 30, 40}, 50, {40 * 4096, 11 * 4096}, 9},
	{"before all", {10, 20, 30, 40}, 5, {5 * 4096, 6 * 4096}, 4},
	{"nearer to the one before", {10, 20, 30, 40}, 23, {20 * 4096, 4 * 4096}, 2},
	{"nearer to the one behind", {10, 20, 30, 40}, 27, {27 * 4096, 4 * 4096}, 2},
};

static void test_no_memory(void **state)
{
	for (size_t i = 0; i < ARRAY_SIZE(droughts); i++) {
		CLEANUP(event_set_deinit) struct event_set set = EVENT_SET_NULL;
		struct rangeset *ranges;

		UNIT_ROW(droughts, i, droughts[i].what);
		for (size_t k = 0; k < 4; k++)
			add_page(&set, MF, droughts[i].known[k], 0);
		ranges = &set.entries[0].ranges;
		while (ranges->allocated > ranges->n) /* no room left over */
			add_page(&set, MF, 1000 + 10 * ranges->n, 0);
		allocations_left = 0;
		add_page(&set, MF, droughts[i].news, 0);
		add_page(&set, SOURCE_MCE, 1, -ENOMEM);
		allocations_left = -1;
		assert_true(rangeset_contains(ranges, droughts[i].grown));
		assert_int_equal(set.entries[0].gap, droughts[i].gap_pages * 4096);
		assert_int_equal(set.n, 1);
	}
}

static void test_take(void **state)
{
	CLEANUP(event_set_deinit) struct event_set set = EVENT_SET_NULL, from = EVENT_SET_NULL;

	add_page(&set, MF, 4, 0);
	add_page(&from, SOURCE_MCE, 1, 0);
	add_page(&from, MF, 3, 0);
	add_page(&from, MF, 9, 0);
	from.entries[1].gap = 8192;
	assert_int_equal(event_set_take(&set, &from), 0);
	assert_int_equal(from.n, 0);
	assert_int_equal(set.n, 2);
	assert_int_equal(set.entries[0].ranges.n, 2);
	assert_int_equal(set.entries[0].n, 3);
	assert_int_equal(set.entries[0].first_usec, 3);
	assert_int_equal(set.entries[0].last_usec, 9);
	assert_int_equal(set.entries[0].gap, 8192);
	assert_int_equal(set.entries[1].source, SOURCE_MCE);
	assert_int_equal(event_set_take(&set, &from), 0);
	assert_int_equal(set.n, 2);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_coalesces),
		cmocka_unit_test(test_storm),
		cmocka_unit_test(test_no_memory),
		cmocka_unit_test(test_take),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
