/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Gathers from a mounted XFS, in this order: reverse map (or what stands for it where there
 * is none, capture_sweep.c), inodes, paths.
 * Each step asks only about what the one before found.
 *
 * The order also bounds what a change in between can do. An inode that is
 * freed after the reverse map was read is missed by the look at inodes, or has
 * another generation when its parents are asked for; both are told. What is
 * reported therefore existed at some time during the look, and whoever acts on
 * it verifies again.
 *
 * Unreadable metadata must not take more answers along than it has to: it is
 * the normal case here. A query that fails is asked again for each bad range of
 * its own; a filesystem that is shut down is not asked any more.
 */
#include <errno.h>
#include <stdlib.h>
#include <unistd.h>
#include "capture_sweep.h"
#include "capture_xfs.h"
#include "cleanup.h"
#include "fs_inodes.h"
#include "fs_map.h"
#include "fs_paths.h"
#include "fs_xfs.h"
#include "fsquery.h"

#define TELL_EACH 10000 /* records */

struct gather {
	const struct capture_xfs *x;
	struct locator *l;
	struct byte_range window; /* being asked about */
	uint64_t records;
	uint64_t bytes_done, bytes_planned;
	struct rangeset used; /* in use by nobody knows whom, for want of a reverse map */
};

static void gather_deinit(struct gather *g)
{
	rangeset_deinit(&g->used);
}

static bool has_map(const struct capture_xfs *x)
{
	return !x->data_device || x->geom.features & FSGEOM_RMAPBT;
}

static int tell(const struct capture_xfs *x, const char *what, uint64_t done, uint64_t total)
{
	const struct capture_options *options = x->options;

	if (!options->progress)
		return 0;
	return options->progress(options->progress_data, what, done, total) ? -ECANCELED : 0;
}

/* ---- reverse map ---- */

static int take_record(const struct fsmap_rec *rec, void *data)
{
	struct gather *g = data;
	int r;

	if (!has_map(g->x) && fsmap_owner_kind(rec) == FS_OWNER_UNKNOWN)
		r = rangeset_add(&g->used, range_intersect(rec->phys, g->window));
	else
		r = locator_add_record(g->l, g->window, rec);
	if (r)
		return r;
	if (++g->records % TELL_EACH)
		return 0;
	return tell(g->x, "reverse map",
		    g->bytes_done + range_intersect(g->window, rec->phys).start - g->window.start,
		    g->bytes_planned);
}

/* 0 answered, 1 not answered (reason added), 2 nothing will be answered any more, -ENOMEM,
 * -ECANCELED */
static int query(struct gather *g, struct fs_map *map, struct byte_range window)
{
	struct findings *f = g->l->findings;
	int r;

	g->window = window;
	r = fs_map_query(map, window, take_record, g);
	if (!r || r == -ENOMEM || r == -ECANCELED)
		return r;
	if (r == -ENXIO || r == -ENODEV) {
		findings_add_reason(f, REASON_DEVICE_GONE);
		return 2;
	}
	if (r == -EIO && fs_xfs_is_shut_down(g->x->fd)) {
		findings_add_reason(f, REASON_SHUTDOWN);
		return 2;
	}
	return 1;
}

/* A window that held several bad ranges could not be read as a whole. */
static int query_each(struct gather *g, struct fs_map *map, struct byte_range window)
{
	struct locator *l = g->l;
	uint32_t block = g->x->geom.block_size;

	for (size_t i = rangeset_find(&l->bad, window.start);
	     i < l->bad.n && l->bad.ranges[i].start < range_end(window); i++) {
		struct byte_range one = range_intersect(l->bad.ranges[i], window);
		int r;

		/* what the window has already told comes again, equal: the locator drops doubles */
		r = query(g, map, range_intersect(range_round_out(one, block), window));
		if (r < 0 || r == 2)
			return r;
		if (!r)
			continue;
		findings_add_reason(l->findings, REASON_IO_ERROR);
		r = rangeset_add(&l->findings->failed, one);
		if (r)
			return r;
	}
	return 0;
}

