/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Asking for reverse-map records.
 *
 * A query goes on by handing the last record back as the low key, until the
 * kernel marks a record as the last or returns none (ioctl_getfsmap(2)). As
 * records are in the order of their keys (first byte, owner, offset), going on
 * from the last key repeats nothing, but when that extent began before the
 * window, the kernel also returns what begins between there and the window.
 * Callers intersect.
 *
 * While the kernel fills one buffer it holds the allocation group's header, and
 * writers to that group wait. 256 records keep them waiting for a few
 * milliseconds; 2,048 were measured to cost hundreds. For the same reason there
 * is no larger buffer for a block with very many owners: going on from a key is
 * a look-up in the btree, not a repetition, so its cost stays linear.
 *
 * Free space is what the kernel finds between two records. Older kernels (6.1 does, 7.2
 * does not) leave it out where it reaches the end of what was asked: nothing may be
 * said about it then. Asked without an end, with room for two records, they
 * tell: the gap and what is behind it. Only the device's last block, where it
 * is free, stays unknown there.
 */
#include <errno.h>
#include <linux/fiemap.h>
#include <linux/fs.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include "cleanup.h"
#include "fs_map.h"
#include "xfs_compat.h"

#define RECORDS_A_CALL 256u
#define EXTENTS_A_CALL 256u

/* The kernel's 32-bit encoding of a device number (new_encode_dev(), linux/kdev_t.h). */
static uint32_t encode_device(dev_t device)
{
	return (minor(device) & 0xff) | major(device) << 8 | (minor(device) & ~0xffu) << 12;
}

int fs_map_init(struct fs_map *map, int fd, dev_t device)
{
	struct fsmap_head *head = malloc(fsmap_sizeof(RECORDS_A_CALL));

	if (!head)
		return -ENOMEM;
	*map = (struct fs_map){fd, encode_device(device), head};
	return 0;
}

void fs_map_deinit(struct fs_map *map)
{
	free(map->head);
	*map = FS_MAP_NULL;
}

static struct fsmap_rec convert(const struct fsmap *raw)
{
	static const struct {
		uint32_t raw, flag;
	} flags[] = {
		{FMR_OF_PREALLOC, FSMAP_PREALLOC},     {FMR_OF_ATTR_FORK, FSMAP_ATTR_FORK},
		{FMR_OF_EXTENT_MAP, FSMAP_EXTENT_MAP}, {FMR_OF_SHARED, FSMAP_SHARED},
		{FMR_OF_SPECIAL_OWNER, FSMAP_SPECIAL}, {FMR_OF_LAST, FSMAP_LAST},
	};
	struct fsmap_rec rec = {
		{raw->fmr_physical, raw->fmr_length}, raw->fmr_owner, raw->fmr_offset, 0};

	for (size_t i = 0; i < ARRAY_SIZE(flags); i++)
		if (raw->fmr_flags & flags[i].raw)
			rec.flags |= flags[i].flag;
	return rec;
}

/* @covered: moved on to the last byte's successor that any record has told about */
static int hand_on(const struct fs_map *map, uint64_t *covered,
		   int (*fn)(const struct fsmap_rec *, void *), void *data)
{
	const struct fsmap_head *head = map->head;
	const struct fsmap *raw = head->fmh_recs;

	for (uint32_t i = 0; i < head->fmh_entries; i++, raw++) {
		struct fsmap_rec rec = convert(raw);
		int r;

		/* sections of an internal realtime volume have devices of their own */
		if (raw->fmr_device != map->device || rec.phys.len > UINT64_MAX - rec.phys.start)
			continue;
		if (range_end(rec.phys) > *covered)
			*covered = range_end(rec.phys);
		r = fn(&rec, data);
		if (r)
			return r;
	}
	return 0;
}

/* @last: of the bytes asked about */
static void set_keys(struct fs_map *map, uint64_t first, uint64_t last)
{
	struct fsmap_head *head = map->head;

	memset(head, 0, sizeof(*head));
	head->fmh_keys[0].fmr_device = map->device;
	head->fmh_keys[0].fmr_physical = first;
	head->fmh_keys[1].fmr_device = map->device;
	head->fmh_keys[1].fmr_physical = last;
	head->fmh_keys[1].fmr_owner = UINT64_MAX;
	head->fmh_keys[1].fmr_offset = UINT64_MAX;
	head->fmh_keys[1].fmr_flags = UINT32_MAX;
}

