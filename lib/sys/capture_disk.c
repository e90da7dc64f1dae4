/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The kernel's questions, put to the device: a filesystem that has shut down answers none of
 * them, and one that is not mounted, or cannot be, has nobody to ask; mostly because of
 * the very damage that is asked about.
 *
 * Reverse map and inodes are read as capture_xfs.c asks for them, and unreadable metadata
 * costs as little here: a block of the map its own range, an inode itself, a block of a directory
 * its names. What is on the device may be older than what the log has. That is said; and what is free on the device may be a file's in the log, so
 * it is not taken for free then: it stays unknown.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include "blkdev_source.h"
#include "capture_disk.h"
#include "cleanup.h"
#include "xfsdisk_features.h"
#include "xfsdisk_log.h"
#include "xfsdisk_rmap.h"

#define TELL_EACH 1000 /* ranges, inodes */

struct look {
	const struct xfsdisk *disk;
	const struct capture_options *options;
	struct locator *l;
	struct byte_range window; /* being asked about */
	struct xfsdisk_rmap map;  /* of the group asked about last */
	bool open, unusable;      /* what opening it gave */
	bool stale;               /* the log may know better */
};

static void look_deinit(struct look *look)
{
	xfsdisk_rmap_deinit(&look->map);
}

static int tell(const struct look *look, const char *what, uint64_t done, uint64_t total)
{
	const struct capture_options *options = look->options;

	if (!options->progress || done % TELL_EACH)
		return 0;
	return options->progress(options->progress_data, what, done, total) ? -ECANCELED : 0;
}

/* ---- reverse map ---- */

static int take_record(const struct fsmap_rec *rec, void *data)
{
	struct look *look = data;

	if (look->stale && fsmap_owner_kind(rec) == FS_OWNER_FREE)
		return 0;
	return locator_add_record(look->l, look->window, rec);
}

static int take_lost(struct byte_range range, void *data)
{
	struct look *look = data;
	CLEANUP(rangeset_deinit) struct rangeset lost = RANGESET_NULL;
	struct findings *f = look->l->findings;
	int r;

	r = rangeset_add(&lost, range_intersect(range, look->window));
	if (!r)
		r = rangeset_intersect(&lost, &look->l->bad, &lost);
	if (r)
		return r;
	if (lost.n)
		findings_add_reason(f, REASON_IO_ERROR);
	return rangeset_add_set(&f->failed, &lost);
}

/* @part: of one group */
static int query_part(struct look *look, struct byte_range part)
{
	const struct xfsdisk_rmap_sink sink = {take_record, take_lost, look};
	uint32_t agno = fsgeom_agno(&look->disk->geom, part.start);
	int r = 0;

	look->window = part;
	if (!look->open || look->map.agf.agno != agno) {
		xfsdisk_rmap_deinit(&look->map);
		r = xfsdisk_rmap_init(look->disk, agno, &look->map);
		look->open = !r || r == -EIO || r > 0;
		look->unusable = r != 0;
		look->map.agf.agno = agno;
	}
	if (r < 0 && r != -EIO)
		return r;
	if (look->unusable)
		return take_lost(part, look);
	return xfsdisk_rmap_query(&look->map, part, &sink);
}

static int gather_records(struct look *look)
{
	CLEANUP(rangeset_deinit) struct rangeset blocks = RANGESET_NULL;
	const struct fsgeom *geom = &look->disk->geom;
	int r;

	r = rangeset_round_out(&look->l->bad, geom->block_size, &blocks);
	for (size_t i = 0; !r && i < blocks.n; i++) {
		struct byte_range left = range_intersect(
			blocks.ranges[i], (struct byte_range){0, fsgeom_bytes(geom)});

		while (!r && left.len) {
			struct byte_range part = fsgeom_ag_part(geom, left);

			r = query_part(look, part);
			left = (struct byte_range){range_end(part), left.len - part.len};
		}
		if (!r)
			r = tell(look, "reverse map on the device", i + 1, blocks.n);
	}
	return r;
}

/* ---- inodes ---- */

static int gather_inodes(struct look *look)
{
	const uint64_t *inos;
	size_t n;
	int r;

	r = locator_wanted(look->l, &inos, &n);
	for (size_t i = 0; !r && i < n; i++) {
		struct found_file file;

		r = xfsdisk_inode(look->disk, inos[i], &file);
		if (!r)
			r = locator_add_inode(look->l, &file);
		else if (r == XFSDISK_E_UNUSED)
			r = 0;
		else if (r > 0 || r == -EIO)
			r = locator_inodes_unreadable(look->l, inos[i], 1);
		if (!r)
			r = tell(look, "inodes on the device", i + 1, n);
	}
	return r ? r : locator_end_inodes(look->l);
}

