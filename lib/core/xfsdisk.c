/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The fixed places of an XFS. Nothing on the device is believed before its
 * checksum holds, and a checksum proves nothing about who wrote it: every
 * number is bounded by what it stands for before it is used, and nothing is
 * read beyond the filesystem or the device.
 *
 * Numbers on disk are big-endian, checksums little-endian and taken over the
 * whole sector, block or inode with their own bytes zero. A structure is named
 * here by the offsets of what is read of it, from the published description.
 */
#include <errno.h>
#include <string.h>
#include "crc32c.h"
#include "xfsdisk.h"

#define SB_MAGIC    0x58465342u /* "XFSB" */
#define AGF_MAGIC   0x58414746u /* "XAGF" */
#define INODE_MAGIC 0x494eu     /* "IN" */

#define AG_BLOCKS_MIN 64u

enum sb_at {
	SB_BLOCK_SIZE = 4,
	SB_DATA_BLOCKS = 8,
	SB_UUID = 32,
	SB_LOG_START = 48,
	SB_ROOT = 56,
	SB_REALTIME_BITMAP = 64,
	SB_REALTIME_SUMMARY = 72,
	SB_AG_BLOCKS = 84,
	SB_AG_COUNT = 88,
	SB_LOG_BLOCKS = 96,
	SB_VERSION = 100,
	SB_SECTOR_SIZE = 102,
	SB_INODE_SIZE = 104,
	SB_INODES_PER_BLOCK = 106,
	SB_AG_BLOCKS_LOG = 124,
	SB_IN_PROGRESS = 126,
	SB_USER_QUOTA = 160,
	SB_GROUP_QUOTA = 168,
	SB_DIR_BLOCK_LOG = 192,
	SB_RO_COMPAT = 212,
	SB_INCOMPAT = 216,
	SB_CRC = 224,
	SB_PROJECT_QUOTA = 232,
	SB_META_UUID = 248,
};

#define RO_COMPAT_FINOBT  0x1u
#define RO_COMPAT_RMAPBT  0x2u
#define RO_COMPAT_REFLINK 0x4u

#define INCOMPAT_FTYPE     0x1u
#define INCOMPAT_SPARSE    0x2u
#define INCOMPAT_META_UUID 0x4u
#define INCOMPAT_PARENT    0x80u

enum agf_at {
	AGF_FREE_ROOT = 16,
	AGF_SIZES_ROOT = 20,
	AGF_RMAP_ROOT = 24,
	AGF_FREE_LEVELS = 28,
	AGF_SIZES_LEVELS = 32,
	AGF_RMAP_LEVELS = 36,
	AGF_RESERVE_FIRST = 40,
	AGF_RESERVE_COUNT = 48,
	AGF_UUID = 64,
	AGF_REFCOUNT_ROOT = 88,
	AGF_REFCOUNT_LEVELS = 92,
	AGF_CRC = 216,
};

enum inode_at {
	INODE_MODE = 2,
	INODE_VERSION = 4,
	INODE_NLINK = 16,
	INODE_SIZE = 56,
	INODE_GEN = 92,
	INODE_CRC = 100,
	INODE_NUMBER = 152,
	INODE_UUID = 160,
};

uint16_t xfsdisk_u16(const uint8_t *at)
{
	return (uint16_t)(at[0] << 8 | at[1]);
}

uint32_t xfsdisk_u32(const uint8_t *at)
{
	return (uint32_t)xfsdisk_u16(at) << 16 | xfsdisk_u16(at + 2);
}

uint64_t xfsdisk_u64(const uint8_t *at)
{
	return (uint64_t)xfsdisk_u32(at) << 32 | xfsdisk_u32(at + 4);
}

bool xfsdisk_sum_holds(const uint8_t *buffer, uint32_t len, uint32_t crc_at)
{
	static const uint8_t blank[4];
	const uint8_t *is = buffer + crc_at;
	uint32_t crc;

	crc = crc32c(0, buffer, crc_at);
	crc = crc32c(crc, blank, sizeof(blank));
	crc = crc32c(crc, is + sizeof(blank), len - crc_at - sizeof(blank));
	return crc == (is[0] | is[1] << 8 | is[2] << 16 | (uint32_t)is[3] << 24);
}

