/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef PMEMRAS_WORKER_H
#define PMEMRAS_WORKER_H

/*
 * One thread for what may block, so that the event loop never does: jobs go
 * in, come back in the order they were given, and are finished in the loop.
 */
#include <stdbool.h>
#include <systemd/sd-event.h>

/* Embed this first in a job of your own; the worker never frees one. */
struct worker_job {
	struct worker_job *next; /* the worker's */
};

struct worker_ops {
	void (*run)(struct worker_job *job, void *data);  /* in the thread */
	void (*done)(struct worker_job *job, void *data); /* in the loop, takes the job back */
	void (*stopped)(void *data);                      /* in the loop: the thread has ended */
};

struct worker;

/* @event: lent, as are @ops and @data. All signals are blocked in the thread. 0 or -errno. */
int worker_new(sd_event *event, const struct worker_ops *ops, void *data, struct worker **ret);

/*
 * NULL always. Joins the thread, so that it must have stopped; a worker that still
 * runs is left alone, memory and all (for the last moment before _exit()).
 */
struct worker *worker_free(struct worker *worker);
void worker_freep(struct worker **worker);

void worker_submit(struct worker *worker, struct worker_job *job);

/* The job at work is finished, the others come back through done() without a run; then stopped().
 */
void worker_stop(struct worker *worker);

#endif
