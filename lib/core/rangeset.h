/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef PMEMRAS_RANGESET_H
#define PMEMRAS_RANGESET_H

/*
 * A set of bytes, kept as sorted, disjoint, non-touching ranges. Embeddable:
 * initialise with RANGESET_NULL, release with rangeset_deinit(). Functions
 * that change a set return 0 or -ENOMEM and leave it unchanged on failure.
 * Empty ranges change nothing; a range that wraps is refused with -ERANGE. A
 * @ret may be one of the operands.
 */
#include <stddef.h>
#include "range.h"

struct rangeset {
	struct byte_range *ranges;
	size_t n;
	size_t allocated;
};

#define RANGESET_NULL ((struct rangeset){NULL, 0, 0})

void rangeset_deinit(struct rangeset *set); /* usable with CLEANUP() */
void rangeset_clear(struct rangeset *set);
int rangeset_copy(struct rangeset *set, const struct rangeset *from);
void rangeset_move(struct rangeset *set, struct rangeset *from); /* @from becomes empty */

/* Appending in ascending order is O(1), anything else is O(n). */
int rangeset_add(struct rangeset *set, struct byte_range r);
int rangeset_add_set(struct rangeset *set, const struct rangeset *other);
int rangeset_subtract(struct rangeset *set, struct byte_range r);
int rangeset_subtract_set(struct rangeset *set, const struct rangeset *other);

/*
 * Many ranges in any order: append them all with rangeset_append_unsorted(),
 * then rangeset_normalise() sorts and coalesces once (O(n log n)). Between the
 * two calls the set may not be used for anything else.
 */
int rangeset_append_unsorted(struct rangeset *set, struct byte_range r);
void rangeset_normalise(struct rangeset *set);

/* @ret (initialised by the caller, any content is replaced) = @a ∩ @b */
int rangeset_intersect(const struct rangeset *a, const struct rangeset *b, struct rangeset *ret);
/* @ret (as above) = @a minus @b */
int rangeset_diff(const struct rangeset *a, const struct rangeset *b, struct rangeset *ret);
/* @ret (as above) = every range of @set widened to multiples of @granule (a power of two) */
int rangeset_round_out(const struct rangeset *set, uint64_t granule, struct rangeset *ret);
/* @ret (as above) = @set with gaps of at most @gap bytes filled */
int rangeset_bridge(const struct rangeset *set, uint64_t gap, struct rangeset *ret);

/* Index of the first range whose end lies after @pos; set->n where there is none. */
size_t rangeset_find(const struct rangeset *set, uint64_t pos);
/* All of @r; an empty one is contained in every set and overlaps none. */
bool rangeset_contains(const struct rangeset *set, struct byte_range r);
bool rangeset_overlaps(const struct rangeset *set, struct byte_range r);
bool rangeset_equal(const struct rangeset *a, const struct rangeset *b);
uint64_t rangeset_bytes(const struct rangeset *set);

#endif