int xfsdisk_read_plain(const struct xfsdisk *disk, uint64_t offset, uint32_t len, void *buffer)
{
	uint64_t end = fsgeom_bytes(&disk->geom);

	if (len > end || offset > end - len)
		return XFSDISK_E_DAMAGED;
	return disk->source.read(offset, buffer, len, disk->source.data);
}

int xfsdisk_read(const struct xfsdisk *disk, uint64_t offset, uint32_t len, uint32_t crc_at,
		 void *buffer)
{
	int r = xfsdisk_read_plain(disk, offset, len, buffer);

	if (r)
		return r;
	return xfsdisk_sum_holds(buffer, len, crc_at) ? 0 : XFSDISK_E_DAMAGED;
}

/* ---- superblock ---- */

static int take_geometry(const uint8_t *sb, struct fsgeom *ret)
{
	uint32_t ro_compat = xfsdisk_u32(sb + SB_RO_COMPAT);
	uint32_t incompat = xfsdisk_u32(sb + SB_INCOMPAT);
	uint64_t log_start = xfsdisk_u64(sb + SB_LOG_START);
	struct fsgeom geom = {
		.block_size = xfsdisk_u32(sb + SB_BLOCK_SIZE),
		.sector_size = xfsdisk_u16(sb + SB_SECTOR_SIZE),
		.inode_size = xfsdisk_u16(sb + SB_INODE_SIZE),
		.ag_blocks = xfsdisk_u32(sb + SB_AG_BLOCKS),
		.ag_count = xfsdisk_u32(sb + SB_AG_COUNT),
		.data_blocks = xfsdisk_u64(sb + SB_DATA_BLOCKS),
	};

	memcpy(geom.uuid, sb + SB_UUID, sizeof(geom.uuid));
	if (ro_compat & RO_COMPAT_RMAPBT)
		geom.features |= FSGEOM_RMAPBT;
	if (ro_compat & RO_COMPAT_REFLINK)
		geom.features |= FSGEOM_REFLINK;
	if (incompat & INCOMPAT_PARENT)
		geom.features |= FSGEOM_PARENT;
	if (incompat & INCOMPAT_SPARSE)
		geom.features |= FSGEOM_SPARSE_INODES;
	if (fsgeom_validate(&geom) || geom.ag_blocks < AG_BLOCKS_MIN ||
	    geom.ag_blocks > INT32_MAX || geom.inode_size < 512 ||
	    geom.inode_size > XFSDISK_INODE_MAX || sb[SB_IN_PROGRESS] ||
	    xfsdisk_u16(sb + SB_INODES_PER_BLOCK) != geom.block_size / geom.inode_size ||
	    sb[SB_AG_BLOCKS_LOG] != fsgeom_fsblock_bits(&geom))
		return XFSDISK_E_DAMAGED;
	if (log_start) {
		if (log_start >> sb[SB_AG_BLOCKS_LOG] >= geom.ag_count)
			return XFSDISK_E_DAMAGED;
		geom.log.start = fsgeom_fsblock_byte(&geom, log_start);
		geom.log.len = (uint64_t)xfsdisk_u32(sb + SB_LOG_BLOCKS) * geom.block_size;
		if (fsgeom_validate(&geom))
			return XFSDISK_E_DAMAGED;
	}

	*ret = geom;
	return 0;
}

