/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 *   source ─look, fact─► intake ─pass─► recorder ─pending─► investigator
 *                    ▲               │                     │
 *                    └── later/retry ┴─── the store moved ─┘
 *
 * Two threads, because the one must not wait for the other: the recorder
 * writes down what is bad within a moment, the investigator may walk a tree
 * for minutes. Each has one job, kept here by value; a job is at one place at
 * a time.
 *
 * Nothing is asked for twice in vain: incidents that could not be looked up, or
 * that are still pending after they were, wait, ever longer. And a look at the
 * store that found nothing is followed by one more, since a commit can be seen
 * in the files before it can be read (source_store.c), but not by a third.
 */
#include "passes.h"

#include <errno.h>
#include <string.h>
#include <time.h>

#include "cleanup.h"

#define SEC              UINT64_C(1000000)
#define FOLLOW_UP        (1 * SEC)
#define LOOKUP_RETRY_MIN (5 * SEC)
#define LOOKUP_RETRY_MAX (300 * SEC)
#define SLACK            (SEC / 10) /* the loop's clock is that of its last wake-up */

struct recorder_job {
	struct worker_job job; /* first */
	struct look look;
	struct settings settings;
	struct watch watch;
	bool suspect;
	struct recorder_result result;
};

struct investigator_job {
	struct worker_job job; /* first */
	struct investigator_task task;
	bool again;    /* among them those that were looked at before, in vain */
	int64_t *last; /* what the last task was about, without those */
	size_t n_last;
};

struct passes {
	struct passes_host host;
	struct intake *intake;
	struct worker *recording_worker, *lookup_worker;
	struct recorder_job recording;
	struct investigator_job lookup;
	bool looking, stopping;
	bool suspect;  /* the next pass sets the store aside */
	bool followed; /* the follow-up look is on its way */
	bool again;    /* mounts or devices changed, and nobody could look again yet */
	uint64_t lookup_pause, lookup_not_before; /* CLOCK_MONOTONIC, after failures */
	unsigned int n_running;                   /* threads that have not ended */
};

static uint64_t now_monotonic(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * SEC + (uint64_t)now.tv_nsec / 1000;
}

/* ---- looking up ---- */

static void look_up(struct passes *passes, struct recorder_result *result)
{
	struct investigator_task *task = &passes->lookup.task;

	if (passes->looking || now_monotonic() < passes->lookup_not_before) {
		passes->again = passes->again || result->again;
		return;
	}
	if (!result->n_pending)
		return;
	passes->lookup.again = result->again;
	task->incidents = steal(result->pending);
	task->n = result->n_pending;
	task->paths = passes->recording.settings.paths;
	task->holders = passes->recording.settings.holders;
	passes->looking = true;
	worker_submit(passes->lookup_worker, &passes->lookup.job);
}

static void lookup_run(struct worker_job *base, void *data)
{
	struct investigator_job *job = (struct investigator_job *)base;
	struct passes *passes = data;

	investigator_run(passes->host.investigator, &job->task);
}

/* Pending after it was looked up: it would be so for ever. */
static bool same_as_before(const struct investigator_job *job)
{
	return !job->again && job->n_last == job->task.n &&
	       !memcmp(job->last, job->task.incidents, job->n_last * sizeof(*job->last));
}

static void lookup_done(struct worker_job *base, void *data)
{
	struct investigator_job *job = (struct investigator_job *)base;
	struct passes *passes = data;

	passes->looking = false;
	if (job->task.r == STORE_E_CORRUPT) {
		passes->suspect = true;
		intake_look_now(passes->intake, LOOK_DEVICES);
	}
	if (job->task.n_failed || same_as_before(job)) {
		passes->lookup_pause =
			passes->lookup_pause ? 2 * passes->lookup_pause : LOOKUP_RETRY_MIN;
		if (passes->lookup_pause > LOOKUP_RETRY_MAX)
			passes->lookup_pause = LOOKUP_RETRY_MAX;
		passes->lookup_not_before = now_monotonic() + passes->lookup_pause;
		intake_look_later(passes->intake, LOOK_STORE, passes->lookup_pause + SLACK);
	} else {
		passes->lookup_pause = 0;
		intake_look(passes->intake, LOOK_STORE, 0);
	}
	free(job->last);
	job->last = job->again ? NULL : steal(job->task.incidents);
	job->n_last = job->again ? 0 : job->task.n;
	investigator_task_deinit(&job->task);
}

/* ---- passes ---- */

