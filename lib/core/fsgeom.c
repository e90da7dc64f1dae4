/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The arithmetic of an XFS: an array of allocation groups (AGs) of ag_blocks
 * blocks each, the last possibly shorter.
 *
 * An inode number is packed from AG number, block in the AG, and index in the
 * block, each in as many bits as the largest needs. As ag_blocks need not be a
 * power of two, numbers have holes at the end of an AG; but within an AG they
 * ascend with the place on disk, so that the inode part of a number is simply
 * the byte in the AG divided by the inode size. Filesystem block numbers are
 * packed alike, from AG number and block in the AG.
 *
 * Source: "XFS Algorithms & Data Structures" (xfs-documentation), chapters
 * "Allocation Groups" and "Inode Numbers"; XFS_IOC_FSGEOMETRY in xfs_fs.h.
 */
#include <errno.h>
#include <stdio.h>
#include "fsgeom.h"

#define AG_HEADERS 4 /* superblock, AGF, AGI, AGFL: a sector each */

static bool is_power_of_two(uint64_t n)
{
	return n && !(n & (n - 1));
}

/* Bits that number @n things. */
static unsigned int bits_for(uint64_t n)
{
	return n > 1 ? 64 - (unsigned int)__builtin_clzll(n - 1) : 0;
}

static uint64_t ag_bytes(const struct fsgeom *geom)
{
	return (uint64_t)geom->ag_blocks * geom->block_size;
}

int fsgeom_validate(const struct fsgeom *geom)
{
	uint64_t bytes;

	if (!is_power_of_two(geom->block_size) || geom->block_size < 512 ||
	    geom->block_size > 65536)
		return -EINVAL;
	if (!is_power_of_two(geom->sector_size) || geom->sector_size < SECTOR_SIZE ||
	    geom->sector_size > geom->block_size)
		return -EINVAL;
	if (!is_power_of_two(geom->inode_size) || geom->inode_size < 256 ||
	    geom->inode_size > geom->block_size)
		return -EINVAL;
	if (!geom->ag_count || ag_bytes(geom) < (uint64_t)AG_HEADERS * geom->sector_size)
		return -EINVAL;
	if (geom->data_blocks > (uint64_t)geom->ag_count * geom->ag_blocks ||
	    geom->data_blocks <= (uint64_t)(geom->ag_count - 1) * geom->ag_blocks)
		return -EINVAL;
	if (__builtin_mul_overflow(geom->data_blocks, geom->block_size, &bytes) ||
	    bytes > INT64_MAX)
		return -EINVAL;
	if (bits_for(geom->ag_count) + bits_for(ag_bytes(geom) / geom->inode_size) > 63)
		return -EINVAL;
	if (geom->log.len > bytes || geom->log.start > bytes - geom->log.len)
		return -EINVAL;
	return 0;
}

uint64_t fsgeom_bytes(const struct fsgeom *geom)
{
	return geom->data_blocks * geom->block_size;
}

uint32_t fsgeom_agno(const struct fsgeom *geom, uint64_t byte)
{
	uint64_t agno = byte / ag_bytes(geom);

	return agno < geom->ag_count ? (uint32_t)agno : geom->ag_count - 1;
}

uint64_t fsgeom_ag_start(const struct fsgeom *geom, uint32_t agno)
{
	return agno * ag_bytes(geom);
}

uint32_t fsgeom_ag_blocks(const struct fsgeom *geom, uint32_t agno)
{
	uint64_t left = geom->data_blocks - (uint64_t)agno * geom->ag_blocks;

	return left < geom->ag_blocks ? (uint32_t)left : geom->ag_blocks;
}

struct byte_range fsgeom_ag_part(const struct fsgeom *geom, struct byte_range range)
{
	uint64_t left = ag_bytes(geom) - range.start % ag_bytes(geom);

	return (struct byte_range){range.start, left < range.len ? left : range.len};
}

enum fs_owner_kind fsgeom_header_kind(const struct fsgeom *geom, uint64_t byte, uint64_t *ret_end)
{
	static const enum fs_owner_kind kinds[AG_HEADERS] = {
		FS_OWNER_SUPERBLOCK,
		FS_OWNER_AGF,
		FS_OWNER_AGI,
		FS_OWNER_AGFL,
	};
	uint32_t agno = fsgeom_agno(geom, byte);
	uint64_t start = fsgeom_ag_start(geom, agno);
	uint64_t sector = (byte - start) / geom->sector_size;
	struct byte_range headers = {0, (uint64_t)AG_HEADERS * geom->sector_size};
	uint64_t padding_end = start + range_end(range_round_out(headers, geom->block_size));
	enum fs_owner_kind kind = FS_OWNER_FS;
	uint64_t end = fsgeom_bytes(geom);

	if (sector < AG_HEADERS) {
		kind = kinds[sector];
		end = start + (sector + 1) * geom->sector_size;
	} else if (byte < padding_end) {
		kind = FS_OWNER_AG_PADDING;
		end = padding_end;
	} else if (byte >= end) {
		end = UINT64_MAX;
	} else if (agno + 1 < geom->ag_count) {
		end = fsgeom_ag_start(geom, agno + 1);
	}

	if (ret_end)
		*ret_end = end;
	return kind;
}

unsigned int fsgeom_fsblock_bits(const struct fsgeom *geom)
{
	return bits_for(geom->ag_blocks);
}

uint64_t fsgeom_fsblock_byte(const struct fsgeom *geom, uint64_t fsblock)
{
	unsigned int bits = fsgeom_fsblock_bits(geom);
	uint64_t agno = fsblock >> bits;
	uint64_t block = fsblock & (((uint64_t)1 << bits) - 1);

	return agno * ag_bytes(geom) + block * geom->block_size;
}

/* Of an inode number, for its place in the AG. */
static unsigned int inode_bits(const struct fsgeom *geom)
{
	return fsgeom_fsblock_bits(geom) + bits_for(geom->block_size / geom->inode_size);
}

void fsgeom_inodes_at(const struct fsgeom *geom, struct byte_range phys, uint64_t *ret_first,
		      uint64_t *ret_count)
{
	uint32_t agno = fsgeom_agno(geom, phys.start);
	uint64_t start = fsgeom_ag_start(geom, agno);
	struct byte_range part = range_intersect(phys, (struct byte_range){start, ag_bytes(geom)});
	unsigned int bits = inode_bits(geom);
	uint64_t first, last;

	if (!part.len) {
		*ret_first = 0;
		*ret_count = 0;
		return;
	}

	first = (part.start - start) / geom->inode_size;
	last = (range_end(part) - 1 - start) / geom->inode_size;
	*ret_first = ((uint64_t)agno << bits) | first;
	*ret_count = last - first + 1;
}

bool fsgeom_inode_byte(const struct fsgeom *geom, uint64_t ino, uint64_t *ret)
{
	unsigned int bits = inode_bits(geom);
	uint64_t agno = ino >> bits, at = (ino & (((uint64_t)1 << bits) - 1)) * geom->inode_size;

	if (agno >= geom->ag_count || at >= ag_bytes(geom))
		return false;
	at += fsgeom_ag_start(geom, (uint32_t)agno);
	if (at >= fsgeom_bytes(geom))
		return false;
	*ret = at;
	return true;
}

void fsgeom_uuid_text(const uint8_t uuid[16], char buf[FSGEOM_UUID_TEXT])
{
	for (int i = 0; i < 16; i++) {
		if (i == 4 || i == 6 || i == 8 || i == 10)
			*buf++ = '-';
		buf += snprintf(buf, 3, "%02x", uuid[i]);
	}
}
