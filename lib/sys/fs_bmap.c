/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The way round that the kernel always knows: from an inode to its blocks.
 *
 * Inodes are opened by handle (fs_file.h). The kernel copies an answer through a buffer of as many records as are asked for, so
 * few are asked for where few are expected.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include "cleanup.h"
#include "fs_bmap.h"
#include "xfs_compat.h"

#define RECORDS_A_CALL 1024u /* and one more, the question */

int fs_bmap_init(struct fs_bmap *map, int fs_fd)
{
	struct getbmapx *buffer = calloc(RECORDS_A_CALL + 1, sizeof(*buffer));

	if (!buffer)
		return -ENOMEM;
	*map = (struct fs_bmap){fs_fd, buffer};
	return 0;
}

void fs_bmap_deinit(struct fs_bmap *map)
{
	free(map->buffer);
	*map = FS_BMAP_NULL;
}

static struct fsmap_rec convert(const struct getbmapx *raw, uint64_t ino, enum fs_bmap_fork fork)
{
	struct fsmap_rec rec = {
		.phys = {(uint64_t)raw->bmv_block * 512, (uint64_t)raw->bmv_length * 512},
		.owner = ino,
		.offset = (uint64_t)raw->bmv_offset * 512,
	};

	if (fork == FS_BMAP_COW) {
		rec.owner = XFS_FMR_OWN_COW;
		rec.offset = 0;
		rec.flags = FSMAP_SPECIAL;
		return rec;
	}
	if (fork == FS_BMAP_ATTR)
		rec.flags |= FSMAP_ATTR_FORK;
	if (raw->bmv_oflags & BMV_OF_PREALLOC)
		rec.flags |= FSMAP_PREALLOC;
	if (raw->bmv_oflags & BMV_OF_SHARED)
		rec.flags |= FSMAP_SHARED;
	return rec;
}

int fs_bmap_walk(const struct fs_bmap *map, int fd, uint64_t ino, enum fs_bmap_fork fork,
		 struct byte_range part, uint64_t extents,
		 int (*fn)(const struct fsmap_rec *rec, void *data), void *data)
{
	static const int flags[] = {
		[FS_BMAP_DATA] = 0,
		[FS_BMAP_ATTR] = BMV_IF_ATTRFORK,
		[FS_BMAP_COW] = BMV_IF_COWFORK,
	};
	struct getbmapx *head = map->buffer;
	/* one for the question, one because an answer that fills the buffer is not known to be all */
	uint64_t count = extents < RECORDS_A_CALL ? extents + 2 : RECORDS_A_CALL + 1;

	memset(head, 0, sizeof(*head));
	head->bmv_offset = (int64_t)(part.start / 512);
	/* -1 would stop at the end of the file: what lies behind, and the index of a directory, would be left out */
	head->bmv_length = part.len ? (int64_t)((part.len + 511) / 512) : INT64_MAX / 512;
	/* without DELALLOC the file would be flushed */
	head->bmv_iflags = flags[fork] | BMV_IF_PREALLOC | BMV_IF_DELALLOC | BMV_IF_NO_HOLES;
	for (;;) {
		int64_t before = head->bmv_offset;

		head->bmv_count = (int32_t)(count < 2 ? 2 : count);
		head->bmv_entries = 0;
		if (ioctl(fd, XFS_IOC_GETBMAPX, head))
			return -errno;
		for (int32_t i = 1; i <= head->bmv_entries; i++) {
			const struct getbmapx *raw = &head[i];
			struct fsmap_rec rec;
			int r;

			if (raw->bmv_block < 0 || raw->bmv_length <= 0) /* -1 a hole, -2 delayed */
				continue;
			rec = convert(raw, ino, fork);
			r = fn(&rec, data);
			if (r)
				return r;
		}
		if (!head->bmv_entries || head->bmv_entries + 1 < head->bmv_count ||
		    head[head->bmv_entries].bmv_oflags & BMV_OF_LAST || !head->bmv_length)
			return 0;
		if (head->bmv_offset <= before)
			return -EIO; /* the kernel does not move on */
		count = RECORDS_A_CALL + 1;
	}
}
