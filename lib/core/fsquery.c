/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * How to ask about many ranges with as little work as possible.
 *
 * A query costs the descent into the btrees, whatever it returns; a record
 * costs the same wherever it is read. So a gap between two ranges is read
 * over as long as that is expected to cost less than a new query. How many
 * records a gap holds is not known beforehand: the density of the whole
 * device stands for it, or that of a few gaps that were counted.
 *
 * Everything in the plan is whole filesystem blocks: owners are kept per
 * block, and a query that cuts one would get the same records.
 */
#include <errno.h>
#include "cleanup.h"
#include "fsquery.h"

/*
 * Records that cost as much as one query (measured on Linux 6.18). With
 * reflink every record costs a look into the reference-count btree, so fewer.
 */
#define QUERY_COST_REFLINK 15
#define QUERY_COST_PLAIN   70

#define SAMPLES	     16u
#define SAMPLE_BYTES (UINT64_C(1) << 20)
#define SAMPLES_FROM 64u /* ranges; below, the worst plan costs less than sampling */

struct fsquery_density fsquery_denser(struct fsquery_density a, struct fsquery_density b)
{
	double of_a = (double)a.records / (double)(a.bytes ? a.bytes : 1);
	double of_b = (double)b.records / (double)(b.bytes ? b.bytes : 1);

	return of_b > of_a ? b : a;
}

int fsquery_samples(const struct rangeset *bad, struct rangeset *ret)
{
	CLEANUP(rangeset_deinit) struct rangeset samples = RANGESET_NULL;
	size_t gaps = bad->n ? bad->n - 1 : 0;

	for (size_t i = 0; bad->n >= SAMPLES_FROM && i < SAMPLES; i++) {
		size_t at = (size_t)((uint64_t)gaps * i / SAMPLES);
		uint64_t start = range_end(bad->ranges[at]);
		uint64_t len = bad->ranges[at + 1].start - start;
		int r = rangeset_add(&samples, (struct byte_range){
						       start, len < SAMPLE_BYTES ? len : SAMPLE_BYTES});

		if (r)
			return r;
	}

	rangeset_move(ret, &samples);
	return 0;
}

/* The longest gap that is cheaper to read over, in bytes. */
static uint64_t longest_gap(const struct fsgeom *geom, const struct fsquery_density *density)
{
	unsigned int cost = geom->features & FSGEOM_REFLINK ? QUERY_COST_REFLINK : QUERY_COST_PLAIN;
	uint64_t gap;

	if (!density->records)
		return fsgeom_bytes(geom);
	if (!__builtin_mul_overflow(density->bytes, cost, &gap))
		return gap / density->records;
	if (!__builtin_mul_overflow(density->bytes / density->records, cost, &gap))
		return gap;
	return fsgeom_bytes(geom);
}

int fsquery_plan(const struct rangeset *bad, const struct fsgeom *geom,
		 const struct fsquery_density *density, struct rangeset *ret)
{
	CLEANUP(rangeset_deinit) struct rangeset blocks = RANGESET_NULL;
	struct byte_range all = {0, fsgeom_bytes(geom)};
	const struct rangeset device = {&all, 1, 0};
	int r;

	r = rangeset_round_out(bad, geom->block_size, &blocks);
	if (r)
		return r;
	r = rangeset_intersect(&blocks, &device, &blocks);
	if (r)
		return r;
	return rangeset_bridge(&blocks, longest_gap(geom, density), ret);
}
