/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef PMEMRAS_JOB_H
#define PMEMRAS_JOB_H

/*
 * A plan that is being carried out: its steps by value, with all that each must verify, so that
 * whoever finds an interrupted one in the store can finish it without the look that it was planned on.
 */
#include "plan.h"

enum job_state {
	JOB_RUNNING, /* or interrupted: something may be half done */
	JOB_PROVED,  /* only files of its own are left to be removed */
	JOB_DONE,
	JOB_GIVEN_UP, /* ended without having changed anything */
	JOB_STATE_N,
};
const char *job_state_token(enum job_state state); /* "running", "proved", … */
int job_state_from_token(const char *token);       /* -1 where it names none, NULL included */

enum job_step_state {
	JOB_STEP_PLANNED,
	JOB_STEP_BEGUN, /* may have been done, or not */
	JOB_STEP_DONE,
	JOB_STEP_SKIPPED, /* will not be done: note says why */
	JOB_STEP_STATE_N,
};
const char *job_step_state_token(enum job_step_state state); /* "planned", "begun", … */
int job_step_state_from_token(const char *token);            /* as above */

struct job_step {
	enum plan_action action;
	enum job_step_state state;
	uint64_t page; /* HOLD … KEEP, as in the plan: byte of the device */
	uint64_t offset;
	uint32_t len;
	struct rangeset lost; /* of these: bytes of the page, on the device, that are never read */
	uint64_t ino, size, changed_nsec; /* of the step's file as planned, 0 none */
	uint32_t gen;
	char *path;       /* its first, NULL none is known */
	char *note;       /* what came of it, for the steps behind it and for people; may be NULL */
	uint64_t at_usec; /* of the state */
};

struct job {
	int64_t id; /* 0 until the store gave one */
	int64_t incident, device;
	enum plan_choice choice;
	enum job_state state;
	char *argument; /* path of the backup, NULL */
	char *hash;     /* of the plan */
	char *plan;     /* its record, as text */
	uint8_t fs_uuid[16];
	uint64_t began_usec, ended_usec; /* ended: 0 while it runs */
	struct job_step *steps;
	size_t n_steps;
};

#define JOB_NULL ((struct job){0})
void job_deinit(struct job *job); /* for CLEANUP() */
void job_step_deinit(struct job_step *step);

/**
 * job_from_plan() - the work that a plan is
 * @hash, @record: the plan's name and its record as text; copied
 * @ret:           job_deinit(); id and device are left 0
 *
 * Return: 0, -ENOMEM, -EINVAL: a step is about a file that was not looked at.
 */
int job_from_plan(const struct plan *plan, const char *hash, const char *record, struct job *ret);

/* Steps from @first, a BUILD, on that are of the same page; 1 where it is another. */
size_t job_page_steps(const struct job *job, size_t first);
/* The HOLD of the same page; @build where there is none. */
size_t job_hold_of(const struct job *job, size_t build);
/* The bytes of a file that are lost by @step (a REPLACE), clipped to what the file has. -ENOMEM. */
int job_lost_in_file(const struct job_step *step, struct rangeset *ret);

#endif
