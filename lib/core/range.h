/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef PMEMRAS_RANGE_H
#define PMEMRAS_RANGE_H

/*
 * Half-open byte ranges [start, start + len). An address space is a type of
 * its own, so that the compiler refuses to mix them. A valid range never
 * wraps: start + len <= UINT64_MAX. An empty range has len 0.
 */
#include <stdbool.h>
#include <stdint.h>

#define SECTOR_SIZE 512u /* what badblocks lists count in, on every device */
#define PAGE_BYTES  4096u /* what memory_failure() counts in on the hardware pmemras knows */

/* Any address space: only rangeset and arithmetic use it bare. Bytes. */
struct byte_range {
	uint64_t start;
	uint64_t len;
};

static inline uint64_t range_end(struct byte_range r)
{
	return r.start + r.len;
}

static inline bool range_overlaps(struct byte_range a, struct byte_range b)
{
	return a.len && b.len && a.start < range_end(b) && b.start < range_end(a);
}

/* The common part of @a and @b; len 0 where there is none. */
struct byte_range range_intersect(struct byte_range a, struct byte_range b);

/*
 * @r widened to multiples of @granule (a power of two); the end saturates at
 * the last multiple of @granule below 2^64. An empty range stays empty.
 */
struct byte_range range_round_out(struct byte_range r, uint64_t granule);

/* 0, or -ERANGE where [start, start + len) would wrap. */
int range_make(uint64_t start, uint64_t len, struct byte_range *ret);

#endif
