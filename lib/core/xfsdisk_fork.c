/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The forks of an inode.
 *
 * Behind the fixed part of an inode lies the data fork, and behind that, where forkoff says so, the
 * attribute fork. Each is local (kept right there), a list of extents, or the root of a
 * B+tree of extents.
 *
 * The invariants are those of the other trees (xfsdisk_rmap.c): the level says how deep a block lies,
 * siblings are not followed, keys of the blocks entered ascend at each level, each block names its
 * inode, and a block is checked as a whole before anything of it is handed on. So any bytes end the
 * walk, after no more blocks than the device has.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include "cleanup.h"
#include "xfsdisk_fork.h"

#define MAGIC 0x424d4133u /* "BMA3" */

enum inode_at {
	INODE_FORMAT = 5,
	INODE_MANY_EXTENTS = 24, /* 64 bits: with FLAG_NREXT64 */
	INODE_EXTENTS = 76,
	INODE_ATTR_EXTENTS = 80, /* 16 bits; with FLAG_NREXT64 32 bits at INODE_EXTENTS */
	INODE_FORKOFF = 82,      /* of the attribute fork, in 8 bytes; 0: none */
	INODE_ATTR_FORMAT = 83,
	INODE_FLAGS = 90,
	INODE_FLAGS2 = 120,
	INODE_FORKS = 176,
};

#define FLAG_REALTIME 0x1u
#define FLAG_NREXT64  (UINT64_C(1) << 4)

enum format {
	FORMAT_LOCAL = 1,
	FORMAT_EXTENTS = 2,
	FORMAT_BTREE = 3,
};

enum block_at {
	AT_LEVEL = 4,
	AT_COUNT = 6,
	AT_PLACE = 24, /* on the device, in 512-byte units */
	AT_UUID = 40,
	AT_OWNER = 56, /* inode number */
	AT_CRC = 64,
	HEADER = 72,
};

/* An extent: 1 bit unwritten, 54 offset, 52 block, 21 length. The root in an inode has a header of 4 bytes. */
#define EXTENT      16u
#define KEY         8u
#define POINTER     8u
#define ROOT_HEADER 4u
#define OFFSET_END  (UINT64_C(1) << 54)

struct fork {
	const uint8_t *bytes;
	uint32_t len;
	uint8_t format;
	uint64_t extents; /* FORMAT_EXTENTS: how many */
};

/* Blocks of the fork that a block of the tree may speak of. */
struct bound {
	uint64_t first, end;
};

struct walk {
	const struct xfsdisk *disk;
	const struct xfsdisk_fork_sink *sink;
	uint64_t ino;
	uint32_t flags;  /* of each record */
	uint8_t *blocks; /* one for each level */
	bool entered[XFSDISK_LEVELS];
	uint64_t last[XFSDISK_LEVELS]; /* first key of the block entered last */
};

static bool get_fork(const struct xfsdisk *disk, const uint8_t *inode, enum xfsdisk_fork which,
		     struct fork *ret)
{
	uint32_t room = disk->geom.inode_size - INODE_FORKS;
	uint32_t forkoff = inode[INODE_FORKOFF] * 8u;
	bool many = xfsdisk_u64(inode + INODE_FLAGS2) & FLAG_NREXT64;

	if (forkoff >= room)
		return false;
	if (which == XFSDISK_FORK_DATA)
		*ret = (struct fork){
			inode + INODE_FORKS,
			forkoff ? forkoff : room,
			inode[INODE_FORMAT],
			many ? xfsdisk_u64(inode + INODE_MANY_EXTENTS)
			     : xfsdisk_u32(inode + INODE_EXTENTS),
		};
	else
		*ret = (struct fork){
			inode + INODE_FORKS + forkoff,
			forkoff ? room - forkoff : 0,
			inode[INODE_ATTR_FORMAT],
			many ? xfsdisk_u32(inode + INODE_EXTENTS)
			     : xfsdisk_u16(inode + INODE_ATTR_EXTENTS),
		};
	return true;
}

bool xfsdisk_fork_local(const struct xfsdisk *disk, const uint8_t *inode, enum xfsdisk_fork which,
			const uint8_t **ret, uint32_t *ret_len)
{
	struct fork fork;

	if (!get_fork(disk, inode, which, &fork) || !fork.len || fork.format != FORMAT_LOCAL)
		return false;
	*ret = fork.bytes;
	*ret_len = fork.len;
	return true;
}

/* ---- extents ---- */

struct extent {
	uint64_t offset, block, count;
	bool unwritten;
};

