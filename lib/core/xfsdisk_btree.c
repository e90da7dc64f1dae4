/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * One walk for five trees, which differ by their magic, the size of their records, and what of
 * a record is its key.
 *
 * As in the reverse map (xfsdisk_rmap.c): the level says how deep a block lies, siblings are not
 * followed, keys of the blocks entered ascend at each level, and a block is checked as a whole before
 * anything of it is handed on. So any bytes end the walk, after no more blocks than the group has.
 */
#include <errno.h>
#include <stdlib.h>
#include "cleanup.h"
#include "xfsdisk_btree.h"

#define POINTER 4u

/* What orders the records of a tree. */
enum order {
	BY_FIRST,  /* the first number */
	BY_SECOND, /* the second, then the first */
};

static const struct kind {
	uint32_t magic;
	uint8_t record, key; /* bytes */
	enum order order;
	uint8_t apart; /* keys of records are at least that far from each other */
} kinds[] = {
	[XFSDISK_TREE_FREE] = {0x41423342, 8, 8, BY_FIRST, 1},          /* "AB3B" */
	[XFSDISK_TREE_FREE_SIZES] = {0x41423343, 8, 8, BY_SECOND, 1},   /* "AB3C" */
	[XFSDISK_TREE_INODES] = {0x49414233, 16, 4, BY_FIRST, 64},      /* "IAB3" */
	[XFSDISK_TREE_FREE_INODES] = {0x46494233, 16, 4, BY_FIRST, 64}, /* "FIB3" */
	[XFSDISK_TREE_REFCOUNT] = {0x52334643, 12, 4, BY_FIRST, 1},     /* "R3FC" */
};

/* Keys that a block may have. */
struct bound {
	uint64_t first, end;
	bool exact; /* first is there */
};

struct walk {
	const struct xfsdisk *disk;
	const struct xfsdisk_btree_sink *sink;
	const struct kind *kind;
	uint32_t agno, ag_blocks;
	uint8_t *blocks; /* one for each level */
	bool entered[XFSDISK_LEVELS];
	uint64_t last[XFSDISK_LEVELS]; /* first key of the block entered last */
};

static uint8_t *block_of(const struct walk *w, unsigned int level)
{
	return w->blocks + (size_t)level * w->disk->geom.block_size;
}

static unsigned int room(const struct walk *w, unsigned int level)
{
	return (w->disk->geom.block_size - XFSDISK_BTREE_HEADER) /
	       (level ? w->kind->key + POINTER : w->kind->record);
}

static const uint8_t *entry(const struct walk *w, const uint8_t *block, unsigned int level,
			    unsigned int i)
{
	return block + XFSDISK_BTREE_HEADER + (size_t)i * (level ? w->kind->key : w->kind->record);
}

static uint64_t key_of(const struct walk *w, const uint8_t *block, unsigned int level,
		       unsigned int i)
{
	const uint8_t *at = entry(w, block, level, i);

	if (w->kind->order == BY_SECOND)
		return (uint64_t)xfsdisk_u32(at + 4) << 32 | xfsdisk_u32(at);
	return xfsdisk_u32(at);
}

static uint32_t pointer(const struct walk *w, const uint8_t *block, unsigned int level,
			unsigned int i)
{
	return xfsdisk_u32(block + XFSDISK_BTREE_HEADER + (size_t)room(w, level) * w->kind->key +
			   (size_t)i * POINTER);
}

static uint64_t byte_of(const struct walk *w, uint32_t number)
{
	return fsgeom_ag_start(&w->disk->geom, w->agno) +
	       (uint64_t)number * w->disk->geom.block_size;
}

