/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef PMEMRAS_FSQUERY_H
#define PMEMRAS_FSQUERY_H

/*
 * How to ask the reverse map about many ranges: one query each, bridging
 * small gaps, or one sweep. Asking costs about as much as reading 15 records
 * on a reflink filesystem, 70 without reflink (measured, Linux 6.18); a gap is
 * bridged while it is expected to hold fewer records than that. A sweep is
 * what remains when every gap is bridged.
 */
#include "fsgeom.h"
#include "rangeset.h"

struct fsquery_density {
	uint64_t records; /* in so many bytes: of the whole device (inodes in use, roughly), or of a sample */
	uint64_t bytes;	  /* at least 1 */
};

/* The denser of the two. */
struct fsquery_density fsquery_denser(struct fsquery_density a, struct fsquery_density b);

/*
 * Gaps whose records are worth counting before planning: few files may have many extents, which
 * the number of inodes does not show. @ret replaced by up to 16 pieces of at most 1 MiB
 * between @bad ranges, spread over all of them; empty where there are too few to matter. -ENOMEM.
 */
int fsquery_samples(const struct rangeset *bad, struct rangeset *ret);

/* @ret replaced by what to query, whole filesystem blocks, clipped to the data device. -ENOMEM. */
int fsquery_plan(const struct rangeset *bad, const struct fsgeom *geom,
		 const struct fsquery_density *density, struct rangeset *ret);

#endif
