/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What belongs together. "Near" holds between sectors, and a range is near
 * to another where any of their sectors are, so it does not matter how sectors
 * were gathered into ranges. It is symmetric, so what is connected does not
 * depend on which of two was heard of first.
 *
 * Pages of two near ranges overlap or touch; hence whatever is near to a
 * range of the news lies within one page of its pages, and extents that are
 * sorted by offset are found by one binary search and a short walk. Between
 * the news' own ranges only neighbours need a look: what lies between two near
 * ranges is near to both.
 */
#include <errno.h>
#include <stdlib.h>
#include "cleanup.h"
#include "vicinity.h"

static bool touch(struct byte_range a, struct byte_range b)
{
	return a.start <= range_end(b) && b.start <= range_end(a);
}

bool vicinity_near(struct byte_range a, struct byte_range b)
{
	return touch(a, range_round_out(b, PAGE_BYTES)) || touch(range_round_out(a, PAGE_BYTES), b);
}

static int compare_extents(const void *left, const void *right)
{
	const struct vicinity_extent *a = left, *b = right;

	return (a->range.start > b->range.start) - (a->range.start < b->range.start);
}

/* The first extent that does not end before @start. */
static size_t find_extent(const struct vicinity_extent *extents, size_t n, uint64_t start)
{
	size_t low = 0, high = n;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (range_end(extents[middle].range) >= start)
			high = middle;
		else
			low = middle + 1;
	}
	return low;
}

static size_t find_leader(size_t *leaders, size_t node)
{
	while (leaders[node] != node) {
		leaders[node] = leaders[leaders[node]];
		node = leaders[node];
	}
	return node;
}

static void unite(size_t *leaders, size_t a, size_t b)
{
	a = find_leader(leaders, a);
	b = find_leader(leaders, b);
	if (a < b)
		leaders[b] = a;
	else
		leaders[a] = b;
}

int vicinity_unite(struct vicinity_extent *extents, size_t n_extents, size_t n_owners,
		   const struct rangeset *news, size_t **ret)
{
	CLEANUP(freep) size_t *leaders = NULL;
	size_t n = n_owners + news->n;

	leaders = calloc(n ? n : 1, sizeof(*leaders));
	if (!leaders)
		return -ENOMEM;
	for (size_t i = 0; i < n; i++)
		leaders[i] = i;
	if (n_extents)
		qsort(extents, n_extents, sizeof(*extents), compare_extents);

	for (size_t k = 0; k < news->n; k++) {
		struct byte_range one = news->ranges[k], pages = range_round_out(one, PAGE_BYTES);
		uint64_t from = pages.start - (pages.start ? PAGE_BYTES : 0);
		uint64_t to = range_end(pages) + PAGE_BYTES;

		if (k && vicinity_near(news->ranges[k - 1], one))
			unite(leaders, n_owners + k - 1, n_owners + k);
		for (size_t e = find_extent(extents, n_extents, from);
		     e < n_extents && extents[e].range.start <= to; e++)
			if (vicinity_near(extents[e].range, one))
				unite(leaders, extents[e].owner, n_owners + k);
	}
	for (size_t i = 0; i < n; i++)
		leaders[i] = find_leader(leaders, i);

	*ret = steal(leaders);
	return 0;
}
