/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef PMEMRAS_FS_CHUNKS_H
#define PMEMRAS_FS_CHUNKS_H

/* Where an XFS keeps its inodes (XFS_IOC_INUMBERS), for one without a reverse map. */
#include "fsgeom.h"
#include "rangeset.h"

/**
 * fs_chunks_find() - which of some blocks hold inodes
 * @fd:     anything on the filesystem
 * @wanted: device bytes, whole blocks
 * @ret:    (initialised, replaced) what of them is certain to be inodes
 *
 * Return: 0, -ENOMEM, -EPERM without CAP_SYS_ADMIN, -errno of the ioctl.
 */
int fs_chunks_find(int fd, const struct fsgeom *geom, const struct rangeset *wanted,
		   struct rangeset *ret);

#endif
