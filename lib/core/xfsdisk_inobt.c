/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * A walk through the B+tree of inode chunks, and through the chunks.
 *
 * As in the reverse map (xfsdisk_rmap.c): the level says how deep a block lies, siblings are not
 * followed, keys of the blocks entered ascend at each level, and a block is checked as a whole before
 * anything of it is handed on. So any bytes end the walk, after no more blocks than the group has.
 *
 * The log is not replayed: a block that does not fit to its parent is used, and what either of
 * them speaks of counts as lost too.
 *
 * Chunks are read whole where they can be; where a read fails, inode by inode, so
 * that a bad sector costs one inode and not 64.
 */
#include <errno.h>
#include <stdlib.h>
#include "cleanup.h"
#include "xfsdisk_inobt.h"

#define AGI_MAGIC   0x58414749u /* "XAGI" */
#define BLOCK_MAGIC 0x49414233u /* "IAB3" */

enum agi_at {
	AGI_ROOT = 20,
	AGI_LEVELS = 24,
	AGI_UUID = 296,
	AGI_CRC = 312,
};

/*
 * A record: first inode (in the AG), mask of holes (a bit for each 4 inodes; sparse only), counts, mask of free
 * ones. A node: keys (first inode), then pointers.
 */
#define RECORD      16u
#define KEY         4u
#define POINTER     4u
#define HOLE_INODES 4u

#define NO_END (UINT64_C(1) << 32)

/* Inode numbers in the AG that a block may speak of. */
struct bound {
	uint64_t first, end;
	bool exact; /* first is there */
};

struct walk {
	const struct xfsdisk *disk;
	const struct xfsdisk_inobt_sink *sink;
	uint32_t agno;
	uint32_t ag_blocks; /* of this one */
	uint64_t inodes;    /* numbers that it has room for */
	uint64_t base;      /* inode number of the AG's first byte */
	uint32_t root, levels;
	uint8_t *blocks; /* one for each level */
	bool entered[XFSDISK_LEVELS];
	uint32_t last[XFSDISK_LEVELS]; /* first key of the block entered last */
};

/* ---- one block ---- */

static uint8_t *block_of(const struct walk *w, unsigned int level)
{
	return w->blocks + (size_t)level * w->disk->geom.block_size;
}

static unsigned int room(const struct walk *w, unsigned int level)
{
	return (w->disk->geom.block_size - XFSDISK_BTREE_HEADER) / (level ? KEY + POINTER : RECORD);
}

static uint32_t first_key(const uint8_t *block, unsigned int level, unsigned int i)
{
	return xfsdisk_u32(block + XFSDISK_BTREE_HEADER + (size_t)i * (level ? KEY : RECORD));
}

static uint32_t pointer(const struct walk *w, const uint8_t *block, unsigned int level,
			unsigned int i)
{
	return xfsdisk_u32(block + XFSDISK_BTREE_HEADER + (size_t)room(w, level) * KEY +
			   (size_t)i * POINTER);
}

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
static bool lies_inside(const struct walk *w, const uint8_t *record)
{
	struct xfsdisk_chunk chunk = chunk_at(w, record);
	uint64_t first = xfsdisk_u32(record);

	return chunk.there && first + 64u - (unsigned int)__builtin_clzll(chunk.there) <= w->inodes;
}

static bool is_sound(const struct walk *w, const uint8_t *block, unsigned int level,
		     uint32_t number)
{
	unsigned int n = xfsdisk_u16(block + XFSDISK_BTREE_COUNT);

	/* a filesystem without files has at least its root directory, but another group may have none */
	if (!xfsdisk_btree_is(w->disk, block, BLOCK_MAGIC, level, w->agno, number) ||
	    (!n && level) || n > room(w, level))
		return false;
	for (unsigned int i = 0; i < n; i++) {
		uint64_t first = first_key(block, level, i);

		if (i && first < (uint64_t)first_key(block, level, i - 1) +
					 (level ? 1 : XFSDISK_CHUNK_INODES))
			return false;
		if (level ? first >= w->inodes
			  : !lies_inside(w, block + XFSDISK_BTREE_HEADER + i * RECORD))
			return false;
	}
	return true;
}

/* ---- the tree ---- */

static int tell_lost(struct walk *w, uint64_t first, uint64_t end)
{
	if (end > w->inodes)
		end = w->inodes;
	if (first >= end || !w->sink->lost)
		return 0;
	return w->sink->lost(w->base + first, end - first, w->sink->data);
}