static void begin(void *data, struct look *look)
{
	struct passes *passes = data;
	struct recorder_job *job = &passes->recording;

	/* what an earlier pass did not get to write down */
	if (event_set_take(&look->heard, &job->look.heard)) {
		(void)event_set_take(&job->look.heard, &look->heard);
		look_deinit(look);
		intake_done(passes->intake, false);
		return;
	}
	look_deinit(&job->look);
	job->look = *look;
	*look = LOOK_NULL;
	if (passes->again && !passes->looking && now_monotonic() >= passes->lookup_not_before) {
		job->look.mounts = true;
		passes->again = false;
	}
	watch_deinit(&job->watch);
	recorder_result_deinit(&job->result);
	if (passes->host.ops->prepare(passes->host.data, &job->look, &job->settings, &job->watch)) {
		intake_done(passes->intake, false);
		return;
	}
	job->suspect = passes->suspect;
	passes->suspect = false;
	worker_submit(passes->recording_worker, &job->job);
}

static void recording_run(struct worker_job *base, void *data)
{
	struct recorder_job *job = (struct recorder_job *)base;
	struct passes *passes = data;

	if (job->suspect)
		recorder_suspect(passes->host.recorder);
	recorder_pass(passes->host.recorder, &job->look, &job->settings, &job->watch, &job->result);
}

static void follow_up(struct passes *passes, const struct recorder_job *job)
{
	if (!job->look.store || job->result.moved || passes->followed) {
		passes->followed = false;
		return;
	}
	passes->followed = true;
	intake_look_later(passes->intake, LOOK_STORE, FOLLOW_UP);
}

static void recording_done(struct worker_job *base, void *data)
{
	struct recorder_job *job = (struct recorder_job *)base;
	struct passes *passes = data;

	if (!passes->stopping) {
		passes->host.ops->told(passes->host.data, &job->result, &job->watch);
		if (job->result.counted) {
			follow_up(passes, job);
			look_up(passes, &job->result);
		}
	}
	intake_done(passes->intake, !job->result.r);
}

static void on_stopped(void *data)
{
	struct passes *passes = data;

	if (--passes->n_running)
		return;
	/* nobody else is at the recorder any more: what was heard in the last moment */
	intake_leftover(passes->intake, &passes->recording.look.heard);
	recorder_last(passes->host.recorder, &passes->recording.look, &passes->recording.settings);
	passes->host.ops->stopped(passes->host.data);
}

/* ---- life ---- */

static const struct worker_ops recording_ops = {recording_run, recording_done, on_stopped};
static const struct worker_ops lookup_ops = {lookup_run, lookup_done, on_stopped};

int passes_new(const struct passes_host *host, struct passes **ret)
{
	CLEANUP(passes_freep) struct passes *passes = calloc(1, sizeof(*passes));
	int r;

	if (!passes)
		return -ENOMEM;
	passes->host = *host;
	passes->recording.settings = SETTINGS_NULL;
	r = intake_new(host->event, begin, passes, &passes->intake);
	if (r)
		return r;
	r = worker_new(host->event, &recording_ops, passes, &passes->recording_worker);
	if (r)
		return r;
	passes->n_running++;
	r = worker_new(host->event, &lookup_ops, passes, &passes->lookup_worker);
	if (r)
		return r;
	passes->n_running++;
	*ret = steal(passes);
	return 0;
}

struct passes *passes_free(struct passes *passes)
{
	if (!passes)
		return NULL;
	worker_freep(&passes->recording_worker);
	worker_freep(&passes->lookup_worker);
	intake_freep(&passes->intake);
	if (passes->n_running)
		return NULL; /* a thread may still be at a job of ours */
	look_deinit(&passes->recording.look);
	settings_deinit(&passes->recording.settings);
	watch_deinit(&passes->recording.watch);
	recorder_result_deinit(&passes->recording.result);
	investigator_task_deinit(&passes->lookup.task);
	free(passes->lookup.last);
	free(passes);
	return NULL;
}

void passes_freep(struct passes **passes)
{
	*passes = passes_free(*passes);
}

void passes_look(struct passes *passes, enum look_at at, dev_t devno)
{
	intake_look(passes->intake, at, devno);
}

void passes_look_now(struct passes *passes, enum look_at at)
{
	intake_look_now(passes->intake, at);
}

int passes_heard(struct passes *passes, const struct media_event *event)
{
	return intake_heard(passes->intake, event);
}

void passes_stop(struct passes *passes)
{
	passes->stopping = true;
	intake_stop(passes->intake);
	atomic_store(&passes->host.investigator->cancel, true);
	worker_stop(passes->recording_worker);
	worker_stop(passes->lookup_worker);
}
