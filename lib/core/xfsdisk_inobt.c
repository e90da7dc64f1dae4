/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The chunks of inodes that an allocation group has, and the inodes in them.
 *
 * The log is not replayed: a block of the map that does not fit to its parent is used, and what either
 * of them speaks of counts as lost too.
 *
 * Chunks are read whole where they can be; where a read fails, inode by inode, so
 * that a bad sector costs one inode and not 64.
 */
#include <errno.h>
#include <stdlib.h>
#include "cleanup.h"
#include "xfsdisk_btree.h"
#include "xfsdisk_inobt.h"

#define AGI_MAGIC 0x58414749u /* "XAGI" */

enum agi_at {
	AGI_ROOT = 20,
	AGI_LEVELS = 24,
	AGI_UUID = 296,
	AGI_CRC = 312,
	AGI_FREE_ROOT = 328,
	AGI_FREE_LEVELS = 332,
};

/* A bit for each of these in the mask of holes. */
#define HOLE_INODES 4u

struct walk {
	const struct xfsdisk *disk;
	const struct xfsdisk_inobt_sink *sink;
	uint64_t inodes; /* numbers that the group has room for */
	uint64_t base;   /* inode number of its first byte */
};

/* A record: first inode (in the AG), mask of holes (sparse only), counts, mask of free ones. */
static struct xfsdisk_chunk chunk_at(const struct walk *w, const uint8_t *at)
{
	struct xfsdisk_chunk chunk = {w->base + xfsdisk_u32(at), UINT64_MAX, 0};
	uint16_t holes = w->disk->geom.features & FSGEOM_SPARSE_INODES ? xfsdisk_u16(at + 4) : 0;

	for (unsigned int i = 0; i < 16; i++)
		if (holes >> i & 1)
			chunk.there &= ~(UINT64_C(0xf) << i * HOLE_INODES);
	chunk.used = chunk.there & ~xfsdisk_u64(at + 8);
	return chunk;
}

/* The last inode of a chunk that has a place lies in the AG; a hole may lie behind its end. */
static bool lies_inside(const uint8_t *record, void *data)
{
	const struct walk *w = data;
	struct xfsdisk_chunk chunk = chunk_at(w, record);
	uint64_t first = xfsdisk_u32(record);

	return chunk.there && first + 64u - (unsigned int)__builtin_clzll(chunk.there) <= w->inodes;
}

static int tell_chunk(const uint8_t *record, void *data)
{
	const struct walk *w = data;
	struct xfsdisk_chunk chunk = chunk_at(w, record);

	return w->sink->chunk(&chunk, w->sink->data);
}

static int tell_lost(uint64_t first, uint64_t end, void *data)
{
	const struct walk *w = data;

	if (end > w->inodes)
		end = w->inodes;
	if (first >= end || !w->sink->lost)
		return 0;
	return w->sink->lost(w->base + first, end - first, w->sink->data);
}

static int tell_block(uint32_t ag_block, void *data)
{
	const struct walk *w = data;

	return w->sink->block(ag_block, w->sink->data);
}

/* Of the map of free inodes nothing but its blocks is of interest, and that some may be missing. */
static int walk_free(const struct walk *w, uint32_t agno, const uint8_t *agi)
{
	const struct xfsdisk_btree_sink sink = {
		.block = tell_block,
		.lost = tell_lost,
		.data = (void *)w,
	};

	if (!w->sink->block || !w->disk->has_free_inodes)
		return 0;
	return xfsdisk_btree_walk(w->disk, agno, XFSDISK_TREE_FREE_INODES,
				  xfsdisk_u32(agi + AGI_FREE_ROOT),
				  xfsdisk_u32(agi + AGI_FREE_LEVELS), &sink);
}

int xfsdisk_inobt_walk(const struct xfsdisk *disk, uint32_t agno,
		       const struct xfsdisk_inobt_sink *sink)
{
	struct walk w = {.disk = disk, .sink = sink};
	const struct xfsdisk_btree_sink inodes = {
		.block = sink->block ? tell_block : NULL,
		.record = tell_chunk,
		.sound = lies_inside,
		.lost = tell_lost,
		.data = &w,
	};
	struct byte_range group = {
		fsgeom_ag_start(&disk->geom, agno),
		(uint64_t)fsgeom_ag_blocks(&disk->geom, agno) * disk->geom.block_size,
	};
	uint8_t agi[XFSDISK_SECTOR_MAX];
	uint32_t levels;
	int r;

	fsgeom_inodes_at(&disk->geom, group, &w.base, &w.inodes);
	r = xfsdisk_ag_header(disk, agno, 2, AGI_MAGIC, AGI_UUID, AGI_CRC, agi);
	if (r)
		return r;
	levels = xfsdisk_u32(agi + AGI_LEVELS);
	if (!levels || levels > XFSDISK_LEVELS)
		return XFSDISK_E_DAMAGED;
	r = walk_free(&w, agno, agi);
	return r ? r
		 : xfsdisk_btree_walk(disk, agno, XFSDISK_TREE_INODES, xfsdisk_u32(agi + AGI_ROOT),
				      levels, &inodes);
}

