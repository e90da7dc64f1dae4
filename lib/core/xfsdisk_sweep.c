/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Every block of a filesystem has an owner that something points to: free space is in the
 * free-space trees, blocks of trees are named by the blocks above them, inodes by the inode
 * tree, file contents by the forks of inodes. Told together they leave nothing out, or
 * somebody was not heard, which is told too.
 */
#include <errno.h>
#include <string.h>
#include "xfsdisk_btree.h"
#include "xfsdisk_fork.h"
#include "xfsdisk_inobt.h"
#include "xfsdisk_sweep.h"

#define AGFL_MAGIC 0x5841464cu /* "XAFL" */
#define TELL_EACH  4096u       /* inodes */

enum agfl_at {
	AGFL_NUMBER = 4,
	AGFL_UUID = 8,
	AGFL_CRC = 32,
	AGFL_BLOCKS = 36,
};

/* Owner codes of FS_IOC_GETFSMAP */
#define OWN_FREE     UINT64_C(1)
#define OWN_AG       (UINT64_C(0x58) << 32 | 3)
#define OWN_INOBT    (UINT64_C(0x58) << 32 | 4)
#define OWN_INODES   (UINT64_C(0x58) << 32 | 5)
#define OWN_REFCOUNT (UINT64_C(0x58) << 32 | 6)
#define OWN_COW      (UINT64_C(0x58) << 32 | 7)

struct sweep {
	const struct xfsdisk *disk;
	const struct xfsdisk_sweep_sink *sink;
	struct xfsdisk_agf agf; /* of the group; blocks alone is always known */
	uint64_t owner;         /* of the blocks of the tree being walked */
	uint64_t inodes;
};

static int tell_lost(const struct sweep *s)
{
	return s->sink->lost(s->sink->data);
}

static int tell_special(const struct sweep *s, uint64_t owner, uint32_t first, uint32_t count)
{
	const struct fsgeom *geom = &s->disk->geom;
	struct fsmap_rec rec = {.owner = owner, .flags = FSMAP_SPECIAL};

	if (!count || first >= s->agf.blocks || count > s->agf.blocks - first)
		return tell_lost(s);
	rec.phys.start = fsgeom_ag_start(geom, s->agf.agno) + (uint64_t)first * geom->block_size;
	rec.phys.len = (uint64_t)count * geom->block_size;
	return s->sink->record(&rec, s->sink->data);
}

/* ---- trees ---- */

static int take_block(uint32_t ag_block, void *data)
{
	const struct sweep *s = data;

	return tell_special(s, s->owner, ag_block, 1);
}

static int take_free(const uint8_t *record, void *data)
{
	return tell_special(data, OWN_FREE, xfsdisk_u32(record), xfsdisk_u32(record + 4));
}

static int take_refcount(const uint8_t *record, void *data)
{
	uint32_t first = xfsdisk_u32(record);

	if (!(first & XFSDISK_COW_BIT))
		return 0;
	return tell_special(data, OWN_COW, first & ~XFSDISK_COW_BIT, xfsdisk_u32(record + 4));
}

static int take_lost(uint64_t first, uint64_t end, void *data)
{
	(void)first;
	(void)end;
	return tell_lost(data);
}

static int walk_tree(struct sweep *s, enum xfsdisk_tree tree, uint32_t root, uint32_t levels,
		     uint64_t owner, int (*record)(const uint8_t *record, void *data))
{
	const struct xfsdisk_btree_sink sink = {
		.block = take_block,
		.record = record,
		.lost = take_lost,
		.data = s,
	};

	s->owner = owner;
	return xfsdisk_btree_walk(s->disk, s->agf.agno, tree, root, levels, &sink);
}

/* The blocks that the trees of the group hold in reserve. */
static int take_reserve(struct sweep *s)
{
	const struct fsgeom *geom = &s->disk->geom;
	uint32_t room = (geom->sector_size - AGFL_BLOCKS) / 4, at = s->agf.reserve_first;
	uint8_t sector[XFSDISK_SECTOR_MAX];
	int r;

	if (!s->agf.reserve_count)
		return 0;
	if (at >= room || s->agf.reserve_count > room)
		return tell_lost(s);
	r = xfsdisk_read(s->disk, fsgeom_ag_start(geom, s->agf.agno) + 3ull * geom->sector_size,
			 geom->sector_size, AGFL_CRC, sector);
	if (r < 0 && r != -EIO)
		return r;
	if (r || xfsdisk_u32(sector) != AGFL_MAGIC ||
	    xfsdisk_u32(sector + AGFL_NUMBER) != s->agf.agno ||
	    memcmp(sector + AGFL_UUID, s->disk->meta_uuid, sizeof(s->disk->meta_uuid)) != 0)
		return tell_lost(s);
	for (uint32_t i = 0; !r && i < s->agf.reserve_count; i++) {
		r = tell_special(s, OWN_AG, xfsdisk_u32(sector + AGFL_BLOCKS + (size_t)at * 4), 1);
		at = at + 1 < room ? at + 1 : 0;
	}
	return r;
}

