/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Arithmetic on half-open byte ranges. Everything saturates or refuses, so
 * that no caller can be made to wrap by a hostile number.
 */
#include <errno.h>
#include "range.h"

struct byte_range range_intersect(struct byte_range a, struct byte_range b)
{
	uint64_t start = a.start > b.start ? a.start : b.start;
	uint64_t end = range_end(a) < range_end(b) ? range_end(a) : range_end(b);

	if (start >= end)
		return (struct byte_range){start, 0};
	return (struct byte_range){start, end - start};
}

struct byte_range range_round_out(struct byte_range r, uint64_t granule)
{
	uint64_t mask = granule - 1;
	uint64_t start = r.start & ~mask;
	uint64_t end = range_end(r);

	if (!r.len)
		return (struct byte_range){start, 0};
	end = end > UINT64_MAX - mask ? UINT64_MAX & ~mask : (end + mask) & ~mask;
	return (struct byte_range){start, end > start ? end - start : 0};
}

int range_make(uint64_t start, uint64_t len, struct byte_range *ret)
{
	if (len > UINT64_MAX - start)
		return -ERANGE;

	*ret = (struct byte_range){start, len};
	return 0;
}
