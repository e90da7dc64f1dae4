/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef PMEMRAS_FS_BMAP_H
#define PMEMRAS_FS_BMAP_H

/* Where an inode of an XFS lies, asked by its number (XFS_IOC_GETBMAPX, ioctl_xfs_getbmapx(2)). */
#include <fcntl.h>
#include "fsmap.h"

enum fs_bmap_fork {
	FS_BMAP_DATA,
	FS_BMAP_ATTR,
	FS_BMAP_COW, /* staging for copy-on-write: comes as a special owner, as in the reverse map */
};

/* Room for one answer; kept over several questions. */
struct fs_bmap {
	int fs_fd; /* anything on the filesystem; borrowed */
	struct getbmapx *buffer;
};

#define FS_BMAP_OPEN (O_RDONLY | O_NOFOLLOW | O_NOCTTY) /* flags to open for it with */
#define FS_BMAP_NULL ((struct fs_bmap){-1, NULL})

int fs_bmap_init(struct fs_bmap *map, int fs_fd); /* 0, -ENOMEM */
void fs_bmap_deinit(struct fs_bmap *map);

/**
 * fs_bmap_walk() - the extents of a part of a fork
 * @fd:      from fs_file_open_any()
 * @ino:     its number, for the records
 * @part:    of the fork, bytes; len 0: all of it
 * @extents: about how many there are, as far as known: only a matter of speed
 * @fn:      records as the reverse map would have them, cut to @part; FSMAP_SHARED where the kernel says that
 *           somebody else is there too. Holes and delayed allocations do not come. 0 continues, nonzero stops
 *           and comes back.
 *
 * Nothing is flushed. Return: 0, what @fn returned, -errno of the ioctl.
 */
int fs_bmap_walk(const struct fs_bmap *map, int fd, uint64_t ino, enum fs_bmap_fork fork,
		 struct byte_range part, uint64_t extents,
		 int (*fn)(const struct fsmap_rec *rec, void *data), void *data);

#endif
