/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * From a plan, which lends what it was computed from, to work that stands by itself. Steps of
 * one page but its first stay together, in the order of the plan: that order is what keeps data safe.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include "cleanup.h"
#include "job.h"
#include "token.h"

static const char *const states[JOB_STATE_N] = {
	[JOB_RUNNING] = "running",
	[JOB_PROVED] = "proved",
	[JOB_DONE] = "done",
	[JOB_GIVEN_UP] = "given-up",
};

static const char *const step_states[JOB_STEP_STATE_N] = {
	[JOB_STEP_PLANNED] = "planned",
	[JOB_STEP_BEGUN] = "begun",
	[JOB_STEP_DONE] = "done",
	[JOB_STEP_SKIPPED] = "skipped",
};

const char *job_state_token(enum job_state state)
{
	return (unsigned int)state < JOB_STATE_N ? states[state] : "unknown";
}

int job_state_from_token(const char *token)
{
	return token_find(states, JOB_STATE_N, token);
}

const char *job_step_state_token(enum job_step_state state)
{
	return (unsigned int)state < JOB_STEP_STATE_N ? step_states[state] : "unknown";
}

int job_step_state_from_token(const char *token)
{
	return token_find(step_states, JOB_STEP_STATE_N, token);
}

void job_step_deinit(struct job_step *step)
{
	rangeset_deinit(&step->lost);
	free(step->path);
	free(step->note);
	*step = (struct job_step){0};
}

void job_deinit(struct job *job)
{
	for (size_t i = 0; i < job->n_steps; i++)
		job_step_deinit(&job->steps[i]);
	free(job->steps);
	free(job->argument);
	free(job->hash);
	free(job->plan);
	*job = JOB_NULL;
}

static int copy_text(const char *text, char **ret)
{
	char *copy = text ? strdup(text) : NULL;

	if (text && !copy)
		return -ENOMEM;
	*ret = copy;
	return 0;
}

static int take_file(const struct plan *plan, uint32_t index, struct job_step *ret)
{
	const struct findings *f = plan->facts->f;
	const struct found_file *file = index < f->n_files ? &f->files[index] : NULL;
	const struct plan_inode *inode = file ? plan_inode(plan->facts, file->ino) : NULL;
	uint32_t cursor = 0;

	if (!inode)
		return -EINVAL;
	ret->ino = file->ino;
	ret->gen = file->gen;
	ret->size = inode->size;
	ret->changed_nsec = inode->changed_nsec;
	return copy_text(findings_path_next(f, file, &cursor), &ret->path);
}

static int take_step(const struct plan *plan, const struct plan_step *step, struct job_step *ret)
{
	bool page = step->action >= PLAN_HOLD && step->action <= PLAN_KEEP;
	int r = 0;

	*ret = (struct job_step){.action = step->action,
				 .page = step->page,
				 .offset = step->offset,
				 .len = step->len};
	if (page)
		r = plan_lost_of_page(plan->facts, step->page, &ret->lost);
	if (!r && (page || step->action == PLAN_COPY_OUT))
		r = take_file(plan, step->file, ret);
	return r;
}

int job_from_plan(const struct plan *plan, const char *hash, const char *record, struct job *ret)
{
	CLEANUP(job_deinit) struct job job = JOB_NULL;
	const struct plan_facts *facts = plan->facts;
	int r;

	job.incident = facts->incident;
	job.choice = facts->choice;
	memcpy(job.fs_uuid, facts->f->geom.uuid, sizeof(job.fs_uuid));
	r = copy_text(facts->choice == PLAN_RESTORE ? facts->backup.path : facts->argument,
		      &job.argument);
	if (!r)
		r = copy_text(hash, &job.hash);
	if (!r)
		r = copy_text(record, &job.plan);
	if (r)
		return r;
	job.steps = calloc(plan->n_steps + 1, sizeof(*job.steps));
	if (!job.steps)
		return -ENOMEM;
	for (size_t i = 0; i < plan->n_steps; i++) {
		job.n_steps++;
		r = take_step(plan, &plan->steps[i], &job.steps[i]);
		if (r)
			return r;
	}

	*ret = job;
	job = JOB_NULL;
	return 0;
}

size_t job_page_steps(const struct job *job, size_t first)
{
	const struct job_step *one = &job->steps[first];
	size_t n = 1;

	while (one->action == PLAN_BUILD && first + n < job->n_steps &&
	       job->steps[first + n].action > PLAN_BUILD &&
	       job->steps[first + n].action <= PLAN_KEEP && job->steps[first + n].page == one->page)
		n++;
	return n;
}

size_t job_hold_of(const struct job *job, size_t build)
{
	size_t i = 0;

	while (i < build &&
	       (job->steps[i].action != PLAN_HOLD || job->steps[i].page != job->steps[build].page))
		i++;
	return i;
}

int job_lost_in_file(const struct job_step *step, struct rangeset *ret)
{
	CLEANUP(rangeset_deinit) struct rangeset in_file = RANGESET_NULL;

	for (size_t i = 0; i < step->lost.n; i++) {
		struct byte_range part = range_intersect(
			step->lost.ranges[i], (struct byte_range){step->page, step->len});
		int r;

		part.start = part.start - step->page + step->offset;
		r = part.len ? rangeset_add(&in_file, part) : 0;
		if (r)
			return r;
	}
	rangeset_move(ret, &in_file);
	return 0;
}
