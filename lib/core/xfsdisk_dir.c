/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * A small directory lies in its inode; a larger one in blocks, which may be
 * several filesystem blocks long, each of them somewhere else. Entries are only in the
 * first 32 GiB of a directory: behind that are its indices, which are not needed here.
 *
 * A block is verified as a whole before any of its names is handed on: checksum,
 * place, owner, and that its entries fill it without a gap.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include "cleanup.h"
#include "xfsdisk_dir.h"
#include "xfsdisk_fork.h"

#define BLOCK_MAGIC 0x58444233u /* "XDB3": all of the directory, with its index at the end */
#define DATA_MAGIC  0x58444433u /* "XDD3" */

#define INDEX_AT UINT64_C(0x800000000) /* in the directory: no entries from here on */

enum block_at {
	AT_CRC = 4,
	AT_PLACE = 8, /* on the device, in 512-byte units */
	AT_UUID = 24,
	AT_OWNER = 40,
	HEADER = 64,
};

#define TAIL       8u /* of a BLOCK_MAGIC: number of index entries, how many of them are stale */
#define INDEX      8u
#define UNUSED_TAG 0xffffu
#define ALIGNMENT  8u

#define TYPE_UNKNOWN   0u
#define TYPE_DIRECTORY 2u

struct reading {
	const struct xfsdisk *disk;
	const struct xfsdisk_dir_sink *sink;
	uint64_t ino;
	uint64_t *budget;
	uint8_t *block;  /* of dir_block_size */
	uint64_t number; /* of the block in it */
	uint32_t filled; /* bytes of it that are there */
	bool any;        /* some block was begun */
	bool damaged;    /* the one in it */
	uint64_t place;  /* byte where its first part lies */
};

static int tell_lost(const struct reading *g)
{
	return g->sink->lost(g->ino, g->sink->data);
}

/* 1: no name at all */
static int tell_entry(const struct reading *g, uint64_t ino, const uint8_t *name, uint8_t len,
		      const uint8_t *type)
{
	struct xfsdisk_dirent entry = {ino, (const char *)name, len, true};
	uint64_t at;

	if ((len == 1 && name[0] == '.') || (len == 2 && name[0] == '.' && name[1] == '.'))
		return 0;
	if (memchr(name, 0, len) || memchr(name, '/', len) ||
	    !fsgeom_inode_byte(&g->disk->geom, ino, &at))
		return tell_lost(g);
	if (type && *type != TYPE_UNKNOWN)
		entry.may_be_dir = *type == TYPE_DIRECTORY;
	return g->sink->entry(&entry, g->sink->data);
}

/* ---- in the inode ---- */

static int read_local(const struct reading *g, const uint8_t *at, uint32_t len)
{
	unsigned int n, number, type = g->disk->has_ftype;
	uint32_t pos;

	if (len < 2)
		return tell_lost(g);
	number = at[1] ? 8 : 4;
	n = at[0];
	pos = 2 + number; /* the parent */
	for (unsigned int i = 0; i < n; i++) {
		const uint8_t *name = at + pos + 3;
		uint32_t size;
		uint64_t ino;
		int r;

		if (len < pos || len - pos < 3 || !at[pos])
			return tell_lost(g);
		size = 3u + at[pos] + type + number;
		if (size > len - pos)
			return tell_lost(g);
		ino = number == 8 ? xfsdisk_u64(name + at[pos] + type)
				  : xfsdisk_u32(name + at[pos] + type);
		r = tell_entry(g, ino, name, at[pos], type ? name + at[pos] : NULL);
		if (r)
			return r;
		pos += size;
	}
	return 0;
}

/* ---- in blocks ---- */

static uint32_t entry_size(const struct reading *g, uint8_t name_len)
{
	uint32_t size = 8u + 1u + name_len + g->disk->has_ftype + 2u;

	return (size + ALIGNMENT - 1) & ~(ALIGNMENT - 1);
}

/* The size of the entry or the gap at @pos; 0: impossible. */
static uint32_t step(const struct reading *g, uint32_t pos, uint32_t end)
{
	const uint8_t *at = g->block + pos;
	uint32_t size;

	if (end - pos < ALIGNMENT)
		return 0;
	if (xfsdisk_u16(at) == UNUSED_TAG) {
		size = xfsdisk_u16(at + 2);
	} else {
		if (end - pos < 16 || !at[8])
			return 0;
		size = entry_size(g, at[8]);
	}
	if (!size || size % ALIGNMENT || size > end - pos || xfsdisk_u16(at + size - 2) != pos)
		return 0;
	return size;
}

