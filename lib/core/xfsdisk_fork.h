/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef PMEMRAS_XFSDISK_FORK_H
#define PMEMRAS_XFSDISK_FORK_H

/*
 * Where the forks of an inode lie: extents in the inode, or in a B+tree
 * below it (bmbt); or what is kept in the inode itself.
 *
 * Source: "XFS Algorithms & Data Structures" (xfs-documentation), chapters
 * "Data Extents", "Extent List", "B+tree Extent List", "Attribute Fork".
 */
#include "xfsdisk.h"

enum xfsdisk_fork {
	XFSDISK_FORK_DATA,
	XFSDISK_FORK_ATTR,
};

struct xfsdisk_fork_sink {
	/*
	 * An extent, in the words of the reverse map: owner is the inode, offset in the fork in
	 * bytes, FSMAP_ATTR_FORK and FSMAP_PREALLOC where they hold; a block of the bmbt comes
	 * with FSMAP_EXTENT_MAP, before the extents below it. Extents of a fork ascend by offset.
	 * What lies on a realtime device does not come. 0 continues, nonzero stops and comes back.
	 */
	int (*extent)(const struct fsmap_rec *extent, void *data);
	/*
	 * A block of the bmbt could not be used, or does not fit to the one above: of this part of the
	 * fork there may be more than comes as extents. Likewise; may be NULL.
	 */
	int (*lost)(struct byte_range part, void *data);
	void *data;
};

/**
 * xfsdisk_fork_walk() - all extents of a fork
 * @inode: all of it, checksum verified (xfsdisk_inode_bytes(), xfsdisk_inobt.h)
 * @ino:   its number
 *
 * Nothing comes of a fork that is not there, or is kept in the inode itself.
 *
 * Return: 0, what the sink returned; XFSDISK_E_DAMAGED: what the inode says of the fork is impossible, nothing
 * has been told; -ENOMEM, -errno of the source other than -EIO.
 */
int xfsdisk_fork_walk(const struct xfsdisk *disk, uint64_t ino, const uint8_t *inode,
		      enum xfsdisk_fork fork, const struct xfsdisk_fork_sink *sink);

/*
 * What a fork keeps in the inode itself (a short directory, target of a link, attributes): bytes in
 * @inode. False where it does not. They are as many as there is room for; what is in them says how many are meant.
 */
bool xfsdisk_fork_local(const struct xfsdisk *disk, const uint8_t *inode, enum xfsdisk_fork fork,
			const uint8_t **ret, uint32_t *ret_len);

#endif