static int gather(const struct capture_disk *d, const struct xfsdisk *disk, bool stale,
		  struct locator *l)
{
	CLEANUP(look_deinit)
	struct look look = {.disk = disk, .options = d->options, .l = l, .stale = stale};
	int r;

	if (disk->geom.features & FSGEOM_RMAPBT)
		r = gather_records(&look);
	else
		r = capture_disk_sweep(d, disk, stale, l);
	if (!r)
		r = gather_inodes(&look);
	if (!r && !d->options->no_paths)
		r = capture_disk_names(d, disk, l->findings);
	if (!r || r == -ENOMEM || r == -ECANCELED)
		return r;
	/* the device has gone in between: no inode that was not read is known to be unused */
	findings_add_reason(l->findings, REASON_DEVICE_GONE);
	return locator_inodes_unreadable(l, 0, UINT64_MAX);
}

/* ---- all ---- */

static int say(const char *text, char **ret_detail)
{
	*ret_detail = strdup(text);
	return *ret_detail ? 0 : -ENOMEM;
}

static int closed(const char *why, char **ret_detail)
{
	int r = say(why, ret_detail);

	return r ? r : CAPTURE_DISK_E_CLOSED;
}

/* By name: nothing is guessed of it. */
static int unsupported(const struct xfsdisk_source *source, char **ret_detail)
{
	char names[XFSDISK_FEATURES_SAYS];
	uint8_t superblock[SECTOR_SIZE];
	int r = source->read(0, superblock, sizeof(superblock), source->data);

	if (r)
		return closed(strerror(-r), ret_detail);
	xfsdisk_features_unknown(superblock, names);
	if (asprintf(ret_detail,
		     "it cannot be read off the device: it has what pmemras does not know (%s)",
		     names) < 0) {
		*ret_detail = NULL;
		return -ENOMEM;
	}
	return CAPTURE_DISK_E_CLOSED;
}

static int open_disk(const struct capture_disk *d, struct locator *l, struct blkdev_source *source,
		     struct xfsdisk *ret, char **ret_detail)
{
	static const char *const unusable[] = {
		[XFSDISK_E_NOT_XFS] = "there is no superblock on the device",
		[XFSDISK_E_DAMAGED] = "the superblock on the device is damaged",
	};
	struct xfsdisk_source as;
	int r;

	r = blkdev_source_init(d->dev, source);
	if (r == -ENOMEM)
		return r;
	if (r == -EACCES || r == -EPERM)
		findings_add_reason(l->findings, REASON_NOT_PERMITTED);
	if (r)
		return closed(strerror(-r), ret_detail);
	as = blkdev_source_as(source);
	r = xfsdisk_open(&as, ret);
	if (!r || r == -ENOMEM)
		return r;
	if (r == XFSDISK_E_UNSUPPORTED)
		return unsupported(&as, ret_detail);
	return closed(r < 0 ? "the superblock cannot be read from the device" : unusable[r],
		      ret_detail);
}

/* One that has shut down has a log to replay; of another, what its log says. */
static int judge_log(const struct capture_disk *d, const struct xfsdisk *disk, struct locator *l,
		     bool *ret_stale, char **ret_detail)
{
	static const char *const says[] = {
		[XFSDISK_LOG_DIRTY] = "owners as read off the device; the log was not replayed",
		[XFSDISK_LOG_UNKNOWN] = "owners as read off the device; the log cannot be read, so "
					"that it may hold changes",
		[XFSDISK_LOG_EXTERNAL] = "owners as read off the device; the log is on another "
					 "device, which was not looked at",
	};
	enum xfsdisk_log_state state = XFSDISK_LOG_DIRTY;
	bool shut_down = d->mount && !mounts_has_option(d->mount, "ro");
	int r = 0;

	if (!shut_down)
		r = xfsdisk_log(disk, &state);
	*ret_stale = r || state != XFSDISK_LOG_CLEAN;
	if (r == -ENOMEM || !*ret_stale)
		return r;
	if (!shut_down)
		findings_add_reason(l->findings, REASON_DIRTY_LOG);
	return say(says[r ? XFSDISK_LOG_UNKNOWN : state], ret_detail);
}

int capture_disk_locate(const struct capture_disk *d, struct locator *l, char **ret_detail)
{
	CLEANUP(blkdev_source_deinit) struct blkdev_source source = BLKDEV_SOURCE_NULL;
	struct xfsdisk disk;
	bool stale = true;
	int r;

	r = open_disk(d, l, &source, &disk, ret_detail);
	if (r)
		return r;
	r = locator_set_geometry(l, &disk.geom);
	if (r)
		return r;
	l->findings->offline = true;
	r = judge_log(d, &disk, l, &stale, ret_detail);
	return r ? r : gather(d, &disk, stale, l);
}
