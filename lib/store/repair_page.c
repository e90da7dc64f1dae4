/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The order is what keeps data safe, and each step looks at the machine, not at what was
 * remembered, so that it may be run again at any time:
 *
 * HOLD    The quarantine file shares the block. From now on it is nobody's alone: it cannot become
 *         free space, and whoever writes there gets another block, so its content stands still.
 * BUILD   What can be read of it, and something for what cannot, on the medium in a file of ours. Nothing
 *         has been changed so far.
 * REPLACE Every owner, see repair_replace.c.
 * CLEAR   Only the quarantine file has the block. Only then is it written to, whole, and in place, as
 * KEEP    it is shared no more. If that did not make it good, or was not wanted, the file stays, sealed.
 */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include "cleanup.h"
#include "fd.h"
#include "fs_quarantine.h"
#include "repair_look.h"
#include "repair_page.h"
#include "repair_replace.h"

void repair_page_deinit(struct repair_page *p)
{
	fd_closep(&p->bad.fd);
	fd_closep(&p->good.fd);
}

struct repair_page repair_page_of(struct repair_work *w, size_t first)
{
	const struct job_step *step = repair_step(w, first);
	struct repair_page p = {
		.w = w,
		.hold = job_hold_of(w->job, first),
		.build = first,
		.last = first + job_page_steps(w->job, first) - 1,
		.at = step->page,
		.bad = {-1, 0, step->len},
		.good = {-1, 0, step->len},
	};

	repair_bad_name(p.at, p.bad_name);
	repair_good_name(w->job, p.at, p.good_name);
	return p;
}

bool repair_page_is_unchanged(const struct job *job, size_t first)
{
	size_t n = job_page_steps(job, first);

	for (size_t i = first + 1; i + 1 < first + n; i++)
		if (job->steps[i].state == JOB_STEP_BEGUN || job->steps[i].state == JOB_STEP_DONE)
			return false;
	return true;
}

/* @ret: the file's block is the page */
int repair_page_has(const struct repair_page *p, struct fs_block block, bool *ret)
{
	uint64_t at = 0;
	int r = fs_block_where(block, &at);

	if (r && r != -ENODATA)
		return r;
	*ret = !r && at == p->at;
	return 0;
}

/* ---- the owners ---- */

static int replace(struct repair_page *p)
{
	int r = 0;

	/* all or none, as far as that can be known */
	if (repair_page_is_unchanged(p->w->job, p->build))
		for (size_t i = p->build + 1; !r && i < p->last; i++)
			r = repair_replace_probe(p->w, i);
	for (size_t i = p->build + 1; !r && i < p->last; i++)
		r = repair_replace(p->w, i, p->good);
	return r;
}

/* ---- the bad block itself ---- */

static int is_not(const struct fsmap_rec *rec, void *data)
{
	const struct stat *own = data;

	return rec->owner != own->st_ino ||
	       rec->flags & (FSMAP_SPECIAL | FSMAP_ATTR_FORK | FSMAP_EXTENT_MAP);
}

/* 1: somebody else has the bad block */
static int is_shared(struct repair_page *p)
{
	bool there = false;
	struct stat st;
	int r;

	if (fstat(p->bad.fd, &st))
		return repair_failed(p->w, "the quarantine file", -errno);
	r = repair_page_has(p, p->bad, &there);
	if (!r && there)
		r = fs_block_owners(p->w->fs, p->w->dev.devno, repair_page_range(p), is_not, &st);
	if (r < 0)
		return repair_failed(p->w, "the filesystem's reverse map", r);
	return there ? r : repair_refuse(p->w, "the quarantine file does not hold the block");
}

/*
 * What the kernel told of and no list has is not written to: reading it back would prove nothing, and
 * where a machine check took the page out of the kernel's own map, the write would fault.
 */
static int can_be_proved(struct repair_page *p, bool *ret)
{
	CLEANUP(rangeset_deinit) struct rangeset listed = RANGESET_NULL;
	CLEANUP(rangeset_deinit) struct rangeset heard = RANGESET_NULL;
	struct repair_work *w = p->w;
	int r = repair_listed(w->root, w->store, &w->dev, w->job->device, &listed);

	if (!r)
		r = repair_heard(w->store, w->job->device, &heard);
	if (r)
		return repair_failed(w, "the device's list of bad blocks", r);
	*ret = rangeset_overlaps(&listed, repair_page_range(p)) ||
	       !rangeset_overlaps(&heard, repair_page_range(p));
	return 0;
}

