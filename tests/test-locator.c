/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The locator's manners: refusals, large numbers, no memory. What it finds is told in
 * test-locator_records.c and test-locator_inodes.c, and compared with random machines in
 * test-locator_model.c.
 */
#include "unit.h"
#include "unit_alloc.h"
#include <errno.h>
#include <sys/stat.h>
#include "locator.h"
#include "talk.h"

/* Not XFS, not mounted, gone: unknown, whatever is asked; the caller says why. */
static void test_no_geometry(void **state)
{
	for (int said = 0; said < 2; said++) {
		CLEANUP(findings_freep) struct findings *f = NULL;
		CLEANUP(rangeset_deinit) struct rangeset bad = RANGESET_NULL;
		CLEANUP(locator_deinit) struct locator l = LOCATOR_NULL;
		struct findings_summary sum;

		assert_int_equal(rangeset_add(&bad, (struct byte_range){0, 512}), 0);
		assert_int_equal(rangeset_add(&bad, (struct byte_range){1ull << 60, 4096}), 0);
		assert_int_equal(locator_init(&l, &bad, NULL), 0);
		if (said)
			findings_add_reason(l.findings, REASON_NOT_XFS);
		assert_int_equal(locator_finish(&l, &f), 0);
		assert_int_equal(f->n_items, 2);
		assert_int_equal(f->items[0].kind, FS_OWNER_UNKNOWN);
		assert_int_equal(f->items[1].kind, FS_OWNER_UNKNOWN);
		assert_int_equal(f->reasons,
				 said ? 1u << REASON_NOT_XFS : 1u << REASON_UNKNOWN_OWNER);
		assert_int_equal(findings_summarise(f, &sum), 0);
		assert_int_equal(sum.unknown_bytes, 4608);
		assert_int_equal(sum.worst, IMPACT_UNKNOWN);
	}
}

static void test_refusals(void **state)
{
	CLEANUP(rangeset_deinit) struct rangeset bad = RANGESET_NULL;
	CLEANUP(locator_deinit) struct locator l = LOCATOR_NULL;
	struct found_file file = {.ino = 132, .mode = S_IFREG, .nlink = 1};
	struct byte_range all = {0, UINT64_MAX};
	struct fsmap_rec rec = {{409600, 1024}, 131, 0, 0};
	struct fsgeom broken = talk_geom;

	assert_int_equal(rangeset_add(&bad, (struct byte_range){409600, 1024}), 0);
	broken.block_size = 0;
	assert_int_equal(locator_init(&l, &bad, &broken), -EINVAL);
	assert_null(l.findings);
	assert_int_equal(locator_init(&l, &bad, &talk_geom), 0);

	/* a record that wraps is none */
	rec.phys.len = UINT64_MAX - 409599;
	assert_int_equal(locator_add_record(&l, all, &rec), -EINVAL);
	rec.phys.len = 512;
	assert_int_equal(locator_add_record(&l, (struct byte_range){1, UINT64_MAX}, &rec), -EINVAL);
	assert_int_equal(locator_add_record(&l, all, &rec), 0);
	rec.phys.start += 512;
	rec.owner = 132;
	assert_int_equal(locator_add_record(&l, all, &rec), 0);

	/* inodes ascend */
	assert_int_equal(locator_add_inode(&l, &file), 0);
	assert_int_equal(locator_add_inode(&l, &file), -EINVAL);
	file.ino = 131;
	assert_int_equal(locator_add_inode(&l, &file), -EINVAL);
	assert_int_equal(l.findings->n_files, 2);
}

/* A record of inodes longer than a finding can count: several findings, no number twice. */
static void test_many_inodes(void **state)
{
	CLEANUP(findings_freep) struct findings *f = NULL;
	CLEANUP(rangeset_deinit) struct rangeset bad = RANGESET_NULL;
	CLEANUP(locator_deinit) struct locator l = LOCATOR_NULL;
	struct byte_range all = {0, UINT64_MAX};
	struct fsgeom big = talk_geom;
	struct fsmap_rec rec = {{65536, 80000 * 512}, 0x58ull << 32 | 5, 0, FSMAP_SPECIAL};
	const uint64_t *wanted;
	uint64_t next = 128;
	size_t n;

	big.ag_blocks = 100000;
	big.data_blocks = 400000;
	/* from the middle of inode 129 on */
	assert_int_equal(rangeset_add(&bad, (struct byte_range){66048 + 256, 1 << 30}), 0);
	assert_int_equal(locator_init(&l, &bad, &big), 0);
	assert_int_equal(locator_add_record(&l, all, &rec), 0);
	assert_int_equal(locator_wanted(&l, &wanted, &n), 0);
	assert_int_equal(n, 79999);
	for (size_t i = 0; i < n; i++)
		assert_int_equal(wanted[i], 129 + i);
	assert_int_equal(locator_finish(&l, &f), 0);
	for (size_t i = 0; i < f->n_items && f->items[i].kind == FS_OWNER_INODES; i++) {
		next = i ? next : 129;
		assert_int_equal(f->items[i].offset, next);
		assert_true(f->items[i].flags & FINDING_INODES_UNUSED);
		next += f->items[i].n_inodes;
	}
	assert_int_equal(next, 80128);
}

