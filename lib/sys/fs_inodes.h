/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef PMEMRAS_FS_INODES_H
#define PMEMRAS_FS_INODES_H

/* Looking at inodes by number (XFS_IOC_BULKSTAT, XFS_IOC_INUMBERS; ioctl_xfs_bulkstat(2)). */
#include "findings.h"

struct fs_inodes_sink {
	/*
	 * One of the wanted inodes is in use; ascending. mode, size, gen, nlink and the flags
	 * DELETED, UNREADABLE, INTERNAL are set. 0 continues, nonzero stops and comes back.
	 */
	int (*inode)(const struct found_file *inode, void *data);
	/* Nobody can say whether this one is in use. Likewise. */
	int (*unreadable)(uint64_t ino, void *data);
	/* Now and then; may be NULL. Likewise. */
	int (*progress)(uint64_t done, uint64_t total, void *data);
	void *data;
};

/**
 * fs_inodes_look() - what the kernel knows of some inode numbers
 * @fd:   anything on the filesystem
 * @inos: ascending, unique
 *
 * A number that is not handed to @sink is not in use (any more). Return: 0, what the sink
 * returned, -EPERM without CAP_SYS_ADMIN, -EIO where the filesystem is shut down, -ENOMEM.
 */
int fs_inodes_look(int fd, const uint64_t *inos, size_t n, const struct fs_inodes_sink *sink);

#endif
