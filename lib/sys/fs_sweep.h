/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef PMEMRAS_FS_SWEEP_H
#define PMEMRAS_FS_SWEEP_H

/*
 * Who owns space of an XFS that keeps no reverse map: all inodes are asked where they lie
 * (XFS_IOC_BULKSTAT, XFS_IOC_GETBMAPX), several allocation groups at once.
 */
#include "fsgeom.h"
#include "rangeset.h"

/* An extent that touches what is wanted, as the inode had it when it was asked. */
struct fs_claim {
	struct fsmap_rec rec; /* whole; FSMAP_SHARED is set where the kernel says so */
	uint32_t gen;
	bool link; /* of a symbolic link, as read off the device: it stays where it is for its life */
};

struct fs_claims {
	struct fs_claim *items;
	size_t n, allocated;
};

int fs_claims_add(struct fs_claims *claims, const struct fs_claim *claim); /* 0, -ENOMEM */

struct fs_sweep {
	int fd; /* anything on the filesystem; borrowed */
	const struct fsgeom *geom;
	const struct rangeset *wanted; /* device bytes; borrowed */
	int64_t changed_since; /* only inodes changed at or after (seconds); INT64_MIN: all */
	bool cow;              /* instead: what is staged for copy-on-write */
	uint64_t expected;     /* inodes, for progress; 0: not known */
	/* In the caller's thread, now and then; nonzero ends it and comes back. May be NULL. */
	int (*progress)(uint64_t done, uint64_t total, void *data);
	void *data;

	/* what it gives */
	struct fs_claims claims; /* in no order */
	uint64_t unreadable;     /* inodes that could not be asked, though they may have blocks */
};

/*
 * Return: 0 (also where some inodes could not be asked), what progress returned, -ENOMEM, -EPERM without
 * CAP_SYS_ADMIN and CAP_DAC_READ_SEARCH, -EIO where the filesystem is shut down, -errno of
 * starting a thread.
 */
int fs_sweep_run(struct fs_sweep *sweep);
void fs_sweep_deinit(struct fs_sweep *sweep); /* what it gave; usable with CLEANUP() */

#endif