/* Where the entries end; 0: the block is not sound. */
static uint32_t check_block(const struct reading *g)
{
	const struct xfsdisk *disk = g->disk;
	uint32_t magic = xfsdisk_u32(g->block), end = disk->dir_block_size, count, size;

	if (!xfsdisk_sum_holds(g->block, end, AT_CRC) ||
	    xfsdisk_u64(g->block + AT_PLACE) != g->place / 512 ||
	    xfsdisk_u64(g->block + AT_OWNER) != g->ino ||
	    memcmp(g->block + AT_UUID, disk->meta_uuid, sizeof(disk->meta_uuid)) != 0)
		return 0;
	if (magic == BLOCK_MAGIC) {
		count = xfsdisk_u32(g->block + end - TAIL);
		if (count > (end - HEADER - TAIL) / INDEX)
			return 0;
		end -= TAIL + count * INDEX;
	} else if (magic != DATA_MAGIC) {
		return 0;
	}
	for (uint32_t pos = HEADER; pos < end; pos += size) {
		size = step(g, pos, end);
		if (!size)
			return 0;
	}
	return end;
}

static int tell_block(const struct reading *g)
{
	uint32_t end;
	int r = 0;

	if (!g->any)
		return 0;
	end = g->damaged || g->filled < g->disk->dir_block_size ? 0 : check_block(g);
	if (!end)
		return tell_lost(g);
	for (uint32_t pos = HEADER; !r && pos < end; pos += step(g, pos, end)) {
		const uint8_t *at = g->block + pos;

		if (xfsdisk_u16(at) != UNUSED_TAG)
			r = tell_entry(g, xfsdisk_u64(at), at + 9, at[8],
				       g->disk->has_ftype ? at + 9 + at[8] : NULL);
	}
	return r;
}

/* A filesystem block, or more, of the directory; all in one block of it. */
static int take_part(struct reading *g, uint64_t offset, uint64_t place, uint32_t len)
{
	uint32_t size = g->disk->dir_block_size, at = (uint32_t)(offset % size);
	uint64_t number = offset / size;
	int r;

	if (!g->any || number != g->number) {
		r = tell_block(g);
		if (r)
			return r;
		g->any = true;
		g->number = number;
		g->filled = 0;
		g->damaged = false;
	}
	if (at != g->filled || *g->budget < len) {
		g->damaged = true;
		return 0;
	}
	if (!at)
		g->place = place;
	*g->budget -= len;
	r = xfsdisk_read_plain(g->disk, place, len, g->block + at);
	if (r == -EIO || r == XFSDISK_E_DAMAGED)
		g->damaged = true;
	else if (r)
		return r;
	g->filled += len;
	return 0;
}

static int take_extent(const struct fsmap_rec *extent, void *data)
{
	struct reading *g = data;
	uint64_t size = g->disk->dir_block_size;
	int r = 0;

	if (extent->flags & FSMAP_EXTENT_MAP)
		return 0;
	for (uint64_t done = 0; !r && done < extent->phys.len;) {
		uint64_t offset = extent->offset + done, left = extent->phys.len - done;
		uint64_t part = size - offset % size;

		if (offset >= INDEX_AT)
			break;
		if (!*g->budget) /* of a directory that maps more than there is */
			return tell_lost(g);
		if (part > left)
			part = left;
		r = take_part(g, offset, extent->phys.start + done, (uint32_t)part);
		done += part;
	}
	return r;
}

static int take_lost(struct byte_range part, void *data)
{
	struct reading *g = data;

	return part.start < INDEX_AT ? tell_lost(g) : 0;
}

int xfsdisk_dir_read(const struct xfsdisk *disk, uint64_t ino, const uint8_t *inode,
		     uint64_t *budget, const struct xfsdisk_dir_sink *sink)
{
	struct reading g = {.disk = disk, .sink = sink, .ino = ino, .budget = budget};
	const struct xfsdisk_fork_sink extents = {take_extent, take_lost, &g};
	CLEANUP(freep) uint8_t *block = NULL;
	const uint8_t *local;
	uint32_t len;
	int r;

	if (xfsdisk_fork_local(disk, inode, XFSDISK_FORK_DATA, &local, &len))
		return read_local(&g, local, len);
	block = g.block = malloc(disk->dir_block_size);
	if (!block)
		return -ENOMEM;
	r = xfsdisk_fork_walk(disk, ino, inode, XFSDISK_FORK_DATA, &extents);
	if (r == XFSDISK_E_DAMAGED)
		return tell_lost(&g);
	return r ? r : tell_block(&g);
}