int xfsdisk_open(const struct xfsdisk_source *source, struct xfsdisk *ret)
{
	static const uint16_t internal[XFSDISK_INTERNAL_INODES] = {
		SB_REALTIME_BITMAP, SB_REALTIME_SUMMARY, SB_USER_QUOTA,
		SB_GROUP_QUOTA,     SB_PROJECT_QUOTA,
	};
	struct xfsdisk disk = {.source = *source};
	uint8_t sb[XFSDISK_SECTOR_MAX];
	uint32_t sector;
	int r;

	if (source->size < SECTOR_SIZE)
		return XFSDISK_E_NOT_XFS;
	r = source->read(0, sb, SECTOR_SIZE, source->data);
	if (r)
		return r;
	if (xfsdisk_u32(sb) != SB_MAGIC)
		return XFSDISK_E_NOT_XFS;
	if ((xfsdisk_u16(sb + SB_VERSION) & 0xf) != 5)
		return XFSDISK_E_UNSUPPORTED;
	sector = xfsdisk_u16(sb + SB_SECTOR_SIZE);
	if (sector < SECTOR_SIZE || sector > XFSDISK_SECTOR_MAX || sector & (sector - 1) ||
	    sector > source->size)
		return XFSDISK_E_DAMAGED;
	if (sector > SECTOR_SIZE) {
		r = source->read(0, sb, sector, source->data);
		if (r)
			return r;
	}
	if (!xfsdisk_sum_holds(sb, sector, SB_CRC))
		return XFSDISK_E_DAMAGED;
	/* before anything else is believed: it may mean something else there */
	if (xfsdisk_u32(sb + SB_INCOMPAT) & ~XFSDISK_INCOMPAT_KNOWN)
		return XFSDISK_E_UNSUPPORTED;
	r = take_geometry(sb, &disk.geom);
	if (r)
		return r;
	if (fsgeom_bytes(&disk.geom) > source->size)
		return XFSDISK_E_DAMAGED;
	memcpy(disk.meta_uuid,
	       sb + (xfsdisk_u32(sb + SB_INCOMPAT) & INCOMPAT_META_UUID ? SB_META_UUID : SB_UUID),
	       sizeof(disk.meta_uuid));
	disk.root_ino = xfsdisk_u64(sb + SB_ROOT);
	if (sb[SB_DIR_BLOCK_LOG] > 7 ||
	    disk.geom.block_size << sb[SB_DIR_BLOCK_LOG] > XFSDISK_DIR_BLOCK_MAX)
		return XFSDISK_E_DAMAGED;
	disk.dir_block_size = disk.geom.block_size << sb[SB_DIR_BLOCK_LOG];
	disk.has_free_inodes = xfsdisk_u32(sb + SB_RO_COMPAT) & RO_COMPAT_FINOBT;
	disk.has_ftype = xfsdisk_u32(sb + SB_INCOMPAT) & INCOMPAT_FTYPE;
	for (size_t i = 0; i < XFSDISK_INTERNAL_INODES; i++)
		disk.internal[i] = xfsdisk_u64(sb + internal[i]);

	*ret = disk;
	return 0;
}

/* ---- allocation groups ---- */

enum ag_header_at {
	AG_VERSION = 4,
	AG_NUMBER = 8,
	AG_LENGTH = 12, /* blocks */
};

int xfsdisk_ag_header(const struct xfsdisk *disk, uint32_t agno, unsigned int index, uint32_t magic,
		      uint32_t uuid_at, uint32_t crc_at, uint8_t *buffer)
{
	const struct fsgeom *geom = &disk->geom;
	int r;

	if (geom->sector_size > XFSDISK_SECTOR_MAX)
		return XFSDISK_E_DAMAGED;
	r = xfsdisk_read(disk, fsgeom_ag_start(geom, agno) + (uint64_t)index * geom->sector_size,
			 geom->sector_size, crc_at, buffer);
	if (r)
		return r;
	if (xfsdisk_u32(buffer) != magic || xfsdisk_u32(buffer + AG_VERSION) != 1 ||
	    xfsdisk_u32(buffer + AG_NUMBER) != agno ||
	    xfsdisk_u32(buffer + AG_LENGTH) != fsgeom_ag_blocks(geom, agno) ||
	    memcmp(buffer + uuid_at, disk->meta_uuid, sizeof(disk->meta_uuid)) != 0)
		return XFSDISK_E_DAMAGED;
	return 0;
}