/* By allocation group: each has a reverse map of its own, which may be damaged on its own. */
static int query_range(struct gather *g, struct fs_map *map, struct byte_range range)
{
	while (range.len) {
		struct byte_range part = fsgeom_ag_part(&g->x->geom, range);
		int r;

		r = query(g, map, part);
		if (r == 1)
			r = query_each(g, map, part);
		if (r)
			return r;
		g->bytes_done += part.len;
		range = (struct byte_range){range_end(part), range.len - part.len};
	}
	return 0;
}

/* As @density, or denser where a look into some gaps between the bad ranges says so. -ENOMEM. */
static int sample(const struct gather *g, struct fs_map *map, struct fsquery_density *density)
{
	CLEANUP(rangeset_deinit) struct rangeset samples = RANGESET_NULL;
	struct fsquery_density seen = {0, 0};
	int r;

	r = fsquery_samples(&g->l->bad, &samples);
	if (r)
		return r;
	seen.bytes = rangeset_bytes(&samples);
	for (size_t i = 0; i < samples.n; i++) {
		uint64_t records;

		if (fs_map_count(map, samples.ranges[i], &records))
			return 0; /* the query itself will tell */
		seen.records += records;
	}
	*density = fsquery_denser(*density, seen);
	return 0;
}

static int gather_records(struct gather *g)
{
	CLEANUP(rangeset_deinit) struct rangeset plan = RANGESET_NULL;
	CLEANUP(fs_map_deinit) struct fs_map map = FS_MAP_NULL;
	const struct capture_xfs *x = g->x;
	struct fsquery_density density;
	int r;

	r = fs_map_init(&map, x->fd, x->device);
	if (r)
		return r;
	if (!x->data_device) { /* the log has one record, from 0 */
		r = query(g, &map, (struct byte_range){0, INT64_MAX});
		if (r == 1)
			findings_add_reason(g->l->findings, REASON_IO_ERROR);
		return r < 0 ? r : 0;
	}

	if (fs_xfs_density(x->fd, &x->geom, &density))
		density = (struct fsquery_density){x->geom.data_blocks, fsgeom_bytes(&x->geom)};
	r = sample(g, &map, &density);
	if (r)
		return r;
	r = fsquery_plan(&g->l->bad, &x->geom, &density, &plan);
	g->bytes_planned = rangeset_bytes(&plan);
	for (size_t i = 0; !r && i < plan.n; i++)
		r = query_range(g, &map, plan.ranges[i]);
	return r < 0 ? r : 0;
}

/* Without a reverse map: everybody is asked. */
static int gather_owners(struct gather *g, struct capture_moment since)
{
	int r;

	if (!g->used.n || g->l->findings->reasons & 1u << REASON_SHUTDOWN)
		return 0;
	if (!fs_xfs_permitted())
		return 0;
	r = rangeset_intersect(&g->used, &g->l->bad, &g->used);
	return r ? r : capture_sweep_gather(g->x, &g->used, since, g->l);
}

/* ---- inodes ---- */

static int take_inode(const struct found_file *inode, void *data)
{
	struct gather *g = data;

	return locator_add_inode(g->l, inode);
}

static int take_unreadable(uint64_t ino, void *data)
{
	struct gather *g = data;

	return locator_inodes_unreadable(g->l, ino, 1);
}

static int tell_inodes(uint64_t done, uint64_t total, void *data)
{
	const struct gather *g = data;

	return tell(g->x, "inodes", done, total);
}

