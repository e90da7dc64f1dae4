/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Without a reverse map the kernel knows who owns a block only by asking everybody. What has a fixed place
 * and what holds inodes is found without that. For the rest the inodes are read off the device
 * (fs_propose.c), which is fast and may be out of date, so that the kernel is asked about what is found there.
 * Where each block has an owner then, and the kernel does not say that there are more, that is the
 * answer; else all inodes are asked where they lie (fs_sweep.c).
 *
 * That takes long, and files change meanwhile: a block may move from an inode not asked yet to one
 * that has been asked already, and a clone may appear behind the sweep. Therefore
 * - what was found is asked for once more, by handle, and only that is told;
 * - then the inodes that changed since the sweep began are asked again, and so on until nothing new
 *   is found or PASSES is reached. Whoever gets a block is stamped with a change time at that moment, or
 *   when the data was written that now gets it: before that, everything was synced. Where the
 *   clock was set back meanwhile, all are asked again.
 *
 * What nobody claims then stays unknown, and is never taken for free: blocks of extent maps and
 * of btrees have no owner that could be asked.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include "capture_sweep.h"
#include "cleanup.h"
#include "fd.h"
#include "fs_bmap.h"
#include "fs_chunks.h"
#include "fs_file.h"
#include "fs_inodes.h"
#include "fs_map.h"
#include "fs_propose.h"
#include "fs_sweep.h"
#include "fs_xfs.h"
#include "xfs_compat.h"

#define PASSES 4u

struct sweeping {
	const struct capture_xfs *x;
	struct locator *l;
	const char *what;       /* being done, for progress */
	struct rangeset blocks; /* asked for: in use, whole blocks */
	struct rangeset left;   /* of these: not claimed by anybody */
	struct fs_claims claims;
	const struct fs_claim *confirming;
	bool lost; /* what was claimed is not any more */
};

static void sweeping_deinit(struct sweeping *s)
{
	rangeset_deinit(&s->blocks);
	rangeset_deinit(&s->left);
	free(s->claims.items);
}

struct capture_moment capture_moment_now(void)
{
	struct timespec real, steady;

	clock_gettime(CLOCK_REALTIME, &real);
	clock_gettime(CLOCK_BOOTTIME, &steady);
	return (struct capture_moment){real.tv_sec, steady.tv_sec};
}

static int tell(uint64_t done, uint64_t total, void *data)
{
	const struct sweeping *s = data;
	const struct capture_options *options = s->x->options;

	if (!options->progress)
		return 0;
	return options->progress(options->progress_data, s->what, done, total) ? -ECANCELED : 0;
}

/* What is no answer: 0 and a reason; what ends everything: the same again. */
static int excuse(struct sweeping *s, int r)
{
	if (!r || r == -ENOMEM || r == -ECANCELED)
		return r;
	if (r == -EIO && fs_xfs_is_shut_down(s->x->fd))
		findings_add_reason(s->l->findings, REASON_SHUTDOWN);
	else if (r == -EPERM || r == -EACCES)
		findings_add_reason(s->l->findings, REASON_NOT_PERMITTED);
	else
		findings_add_reason(s->l->findings, REASON_IO_ERROR);
	return 0;
}

/* ---- what needs no sweep ---- */

/* Headers and log have their places, which the locator knows. */
static int leave_out_fixed(struct sweeping *s)
{
	const struct fsgeom *geom = &s->x->geom;
	int r = rangeset_subtract(&s->blocks, geom->log);

	for (uint32_t agno = 0; !r && agno < geom->ag_count; agno++) {
		struct byte_range headers = {fsgeom_ag_start(geom, agno), 4ull * geom->sector_size};

		r = rangeset_subtract(&s->blocks, range_round_out(headers, geom->block_size));
	}
	return r;
}

/* @rec is told where it lies in blocks, and no longer missing there. */
static int settle(struct sweeping *s, const struct fsmap_rec *rec)
{
	int r = 0;

	for (size_t i = rangeset_find(&s->blocks, rec->phys.start);
	     !r && i < s->blocks.n && s->blocks.ranges[i].start < range_end(rec->phys); i++)
		r = locator_add_record(s->l, s->blocks.ranges[i], rec);
	return r ? r : rangeset_subtract(&s->left, rec->phys);
}