static struct extent extent_at(const uint8_t *at)
{
	uint64_t a = xfsdisk_u64(at), b = xfsdisk_u64(at + 8);

	return (struct extent){
		.unwritten = a >> 63,
		.offset = a >> 9 & (OFFSET_END - 1),
		.block = (a & 0x1ff) << 43 | b >> 21,
		.count = b & 0x1fffff,
	};
}

/* @count filesystem blocks from number @block on lie in one AG. */
static bool lies_inside(const struct fsgeom *geom, uint64_t block, uint64_t count)
{
	unsigned int bits = fsgeom_fsblock_bits(geom);
	uint64_t agno = block >> bits, first = block & ((UINT64_C(1) << bits) - 1), room;

	if (agno >= geom->ag_count)
		return false;
	room = fsgeom_ag_blocks(geom, (uint32_t)agno);
	return count <= room && first <= room - count;
}

static bool extents_sound(const struct fsgeom *geom, const uint8_t *at, uint64_t n)
{
	uint64_t end = 0;

	for (uint64_t i = 0; i < n; i++, at += EXTENT) {
		struct extent e = extent_at(at);

		if (!e.count || e.offset < end || e.count > OFFSET_END - e.offset ||
		    !lies_inside(geom, e.block, e.count))
			return false;
		end = e.offset + e.count;
	}
	return true;
}

static int tell_extents(const struct walk *w, const uint8_t *at, uint64_t n)
{
	const struct fsgeom *geom = &w->disk->geom;

	for (uint64_t i = 0; i < n; i++, at += EXTENT) {
		struct extent e = extent_at(at);
		struct fsmap_rec rec = {
			{fsgeom_fsblock_byte(geom, e.block), e.count * geom->block_size},
			w->ino,
			e.offset * geom->block_size,
			w->flags | (e.unwritten ? FSMAP_PREALLOC : 0),
		};
		int r = w->sink->extent(&rec, w->sink->data);

		if (r)
			return r;
	}
	return 0;
}

static int tell_lost(const struct walk *w, const struct bound *bound)
{
	uint64_t most = UINT64_MAX / w->disk->geom.block_size;
	uint64_t end = bound->end < most ? bound->end : most;
	struct byte_range part;

	if (bound->first >= end || !w->sink->lost)
		return 0;
	part = (struct byte_range){bound->first * w->disk->geom.block_size,
				   (end - bound->first) * w->disk->geom.block_size};
	return w->sink->lost(part, w->sink->data);
}

/* ---- the tree ---- */

static uint64_t key_at(const uint8_t *block, unsigned int level, unsigned int i)
{
	const uint8_t *at = block + HEADER;

	return level ? xfsdisk_u64(at + (size_t)i * KEY)
		     : extent_at(at + (size_t)i * EXTENT).offset;
}

static bool keys_sound(const uint8_t *at, unsigned int n)
{
	for (unsigned int i = 0; i < n; i++)
		if (xfsdisk_u64(at + (size_t)i * KEY) >= OFFSET_END ||
		    (i &&
		     xfsdisk_u64(at + (size_t)i * KEY) <= xfsdisk_u64(at + (size_t)(i - 1) * KEY)))
			return false;
	return true;
}

static bool is_sound(const struct walk *w, const uint8_t *block, unsigned int level, uint64_t byte)
{
	const struct fsgeom *geom = &w->disk->geom;
	unsigned int n = xfsdisk_u16(block + AT_COUNT);

	if (xfsdisk_u32(block) != MAGIC || xfsdisk_u16(block + AT_LEVEL) != level || !n ||
	    n > (geom->block_size - HEADER) / (level ? KEY + POINTER : EXTENT) ||
	    xfsdisk_u64(block + AT_PLACE) != byte / 512 ||
	    xfsdisk_u64(block + AT_OWNER) != w->ino ||
	    memcmp(block + AT_UUID, w->disk->meta_uuid, sizeof(w->disk->meta_uuid)) != 0)
		return false;
	return level ? keys_sound(block + HEADER, n) : extents_sound(geom, block + HEADER, n);
}

/* 0, 1 it cannot be used, -errno */
static int load(struct walk *w, unsigned int level, uint64_t number)
{
	const struct fsgeom *geom = &w->disk->geom;
	uint8_t *block = w->blocks + (size_t)level * geom->block_size;
	uint64_t byte, low;
	int r;

	if (!lies_inside(geom, number, 1))
		return 1;
	byte = fsgeom_fsblock_byte(geom, number);
	r = xfsdisk_read(w->disk, byte, geom->block_size, AT_CRC, block);
	if (r)
		return r == -EIO || r == XFSDISK_E_DAMAGED ? 1 : r;
	if (!is_sound(w, block, level, byte))
		return 1;
	low = key_at(block, level, 0);
	if (w->entered[level] && low <= w->last[level])
		return 1;
	w->entered[level] = true;
	w->last[level] = low;
	return 0;
}

