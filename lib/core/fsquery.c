/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * How to ask about many ranges with as little work as possible.
 *
 * A query costs the descent into the btrees, whatever it returns; a record
 * costs the same wherever it is read. So a gap between two ranges is read
 * over as long as that is expected to cost less than a new query. How many
 * records a gap holds is not known beforehand: the density of the whole
 * device stands for it.
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
