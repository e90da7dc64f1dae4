/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * A walk through the B+tree of reverse mappings.
 *
 * Where files share blocks, extents overlap: a record that begins far to the
 * left may reach into what was asked. Each entry of a node therefore has two
 * keys, the lowest of the records below it and the highest block that any of
 * them reaches; what does not meet the window by both is not entered.
 *
 * Invariants that hold on any bytes:
 * - the level says how deep a block may lie, so the walk is as deep as the AGF says, at most
 *   XFSDISK_LEVELS; siblings are not followed;
 * - keys of the blocks entered ascend at each level, so that none is entered twice in a query: what
 *   is read is bounded by the size of the group, whatever points to what;
 * - a block is checked as a whole before anything of it is handed on.
 *
 * The log is not replayed, so that blocks may be of different times. One that is sound in
 * itself but does not fit to its parent is used, and what either of them speaks of is reported as
 * lost as well: what it says was true at some time, and may not be all. Free is
 * only what lies between records and outside of everything lost.
 */
#include <errno.h>
#include <stdlib.h>
#include "cleanup.h"
#include "xfsdisk_rmap.h"

#define MAGIC 0x524d4233u /* "RMB3" */

/* A record: start, length, owner, offset. A key: start, owner, offset. A node has pairs of keys, then pointers. */
#define RECORD  24u
#define KEY     20u
#define POINTER 4u

#define OWN_AG (UINT64_C(0x58) << 32 | 3) /* of FS_IOC_GETFSMAP */

#define OFFSET_ATTR_FORK  (UINT64_C(1) << 63)
#define OFFSET_EXTENT_MAP (UINT64_C(1) << 62)
#define OFFSET_UNWRITTEN  (UINT64_C(1) << 61)
#define OFFSET_MASK       ((UINT64_C(1) << 54) - 1)

struct key {
	uint32_t start; /* AG block */
	uint64_t owner;
	uint64_t offset; /* blocks, and flags */
};

/* AG blocks, both included; empty where first > last */
struct span {
	uint32_t first, last;
};

/* What the parent says of a block. */
struct bound {
	bool known; /* not of the root */
	struct key low;
	bool has_next; /* the first key of its right neighbour */
	struct key next;
	struct span span;
};

struct walk {
	struct xfsdisk_rmap *map;
	const struct xfsdisk_rmap_sink *sink;
	struct span want;
	uint64_t covered; /* AG block up to which everything has been told */
	bool entered[XFSDISK_LEVELS];
	struct key last[XFSDISK_LEVELS]; /* first key of the block entered last */
};

/* ---- one block ---- */

static struct key key_at(const uint8_t *at)
{
	return (struct key){xfsdisk_u32(at), xfsdisk_u64(at + 4), xfsdisk_u64(at + 12)};
}

static struct key key_of_record(const uint8_t *at)
{
	return (struct key){xfsdisk_u32(at), xfsdisk_u64(at + 8), xfsdisk_u64(at + 16)};
}

/* Whether it was written is no part of the order. */
static int compare(const struct key *a, const struct key *b)
{
	uint64_t x = a->offset & ~OFFSET_UNWRITTEN, y = b->offset & ~OFFSET_UNWRITTEN;

	if (a->start != b->start)
		return a->start > b->start ? 1 : -1;
	if (a->owner != b->owner)
		return a->owner > b->owner ? 1 : -1;
	return (x > y) - (x < y);
}

static uint32_t block_size(const struct walk *w)
{
	return w->map->disk->geom.block_size;
}

static uint8_t *block_of(const struct walk *w, unsigned int level)
{
	return w->map->blocks + (size_t)level * block_size(w);
}

static unsigned int room(const struct walk *w, unsigned int level)
{
	return (block_size(w) - XFSDISK_BTREE_HEADER) / (level ? 2 * KEY + POINTER : RECORD);
}

static const uint8_t *entry(const uint8_t *block, unsigned int level, unsigned int i)
{
	return block + XFSDISK_BTREE_HEADER + (size_t)i * (level ? 2 * KEY : RECORD);
}

static struct key first_key(const uint8_t *block, unsigned int level, unsigned int i)
{
	const uint8_t *at = entry(block, level, i);

	return level ? key_at(at) : key_of_record(at);
}

/* The last block that an entry reaches; one that is impossible reaches beyond the AG. */
static uint64_t last_block(const uint8_t *block, unsigned int level, unsigned int i)
{
	const uint8_t *at = entry(block, level, i);

	if (level)
		return xfsdisk_u32(at + KEY);
	if (!xfsdisk_u32(at + 4))
		return UINT64_MAX;
	return (uint64_t)xfsdisk_u32(at) + xfsdisk_u32(at + 4) - 1;
}

static uint32_t pointer(const struct walk *w, const uint8_t *block, unsigned int level,
			unsigned int i)
{
	return xfsdisk_u32(block + XFSDISK_BTREE_HEADER + (size_t)room(w, level) * 2 * KEY +
			   (size_t)i * POINTER);
}