static int gather_inodes(struct gather *g)
{
	const struct fs_inodes_sink sink = {take_inode, take_unreadable, tell_inodes, g};
	const uint64_t *inos;
	size_t n;
	int r;

	r = locator_wanted(g->l, &inos, &n);
	if (r)
		return r;
	r = fs_inodes_look(g->x->fd, inos, n, &sink);
	if (r && r != -ENOMEM && r != -ECANCELED)
		r = locator_inodes_unreadable(g->l, 0, UINT64_MAX);
	return r ? r : locator_end_inodes(g->l);
}

/* ---- once more ---- */

/*
 * A walk takes long. A name that it found by inode number alone may by then be that of another
 * file, made after the number was given up. Parent pointers are asked for by handle, which
 * rules that out.
 */
struct recheck {
	const struct capture_xfs *x;
	struct findings *f;
	size_t next; /* index into files: first that was not heard of yet */
};

static bool has_walked_paths(const struct found_file *file)
{
	return file->flags & FOUND_FILE_PATHS && !(file->flags & FOUND_FILE_UNREADABLE);
}

static void not_heard_of(struct recheck *c, uint64_t before)
{
	for (; c->next < c->f->n_files && c->f->files[c->next].ino < before; c->next++)
		if (has_walked_paths(&c->f->files[c->next]))
			c->f->files[c->next].flags |= FOUND_FILE_VANISHED;
}

static int recheck_inode(const struct found_file *inode, void *data)
{
	struct recheck *c = data;
	struct found_file *file;

	not_heard_of(c, inode->ino);
	file = findings_file_by_ino(c->f, inode->ino);
	if (!file)
		return 0;
	c->next = (size_t)(file - c->f->files) + 1;
	if (has_walked_paths(file) && file->gen != inode->gen)
		file->flags |= FOUND_FILE_VANISHED;
	return 0;
}

static int recheck_unreadable(uint64_t ino, void *data)
{
	struct recheck *c = data;

	not_heard_of(c, ino);
	if (c->next < c->f->n_files && c->f->files[c->next].ino == ino)
		c->next++;
	return 0;
}

static int recheck_progress(uint64_t done, uint64_t total, void *data)
{
	const struct recheck *c = data;

	return tell(c->x, "check", done, total);
}

static int recheck(struct gather *g)
{
	struct recheck c = {g->x, g->l->findings, 0};
	const struct fs_inodes_sink sink = {recheck_inode, recheck_unreadable, recheck_progress,
					    &c};
	const uint64_t *inos;
	size_t n;
	int r;

	r = locator_wanted(g->l, &inos, &n);
	if (r)
		return r;
	r = fs_inodes_look(g->x->fd, inos, n, &sink);
	if (!r)
		not_heard_of(&c, UINT64_MAX);
	return r == -ENOMEM || r == -ECANCELED ? r : 0;
}

/* ---- all ---- */

int capture_xfs_gather(const struct capture_xfs *x, struct locator *l)
{
	const struct capture_options *options = x->options;
	CLEANUP(gather_deinit) struct gather g = {.x = x, .l = l};
	struct capture_moment since = capture_moment_now();
	struct fs_paths paths = {
		.f = l->findings,
		.mounts = x->mounts,
		.mount = x->mount,
		.fd = x->fd,
		.progress = options->progress,
		.progress_data = options->progress_data,
	};
	int r;

	if (!fs_xfs_permitted())
		findings_add_reason(l->findings, REASON_NOT_PERMITTED);
	if (!has_map(x))
		findings_add_reason(l->findings, REASON_NO_RMAPBT);
	/* what is delayed has no block yet; a failure shows in what follows */
	if (!options->no_sync)
		syncfs(x->fd);

	r = gather_records(&g);
	if (!r)
		r = gather_owners(&g, since);
	if (!r)
		r = gather_inodes(&g);
	if (r || options->no_paths)
		return r;
	if (fs_xfs_inodes_in_use(x->fd, &paths.names_expected))
		paths.names_expected = 0;
	r = fs_paths_find(&paths);
	if (!r && !(x->geom.features & FSGEOM_PARENT))
		r = recheck(&g);
	return r;
}
