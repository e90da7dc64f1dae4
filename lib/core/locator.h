/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef PMEMRAS_LOCATOR_H
#define PMEMRAS_LOCATOR_H

/*
 * From reverse-map records and inode facts to findings: a pure function that
 * is fed piece by piece, so that a million records need not be held twice.
 *
 * Order of calls: init, add_record* (any order), wanted, add_inode* and
 * inodes_unreadable*, then paths and holders straight into l->findings
 * (findings_file_by_ino(), findings_add_path(), findings_add_holder(); the caller sets
 * FOUND_FILE_PATHS on the files it looked for), finish. Who calls is lib/sys/capture
 * (facts from the kernel) or a replayed recording.
 */
#include "findings.h"

/* Inode numbers, not bytes: a type of its own around the same set arithmetic. */
struct inode_set {
	struct rangeset numbers;
};

struct locator {
	struct findings *findings; /* under construction */
	struct rangeset bad;	   /* what was asked, whole sectors, on the device */
	bool listed;	     /* locator_wanted() was called */
	size_t cursor;	     /* index into bad: where the last record hit */
	uint64_t *wanted;    /* inode numbers, sorted, unique; from locator_wanted() */
	size_t n_wanted;
	size_t next;	     /* index into wanted: first that add_inode has not passed */
	uint8_t *owners;     /* a bit for each wanted: owns blocks; NULL: all do */
	struct inode_set clusters;   /* numbers in bad inode blocks */
	struct inode_set unreadable; /* numbers nobody could look at */
};

#define LOCATOR_NULL ((struct locator){0})

/*
 * @bad:  whole sectors, on the device
 * @geom: may be NULL (not XFS): then only finish follows and everything is UNKNOWN. Without records
 *        (shut down, no permission) it still tells AG headers and log apart.
 * Return: 0, -ENOMEM, -EINVAL (@geom makes no sense).
 */
int locator_init(struct locator *l, const struct rangeset *bad, const struct fsgeom *geom);
void locator_deinit(struct locator *l);

/* Begin anew with places known, keeping the ranges and the reasons. 0, -ENOMEM, -EINVAL. */
int locator_set_geometry(struct locator *l, const struct fsgeom *geom);

/*
 * What of @rec lies outside the bad ranges or @query is ignored (records are whole extents and
 * continuation returns ones outside); within, each bad range gets a finding.
 * @query: device bytes that were asked for. Queries do not overlap: an extent that
 *         reaches over several of them comes back from each and would count twice.
 * Return: 0, -ENOMEM, -EINVAL (@rec wraps).
 */
int locator_add_record(struct locator *l, struct byte_range query, const struct fsmap_rec *rec);

/*
 * A bad range of fixed metadata (FS) or one that nobody claims (UNKNOWN), told apart by place:
 * AG headers, log, behind the filesystem's end. For add_record and finish. -ENOMEM.
 */
int locator_add_by_place(struct locator *l, struct byte_range range, enum fs_owner_kind kind);

/*
 * Sorts out which inodes need to be looked at: owners of file kinds, and every
 * number in a bad inode cluster. Ascending; @ret stays owned by the locator. -ENOMEM.
 */
int locator_wanted(struct locator *l, const uint64_t **ret, size_t *ret_n);

/*
 * What a look at a wanted inode told. Ascending ino (else -EINVAL); unwanted ones are ignored.
 * One that is in use but cannot be looked at has FOUND_FILE_UNREADABLE (EIO from BULKSTAT, yet
 * INUMBERS says in use) or FOUND_FILE_INTERNAL. A wanted one never added counts as vanished
 * where it owns blocks, as not in use where it only lies in a lost inode block.
 */
int locator_add_inode(struct locator *l, const struct found_file *inode);

/*
 * Nobody can say whether these inode numbers are in use: wanted ones among them that are
 * not added are neither vanished nor unused. Any order, before or after add_inode. -ENOMEM.
 */
int locator_inodes_unreadable(struct locator *l, uint64_t first, uint64_t count);

/* All that can be known of inodes was added. Done by finish where the caller has not. -ENOMEM. */
int locator_end_inodes(struct locator *l);

/*
 * Ends it: kinds made exact (directory, symlink, AG header), ends of files
 * split off, uncovered bytes become UNKNOWN, findings sorted by offset, then
 * inode, then kind. Reasons set from what was seen: CHANGED, NO_PATHS, PATHS_OUTSIDE,
 * INODES_UNREADABLE, OUTSIDE_FS, and UNKNOWN_OWNER where no reason that the caller
 * added (findings_add_reason() on l->findings) explains what is unknown.
 * Where locator_wanted() was never called, nobody looked: then no inode counts as vanished or
 * unused, all of them as unreadable.
 * @ret: the caller owns the findings. 0, -ENOMEM.
 */
int locator_finish(struct locator *l, struct findings **ret);

#endif
