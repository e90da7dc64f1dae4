/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef PMEMRAS_LOCATOR_H
#define PMEMRAS_LOCATOR_H

/*
 * From reverse-map records and inode facts to findings: a pure function that
 * is fed piece by piece, so that a million records need not be held twice.
 *
 * Order of calls: init, add_record* (any order), wanted, add_inode*, add_path*
 * and add_holder*, finish. Who calls is lib/sys/capture (facts from the
 * kernel) or a replayed recording.
 */
#include "findings.h"

struct locator {
	struct findings *findings; /* under construction */
	struct rangeset bad;	   /* what was asked, whole sectors, on the device */
	struct rangeset seen;	   /* what records covered */
	uint64_t *wanted;	   /* inode numbers, sorted, unique; from locator_wanted() */
	size_t n_wanted;
};

#define LOCATOR_NULL ((struct locator){0})

/* @geom may be NULL (not XFS): then only finish follows and everything is UNKNOWN. -errno. */
int locator_init(struct locator *l, const struct rangeset *bad, const struct fsgeom *geom);
void locator_deinit(struct locator *l);

/*
 * Record outside the bad ranges: ignored (continuation returns such). A record
 * that spans several bad ranges gives a finding for each. Return 0, -ENOMEM.
 */
int locator_add_record(struct locator *l, const struct fsmap_rec *rec);

/*
 * Sorts out which inodes need to be looked at: owners of file kinds, and every
 * number in a bad inode cluster. @ret stays owned by the locator.
 */
int locator_wanted(struct locator *l, const uint64_t **ret, size_t *ret_n);

/* What a look at a wanted inode told; a wanted inode never added counts as vanished. Ascending ino. */
int locator_add_inode(struct locator *l, const struct found_file *inode);

/*
 * Ends it: kinds made exact (directory, symlink, AG header), ends of files
 * split off, uncovered bytes become UNKNOWN, findings sorted by offset, then
 * inode, then kind; reasons UNKNOWN_OWNER / CHANGED / PATHS_OUTSIDE set from what was seen.
 * @ret: the caller owns the findings.
 */
int locator_finish(struct locator *l, struct findings **ret);

#endif