int fs_map_count(struct fs_map *map, struct byte_range window, uint64_t *ret)
{
	if (!window.len) {
		*ret = 0;
		return 0;
	}
	set_keys(map, window.start, range_end(window) - 1);
	if (ioctl(map->fd, FS_IOC_GETFSMAP, map->head))
		return -errno;

	*ret = map->head->fmh_entries;
	return 0;
}

/* What the kernel has kept silent about, from @covered on. */
static int query_tail(struct fs_map *map, uint64_t covered,
		      int (*fn)(const struct fsmap_rec *rec, void *data), void *data)
{
	set_keys(map, covered, UINT64_MAX);
	map->head->fmh_count = 2;
	if (ioctl(map->fd, FS_IOC_GETFSMAP, map->head))
		return -errno;
	return hand_on(map, &covered, fn, data);
}

int fs_map_query(struct fs_map *map, struct byte_range window,
		 int (*fn)(const struct fsmap_rec *rec, void *data), void *data)
{
	struct fsmap_head *head = map->head;
	uint64_t covered = window.start;
	const struct fsmap *last;
	int r;

	if (!window.len)
		return 0;
	set_keys(map, window.start, range_end(window) - 1);
	for (;;) {
		head->fmh_count = RECORDS_A_CALL;
		head->fmh_entries = 0;
		if (ioctl(map->fd, FS_IOC_GETFSMAP, head))
			return -errno;
		if (!head->fmh_entries)
			break;
		r = hand_on(map, &covered, fn, data);
		if (r)
			return r;
		last = &head->fmh_recs[head->fmh_entries - 1];
		if (last->fmr_flags & FMR_OF_LAST || last->fmr_physical >= range_end(window))
			break;
		if (!memcmp(last, &head->fmh_keys[0], sizeof(*last)))
			return -EIO; /* the kernel does not move on */
		fsmap_advance(head);
	}
	return covered < range_end(window) ? query_tail(map, covered, fn, data) : 0;
}

/* ---- a file's extents ---- */

static int add_extent(const struct fiemap_extent *extent, struct byte_range part,
		      struct rangeset *ret)
{
	struct byte_range logical = {extent->fe_logical, extent->fe_length};
	struct byte_range hit = range_intersect(logical, part);

	if (!hit.len || extent->fe_flags & (FIEMAP_EXTENT_UNKNOWN | FIEMAP_EXTENT_DELALLOC |
					    FIEMAP_EXTENT_DATA_INLINE))
		return 0;
	hit.start = hit.start - logical.start + extent->fe_physical;
	return rangeset_append_unsorted(ret, hit);
}

int fs_map_file(int fd, struct byte_range range, struct rangeset *ret)
{
	const size_t size = sizeof(struct fiemap) + EXTENTS_A_CALL * sizeof(struct fiemap_extent);
	CLEANUP(rangeset_deinit) struct rangeset found = RANGESET_NULL;
	CLEANUP(freep) struct fiemap *map = malloc(size);
	struct byte_range part = range;
	uint64_t at = range.start;
	bool last = false;
	struct stat st;
	int r;

	if (!map)
		return -ENOMEM;
	if (fstat(fd, &st))
		return -errno;
	if (!range.len)
		part.len =
			(uint64_t)st.st_size > part.start ? (uint64_t)st.st_size - part.start : 0;
	if (part.len > INT64_MAX - part.start)
		return -EINVAL;
	while (!last && at < range_end(part)) {
		const struct fiemap_extent *extent = map->fm_extents;

		memset(map, 0, size);
		map->fm_start = at;
		map->fm_length = range_end(part) - at;
		map->fm_flags = FIEMAP_FLAG_SYNC;
		map->fm_extent_count = EXTENTS_A_CALL;
		if (ioctl(fd, FS_IOC_FIEMAP, map))
			return -errno;
		if (!map->fm_mapped_extents)
			break;
		for (uint32_t i = 0; i < map->fm_mapped_extents; i++, extent++) {
			r = add_extent(extent, part, &found);
			if (r)
				return r;
			at = extent->fe_logical + extent->fe_length;
			last = extent->fe_flags & FIEMAP_EXTENT_LAST;
		}
	}

	rangeset_normalise(&found);
	rangeset_move(ret, &found);
	return 0;
}
