/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * HOLD: one more owner for the bad block, a file of ours. Before that it is verified that the plan is still
 * true: the block is bad, its owners are those of the plan, and nobody has written to the file.
 */
#include <errno.h>
#include <fcntl.h>
#include <unistd.h>
#include "cleanup.h"
#include "fd.h"
#include "fs_file.h"
#include "fs_quarantine.h"
#include "repair_look.h"
#include "repair_page.h"

static int check_still_bad(struct repair_page *p)
{
	CLEANUP(rangeset_deinit) struct rangeset bad = RANGESET_NULL;
	CLEANUP(rangeset_deinit) struct rangeset heard = RANGESET_NULL;
	int r = repair_listed(p->w->root, p->w->store, &p->w->dev, p->w->job->device, &bad);

	if (!r)
		r = repair_heard(p->w->store, p->w->job->device, &heard);
	if (!r)
		r = rangeset_add_set(&bad, &heard);
	if (r)
		return repair_failed(p->w, "the device's list of bad blocks", r);
	return rangeset_overlaps(&bad, repair_page_range(p))
		       ? 0
		       : repair_refuse(p->w,
				       "no list, no declaration and no event has it any more");
}

struct census {
	const struct repair_page *p;
	size_t known, strangers;
};

static int count_owner(const struct fsmap_rec *rec, void *data)
{
	const uint32_t no_data = FSMAP_SPECIAL | FSMAP_ATTR_FORK | FSMAP_EXTENT_MAP;
	struct census *census = data;
	const struct job *job = census->p->w->job;

	for (size_t i = census->p->build + 1; i < census->p->last; i++) {
		const struct job_step *step = &job->steps[i];

		if (!(rec->flags & no_data) && step->ino == rec->owner &&
		    step->offset == rec->offset) {
			census->known++;
			return 0;
		}
	}
	census->strangers++;
	return 0;
}

/* Whoever is not in the plan would be left with the bad block. */
static int check_owners(struct repair_page *p)
{
	struct census census = {.p = p};
	int r = fs_block_owners(p->w->fs, p->w->dev.devno, repair_page_range(p), count_owner,
				&census);

	if (r)
		return repair_failed(p->w, "the filesystem's reverse map", r);
	return census.strangers || census.known != p->last - p->build - 1
		       ? repair_refuse(p->w, "who has the block has changed since the plan")
		       : 0;
}

static int open_source(struct repair_page *p, struct fs_block *source)
{
	const struct job_step *step = repair_step(p->w, p->hold);
	struct plan_inode now;
	bool there = false;
	int r;

	r = fs_file_open(p->w->fs, step->ino, step->gen, O_RDONLY | O_NOATIME, &source->fd);
	if (!r)
		r = fs_file_look(source->fd, &now);
	if (!r)
		r = repair_page_has(p, *source, &there);
	if (r)
		return repair_failed(p->w, step->path ? step->path : "the file", r);
	if (now.size != step->size || now.changed_nsec != step->changed_nsec || !there)
		return repair_refuse(p->w, "the file has changed since the plan: %s",
				     step->path ? step->path : "it has no name");
	return 0;
}

static void source_deinit(struct fs_block *source)
{
	fd_closep(&source->fd);
}

static int take_hold(struct repair_page *p)
{
	const struct job_step *step = repair_step(p->w, p->hold);
	CLEANUP(source_deinit) struct fs_block source = {-1, step->offset, step->len};
	bool dax = false, there = false;
	int r;

	r = check_still_bad(p);
	if (!r)
		r = check_owners(p);
	if (!r)
		r = open_source(p, &source);
	if (!r)
		r = repair_step_begun(p->w, p->hold);
	if (r)
		return r;
	r = fs_block_is_dax(source.fd, &dax);
	if (!r)
		r = fs_quarantine_create(p->w->dir, p->bad_name, dax, &p->bad.fd);
	if (!r)
		r = fs_block_clone(source, p->bad);
	if (!r && (fsync(p->bad.fd) || fsync(p->w->dir)))
		r = -errno;
	if (!r)
		r = repair_page_has(p, p->bad, &there);
	if (r)
		return repair_failed(p->w, "putting the bad block into quarantine", r);
	return there ? 0 : repair_refuse(p->w, "the file was written to there meanwhile");
}

/* What an interrupted run left: nothing in it that anybody needs, unless it holds the block. */
int repair_page_find_hold(struct repair_page *p, bool *ret_held)
{
	int r = fs_quarantine_find(p->w->dir, p->bad_name, &p->bad.fd);

	*ret_held = false;
	if (r == -ENOENT)
		return 0;
	if (!r)
		r = repair_page_has(p, p->bad, ret_held);
	if (r)
		return repair_failed(p->w, "the quarantine file", r);
	if (*ret_held)
		return 0;
	if (fs_quarantine_is_sealed(p->bad.fd))
		return repair_refuse(p->w, "a sealed quarantine file of that name is in the way");
	fd_closep(&p->bad.fd);
	return repair_failed(p->w, "the quarantine", fs_quarantine_unlink(p->w->dir, p->bad_name));
}

int repair_page_hold(struct repair_page *p)
{
	bool held;
	int r = repair_page_find_hold(p, &held);

	if (r)
		return r;
	if (!held && !repair_page_is_unchanged(p->w->job, p->build))
		return repair_refuse(p->w, "the quarantine file that held the bad block is gone");
	if (!held)
		r = take_hold(p);
	return r ? r : repair_step_done(p->w, p->hold, NULL);
}