/* The whole page, aligned, past the page cache: that, and nothing less, clears poison. @ret: it did */
static int clear(struct repair_page *p, bool *ret)
{
	CLEANUP(rangeset_deinit) struct rangeset listed = RANGESET_NULL;
	struct repair_work *w = p->w;
	bool there = false, provable = false;
	int r;

	*ret = false;
	r = can_be_proved(p, &provable);
	if (r || !provable || fcntl(p->bad.fd, F_SETFL, O_DIRECT))
		return r;
	memset(w->page, 0, PAGE_BYTES);
	if (repair_write(p->bad.fd, w->page, PAGE_BYTES, 0) || fsync(p->bad.fd))
		return 0; /* it cannot be cleared so: it stays in quarantine */
	if (repair_page_has(p, p->bad, &there) || !there)
		return repair_refuse(w, "the write went elsewhere: the block is as it was");
	if (repair_listed(w->root, w->store, &w->dev, w->job->device, &listed))
		return 0;
	*ret = !rangeset_overlaps(&listed, repair_page_range(p)) &&
	       !blkdev_read(w->device, w->other, repair_page_range(p)) &&
	       !memcmp(w->page, w->other, PAGE_BYTES);
	return 0;
}

static int finish(struct repair_page *p)
{
	bool cleared = false, shared;
	int r = is_shared(p);

	shared = r == 1;
	if (r > 1 || r < 0)
		return r;
	r = repair_step_begun(p->w, p->last);
	if (!r && !shared && repair_step(p->w, p->last)->action == PLAN_CLEAR) {
		r = fs_quarantine_unseal(p->w->dir, p->bad_name, &p->bad.fd);
		r = r ? repair_failed(p->w, "the quarantine file", r) : clear(p, &cleared);
	}
	if (!r && !cleared)
		r = repair_failed(p->w, "sealing the quarantine file",
				  fs_quarantine_seal(p->bad.fd));
	if (!r && shared)
		return store_repair_step(p->w->store, p->w->job, p->last, JOB_STEP_SKIPPED,
					 "another file has the bad block now: plan again for it",
					 p->w->now_usec);
	return r ? r : repair_step_done(p->w, p->last, cleared ? REPAIR_CLEARED : REPAIR_KEPT);
}

static bool is_over(const struct repair_page *p)
{
	enum job_step_state state = repair_step(p->w, p->last)->state;

	return state == JOB_STEP_DONE || state == JOB_STEP_SKIPPED;
}

int repair_page_begin(struct repair_work *w, size_t first)
{
	CLEANUP(repair_page_deinit) struct repair_page p = repair_page_of(w, first);

	return is_over(&p) ? 0 : repair_page_hold(&p);
}

int repair_page(struct repair_work *w, size_t first)
{
	CLEANUP(repair_page_deinit) struct repair_page p = repair_page_of(w, first);
	int r = 0;

	if (!is_over(&p)) {
		r = repair_page_hold(&p);
		if (!r)
			r = repair_page_build(&p);
		if (!r)
			r = replace(&p);
		if (!r)
			r = finish(&p);
	}
	if (!r && !strcmp(repair_step(w, p.last)->note ?: "", REPAIR_CLEARED))
		r = repair_failed(w, "the quarantine", fs_quarantine_unlink(w->dir, p.bad_name));
	return r;
}

/* ---- giving up ---- */

static int is_another(const struct fsmap_rec *rec, void *data)
{
	const struct stat *own = data;

	return rec->owner != own->st_ino;
}

/* Lets go of the bad block, but never as the last who has it. */
static int let_go(struct repair_page *p)
{
	bool held = false;
	struct stat st;
	int r;

	r = repair_page_find_hold(p, &held);
	if (r || !held || fs_quarantine_is_sealed(p->bad.fd))
		return r;
	if (fstat(p->bad.fd, &st))
		return repair_failed(p->w, "the quarantine file", -errno);
	r = fs_block_owners(p->w->fs, p->w->dev.devno, repair_page_range(p), is_another, &st);
	if (r == 1)
		return repair_failed(p->w, "the quarantine",
				     fs_quarantine_unlink(p->w->dir, p->bad_name));
	return repair_failed(p->w, "the quarantine file", r ? r : fs_quarantine_seal(p->bad.fd));
}

int repair_page_give_up(struct repair_work *w, size_t first)
{
	CLEANUP(repair_page_deinit) struct repair_page p = repair_page_of(w, first);
	char why[sizeof(w->why)];
	int r;

	memcpy(why, w->why, sizeof(why));
	r = let_go(&p);
	if (!r)
		r = repair_failed(w, "the quarantine", fs_quarantine_unlink(w->dir, p.good_name));
	if (!r)
		r = store_begin(w->store);
	if (r)
		return r;
	r = store_repair_step(w->store, w->job, p.hold, JOB_STEP_SKIPPED, why, w->now_usec);
	for (size_t i = p.build; !r && i <= p.last; i++)
		r = store_repair_step(w->store, w->job, i, JOB_STEP_SKIPPED, NULL, w->now_usec);
	if (!r)
		return store_commit(w->store);
	store_rollback(w->store);
	return r;
}
