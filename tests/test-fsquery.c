/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Query plans: vectors for rounding, clipping and bridging, then what must hold for any of them. */
#include "unit.h"
#include <stdio.h>
#include "fsquery.h"

#define KIB 1024ull
#define MIB (1024 * KIB)
#define GIB (1024 * MIB)

/* 1 GiB of 4 KiB blocks */
static const struct fsgeom plain = {
	.block_size = 4096,
	.sector_size = 512,
	.inode_size = 512,
	.ag_blocks = 65536,
	.ag_count = 4,
	.data_blocks = 262144,
};

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

static const struct {
	const char *what;
	const char *bad;
	uint64_t records, bytes;
	bool reflink;
	const char *plan;
} plans[] = {
	/* very dense: no gap is worth reading over, only what touches is joined */
	{"nothing", "", 1 << 30, GIB, false, ""},
	{"a sector is its block", "4608-5120", 1 << 30, GIB, false, "4096-8192"},
	{"over a border", "8191-8193", 1 << 30, GIB, false, "4096-12288"},
	{"two in a block", "512-1024 2048-2560", 1 << 30, GIB, false, "0-4096"},
	{"touching blocks", "512-1024 4096-4608", 1 << 30, GIB, false, "0-8192"},
	{"a block between", "512-1024 8192-8704", 1 << 30, GIB, false, "0-4096 8192-12288"},
	/* the device's end: 1073741824 */
	{"the last sector", "1073741312-1073741824", 1 << 30, GIB, false, "1073737728-1073741824"},
	{"over the end", "1073741312-1073750000", 1 << 30, GIB, false, "1073737728-1073741824"},
	{"behind the end", "1073741824-1073742336", 1 << 30, GIB, false, ""},
	{"far behind", "9223372036854775808-9223372036854776320", 1 << 30, GIB, false, ""},
	/* 16384 records in 1 GiB are 65536 bytes a record: 15 are 983040, 70 are 4587520 */
	{"reflink, gap just bridged", "0-4096 987136-991232", 16384, GIB, true, "0-991232"},
	{"reflink, a block more", "0-4096 991232-995328", 16384, GIB, true, "0-4096 991232-995328"},
	{"no reflink, the same", "0-4096 991232-995328", 16384, GIB, false, "0-995328"},
	{"no reflink, just bridged", "0-4096 4591616-4595712", 16384, GIB, false, "0-4595712"},
	{"no reflink, a block more", "0-4096 4595712-4599808", 16384, GIB, false,
	 "0-4096 4595712-4599808"},
	/* the gap is measured between blocks, not between sectors */
	{"rounded before bridged", "3584-4096 987136-987648", 16384, GIB, true, "0-991232"},
	{"from sweep to single queries", "0-512 500000000-500000512 1073741312-1073741824", 10, GIB,
	 true, "0-1073741824"},
	/* no records at all: one query cannot cost much */
	{"empty filesystem", "0-512 1073741312-1073741824", 0, GIB, true, "0-1073741824"},
	/* numbers that would overflow */
	{"huge device", "0-512 8192-8704", 1, UINT64_MAX, true, "0-12288"},
	{"huge counts", "0-512 8192-8704", UINT64_MAX, UINT64_MAX, true, "0-4096 8192-12288"},
};

static void test_plans(void **state)
{
	for (size_t i = 0; i < ARRAY_SIZE(plans); i++) {
		CLEANUP(rangeset_deinit) struct rangeset bad = set_of(plans[i].bad);
		CLEANUP(rangeset_deinit) struct rangeset want = set_of(plans[i].plan);
		CLEANUP(rangeset_deinit) struct rangeset plan = set_of("1-2"); /* is replaced */
		const struct fsquery_density density = {plans[i].records, plans[i].bytes};
		struct fsgeom geom = plain;

		UNIT_ROW(plans, i, plans[i].what);
		geom.features = plans[i].reflink ? FSGEOM_REFLINK : 0;
		assert_int_equal(fsquery_plan(&bad, &geom, &density, &plan), 0);
		assert_true(rangeset_equal(&plan, &want));
	}
}

static uint64_t next_random(uint64_t *state)
{
	*state = *state * 6364136223846793005u + 1442695040888963407u;
	return *state >> 24;
}

/* Everything bad is asked about, in whole blocks, never beyond the device, the fewer the sparser.
 */
