/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef PMEMRAS_FS_BLOCK_H
#define PMEMRAS_FS_BLOCK_H

/* Single blocks of a mounted XFS with reflink: where they are, who has them, and giving one to another file. */
#include <sys/types.h>
#include "fsmap.h"

/* Part of a file that lies in one block. */
struct fs_block {
	int fd;
	uint64_t offset; /* bytes, multiple of the block size */
	uint32_t len;    /* at most a block; less: to the end of the file */
};

/**
 * fs_block_where() - where on the device it is
 *
 * Dirty pages are written first. Return: 0; -ENODATA: a hole, or it is in several places; -errno of the map.
 */
int fs_block_where(struct fs_block block, uint64_t *ret_byte);

/**
 * fs_block_clone() - @to shares @from's block from now on, whatever it had there
 *
 * Reads neither. Both are of the same length, and @to's ends where the block or its file does: it
 * does not grow. Return: 0, -errno of FICLONERANGE.
 */
int fs_block_clone(struct fs_block from, struct fs_block to);

/**
 * fs_block_owners() - everybody who has the block at @page
 * @devno: of the filesystem's data device
 * @fn:    0 continues, nonzero stops and comes back. Records are clamped to the block.
 *
 * Return: 0, what @fn returned, as fs_map_query().
 */
int fs_block_owners(int fs_fd, dev_t devno, struct byte_range page,
		    int (*fn)(const struct fsmap_rec *rec, void *data), void *data);

/* Is the file mapped straight onto the medium (statx(2), STATX_ATTR_DAX)? -errno. */
int fs_block_is_dax(int fd, bool *ret);

#endif
