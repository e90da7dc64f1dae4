/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * A set of bytes as sorted, disjoint, non-touching half-open ranges.
 *
 * Because neighbours never touch, a set has exactly one representation:
 * equality is a comparison of arrays, and ends ascend just as starts do, so
 * one binary search finds any position. Whatever computes a new set out of
 * old ones appends its ranges in ascending order to a fresh set and moves it
 * into place at the end: a failure leaves the old content, and the result may
 * be one of the operands.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include "cleanup.h"
#include "rangeset.h"

void rangeset_deinit(struct rangeset *set)
{
	free(set->ranges);
	*set = RANGESET_NULL;
}

void rangeset_clear(struct rangeset *set)
{
	set->n = 0;
}

static int reserve(struct rangeset *set, size_t n)
{
	size_t want = set->allocated + set->allocated / 2;
	struct byte_range *bigger;
	size_t bytes;

	if (n <= set->allocated)
		return 0;
	if (want < n)
		want = n;
	if (want < 4)
		want = 4;
	if (__builtin_mul_overflow(want, sizeof(*bigger), &bytes))
		return -ENOMEM;
	bigger = realloc(set->ranges, bytes);
	if (!bigger)
		return -ENOMEM;

	set->ranges = bigger;
	set->allocated = want;
	return 0;
}

int rangeset_copy(struct rangeset *set, const struct rangeset *from)
{
	int r;

	if (set == from)
		return 0;
	r = reserve(set, from->n);
	if (r)
		return r;

	if (from->n)
		memcpy(set->ranges, from->ranges, from->n * sizeof(*from->ranges));
	set->n = from->n;
	return 0;
}

void rangeset_move(struct rangeset *set, struct rangeset *from)
{
	if (set == from)
		return;
	free(set->ranges);
	*set = *from;
	*from = RANGESET_NULL;
}

size_t rangeset_find(const struct rangeset *set, uint64_t pos)
{
	size_t low = 0, high = set->n;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (range_end(set->ranges[middle]) > pos)
			high = middle;
		else
			low = middle + 1;
	}
	return low;
}

/* Make room: ranges [first, last) become @n ranges, whose content the caller fills in. */
static int splice(struct rangeset *set, size_t first, size_t last, size_t n)
{
	int r;

	if (n > last - first) {
		r = reserve(set, set->n + n - (last - first));
		if (r)
			return r;
	}
	if (last < set->n)
		memmove(set->ranges + first + n, set->ranges + last,
			(set->n - last) * sizeof(*set->ranges));
	set->n = set->n - (last - first) + n;
	return 0;
}

int rangeset_add(struct rangeset *set, struct byte_range r)
{
	uint64_t start = r.start, end;
	size_t first, last;
	int ret;

	if (r.len > UINT64_MAX - r.start)
		return -ERANGE;
	if (!r.len)
		return 0;
	end = range_end(r);

	/* what touches counts: look one byte to the left, which is where a neighbour would end */
	first = set->n;
	if (set->n && range_end(set->ranges[set->n - 1]) >= start)
		first = start ? rangeset_find(set, start - 1) : 0;
	for (last = first; last < set->n && set->ranges[last].start <= end; last++) {
		if (set->ranges[last].start < start)
			start = set->ranges[last].start;
		if (range_end(set->ranges[last]) > end)
			end = range_end(set->ranges[last]);
	}

	ret = splice(set, first, last, 1);
	if (ret)
		return ret;
	set->ranges[first] = (struct byte_range){start, end - start};
	return 0;
}

int rangeset_subtract(struct rangeset *set, struct byte_range r)
{
	struct byte_range left, right;
	size_t first, last, keep;
	int ret;

	if (r.len > UINT64_MAX - r.start)
		return -ERANGE;
	if (!r.len)
		return 0;
	first = rangeset_find(set, r.start);
	for (last = first; last < set->n && set->ranges[last].start < range_end(r); last++)
		;
	if (first == last)
		return 0;

	/* of all that is hit, only the first's beginning and the last's end can stay */
	left = right = (struct byte_range){0, 0};
	if (set->ranges[first].start < r.start) {
		left.start = set->ranges[first].start;
		left.len = r.start - left.start;
	}
	if (range_end(set->ranges[last - 1]) > range_end(r)) {
		right.start = range_end(r);
		right.len = range_end(set->ranges[last - 1]) - right.start;
	}
	keep = (left.len ? 1 : 0) + (right.len ? 1 : 0);

	ret = splice(set, first, last, keep);
	if (ret)
		return ret;
	if (left.len)
		set->ranges[first] = left;
	if (right.len)
		set->ranges[first + keep - 1] = right;
	return 0;
}

int rangeset_add_set(struct rangeset *set, const struct rangeset *other)
{
	CLEANUP(rangeset_deinit) struct rangeset sum = RANGESET_NULL;
	size_t i = 0, j = 0;
	int r;

	if (other->n <= 1)
		return other->n ? rangeset_add(set, other->ranges[0]) : 0;
	r = reserve(&sum, set->n + other->n);
	if (r)
		return r;

	while (i < set->n || j < other->n) {
		bool ours = j == other->n ||
			    (i < set->n && set->ranges[i].start <= other->ranges[j].start);

		r = rangeset_add(&sum, ours ? set->ranges[i++] : other->ranges[j++]);
		if (r)
			return r;
	}

	rangeset_move(set, &sum);
	return 0;
}

