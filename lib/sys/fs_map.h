/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef PMEMRAS_FS_MAP_H
#define PMEMRAS_FS_MAP_H

/*
 * The kernel's maps between a device and its files, in bytes: the reverse map
 * (FS_IOC_GETFSMAP, ioctl_getfsmap(2)) and a file's extents (FS_IOC_FIEMAP).
 */
#include <sys/types.h>
#include "fsmap.h"
#include "rangeset.h"

/* A reverse-map query in progress; kept over several queries for its buffer. */
struct fs_map {
	int fd;		 /* anything on the filesystem; borrowed */
	uint32_t device; /* which of its devices, as the kernel encodes it */
	struct fsmap_head *head;
};

#define FS_MAP_NULL ((struct fs_map){-1, 0, NULL})

/* @device: the filesystem's data device, or its external log. 0, -ENOMEM. */
int fs_map_init(struct fs_map *map, int fd, dev_t device);
void fs_map_deinit(struct fs_map *map);

/**
 * fs_map_query() - every record that touches @window
 * @fn: 0 continues, nonzero stops and comes back. Records are whole extents that may begin before
 *      and end behind @window, and some do not touch it at all. In the order of the kernel: by
 *      first byte, owner, offset; none comes twice.
 *
 * Return: 0, what @fn returned, -errno of the ioctl: -EIO shut down or the map is unreadable,
 * -EOPNOTSUPP no such map, -EINVAL not a device of this filesystem.
 */
int fs_map_query(struct fs_map *map, struct byte_range window,
		 int (*fn)(const struct fsmap_rec *rec, void *data), void *data);

/* How many records touch @window; cheap, nothing is copied. 0, -errno of the ioctl. */
int fs_map_count(struct fs_map *map, struct byte_range window, uint64_t *ret);

/**
 * fs_map_file() - where a part of a file lies
 * @fd:    the file, open for reading
 * @range: part of the file, len 0: up to its end
 * @ret:   (initialised, replaced) bytes of the device; holes have none
 *
 * Flushes delayed allocations first. Return: 0, -ENOMEM, -EINVAL (@range wraps), -errno of the ioctl.
 */
int fs_map_file(int fd, struct byte_range range, struct rangeset *ret);

#endif