/* A million records against 10,000 ranges: found by cursor and search, not by walking. */
static void test_many_records(void **state)
{
	CLEANUP(findings_freep) struct findings *f = NULL;
	CLEANUP(rangeset_deinit) struct rangeset bad = RANGESET_NULL;
	CLEANUP(locator_deinit) struct locator l = LOCATOR_NULL;
	struct byte_range all = {0, UINT64_MAX};
	struct fsgeom big = talk_geom;
	const uint64_t *wanted;
	size_t n;

	big.ag_blocks = 1000000;
	big.data_blocks = 4000000;
	big.log.len = 0;
	for (uint64_t i = 0; i < 10000; i++)
		assert_int_equal(
			rangeset_add(&bad, (struct byte_range){(i * 100 + 50) * 4096, 512}), 0);
	assert_int_equal(locator_init(&l, &bad, &big), 0);
	for (int pass = 0; pass < 2; pass++) {
		for (uint64_t i = 0; i < 1000000; i++) {
			/* ascending, then jumping */
			uint64_t at = pass ? i * 7919 % 1000000 : i;
			struct fsmap_rec rec = {{at * 4096, 4096}, 1000 + at / 2, at, 0};

			assert_int_equal(locator_add_record(&l, all, &rec), 0);
		}
	}
	assert_int_equal(locator_wanted(&l, &wanted, &n), 0);
	assert_int_equal(n, 10000);
	assert_int_equal(locator_finish(&l, &f), 0);
	assert_int_equal(f->n_items, 10000);
	for (size_t i = 0; i < f->n_items; i++) {
		assert_int_equal(f->items[i].start, (i * 100 + 50) * 4096);
		assert_int_equal(f->items[i].ino, 1000 + (i * 100 + 50) / 2);
	}
}

/* A huge extent comes back from each of a thousand queries: a finding a range, not a million. */
static void test_extent_in_many_queries(void **state)
{
	CLEANUP(rangeset_deinit) struct rangeset bad = RANGESET_NULL;
	CLEANUP(locator_deinit) struct locator l = LOCATOR_NULL;
	struct fsmap_rec rec = {{0, 4096000}, 131, 0, 0};

	for (uint64_t i = 2; i < 1000; i++)
		assert_int_equal(rangeset_add(&bad, (struct byte_range){i * 4096, 512}), 0);
	assert_int_equal(locator_init(&l, &bad, &talk_geom), 0);
	for (uint64_t i = 2; i < 1000; i++) {
		struct byte_range query = {i * 4096, 4096};

		assert_int_equal(locator_add_record(&l, query, &rec), 0);
	}
	assert_int_equal(l.findings->n_items, 998);
}

/* Every part of the locator once; what fails, fails with -ENOMEM and leaves nothing behind. */
static int locate_something(struct findings **ret)
{
	CLEANUP(rangeset_deinit) struct rangeset bad = RANGESET_NULL;
	CLEANUP(locator_deinit) struct locator l = LOCATOR_NULL;
	struct byte_range all = {0, UINT64_MAX};
	struct found_file file = {.ino = 131, .mode = S_IFREG, .size = 5000, .nlink = 1};
	const struct fsmap_rec records[] = {
		{{409600, 8192}, 131, 0, 0},
		{{409600, 8192}, 200, 0, 0},
		{{65536, 4096}, 0x58ull << 32 | 5, 0, FSMAP_SPECIAL},
	};
	int r;

	if ((r = rangeset_add(&bad, (struct byte_range){0, 1024})) ||
	    (r = rangeset_add(&bad, (struct byte_range){409600, 8192})) ||
	    (r = rangeset_add(&bad, (struct byte_range){65536, 4096})) ||
	    (r = locator_init(&l, &bad, &talk_geom)))
		return r;
	for (size_t i = 0; i < ARRAY_SIZE(records); i++) {
		r = locator_add_record(&l, all, &records[i]);
		if (r)
			return r;
	}
	r = locator_add_inode(&l, &file);
	if (r)
		return r;
	r = locator_inodes_unreadable(&l, 200, 1);
	return r ? r : locator_finish(&l, ret);
}

static void test_no_memory(void **state)
{
	int r = -ENOMEM;

	for (allocations_left = 0; r == -ENOMEM; allocations_left++) {
		CLEANUP(findings_freep) struct findings *f = NULL;
		int granted = allocations_left;

		r = locate_something(&f);
		allocations_left = granted;
		if (r)
			assert_null(f);
		else
			assert_int_equal(f->n_items, 6);
	}
	assert_int_equal(r, 0);
	assert_true(allocations_left > 10);
	allocations_left = -1;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_no_geometry),
		cmocka_unit_test(test_refusals),
		cmocka_unit_test(test_many_inodes),
		cmocka_unit_test(test_many_records),
		cmocka_unit_test(test_extent_in_many_queries),
		cmocka_unit_test(test_no_memory),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