static int enter(struct walk *w, unsigned int level, uint64_t number, const struct bound *bound);

/* @keys and @pointers of a node at @level; the root's lie in the inode. Recursion is bounded by @level. */
static int descend(struct walk *w, unsigned int level, const uint8_t *keys, const uint8_t *pointers,
		   unsigned int n, const struct bound *bound)
{
	for (unsigned int i = 0; i < n; i++) {
		struct bound below = {xfsdisk_u64(keys + (size_t)i * KEY), bound->end};
		int r;

		if (i + 1 < n)
			below.end = xfsdisk_u64(keys + (size_t)(i + 1) * KEY);
		r = enter(w, level - 1, xfsdisk_u64(pointers + (size_t)i * POINTER), &below);
		if (r)
			return r;
	}
	return 0;
}

static int enter(struct walk *w, unsigned int level, uint64_t number, const struct bound *bound)
{
	const struct fsgeom *geom = &w->disk->geom;
	const uint8_t *block = w->blocks + (size_t)level * geom->block_size;
	struct fsmap_rec rec = {.owner = w->ino, .flags = w->flags | FSMAP_EXTENT_MAP};
	unsigned int n, room = (geom->block_size - HEADER) / (KEY + POINTER);
	int r;

	if (lies_inside(geom, number,
			1)) { /* also one that cannot be read is what the inode says it is */
		rec.phys = (struct byte_range){fsgeom_fsblock_byte(geom, number), geom->block_size};
		r = w->sink->extent(&rec, w->sink->data);
		if (r)
			return r;
	}
	r = load(w, level, number);
	if (r < 0)
		return r;
	if (r)
		return tell_lost(w, bound);
	n = xfsdisk_u16(block + AT_COUNT);
	if (key_at(block, level, 0) != bound->first || key_at(block, level, n - 1) >= bound->end) {
		r = tell_lost(w, bound);
		if (r)
			return r;
	}
	if (!level)
		return tell_extents(w, block + HEADER, n);
	return descend(w, level, block + HEADER, block + HEADER + (size_t)room * KEY, n, bound);
}

static int walk_tree(struct walk *w, const struct fork *fork)
{
	const struct bound all = {0, OFFSET_END};
	CLEANUP(freep) uint8_t *blocks = NULL;
	unsigned int level, n, room;

	if (fork->len < ROOT_HEADER + KEY + POINTER)
		return XFSDISK_E_DAMAGED;
	level = xfsdisk_u16(fork->bytes);
	n = xfsdisk_u16(fork->bytes + 2);
	room = (fork->len - ROOT_HEADER) / (KEY + POINTER);
	if (!level || level > XFSDISK_LEVELS || !n || n > room ||
	    !keys_sound(fork->bytes + ROOT_HEADER, n))
		return XFSDISK_E_DAMAGED;
	blocks = w->blocks = calloc(level, w->disk->geom.block_size);
	if (!blocks)
		return -ENOMEM;
	return descend(w, level, fork->bytes + ROOT_HEADER,
		       fork->bytes + ROOT_HEADER + (size_t)room * KEY, n, &all);
}

int xfsdisk_fork_walk(const struct xfsdisk *disk, uint64_t ino, const uint8_t *inode,
		      enum xfsdisk_fork which, const struct xfsdisk_fork_sink *sink)
{
	struct walk w = {.disk = disk, .sink = sink, .ino = ino};
	struct fork fork;

	if (!get_fork(disk, inode, which, &fork))
		return XFSDISK_E_DAMAGED;
	if (which == XFSDISK_FORK_ATTR)
		w.flags = FSMAP_ATTR_FORK;
	else if (xfsdisk_u16(inode + INODE_FLAGS) & FLAG_REALTIME)
		return 0;
	switch (fork.format) {
	case FORMAT_EXTENTS:
		if (fork.extents > fork.len / EXTENT ||
		    !extents_sound(&disk->geom, fork.bytes, fork.extents))
			return XFSDISK_E_DAMAGED;
		return tell_extents(&w, fork.bytes, fork.extents);
	case FORMAT_BTREE: return walk_tree(&w, &fork);
	default: return 0;
	}
}