static uint64_t byte_of(const struct walk *w, uint64_t block)
{
	const struct xfsdisk_rmap *map = w->map;

	return fsgeom_ag_start(&map->disk->geom, map->agf.agno) + block * block_size(w);
}

/* Of itself; what it spans comes back. */
static bool is_sound(const struct walk *w, const uint8_t *block, unsigned int level,
		     uint32_t number, struct span *ret)
{
	const struct xfsdisk_rmap *map = w->map;
	unsigned int n = xfsdisk_u16(block + XFSDISK_BTREE_COUNT);
	struct span span = {UINT32_MAX, 0};

	if (!xfsdisk_btree_is(map->disk, block, MAGIC, level, map->agf.agno, number) || !n ||
	    n > room(w, level))
		return false;
	for (unsigned int i = 0; i < n; i++) {
		struct key key = first_key(block, level, i), before;
		uint64_t last = last_block(block, level, i);

		if (last >= map->agf.blocks || last < key.start)
			return false;
		if (i) {
			before = first_key(block, level, i - 1);
			if (compare(&before, &key) >= 0)
				return false;
		}
		if (key.start < span.first)
			span.first = key.start;
		if (last > span.last)
			span.last = (uint32_t)last;
	}
	*ret = span;
	return true;
}

static bool fits(const uint8_t *block, unsigned int level, const struct span *span,
		 const struct bound *bound)
{
	struct key low = first_key(block, level, 0);
	struct key high = first_key(block, level, xfsdisk_u16(block + XFSDISK_BTREE_COUNT) - 1u);

	return (!bound->known || !compare(&low, &bound->low)) &&
	       (!bound->has_next || compare(&high, &bound->next) < 0) &&
	       span->last <= bound->span.last;
}

/* ---- telling ---- */

static struct byte_range bytes_of(const struct walk *w, uint64_t first, uint64_t end)
{
	return (struct byte_range){byte_of(w, first), (end - first) * block_size(w)};
}

/* What nobody spoke of before @block is free. */
static int tell_free(struct walk *w, uint64_t block)
{
	struct fsmap_rec rec = {.owner = 1, .flags = FSMAP_SPECIAL}; /* XFS_FMR_OWN_FREE */

	if (block <= w->covered)
		return 0;
	rec.phys = bytes_of(w, w->covered, block);
	w->covered = block;
	return w->sink->record(&rec, w->sink->data);
}

static int tell_lost(struct walk *w, struct span span)
{
	int r;

	if (span.first < w->want.first)
		span.first = w->want.first;
	if (span.last > w->want.last)
		span.last = w->want.last;
	if (span.first > span.last)
		return 0;
	r = tell_free(w, span.first);
	if (r)
		return r;
	if (span.last >= w->covered)
		w->covered = (uint64_t)span.last + 1;
	return w->sink->lost(bytes_of(w, span.first, (uint64_t)span.last + 1), w->sink->data);
}

/*
 * On disk special owners count down from -1: null, unknown, filesystem, log, AG btrees, inode
 * btrees, inodes, reference counts, copy-on-write. FS_IOC_GETFSMAP has codes of its own.
 */
static bool special_owner(uint64_t on_disk, uint64_t *ret)
{
	static const uint64_t codes[] = {
		2,
		2,
		0x58ull << 32 | 1,
		0x58ull << 32 | 2,
		0x58ull << 32 | 3,
		0x58ull << 32 | 4,
		0x58ull << 32 | 5,
		0x58ull << 32 | 6,
		0x58ull << 32 | 7,
	};

	if (on_disk >> 63 == 0)
		return false;
	*ret = ~on_disk < ARRAY_SIZE(codes) ? codes[~on_disk] : 2; /* FMR_OWN_UNKNOWN */
	return true;
}

static int tell_record(struct walk *w, const uint8_t *at)
{
	static const struct {
		uint64_t on_disk;
		uint32_t flag;
	} flags[] = {
		{OFFSET_ATTR_FORK, FSMAP_ATTR_FORK},
		{OFFSET_EXTENT_MAP, FSMAP_EXTENT_MAP},
		{OFFSET_UNWRITTEN, FSMAP_PREALLOC},
	};
	uint64_t first = xfsdisk_u32(at), end = first + xfsdisk_u32(at + 4);
	uint64_t offset = xfsdisk_u64(at + 16);
	struct fsmap_rec rec = {.owner = xfsdisk_u64(at + 8)};
	int r;

	if (end <= w->want.first || first > w->want.last)
		return 0;
	r = tell_free(w, first);
	if (r)
		return r;
	if (end > w->covered)
		w->covered = end;
	rec.phys = bytes_of(w, first, end);
	for (size_t i = 0; i < ARRAY_SIZE(flags); i++)
		if (offset & flags[i].on_disk)
			rec.flags |= flags[i].flag;
	if (special_owner(rec.owner, &rec.owner))
		rec.flags |= FSMAP_SPECIAL;
	else if (!(rec.flags & FSMAP_EXTENT_MAP))
		rec.offset = (offset & OFFSET_MASK) * block_size(w);
	return w->sink->record(&rec, w->sink->data);
}

/* ---- the tree ---- */