int rangeset_subtract_set(struct rangeset *set, const struct rangeset *other)
{
	if (!set->n || !other->n)
		return 0;
	return rangeset_diff(set, other, set);
}

int rangeset_append_unsorted(struct rangeset *set, struct byte_range r)
{
	int ret;

	if (r.len > UINT64_MAX - r.start)
		return -ERANGE;
	if (!r.len)
		return 0;
	ret = reserve(set, set->n + 1);
	if (ret)
		return ret;

	set->ranges[set->n++] = r;
	return 0;
}

static int compare_starts(const void *left, const void *right)
{
	const struct byte_range *a = left, *b = right;

	return (a->start > b->start) - (a->start < b->start);
}

void rangeset_normalise(struct rangeset *set)
{
	size_t kept = 0;

	if (set->n < 2)
		return;
	qsort(set->ranges, set->n, sizeof(*set->ranges), compare_starts);

	for (size_t i = 1; i < set->n; i++) {
		struct byte_range *last = &set->ranges[kept], next = set->ranges[i];

		if (next.start > range_end(*last))
			set->ranges[++kept] = next;
		else if (range_end(next) > range_end(*last))
			last->len = range_end(next) - last->start;
	}
	set->n = kept + 1;
}

int rangeset_intersect(const struct rangeset *a, const struct rangeset *b, struct rangeset *ret)
{
	CLEANUP(rangeset_deinit) struct rangeset common = RANGESET_NULL;
	size_t i = 0, j = 0;
	int r;

	while (i < a->n && j < b->n) {
		r = rangeset_add(&common, range_intersect(a->ranges[i], b->ranges[j]));
		if (r)
			return r;
		if (range_end(a->ranges[i]) < range_end(b->ranges[j]))
			i++;
		else
			j++;
	}

	rangeset_move(ret, &common);
	return 0;
}

/* Append what @b leaves of one range; *@j is the first range of @b that can still matter. */
static int diff_one(struct byte_range rest, const struct rangeset *b, size_t *j,
		    struct rangeset *ret)
{
	int r;

	while (*j < b->n && range_end(b->ranges[*j]) <= rest.start)
		(*j)++;
	for (size_t k = *j; rest.len && k < b->n && b->ranges[k].start < range_end(rest); k++) {
		struct byte_range hole = range_intersect(rest, b->ranges[k]);

		r = rangeset_add(ret, (struct byte_range){rest.start, hole.start - rest.start});
		if (r)
			return r;
		rest.len = range_end(rest) - range_end(hole);
		rest.start = range_end(hole);
		*j = k; /* its end may reach into the next range of the minuend */
	}
	return rangeset_add(ret, rest);
}

int rangeset_diff(const struct rangeset *a, const struct rangeset *b, struct rangeset *ret)
{
	CLEANUP(rangeset_deinit) struct rangeset left = RANGESET_NULL;
	size_t j = 0;
	int r;

	for (size_t i = 0; i < a->n; i++) {
		r = diff_one(a->ranges[i], b, &j, &left);
		if (r)
			return r;
	}

	rangeset_move(ret, &left);
	return 0;
}

int rangeset_round_out(const struct rangeset *set, uint64_t granule, struct rangeset *ret)
{
	CLEANUP(rangeset_deinit) struct rangeset wide = RANGESET_NULL;
	int r;

	for (size_t i = 0; i < set->n; i++) {
		r = rangeset_add(&wide, range_round_out(set->ranges[i], granule));
		if (r)
			return r;
	}

	rangeset_move(ret, &wide);
	return 0;
}

int rangeset_bridge(const struct rangeset *set, uint64_t gap, struct rangeset *ret)
{
	CLEANUP(rangeset_deinit) struct rangeset bridged = RANGESET_NULL;
	int r;

	for (size_t i = 0; i < set->n; i++) {
		struct byte_range next = set->ranges[i];

		if (i && next.start - range_end(set->ranges[i - 1]) <= gap) {
			uint64_t end = range_end(next);

			next.start = range_end(set->ranges[i - 1]);
			next.len = end - next.start;
		}
		r = rangeset_add(&bridged, next);
		if (r)
			return r;
	}

	rangeset_move(ret, &bridged);
	return 0;
}

bool rangeset_contains(const struct rangeset *set, struct byte_range r)
{
	size_t i;

	if (!r.len)
		return true;
	i = rangeset_find(set, r.start);
	return i < set->n && set->ranges[i].start <= r.start &&
	       range_end(set->ranges[i]) >= range_end(r);
}

bool rangeset_overlaps(const struct rangeset *set, struct byte_range r)
{
	size_t i = rangeset_find(set, r.start);

	return i < set->n && range_overlaps(set->ranges[i], r);
}

bool rangeset_equal(const struct rangeset *a, const struct rangeset *b)
{
	if (a->n != b->n)
		return false;
	return !a->n || !memcmp(a->ranges, b->ranges, a->n * sizeof(*a->ranges));
}

uint64_t rangeset_bytes(const struct rangeset *set)
{
	uint64_t bytes = 0;

	for (size_t i = 0; i < set->n; i++)
		bytes += set->ranges[i].len;
	return bytes;
}