int xfsdisk_agf(const struct xfsdisk *disk, uint32_t agno, struct xfsdisk_agf *ret)
{
	uint8_t sector[XFSDISK_SECTOR_MAX];
	struct xfsdisk_agf agf = {
		.agno = agno,
		.blocks = fsgeom_ag_blocks(&disk->geom, agno),
	};
	int r;

	r = xfsdisk_ag_header(disk, agno, 1, AGF_MAGIC, AGF_UUID, AGF_CRC, sector);
	if (r)
		return r;
	agf.rmap_root = xfsdisk_u32(sector + AGF_RMAP_ROOT);
	agf.rmap_levels = xfsdisk_u32(sector + AGF_RMAP_LEVELS);
	agf.free_root = xfsdisk_u32(sector + AGF_FREE_ROOT);
	agf.free_levels = xfsdisk_u32(sector + AGF_FREE_LEVELS);
	agf.sizes_root = xfsdisk_u32(sector + AGF_SIZES_ROOT);
	agf.sizes_levels = xfsdisk_u32(sector + AGF_SIZES_LEVELS);
	agf.refcount_root = xfsdisk_u32(sector + AGF_REFCOUNT_ROOT);
	agf.refcount_levels = xfsdisk_u32(sector + AGF_REFCOUNT_LEVELS);
	agf.reserve_first = xfsdisk_u32(sector + AGF_RESERVE_FIRST);
	agf.reserve_count = xfsdisk_u32(sector + AGF_RESERVE_COUNT);
	if (disk->geom.features & FSGEOM_RMAPBT &&
	    (agf.rmap_root >= agf.blocks || !agf.rmap_levels || agf.rmap_levels > XFSDISK_LEVELS))
		return XFSDISK_E_DAMAGED;

	*ret = agf;
	return 0;
}

enum btree_at {
	BTREE_LEVEL = 4,
	BTREE_PLACE = 16, /* on the device, in 512-byte units */
	BTREE_UUID = 32,
	BTREE_OWNER = 48, /* number of the AG */
};

bool xfsdisk_btree_is(const struct xfsdisk *disk, const uint8_t *block, uint32_t magic,
		      unsigned int level, uint32_t agno, uint32_t number)
{
	const struct fsgeom *geom = &disk->geom;
	uint64_t byte = fsgeom_ag_start(geom, agno) + (uint64_t)number * geom->block_size;

	return xfsdisk_u32(block) == magic && xfsdisk_u16(block + BTREE_LEVEL) == level &&
	       xfsdisk_u64(block + BTREE_PLACE) == byte / 512 &&
	       xfsdisk_u32(block + BTREE_OWNER) == agno &&
	       !memcmp(block + BTREE_UUID, disk->meta_uuid, sizeof(disk->meta_uuid));
}

/* ---- inodes ---- */

int xfsdisk_inode_check(const struct xfsdisk *disk, uint64_t ino, const uint8_t *inode,
			struct found_file *ret)
{
	struct found_file file = {.ino = ino};

	if (xfsdisk_u16(inode) != INODE_MAGIC || inode[INODE_VERSION] != 3 ||
	    xfsdisk_u64(inode + INODE_NUMBER) != ino ||
	    memcmp(inode + INODE_UUID, disk->meta_uuid, sizeof(disk->meta_uuid)) != 0 ||
	    !xfsdisk_sum_holds(inode, disk->geom.inode_size, INODE_CRC))
		return XFSDISK_E_DAMAGED;
	file.mode = xfsdisk_u16(inode + INODE_MODE);
	if (!file.mode)
		return XFSDISK_E_UNUSED;
	file.nlink = xfsdisk_u32(inode + INODE_NLINK);
	file.size = xfsdisk_u64(inode + INODE_SIZE);
	file.gen = xfsdisk_u32(inode + INODE_GEN);
	if (file.size > INT64_MAX)
		return XFSDISK_E_DAMAGED;
	for (size_t i = 0; i < XFSDISK_INTERNAL_INODES; i++)
		if (ino && disk->internal[i] == ino)
			file.flags |= FOUND_FILE_INTERNAL;

	*ret = file;
	return 0;
}

int xfsdisk_inode_bytes(const struct xfsdisk *disk, uint64_t ino, uint8_t *buffer,
			struct found_file *ret)
{
	uint64_t at;
	int r;

	if (!fsgeom_inode_byte(&disk->geom, ino, &at))
		return XFSDISK_E_DAMAGED;
	r = xfsdisk_read_plain(disk, at, disk->geom.inode_size, buffer);
	return r ? r : xfsdisk_inode_check(disk, ino, buffer, ret);
}

int xfsdisk_inode(const struct xfsdisk *disk, uint64_t ino, struct found_file *ret)
{
	uint8_t inode[XFSDISK_INODE_MAX];

	return xfsdisk_inode_bytes(disk, ino, inode, ret);
}