static void test_properties(void **state)
{
	uint64_t seed = 20261101;

	for (int round = 0; round < 2000; round++) {
		CLEANUP(rangeset_deinit)
		struct rangeset bad = RANGESET_NULL,
				on_device = RANGESET_NULL;
		CLEANUP(rangeset_deinit)
		struct rangeset plan = RANGESET_NULL,
				sparser = RANGESET_NULL;
		struct fsquery_density density = {1 + next_random(&seed) % 1000000, GIB};
		struct byte_range all = {0, fsgeom_bytes(&plain)};
		const struct rangeset device = {&all, 1, 0};
		size_t n = next_random(&seed) % 50;
		uint64_t gap = density.bytes * 70 / density.records;

		for (size_t i = 0; i < n; i++) {
			struct byte_range r = {next_random(&seed) % (GIB + MIB), 0};

			r.len = 1 + next_random(&seed) % (64 * KIB);
			assert_int_equal(rangeset_add(&bad, r), 0);
		}
		assert_int_equal(fsquery_plan(&bad, &plain, &density, &plan), 0);
		assert_int_equal(rangeset_intersect(&bad, &device, &on_device), 0);
		for (size_t i = 0; i < on_device.n; i++)
			assert_true(rangeset_contains(&plan, on_device.ranges[i]));
		for (size_t i = 0; i < plan.n; i++) {
			assert_int_equal(plan.ranges[i].start % 4096, 0);
			assert_int_equal(plan.ranges[i].len % 4096, 0);
			assert_true(range_end(plan.ranges[i]) <= fsgeom_bytes(&plain));
			assert_true(rangeset_overlaps(&bad, plan.ranges[i]));
			if (i)
				assert_true(plan.ranges[i].start - range_end(plan.ranges[i - 1]) >
					    gap);
		}
		density.records = density.records / 2 + 1;
		assert_int_equal(fsquery_plan(&bad, &plain, &density, &sparser), 0);
		assert_true(sparser.n <= plan.n);
	}
}

/* 10,000 ranges where a million records are: from about 7 % of them on it is one sweep. */
static void test_becomes_sweep(void **state)
{
	struct fsgeom geom = plain;
	const struct fsquery_density density = {100000, GIB}; /* 10737 bytes each: gap 161061 */
	uint64_t step;

	geom.features = FSGEOM_REFLINK;
	for (step = 8192; step < MIB; step *= 2) {
		CLEANUP(rangeset_deinit) struct rangeset bad = RANGESET_NULL, plan = RANGESET_NULL;
		size_t n = 0;

		for (uint64_t at = 0; at < GIB; at += step, n++)
			assert_int_equal(rangeset_add(&bad, (struct byte_range){at, 512}), 0);
		assert_int_equal(fsquery_plan(&bad, &geom, &density, &plan), 0);
		assert_int_equal(plan.n, step - 4096 <= 161061 ? 1 : n);
	}
}

static const struct {
	size_t ranges;
	uint64_t step;
	size_t samples;
	uint64_t len;
} samplings[] = {
	{0, 4096, 0, 0},	{1, 4096, 0, 0},
	{63, 4096, 0, 0},	{64, 4096, 16, 4096 - 512},
	{10000, 8192, 16, 7680}, {1000, 16 * MIB, 16, MIB},
};

/* Samples lie in gaps, begin where a bad range ends, and are spread over all ranges. */
static void test_samples(void **state)
{
	for (size_t i = 0; i < ARRAY_SIZE(samplings); i++) {
		CLEANUP(rangeset_deinit) struct rangeset bad = RANGESET_NULL, samples = RANGESET_NULL;

		UNIT_ROW(samplings, i, NULL);
		for (size_t k = 0; k < samplings[i].ranges; k++)
			assert_int_equal(rangeset_add(&bad, (struct byte_range){
								    k * samplings[i].step, 512}),
					 0);
		assert_int_equal(fsquery_samples(&bad, &samples), 0);
		assert_int_equal(samples.n, samplings[i].samples);
		for (size_t k = 0; k < samples.n; k++) {
			assert_false(rangeset_overlaps(&bad, samples.ranges[k]));
			assert_int_equal(samples.ranges[k].len, samplings[i].len);
			assert_int_equal(samples.ranges[k].start % samplings[i].step, 512);
		}
		if (samples.n)
			assert_true(samples.ranges[samples.n - 1].start >
				    bad.ranges[bad.n - 1].start * 8 / 10);
	}
}

static void test_denser(void **state)
{
	const struct fsquery_density few = {10, GIB}, many = {1000, MIB}, none = {0, 0};

	assert_int_equal(fsquery_denser(few, many).records, 1000);
	assert_int_equal(fsquery_denser(many, few).records, 1000);
	assert_int_equal(fsquery_denser(few, none).bytes, GIB);
	assert_int_equal(fsquery_denser(few, few).records, 10);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_samples),
		cmocka_unit_test(test_denser),
		cmocka_unit_test(test_plans),
		cmocka_unit_test(test_properties),
		cmocka_unit_test(test_becomes_sweep),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