/* 0, 1 it cannot be used, -errno */
static int load(struct walk *w, unsigned int level, uint32_t number, struct span *ret)
{
	struct xfsdisk_rmap *map = w->map;
	uint8_t *block = block_of(w, level);
	struct key low;
	int r;

	if (!number || number >= map->agf.blocks)
		return 1;
	if (map->held[level] != number) {
		map->held[level] = 0;
		r = xfsdisk_read(map->disk, byte_of(w, number), block_size(w), XFSDISK_BTREE_CRC,
				 block);
		if (r)
			return r == -EIO || r == XFSDISK_E_DAMAGED ? 1 : r;
		map->held[level] = number;
	}
	if (!is_sound(w, block, level, number, ret))
		return 1;
	low = first_key(block, level, 0);
	if (w->entered[level] && compare(&low, &w->last[level]) <= 0)
		return 1;
	w->entered[level] = true;
	w->last[level] = low;
	return 0;
}

/*
 * A block that cannot be used. This much is known of it: it is one of the map, as what points to
 * it says; which is told where the record that would say so is among those that are lost.
 */
static int tell_unusable(struct walk *w, uint32_t number, const struct bound *bound)
{
	struct fsmap_rec rec = {.owner = OWN_AG, .flags = FSMAP_SPECIAL};
	bool itself = number && number >= bound->span.first && number <= bound->span.last &&
		      (!bound->has_next || number < bound->next.start) && number >= w->covered &&
		      number >= w->want.first && number <= w->want.last;
	int r = tell_lost(w, bound->span);

	if (r || !itself)
		return r;
	rec.phys = bytes_of(w, number, (uint64_t)number + 1);
	return w->sink->record(&rec, w->sink->data);
}

static int enter(struct walk *w, unsigned int level, uint32_t number, const struct bound *bound);

/* The entries of a node whose records may lie in the window. */
static int descend(struct walk *w, unsigned int level, const struct bound *bound)
{
	const uint8_t *block = block_of(w, level);
	unsigned int n = xfsdisk_u16(block + XFSDISK_BTREE_COUNT);

	for (unsigned int i = 0; i < n; i++) {
		struct bound below = {
			.known = true,
			.low = first_key(block, level, i),
			.has_next = bound->has_next,
			.next = bound->next,
		};
		int r;

		below.span = (struct span){below.low.start, (uint32_t)last_block(block, level, i)};
		if (below.span.first > w->want.last)
			break;
		if (below.span.last < w->want.first)
			continue;
		if (i + 1 < n) {
			below.has_next = true;
			below.next = first_key(block, level, i + 1);
		}
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
	struct span span;
	int r;

	r = load(w, level, number, &span);
	if (r < 0)
		return r;
	if (r)
		return tell_unusable(w, number, bound);
	if (!fits(block, level, &span, bound)) {
		if (bound->span.first < span.first)
			span.first = bound->span.first;
		if (bound->span.last > span.last)
			span.last = bound->span.last;
		r = tell_lost(w, span);
		if (r)
			return r;
	}
	if (level)
		return descend(w, level, bound);
	for (unsigned int i = 0; i < xfsdisk_u16(block + XFSDISK_BTREE_COUNT); i++) {
		r = tell_record(w, entry(block, level, i));
		if (r)
			return r;
	}
	return 0;
}

int xfsdisk_rmap_init(const struct xfsdisk *disk, uint32_t agno, struct xfsdisk_rmap *ret)
{
	struct xfsdisk_rmap map = {.disk = disk};
	int r;

	if (!(disk->geom.features & FSGEOM_RMAPBT))
		return XFSDISK_E_UNSUPPORTED;
	r = xfsdisk_agf(disk, agno, &map.agf);
	if (r)
		return r;
	map.blocks = calloc(map.agf.rmap_levels, disk->geom.block_size);
	if (!map.blocks)
		return -ENOMEM;

	*ret = map;
	return 0;
}

void xfsdisk_rmap_deinit(struct xfsdisk_rmap *map)
{
	free(map->blocks);
	*map = XFSDISK_RMAP_NULL;
}

int xfsdisk_rmap_query(struct xfsdisk_rmap *map, struct byte_range window,
		       const struct xfsdisk_rmap_sink *sink)
{
	const struct fsgeom *geom = &map->disk->geom;
	uint64_t start = fsgeom_ag_start(geom, map->agf.agno);
	struct byte_range group = {start, (uint64_t)map->agf.blocks * geom->block_size};
	struct byte_range part = range_intersect(window, group);
	struct bound bound = {.span = {0, map->agf.blocks - 1}};
	struct walk w = {.map = map, .sink = sink};
	int r;

	if (!part.len)
		return 0;
	w.want.first = (uint32_t)((part.start - start) / geom->block_size);
	w.want.last = (uint32_t)((range_end(part) - 1 - start) / geom->block_size);
	w.covered = w.want.first;
	r = enter(&w, map->agf.rmap_levels - 1, map->agf.rmap_root, &bound);
	return r ? r : tell_free(&w, (uint64_t)w.want.last + 1);
}