static int sweep_space(struct sweep *s)
{
	const struct xfsdisk_agf *agf = &s->agf;
	int r;

	r = walk_tree(s, XFSDISK_TREE_FREE, agf->free_root, agf->free_levels, OWN_AG, take_free);
	if (!r)
		r = walk_tree(s, XFSDISK_TREE_FREE_SIZES, agf->sizes_root, agf->sizes_levels,
			      OWN_AG, NULL);
	if (!r)
		r = take_reserve(s);
	if (!r && s->disk->geom.features & FSGEOM_REFLINK)
		r = walk_tree(s, XFSDISK_TREE_REFCOUNT, agf->refcount_root, agf->refcount_levels,
			      OWN_REFCOUNT, take_refcount);
	return r;
}

/* ---- inodes ---- */

static int take_chunk(const struct xfsdisk_chunk *chunk, void *data)
{
	struct sweep *s = data;
	const struct fsgeom *geom = &s->disk->geom;
	struct fsmap_rec rec = {.owner = OWN_INODES, .flags = FSMAP_SPECIAL};
	int r = 0;

	for (unsigned int i = 0; !r && i < XFSDISK_CHUNK_INODES;) {
		unsigned int n = 0;

		while (i + n < XFSDISK_CHUNK_INODES && chunk->there >> (i + n) & 1)
			n++;
		if (n) {
			if (!fsgeom_inode_byte(geom, chunk->first + i, &rec.phys.start))
				return tell_lost(s);
			rec.phys.len = (uint64_t)n * geom->inode_size;
			r = s->sink->record(&rec, s->sink->data);
		}
		i += n ? n : 1;
	}
	return r;
}

static int take_lost_inodes(uint64_t first, uint64_t count, void *data)
{
	(void)first;
	(void)count;
	return tell_lost(data);
}

static int take_extent(const struct fsmap_rec *extent, void *data)
{
	const struct sweep *s = data;

	return s->sink->record(extent, s->sink->data);
}

static int take_lost_extents(struct byte_range part, void *data)
{
	(void)part;
	return tell_lost(data);
}

static int take_inode(const struct found_file *inode, const uint8_t *bytes, bool mapped, void *data)
{
	struct sweep *s = data;
	const struct xfsdisk_fork_sink sink = {take_extent, take_lost_extents, s};
	int r = 0;

	(void)mapped; /* of one that is being made or freed the log may know more */
	for (int fork = XFSDISK_FORK_DATA; !r && fork <= XFSDISK_FORK_ATTR; fork++) {
		r = xfsdisk_fork_walk(s->disk, inode->ino, bytes, (enum xfsdisk_fork)fork, &sink);
		if (r == XFSDISK_E_DAMAGED)
			r = tell_lost(s);
	}
	if (!r && s->sink->progress && ++s->inodes % TELL_EACH == 0)
		r = s->sink->progress(s->inodes, s->agf.agno, s->sink->data);
	return r;
}

/* ---- all ---- */

static int sweep_group(struct sweep *s, uint32_t agno)
{
	const struct xfsdisk_inode_sink inodes = {
		.inode = take_inode,
		.lost = take_lost_inodes,
		.data = s,
		.chunk = take_chunk,
		.block = take_block,
	};
	int r;

	r = xfsdisk_agf(s->disk, agno, &s->agf);
	if (!r)
		r = sweep_space(s);
	else if (r > 0 || r == -EIO)
		r = tell_lost(s);
	if (r)
		return r;
	s->agf.agno = agno;
	s->agf.blocks = fsgeom_ag_blocks(&s->disk->geom, agno);
	s->owner = OWN_INOBT;
	r = xfsdisk_inobt_inodes(s->disk, agno, &inodes);
	return r == XFSDISK_E_DAMAGED || r == -EIO ? tell_lost(s) : r;
}

int xfsdisk_sweep(const struct xfsdisk *disk, const struct xfsdisk_sweep_sink *sink)
{
	struct sweep s = {.disk = disk, .sink = sink};
	int r = 0;

	for (uint32_t agno = 0; !r && agno < disk->geom.ag_count; agno++) {
		if (sink->progress)
			r = sink->progress(s.inodes, agno, sink->data);
		if (!r)
			r = sweep_group(&s, agno);
	}
	return r;
}
