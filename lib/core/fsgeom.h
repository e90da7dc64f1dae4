/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef PMEMRAS_FSGEOM_H
#define PMEMRAS_FSGEOM_H

/*
 * The geometry of an XFS (XFS_IOC_FSGEOMETRY, xfs_fs.h), by value, and the
 * arithmetic between device bytes, allocation groups and inode numbers.
 */
#include <stddef.h>
#include "fsmap.h"

#define FSGEOM_RMAPBT        0x1u
#define FSGEOM_REFLINK       0x2u
#define FSGEOM_PARENT        0x4u
#define FSGEOM_SPARSE_INODES 0x8u

struct fsgeom {
	uint32_t block_size;  /* bytes */
	uint32_t sector_size; /* bytes */
	uint32_t inode_size;  /* bytes */
	uint32_t ag_blocks;   /* filesystem blocks in an AG; the last may be shorter */
	uint32_t ag_count;
	uint64_t data_blocks; /* filesystem blocks of the data device */
	uint32_t features;    /* FSGEOM_* */
	struct byte_range
		log; /* internal log, bytes of the data device; len 0: external or not known */
	uint8_t uuid[16];
};

/* -EINVAL where a size is 0, not a power of two where it must be, or inconsistent */
int fsgeom_validate(const struct fsgeom *geom);
uint64_t fsgeom_bytes(const struct fsgeom *geom); /* of the data device */
/* of the AG that holds @byte; the last one for bytes behind the end */
uint32_t fsgeom_agno(const struct fsgeom *geom, uint64_t byte);
uint64_t fsgeom_ag_start(const struct fsgeom *geom, uint32_t agno); /* byte */
/* Filesystem blocks of an AG that there is: the last one may be shorter. */
uint32_t fsgeom_ag_blocks(const struct fsgeom *geom, uint32_t agno);
/* The beginning of @range, as far as it lies in one AG. */
struct byte_range fsgeom_ag_part(const struct fsgeom *geom, struct byte_range range);

/**
 * fsgeom_header_kind() - which AG header owns a byte of fixed metadata
 *
 * The first four sectors of an AG are superblock, AGF, AGI, AGFL; what their last
 * filesystem block holds behind them is padding.
 *
 * Return: FS_OWNER_SUPERBLOCK … FS_OWNER_AGFL, FS_OWNER_AG_PADDING, or FS_OWNER_FS beyond them.
 * @ret_end: (may be NULL) the first byte behind what the answer holds for.
 */
enum fs_owner_kind fsgeom_header_kind(const struct fsgeom *geom, uint64_t byte, uint64_t *ret_end);

#define FSGEOM_UUID_TEXT 37
/* As people and libblkid write it: lower case, in groups of 8, 4, 4, 4 and 12 digits. */
void fsgeom_uuid_text(const uint8_t uuid[16], char buf[FSGEOM_UUID_TEXT]);

/* Bits of a filesystem block number, from the lowest, that are the block in its AG. */
unsigned int fsgeom_fsblock_bits(const struct fsgeom *geom);
/* Byte of filesystem block number @fsblock (AG number and block in it, as XFS packs them). */
uint64_t fsgeom_fsblock_byte(const struct fsgeom *geom, uint64_t fsblock);

/*
 * Inode numbers whose on-disk inode overlaps @phys: [*ret_first, *ret_first + *ret_count).
 * Numbers are contiguous within an AG only: what of @phys lies in later ones is left out.
 */
void fsgeom_inodes_at(const struct fsgeom *geom, struct byte_range phys, uint64_t *ret_first,
		      uint64_t *ret_count);
/* The other way: the first byte of inode @ino. False where no inode can have that number. */
bool fsgeom_inode_byte(const struct fsgeom *geom, uint64_t ino, uint64_t *ret);

#endif
