/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef PMEMRAS_XFSDISK_BTREE_H
#define PMEMRAS_XFSDISK_BTREE_H

/*
 * The B+trees of an allocation group whose keys do not overlap: free space (twice), inodes
 * (twice), reference counts. Reverse map: xfsdisk_rmap.h.
 *
 * Source: "XFS Algorithms & Data Structures" (xfs-documentation), chapters "AG Free
 * Space Management", "AG Inode Management", "Reference Count B+tree".
 */
#include "xfsdisk.h"

enum xfsdisk_tree {
	XFSDISK_TREE_FREE,        /* free space by place: u32 first AG block, u32 blocks */
	XFSDISK_TREE_FREE_SIZES,  /* the same by size */
	XFSDISK_TREE_INODES,      /* chunks of inodes: xfsdisk_inobt.h knows what is in them */
	XFSDISK_TREE_FREE_INODES, /* of these, those with a free inode */
	XFSDISK_TREE_REFCOUNT, /* u32 first AG block (XFSDISK_COW_BIT: staging), u32 blocks, u32 owners */
};

#define XFSDISK_COW_BIT 0x80000000u

struct xfsdisk_btree_sink {
	/*
	 * A block of the tree itself, by the word of the one above or of the header: told before it is read,
	 * and also where it cannot be. 0 continues, nonzero stops and comes back. May be NULL.
	 */
	int (*block)(uint32_t ag_block, void *data);
	/* Ascending by key. Likewise. */
	int (*record)(const uint8_t *record, void *data);
	/* Can there be such a record? A block with one that is impossible is lost as a whole. May be NULL. */
	bool (*sound)(const uint8_t *record, void *data);
	/*
	 * A block could not be used, or does not fit to the one above: there may be more records whose
	 * keys are at least @first and below @end. As block(), but never NULL.
	 */
	int (*lost)(uint64_t first, uint64_t end, void *data);
	void *data;
};

/**
 * xfsdisk_btree_walk() - all of a tree
 * @root: AG block, as its header says, unverified; so @levels
 *
 * Return: 0, what the sink returned, -ENOMEM, -errno of the source other than -EIO.
 */
int xfsdisk_btree_walk(const struct xfsdisk *disk, uint32_t agno, enum xfsdisk_tree tree,
		       uint32_t root, uint32_t levels, const struct xfsdisk_btree_sink *sink);

#endif