static int find_inodes(struct sweeping *s)
{
	CLEANUP(rangeset_deinit) struct rangeset found = RANGESET_NULL;
	int r;

	r = fs_chunks_find(s->x->fd, &s->x->geom, &s->blocks, &found);
	for (size_t i = 0; !r && i < found.n; i++) {
		struct fsmap_rec rec = {
			.phys = found.ranges[i],
			.owner = XFS_FMR_OWN_INODES,
			.flags = FSMAP_SPECIAL,
		};

		r = settle(s, &rec);
	}
	return r ? r : rangeset_subtract_set(&s->blocks, &found);
}

/* ---- claims ---- */

static int compare_claims(const void *left, const void *right)
{
	const struct fs_claim *a = left, *b = right;
	uint32_t x = a->rec.flags & FSMAP_ATTR_FORK, y = b->rec.flags & FSMAP_ATTR_FORK;

	if (a->rec.owner != b->rec.owner)
		return a->rec.owner > b->rec.owner ? 1 : -1;
	if (x != y)
		return x > y ? 1 : -1;
	return (a->rec.offset > b->rec.offset) - (a->rec.offset < b->rec.offset);
}

static bool claims_for(const struct fs_sweep *sweep, uint64_t ino)
{
	size_t low = 0, high = sweep->claims.n;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (sweep->claims.items[middle].rec.owner < ino)
			low = middle + 1;
		else
			high = middle;
	}
	return low < sweep->claims.n && sweep->claims.items[low].rec.owner == ino;
}

/* What an inode says now replaces what it said before. */
static int take_over(struct sweeping *s, struct fs_sweep *sweep)
{
	size_t kept = 0;
	int r = 0;

	if (sweep->claims.n)
		qsort(sweep->claims.items, sweep->claims.n, sizeof(*sweep->claims.items),
		      compare_claims);
	for (size_t i = 0; i < s->claims.n; i++)
		if (!claims_for(sweep, s->claims.items[i].rec.owner))
			s->claims.items[kept++] = s->claims.items[i];
	s->claims.n = kept;
	for (size_t i = 0; !r && i < sweep->claims.n; i++)
		r = fs_claims_add(&s->claims, &sweep->claims.items[i]);
	if (s->claims.n)
		qsort(s->claims.items, s->claims.n, sizeof(*s->claims.items), compare_claims);
	return r;
}

static int take_confirmed(const struct fsmap_rec *rec, void *data)
{
	struct sweeping *s = data;
	struct fs_claim claim = {*rec, s->confirming->gen, false};

	return rangeset_overlaps(&s->blocks, rec->phys) ? fs_claims_add(&s->claims, &claim) : 0;
}

static int take_link(const struct found_file *inode, void *data)
{
	struct sweeping *s = data;

	return inode->gen == s->confirming->gen && S_ISLNK(inode->mode)
		       ? fs_claims_add(&s->claims, s->confirming)
		       : 0;
}

static int ignore_unreadable(uint64_t ino, void *data)
{
	return 0;
}

/* A link's target is written once and never moves: where the link still is the same, so is its place. */
static int confirm_link(struct sweeping *s)
{
	const struct fs_inodes_sink sink = {take_link, ignore_unreadable, NULL, s};

	return fs_inodes_look(s->x->fd, &s->confirming->rec.owner, 1, &sink);
}

