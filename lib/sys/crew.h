/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef PMEMRAS_CREW_H
#define PMEMRAS_CREW_H

/* Some threads that share work which falls into numbered parts, and somebody who hears how far they are. */
#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

struct crew {
	unsigned int parts;
	/* Runs once in each thread, until crew_next() has no more. The first failure (-errno) stops all. */
	int (*work)(struct crew *crew, void *data);
	/* In the thread that called crew_run(), now and then; nonzero stops all and comes back. May be NULL. */
	int (*progress)(uint64_t done, uint64_t total, void *data);
	void *data;     /* of work */
	void *listener; /* of progress */
	uint64_t total;

	atomic_ullong done;   /* work counts it, for progress */
	pthread_mutex_t lock; /* of the results */

	/* internal */
	pthread_cond_t ended;
	atomic_uint next;
	atomic_bool stop;
	unsigned int running;
	int r;
};

/* The next part. False: there is none, or all are to stop. */
bool crew_next(struct crew *crew, unsigned int *ret);
bool crew_stopped(struct crew *crew); /* a long part looks now and then */

/*
 * As many threads as there are processors, parts at most. Return: 0, the first failure of work, what
 * progress returned, -errno of starting a thread.
 */
int crew_run(struct crew *crew);

#endif