/* Only the root of an empty tree has no entries. */
static bool is_sound(const struct walk *w, const uint8_t *block, unsigned int level,
		     uint32_t number, const struct bound *bound)
{
	unsigned int n = xfsdisk_u16(block + XFSDISK_BTREE_COUNT);

	if (!xfsdisk_btree_is(w->disk, block, w->kind->magic, level, w->agno, number) ||
	    (!n && (level || bound->exact)) || n > room(w, level))
		return false;
	for (unsigned int i = 0; i < n; i++) {
		if (i && key_of(w, block, level, i) <
				 key_of(w, block, level, i - 1) + (level ? 1 : w->kind->apart))
			return false;
		if (!level && w->sink->sound &&
		    !w->sink->sound(entry(w, block, level, i), w->sink->data))
			return false;
	}
	return true;
}

/* 0, 1 it cannot be used, -errno */
static int load(struct walk *w, unsigned int level, uint32_t number, const struct bound *bound)
{
	uint8_t *block = block_of(w, level);
	uint64_t low;
	int r;

	r = xfsdisk_read(w->disk, byte_of(w, number), w->disk->geom.block_size, XFSDISK_BTREE_CRC,
			 block);
	if (r)
		return r == -EIO || r == XFSDISK_E_DAMAGED ? 1 : r;
	if (!is_sound(w, block, level, number, bound))
		return 1;
	low = xfsdisk_u16(block + XFSDISK_BTREE_COUNT) ? key_of(w, block, level, 0) : 0;
	if (w->entered[level] && low <= w->last[level])
		return 1;
	w->entered[level] = true;
	w->last[level] = low;
	return 0;
}

static int enter(struct walk *w, unsigned int level, uint32_t number, const struct bound *bound);

static int descend(struct walk *w, unsigned int level, const struct bound *bound)
{
	const uint8_t *block = block_of(w, level);
	unsigned int n = xfsdisk_u16(block + XFSDISK_BTREE_COUNT);

	for (unsigned int i = 0; i < n; i++) {
		struct bound below = {key_of(w, block, level, i), bound->end, true};
		int r;

		if (i + 1 < n)
			below.end = key_of(w, block, level, i + 1);
		r = enter(w, level - 1, pointer(w, block, level, i), &below);
		if (r)
			return r;
	}
	return 0;
}

/* Recursion is bounded by @level. */
static int enter(struct walk *w, unsigned int level, uint32_t number, const struct bound *bound)
{
	const uint8_t *block = block_of(w, level);
	unsigned int n;
	int r;

	if (!number || number >= w->ag_blocks)
		return w->sink->lost(bound->first, bound->end, w->sink->data);
	r = w->sink->block ? w->sink->block(number, w->sink->data) : 0;
	if (r)
		return r;
	r = load(w, level, number, bound);
	if (r < 0)
		return r;
	if (r)
		return w->sink->lost(bound->first, bound->end, w->sink->data);
	n = xfsdisk_u16(block + XFSDISK_BTREE_COUNT);
	if (bound->exact && (key_of(w, block, level, 0) != bound->first ||
			     key_of(w, block, level, n - 1) >= bound->end)) {
		r = w->sink->lost(bound->first, bound->end, w->sink->data);
		if (r)
			return r;
	}
	if (level)
		return descend(w, level, bound);
	for (unsigned int i = 0; i < n && w->sink->record; i++) {
		r = w->sink->record(entry(w, block, level, i), w->sink->data);
		if (r)
			return r;
	}
	return 0;
}

int xfsdisk_btree_walk(const struct xfsdisk *disk, uint32_t agno, enum xfsdisk_tree tree,
		       uint32_t root, uint32_t levels, const struct xfsdisk_btree_sink *sink)
{
	struct walk w = {
		.disk = disk,
		.sink = sink,
		.kind = &kinds[tree],
		.agno = agno,
		.ag_blocks = fsgeom_ag_blocks(&disk->geom, agno),
	};
	static const struct bound all = {0, UINT64_MAX, false};
	CLEANUP(freep) uint8_t *blocks = NULL;

	if (!levels || levels > XFSDISK_LEVELS)
		return sink->lost(0, UINT64_MAX, sink->data);
	blocks = w.blocks = calloc(levels, disk->geom.block_size);
	if (!blocks)
		return -ENOMEM;
	return enter(&w, levels - 1, root, &all);
}