/* Asks the same inodes for the same parts again: what they say now is what is claimed. */
static int confirm(struct sweeping *s)
{
	CLEANUP(fs_bmap_deinit) struct fs_bmap map = FS_BMAP_NULL;
	CLEANUP(freep) struct fs_claim *old = steal(s->claims.items);
	CLEANUP(fd_closep) int fd = -1;
	size_t n = s->claims.n;
	int r;

	s->claims = (struct fs_claims){.items = NULL};
	s->what = "check";
	r = fs_bmap_init(&map, s->x->fd);
	for (size_t i = 0; !r && i < n; i++) {
		const struct fs_claim *claim = &old[i];
		size_t before = s->claims.n;

		s->confirming = claim;
		if (claim->link) {
			r = confirm_link(s);
			if (r && r != -ENOMEM)
				r = 0;
			continue;
		}
		if (!i || claim->rec.owner != old[i - 1].rec.owner ||
		    claim->gen != old[i - 1].gen) {
			fd_closep(&fd);
			if (fs_file_open_any(map.fs_fd, claim->rec.owner, claim->gen, FS_BMAP_OPEN,
					     &fd))
				fd = -1;
		}
		if (fd >= 0)
			r = fs_bmap_walk(
				&map, fd, claim->rec.owner,
				claim->rec.flags & FSMAP_ATTR_FORK ? FS_BMAP_ATTR : FS_BMAP_DATA,
				(struct byte_range){claim->rec.offset, claim->rec.phys.len}, 4,
				take_confirmed, s);
		if (r && r != -ENOMEM)
			r = 0; /* not confirmed */
		s->lost |= s->claims.n == before;
		if (!r && i % 1000 == 999)
			r = tell(i, n, s);
	}
	return r;
}

static int what_is_left(struct sweeping *s)
{
	CLEANUP(rangeset_deinit) struct rangeset claimed = RANGESET_NULL;
	int r = 0;

	for (size_t i = 0; !r && i < s->claims.n; i++)
		r = rangeset_append_unsorted(&claimed, s->claims.items[i].rec.phys);
	rangeset_normalise(&claimed);
	return r ? r : rangeset_diff(&s->blocks, &claimed, &s->left);
}

/* ---- passes ---- */

static int64_t changed_since(struct capture_moment begin)
{
	struct capture_moment now = capture_moment_now();

	if (now.real - begin.real < now.steady - begin.steady - 1)
		return INT64_MIN; /* the clock was set back */
	return begin.real - 1;    /* change times may be a tick old */
}

static bool same_claims(const struct fs_claim *a, size_t n, const struct sweeping *s)
{
	for (size_t i = 0; n == s->claims.n && i < n; i++) {
		const struct fs_claim *b = &s->claims.items[i];

		if (a[i].gen != b->gen || a[i].rec.owner != b->rec.owner ||
		    a[i].rec.phys.start != b->rec.phys.start ||
		    a[i].rec.phys.len != b->rec.phys.len || a[i].rec.offset != b->rec.offset ||
		    a[i].rec.flags != b->rec.flags)
			return false;
	}
	return n == s->claims.n;
}

static bool is_shared(const struct sweeping *s)
{
	for (size_t i = 0; i < s->claims.n; i++)
		if (s->claims.items[i].rec.flags & FSMAP_SHARED)
			return true;
	return false;
}

/* -EOPNOTSUPP and other -errno: nothing comes of it */
static int propose(struct sweeping *s)
{
	CLEANUP(fs_sweep_deinit)
	struct fs_sweep sweep = {
		.geom = &s->x->geom,
		.wanted = &s->blocks,
		.progress = tell,
		.data = s,
	};
	int r;

	s->what = "reading inodes";
	if (fs_xfs_inodes_in_use(s->x->fd, &sweep.expected))
		sweep.expected = 0;
	r = fs_propose(&sweep, s->x->dev);
	if (!r)
		r = take_over(s, &sweep);
	if (!r)
		r = confirm(s);
	return r ? r : what_is_left(s);
}

/* @changed: whether others claim than before, or other parts */
static int pass(struct sweeping *s, int64_t since, bool *changed)
{
	CLEANUP(freep) struct fs_claim *before = NULL;
	size_t n = s->claims.n;
	CLEANUP(fs_sweep_deinit)
	struct fs_sweep sweep = {
		.fd = s->x->fd,
		.geom = &s->x->geom,
		.wanted = &s->blocks,
		.changed_since = since,
		.progress = tell,
		.data = s,
	};
	int r;

	s->what = since == INT64_MIN ? "asking every file" : "asking what changed";
	if (fs_xfs_inodes_in_use(s->x->fd, &sweep.expected))
		sweep.expected = 0;
	r = fs_sweep_run(&sweep);
	if (sweep.unreadable)
		findings_add_reason(s->l->findings, REASON_INODES_UNREADABLE);
	if (n) {
		before = reallocarray(NULL, n, sizeof(*before));
		if (!before)
			return -ENOMEM;
		memcpy(before, s->claims.items, n * sizeof(*before));
	}
	if (!r)
		r = take_over(s, &sweep);
	s->lost = false;
	if (!r)
		r = confirm(s);
	*changed = !same_claims(before, n, s);
	return r ? r : what_is_left(s);
}

