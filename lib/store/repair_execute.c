/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * All pages are held first, as that no file has changed since the plan can be verified only before any is
 * changed by the repair itself; then page by page. One that is refused before any owner was changed is given up as it was found, and the
 * others go on; one that is refused in the middle keeps the job unfinished, for another run.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include "cleanup.h"
#include "fs_quarantine.h"
#include "repair_page.h"
#include "repair_prove.h"
#include "repair_work.h"

static int do_page(struct repair_work *w, size_t first,
		   int (*what)(struct repair_work *w, size_t first), struct repair_outcome *outcome)
{
	int r = what(w, first);

	if (r != REPAIR_REFUSED)
		return r;
	snprintf(outcome->why, sizeof(outcome->why), "%s", w->why);
	if (repair_page_is_unchanged(w->job, first))
		r = repair_page_give_up(w, first);
	if (r == REPAIR_REFUSED && what == repair_page)
		outcome->stuck++;
	return r == REPAIR_REFUSED ? 0 : r;
}

static int do_pages(struct repair_work *w, int (*what)(struct repair_work *w, size_t first),
		    struct repair_outcome *outcome)
{
	int r = 0;

	for (size_t i = 0; !r && i < w->job->n_steps; i += job_page_steps(w->job, i))
		if (repair_step(w, i)->action == PLAN_BUILD)
			r = do_page(w, i, what, outcome);
	return r;
}

static void count(const struct job *job, struct repair_outcome *outcome)
{
	outcome->pages = outcome->skipped = outcome->quarantined = 0;
	for (size_t i = 0; i < job->n_steps; i += job_page_steps(job, i)) {
		const struct job_step *last = &job->steps[i + job_page_steps(job, i) - 1];
		const struct job_step *hold = &job->steps[job_hold_of(job, i)];

		if (job->steps[i].action != PLAN_BUILD)
			continue;
		if (hold->state == JOB_STEP_SKIPPED) {
			outcome->skipped++;
			if (hold->note)
				snprintf(outcome->why, sizeof(outcome->why), "%s", hold->note);
		} else if (last->state == JOB_STEP_DONE || last->state == JOB_STEP_SKIPPED) {
			outcome->pages++;
			outcome->quarantined += strcmp(last->note ?: "", REPAIR_CLEARED) != 0;
			if (last->state == JOB_STEP_SKIPPED && last->note)
				snprintf(outcome->why, sizeof(outcome->why), "%s", last->note);
		}
	}
}

/* Good pages are everybody's by now. */
static int tidy_up(struct repair_work *w)
{
	int r = 0;

	for (size_t i = 0; !r && i < w->job->n_steps; i += job_page_steps(w->job, i)) {
		char name[REPAIR_NAME];

		if (repair_step(w, i)->action != PLAN_BUILD)
			continue;
		repair_good_name(w->job, repair_step(w, i)->page, name);
		r = fs_quarantine_unlink(w->dir, name);
	}
	return r ? r : store_repair_state(w->store, w->job, JOB_DONE, w->now_usec);
}

static int prove(struct repair_work *w, struct repair_outcome *outcome)
{
	size_t last = w->job->n_steps - 1;
	int r = repair_step_begun(w, last);

	if (!r)
		r = repair_prove(w);
	if (r == REPAIR_REFUSED) {
		snprintf(outcome->why, sizeof(outcome->why), "%s", w->why);
		outcome->stuck++;
		return 0;
	}
	return r ? r : repair_record(w, last, &outcome->over);
}

static int execute(struct repair_work *w, struct repair_outcome *outcome)
{
	int r = 0;

	if (w->job->state == JOB_RUNNING)
		r = do_pages(w, repair_page_begin, outcome);
	if (!r && w->job->state == JOB_RUNNING)
		r = do_pages(w, repair_page, outcome);
	if (r)
		return r;
	count(w->job, outcome);
	if (w->job->state == JOB_RUNNING && !outcome->stuck) {
		if (!outcome->pages)
			return store_repair_state(w->store, w->job, JOB_GIVEN_UP, w->now_usec);
		r = prove(w, outcome);
	}
	return !r && w->job->state == JOB_PROVED ? tidy_up(w) : r;
}

static bool is_untouched(const struct job *job)
{
	for (size_t i = 0; i < job->n_steps; i++)
		if (job->steps[i].state != JOB_STEP_PLANNED)
			return false;
	return true;
}

int repair_execute(const struct sysroot *root, struct store *store, struct job *job,
		   const struct repair_options *options, uint64_t now_usec,
		   struct repair_outcome *ret)
{
	CLEANUP(repair_work_deinit) struct repair_work w = REPAIR_WORK_NULL;
	struct repair_outcome outcome = {0};
	int r;

	if (!job->n_steps || job->steps[job->n_steps - 1].action != PLAN_PROVE)
		return -EINVAL;
	w.root = root;
	w.store = store;
	w.job = job;
	w.options = options;
	w.now_usec = now_usec;
	r = repair_work_open(&w);
	if (r && is_untouched(job) && store_repair_state(store, job, JOB_GIVEN_UP, now_usec))
		job->state = JOB_RUNNING; /* found unfinished, and without a step begun */
	if (!r)
		r = execute(&w, &outcome);
	if (w.dir >= 0)
		fs_quarantine_remove_if_empty(w.fs);
	if (!r)
		*ret = outcome;
	return r;
}
