/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef PMEMRAS_XFSDISK_H
#define PMEMRAS_XFSDISK_H

/*
 * An XFS as it lies on its device, for when the kernel does not answer for it:
 * superblock, headers of allocation groups (AGs), inodes. Reverse map: xfsdisk_rmap.h; all
 * inodes of a group: xfsdisk_inobt.h; where what an inode holds lies: xfsdisk_fork.h;
 * names: xfsdisk_names.h.
 *
 * The log is not replayed: what was changed last may be missing.
 *
 * Only version 5 with what is known here. Whoever reads must not know more than
 * the superblock says ("incompatible" features); read-only compatible ones do not matter.
 *
 * Source: "XFS Algorithms & Data Structures" (xfs-documentation), chapters
 * "Allocation Groups", "Self Describing Metadata", "On-disk Inode".
 */
#include "findings.h"

/* Outcomes, besides -errno */
#define XFSDISK_E_NOT_XFS     1 /* no superblock of XFS there */
#define XFSDISK_E_UNSUPPORTED 2 /* version 4, or made with features not known here */
#define XFSDISK_E_DAMAGED     3 /* checksum, or what it says is impossible */
#define XFSDISK_E_UNUSED      4 /* no inode is in use there */

#define XFSDISK_INTERNAL_INODES 5
#define XFSDISK_DIR_BLOCK_MAX   65536u /* bytes */

/* The device. */
struct xfsdisk_source {
	/*
	 * All of [@offset, @offset + @len), which lies on the device, into @buffer. Return: 0; -EIO:
	 * these bytes cannot be read, others may; any other -errno ends what is being done and comes back.
	 */
	int (*read)(uint64_t offset, void *buffer, uint32_t len, void *data);
	void *data;
	uint64_t size; /* bytes */
};

struct xfsdisk {
	struct xfsdisk_source source;
	struct fsgeom geom;
	uint8_t meta_uuid[16];   /* that metadata blocks have */
	uint64_t root_ino;       /* as it says, unverified */
	uint32_t dir_block_size; /* bytes, at most XFSDISK_DIR_BLOCK_MAX */
	bool has_ftype;          /* entries of directories have the type of what they name */
	bool has_free_inodes;    /* there is a map of free inodes */
	uint64_t internal
		[XFSDISK_INTERNAL_INODES]; /* realtime bitmap and summary, quotas; 0 or all ones: none */
};

/*
 * What the free-space header of an AG (AGF) says of its trees: AG block of the root, levels. Those of the
 * reverse map, where there is one, are verified (levels 1 … XFSDISK_LEVELS), the others are not.
 */
struct xfsdisk_agf {
	uint32_t agno;
	uint32_t blocks; /* of the AG */
	uint32_t rmap_root, rmap_levels;
	uint32_t free_root, free_levels;
	uint32_t sizes_root, sizes_levels; /* free space by size */
	uint32_t refcount_root, refcount_levels;
	uint32_t reserve_first, reserve_count; /* in the list of blocks kept for the trees (AGFL) */
};

#define XFSDISK_LEVELS 9

/* Read and check the primary superblock. 0, XFSDISK_E_NOT_XFS, _UNSUPPORTED, _DAMAGED, -EIO, -errno. */
int xfsdisk_open(const struct xfsdisk_source *source, struct xfsdisk *ret);

/* 0, XFSDISK_E_DAMAGED, -EIO, -errno. @agno below ag_count. */
int xfsdisk_agf(const struct xfsdisk *disk, uint32_t agno, struct xfsdisk_agf *ret);

/**
 * xfsdisk_inode() - an inode by its number alone: its place follows from that
 * @ret: ino, mode, size, gen, nlink and FOUND_FILE_INTERNAL are set
 *
 * Return: 0; XFSDISK_E_UNUSED; XFSDISK_E_DAMAGED: also of a number that cannot be one; -EIO, -errno.
 */
int xfsdisk_inode(const struct xfsdisk *disk, uint64_t ino, struct found_file *ret);

/* ---- for those who read further ---- */

#define XFSDISK_INODE_MAX 2048u /* bytes */

/*
 * Likewise, and all of it: @buffer has room for XFSDISK_INODE_MAX; geom.inode_size of it are set on success.
 */
int xfsdisk_inode_bytes(const struct xfsdisk *disk, uint64_t ino, uint8_t *buffer,
			struct found_file *ret);
/* Of one that has been read already. 0, XFSDISK_E_UNUSED, _DAMAGED. */
int xfsdisk_inode_check(const struct xfsdisk *disk, uint64_t ino, const uint8_t *inode,
			struct found_file *ret);

/*
 * Read a block of metadata that has a checksum at @crc_at, and verify that. 0; XFSDISK_E_DAMAGED:
 * also what would reach beyond the filesystem; -EIO, -errno. @buffer is undefined on failure.
 */
int xfsdisk_read(const struct xfsdisk *disk, uint64_t offset, uint32_t len, uint32_t crc_at,
		 void *buffer);

/* Does the checksum at @crc_at of @len bytes hold? */
bool xfsdisk_sum_holds(const uint8_t *buffer, uint32_t len, uint32_t crc_at);

/* Unverified. As xfsdisk_read(). */
int xfsdisk_read_plain(const struct xfsdisk *disk, uint64_t offset, uint32_t len, void *buffer);

#define XFSDISK_SECTOR_MAX 32768u /* bytes */

/*
 * Read the header of an AG that is in its sector @index (1: AGF, 2: AGI), and check what the kinds have in
 * common. @buffer has room for XFSDISK_SECTOR_MAX. As xfsdisk_read().
 */
int xfsdisk_ag_header(const struct xfsdisk *disk, uint32_t agno, unsigned int index, uint32_t magic,
		      uint32_t uuid_at, uint32_t crc_at, uint8_t *buffer);

/* Blocks of the B+trees of an AG */
enum xfsdisk_btree_at {
	XFSDISK_BTREE_COUNT = 6, /* of records or entries, 16 bits */
	XFSDISK_BTREE_CRC = 52,
	XFSDISK_BTREE_HEADER = 56, /* records or entries are behind it */
};

/* Is @block what block @number of AG @agno must be: of that tree, at that level, of this filesystem? */
bool xfsdisk_btree_is(const struct xfsdisk *disk, const uint8_t *block, uint32_t magic,
		      unsigned int level, uint32_t agno, uint32_t number);

/*
 * Incompatible features that are known: types in directories, sparse inodes, a UUID of its own for metadata,
 * bigtime, nrext64, exchange of ranges, parent pointers.
 */
#define XFSDISK_INCOMPAT_KNOWN 0xefu

/* Big-endian numbers at any address. */
uint16_t xfsdisk_u16(const uint8_t *at);
uint32_t xfsdisk_u32(const uint8_t *at);
uint64_t xfsdisk_u64(const uint8_t *at);

#endif