static int sweep_files(struct sweeping *s, struct capture_moment since)
{
	int64_t from = INT64_MIN;
	bool changed;
	int r;

	r = propose(s);
	if (r == -ENOMEM || r == -ECANCELED)
		return r;
	if (!r && !s->left.n && !is_shared(s))
		return 0;
	for (unsigned int i = 0; i < PASSES; i++) {
		struct capture_moment begin = i ? capture_moment_now() : since;

		r = pass(s, from, &changed);
		if (r)
			return r;
		/* every block has an owner, and the kernel says that it is the only one */
		if (!s->left.n && !is_shared(s))
			return 0;
		if (i && !changed && !s->lost)
			return 0;
		from = changed_since(begin);
	}
	findings_add_reason(s->l->findings, REASON_CHANGED);
	return 0;
}

static int sweep_staging(struct sweeping *s)
{
	CLEANUP(fs_sweep_deinit)
	struct fs_sweep sweep = {
		.fd = s->x->fd,
		.geom = &s->x->geom,
		.wanted = &s->left,
		.changed_since = INT64_MIN,
		.cow = true,
		.progress = tell,
		.data = s,
	};
	int r;

	s->what = "asking for staged copies";
	if (fs_xfs_inodes_in_use(s->x->fd, &sweep.expected))
		sweep.expected = 0;
	r = fs_sweep_run(&sweep);
	for (size_t i = 0; !r && i < sweep.claims.n; i++)
		r = settle(s, &sweep.claims.items[i].rec);
	return r;
}

static int take_freed(const struct fsmap_rec *rec, void *data)
{
	struct sweeping *s = data;

	return fsmap_owner_kind(rec) == FS_OWNER_FREE ? settle(s, rec) : 0;
}

/* What nobody has any more may have become free meanwhile. */
static int ask_again(struct sweeping *s)
{
	CLEANUP(rangeset_deinit) struct rangeset blocks = RANGESET_NULL;
	CLEANUP(fs_map_deinit) struct fs_map map = FS_MAP_NULL;
	int r;

	r = rangeset_copy(&blocks, &s->left);
	if (!r)
		r = fs_map_init(&map, s->x->fd, s->x->device);
	/* free space comes cut to what was asked, and so lies in what is left */
	for (size_t i = 0; !r && i < blocks.n; i++)
		r = fs_map_query(&map, blocks.ranges[i], take_freed, s);
	return r;
}

static int gather(struct sweeping *s, struct capture_moment since)
{
	int r;

	r = find_inodes(s);
	if (r || !s->blocks.n)
		return r;
	r = sweep_files(s, since);
	for (size_t i = 0; !r && i < s->claims.n; i++)
		r = settle(s, &s->claims.items[i].rec);
	if (!r && s->left.n && s->x->geom.features & FSGEOM_REFLINK)
		r = sweep_staging(s);
	return r || !s->left.n ? r : ask_again(s);
}

int capture_sweep_gather(const struct capture_xfs *x, const struct rangeset *used,
			 struct capture_moment since, struct locator *l)
{
	CLEANUP(sweeping_deinit) struct sweeping s = {.x = x, .l = l};
	int r;

	r = rangeset_round_out(used, x->geom.block_size, &s.blocks);
	if (!r)
		r = leave_out_fixed(&s);
	if (!r)
		r = rangeset_copy(&s.left, &s.blocks);
	if (r || !s.blocks.n)
		return r;
	return excuse(&s, gather(&s, since));
}