/* ---- the inodes ---- */

struct reading {
	const struct xfsdisk *disk;
	const struct xfsdisk_inode_sink *sink;
	uint8_t *buffer;  /* of run inodes */
	unsigned int run; /* inodes in one read, a power of two */
};

static int tell_inode(struct reading *g, uint64_t ino, const uint8_t *bytes, bool mapped)
{
	struct found_file file;
	int r = xfsdisk_inode_check(g->disk, ino, bytes, &file);

	if (!r)
		return g->sink->inode(&file, bytes, mapped, g->sink->data);
	return mapped && r != XFSDISK_E_UNUSED && g->sink->lost
		       ? g->sink->lost(ino, 1, g->sink->data)
		       : 0;
}

/* One after the other, after the read of all of them has failed. */
static int read_singly(struct reading *g, uint64_t first, unsigned int n, uint64_t used)
{
	uint32_t size = g->disk->geom.inode_size;

	for (unsigned int i = 0; i < n; i++) {
		uint64_t at = 0;
		int r = XFSDISK_E_DAMAGED;

		if (fsgeom_inode_byte(&g->disk->geom, first + i, &at))
			r = xfsdisk_read_plain(g->disk, at, size, g->buffer);
		if (!r)
			r = tell_inode(g, first + i, g->buffer, used >> i & 1);
		else if (r == -EIO || r == XFSDISK_E_DAMAGED)
			r = used >> i & 1 && g->sink->lost
				    ? g->sink->lost(first + i, 1, g->sink->data)
				    : 0;
		if (r)
			return r;
	}
	return 0;
}

/* Those from @first on that lie next to each other. */
static int read_run(struct reading *g, uint64_t first, unsigned int n, uint64_t used)
{
	uint32_t size = g->disk->geom.inode_size;
	uint64_t at = 0;
	int r = -EIO;

	if (fsgeom_inode_byte(&g->disk->geom, first, &at))
		r = xfsdisk_read_plain(g->disk, at, n * size, g->buffer);
	if (r == -EIO || r == XFSDISK_E_DAMAGED)
		return read_singly(g, first, n, used);
	if (r)
		return r;
	for (unsigned int i = 0; i < n; i++) {
		r = tell_inode(g, first + i, g->buffer + (size_t)i * size, used >> i & 1);
		if (r)
			return r;
	}
	return 0;
}

static int read_chunk(const struct xfsdisk_chunk *chunk, void *data)
{
	struct reading *g = data;
	int told = g->sink->chunk ? g->sink->chunk(chunk, g->sink->data) : 0;

	if (told)
		return told;
	for (unsigned int i = 0; i < XFSDISK_CHUNK_INODES;) {
		unsigned int n = 0;
		int r;

		while (i + n < XFSDISK_CHUNK_INODES && n < g->run && chunk->there >> (i + n) & 1)
			n++;
		if (!n) {
			i++;
			continue;
		}
		r = read_run(g, chunk->first + i, n, chunk->used >> i);
		if (r)
			return r;
		i += n;
	}
	return 0;
}

static int pass_lost(uint64_t first, uint64_t count, void *data)
{
	const struct reading *g = data;

	return g->sink->lost ? g->sink->lost(first, count, g->sink->data) : 0;
}

static int pass_block(uint32_t ag_block, void *data)
{
	const struct reading *g = data;

	return g->sink->block(ag_block, g->sink->data);
}

int xfsdisk_inobt_inodes(const struct xfsdisk *disk, uint32_t agno,
			 const struct xfsdisk_inode_sink *sink)
{
	struct reading g = {.disk = disk, .sink = sink};
	const struct xfsdisk_inobt_sink chunks = {
		.chunk = read_chunk,
		.lost = pass_lost,
		.data = &g,
		.block = sink->block ? pass_block : NULL,
	};
	CLEANUP(freep) uint8_t *buffer = NULL;

	g.run = 32768u / disk->geom.inode_size;
	if (g.run > XFSDISK_CHUNK_INODES)
		g.run = XFSDISK_CHUNK_INODES;
	buffer = g.buffer = malloc((size_t)g.run * disk->geom.inode_size);
	if (!buffer)
		return -ENOMEM;
	return xfsdisk_inobt_walk(disk, agno, &chunks);
}