/* 0, 1 it cannot be used, -errno */
static int load(struct walk *w, unsigned int level, uint32_t number)
{
	const struct fsgeom *geom = &w->disk->geom;
	uint8_t *block = block_of(w, level);
	uint32_t low;
	int r;

	if (!number || number >= w->ag_blocks)
		return 1;
	r = xfsdisk_read(w->disk,
			 fsgeom_ag_start(geom, w->agno) + (uint64_t)number * geom->block_size,
			 geom->block_size, XFSDISK_BTREE_CRC, block);
	if (r)
		return r == -EIO || r == XFSDISK_E_DAMAGED ? 1 : r;
	if (!is_sound(w, block, level, number))
		return 1;
	low = xfsdisk_u16(block + XFSDISK_BTREE_COUNT) ? first_key(block, level, 0) : 0;
	if (w->entered[level] && low <= w->last[level])
		return 1;
	w->entered[level] = true;
	w->last[level] = low;
	return 0;
}

static int enter(struct walk *w, unsigned int level, uint32_t number, struct bound bound);

static int descend(struct walk *w, unsigned int level, struct bound bound)
{
	const uint8_t *block = block_of(w, level);
	unsigned int n = xfsdisk_u16(block + XFSDISK_BTREE_COUNT);

	for (unsigned int i = 0; i < n; i++) {
		struct bound below = {first_key(block, level, i), bound.end, true};
		int r;

		if (i + 1 < n)
			below.end = first_key(block, level, i + 1);
		r = enter(w, level - 1, pointer(w, block, level, i), below);
		if (r)
			return r;
	}
	return 0;
}

/* Recursion is bounded by @level. */
static int enter(struct walk *w, unsigned int level, uint32_t number, struct bound bound)
{
	const uint8_t *block = block_of(w, level);
	unsigned int n;
	int r;

	r = load(w, level, number);
	if (r < 0)
		return r;
	if (r)
		return tell_lost(w, bound.first, bound.end);
	n = xfsdisk_u16(block + XFSDISK_BTREE_COUNT);
	if (bound.exact && (!n || first_key(block, level, 0) != bound.first ||
			    first_key(block, level, n - 1) >= bound.end)) {
		r = tell_lost(w, bound.first, bound.end);
		if (r)
			return r;
	}
	if (level)
		return descend(w, level, bound);
	for (unsigned int i = 0; i < n; i++) {
		struct xfsdisk_chunk chunk =
			chunk_at(w, block + XFSDISK_BTREE_HEADER + (size_t)i * RECORD);

		r = w->sink->chunk(&chunk, w->sink->data);
		if (r)
			return r;
	}
	return 0;
}

/* Reads the AG's inode header (AGI). */
static int start(struct walk *w)
{
	const struct fsgeom *geom = &w->disk->geom;
	struct byte_range group = {fsgeom_ag_start(geom, w->agno), 0};
	uint8_t sector[XFSDISK_SECTOR_MAX];
	int r;

	w->ag_blocks = fsgeom_ag_blocks(geom, w->agno);
	group.len = (uint64_t)w->ag_blocks * geom->block_size;
	fsgeom_inodes_at(geom, group, &w->base, &w->inodes);
	r = xfsdisk_ag_header(w->disk, w->agno, 2, AGI_MAGIC, AGI_UUID, AGI_CRC, sector);
	if (r)
		return r;
	w->root = xfsdisk_u32(sector + AGI_ROOT);
	w->levels = xfsdisk_u32(sector + AGI_LEVELS);
	return !w->levels || w->levels > XFSDISK_LEVELS ? XFSDISK_E_DAMAGED : 0;
}

int xfsdisk_inobt_walk(const struct xfsdisk *disk, uint32_t agno,
		       const struct xfsdisk_inobt_sink *sink)
{
	struct walk w = {.disk = disk, .sink = sink, .agno = agno};
	CLEANUP(freep) uint8_t *blocks = NULL;
	int r;

	r = start(&w);
	if (r)
		return r;
	blocks = w.blocks = calloc(w.levels, disk->geom.block_size);
	if (!blocks)
		return -ENOMEM;
	return enter(&w, w.levels - 1, w.root, (struct bound){0, NO_END, false});
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

int xfsdisk_inobt_inodes(const struct xfsdisk *disk, uint32_t agno,
			 const struct xfsdisk_inode_sink *sink)
{
	struct reading g = {.disk = disk, .sink = sink};
	const struct xfsdisk_inobt_sink chunks = {read_chunk, pass_lost, &g};
	CLEANUP(freep) uint8_t *buffer = NULL;

	g.run = 32768u / disk->geom.inode_size;
	if (g.run > XFSDISK_CHUNK_INODES)
		g.run = XFSDISK_CHUNK_INODES;
	buffer = g.buffer = malloc((size_t)g.run * disk->geom.inode_size);
	if (!buffer)
		return -ENOMEM;
	return xfsdisk_inobt_walk(disk, agno, &chunks);
}
