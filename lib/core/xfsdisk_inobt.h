/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef PMEMRAS_XFSDISK_INOBT_H
#define PMEMRAS_XFSDISK_INOBT_H

/*
 * Which inodes an allocation group has, read off the device, and all of those.
 *
 * Source: "XFS Algorithms & Data Structures" (xfs-documentation), chapters
 * "AG Inode Management", "Inode B+trees", "Sparse Inodes".
 */
#include "xfsdisk.h"

#define XFSDISK_CHUNK_INODES 64u

/* A record of the inode map: bit i speaks of inode number first + i. */
struct xfsdisk_chunk {
	uint64_t first; /* inode number */
	uint64_t there; /* has a place on the device: the others are holes of a sparse chunk */
	uint64_t used;  /* in use; never more than there */
};

struct xfsdisk_inobt_sink {
	/* Ascending. 0 continues, nonzero stops and comes back. */
	int (*chunk)(const struct xfsdisk_chunk *chunk, void *data);
	/*
	 * A block of the map could not be used, or does not fit to the one above: among these inode
	 * numbers there may be more than come as chunks. Likewise; may be NULL.
	 */
	int (*lost)(uint64_t first, uint64_t count, void *data);
	void *data;
	/*
	 * A block of the map, or of the one of free inodes: before it is read, and also where it cannot be.
	 * Likewise; may be NULL.
	 */
	int (*block)(uint32_t ag_block, void *data);
};

/*
 * Return: 0, what the sink returned; XFSDISK_E_DAMAGED, -EIO: the group's header cannot be used, so that of
 * this group nothing can be told; -ENOMEM, -errno of the source other than -EIO.
 */
int xfsdisk_inobt_walk(const struct xfsdisk *disk, uint32_t agno,
		       const struct xfsdisk_inobt_sink *sink);

struct xfsdisk_inode_sink {
	/*
	 * An inode that is in use by what it says itself, checksum verified. Ascending. @bytes is all of it
	 * (for xfsdisk_fork.h), valid until the call returns. @mapped: the map says so too; they may be of
	 * different times, as the log is not replayed. Likewise.
	 */
	int (*inode)(const struct found_file *inode, const uint8_t *bytes, bool mapped, void *data);
	/*
	 * In use by the map, but it cannot be read or is damaged (@count 1), or of these numbers
	 * nobody knows (see above). Likewise; may be NULL.
	 */
	int (*lost)(uint64_t first, uint64_t count, void *data);
	void *data;
	/* As above, each chunk before its inodes; may be NULL. */
	int (*chunk)(const struct xfsdisk_chunk *chunk, void *data);
	int (*block)(uint32_t ag_block, void *data);
};

/* All inodes of a group, read in whole chunks. Return: likewise. */
int xfsdisk_inobt_inodes(const struct xfsdisk *disk, uint32_t agno,
			 const struct xfsdisk_inode_sink *sink);

#endif
