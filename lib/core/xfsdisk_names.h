/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef PMEMRAS_XFSDISK_NAMES_H
#define PMEMRAS_XFSDISK_NAMES_H

/* From inode numbers to names: one walk through all directories of an XFS, off its device. */
#include "xfsdisk.h"

#define XFSDISK_NAMES_DEPTH 2048u /* directories below each other; what lies deeper is lost */

struct xfsdisk_names_sink {
	bool (*wanted)(uint64_t ino, void *data);
	/*
	 * One name of a wanted inode, from the filesystem's root: "/a/b", "/" for the root itself; a file may
	 * have several. It is valid until the call returns. 0 continues, nonzero stops and comes back.
	 */
	int (*name)(uint64_t ino, const char *path, void *data);
	/* A directory, or a part of it, cannot be read: names are missing. Likewise. */
	int (*lost)(uint64_t ino, void *data);
	/* Now and then, with directories read and known so far. Likewise; may be NULL. */
	int (*progress)(uint64_t done, uint64_t known, void *data);
	void *data;
};

/* 0, what the sink returned, -ENOMEM, -errno of the source other than -EIO. */
int xfsdisk_names_walk(const struct xfsdisk *disk, const struct xfsdisk_names_sink *sink);

#endif
