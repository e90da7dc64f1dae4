/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef PMEMRAS_FS_XFS_H
#define PMEMRAS_FS_XFS_H

/*
 * A mounted XFS and what it says about itself (ioctl_xfs_fsgeometry(2)). A
 * descriptor pins the mount: whoever opens one closes it before returning to
 * the library's caller.
 */
#include <sys/types.h>
#include "fsgeom.h"
#include "fsquery.h"
#include "mounts.h"

/**
 * fs_xfs_open() - open a mounted XFS at one of its mount points
 * @devno:     device of the filesystem, as in st_dev
 * @ret_fd:    directory, or file where one alone is bind-mounted; the caller closes it
 * @ret_mount: which mount it is, one that shows the filesystem's root if possible; @mounts owns it
 *
 * What is opened has been verified to be of @devno.
 *
 * Return: 0; -ENOENT: no XFS is mounted from it; -EBUSY: something is mounted over each of its
 * mount points; -EIO: shut down; -EACCES: not permitted; another -errno of open(2).
 */
int fs_xfs_open(const struct mounts *mounts, dev_t devno, int *ret_fd,
		const struct mount **ret_mount);

/* At this mount point only; likewise. */
int fs_xfs_open_at(const struct mount *mount, int *ret_fd);

/* Return: 0, -EINVAL where the kernel's answer makes no sense, -errno of the ioctl. */
int fs_xfs_geometry(int fd, struct fsgeom *ret);

/* How many reverse-map records to expect where (fsquery.h). -errno of the ioctl. */
int fs_xfs_density(int fd, const struct fsgeom *geom, struct fsquery_density *ret);

int fs_xfs_inodes_in_use(int fd, uint64_t *ret); /* -errno of the ioctl */

/*
 * The kernel answers EIO for a filesystem that is shut down, and for metadata it cannot read.
 * Opening a directory reads nothing and fails in the former case only.
 */
bool fs_xfs_is_shut_down(int fd);

/*
 * May the owners be seen? GETFSMAP wants CAP_SYS_ADMIN in the initial user namespace and else calls
 * every owner unknown, silently; BULKSTAT and GETPARENTS fail.
 */
bool fs_xfs_permitted(void);

#endif
