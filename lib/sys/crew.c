/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The calling thread does none of the work: it only tells how far the others are, so that what it calls
 * need not be safe for threads, and hears at once that they are to stop.
 */
#include <errno.h>
#include <sched.h>
#include <time.h>
#include "crew.h"

#define THREADS_MAX 16u
#define TELL_NSEC   100000000 /* between calls of progress */

bool crew_stopped(struct crew *crew)
{
	return atomic_load(&crew->stop);
}

bool crew_next(struct crew *crew, unsigned int *ret)
{
	unsigned int part;

	if (crew_stopped(crew))
		return false;
	part = atomic_fetch_add(&crew->next, 1);
	if (part >= crew->parts)
		return false;
	*ret = part;
	return true;
}

/* With the lock held. */
static void fail(struct crew *crew, int r)
{
	if (!crew->r)
		crew->r = r;
	atomic_store(&crew->stop, true);
}

static void *run(void *data)
{
	struct crew *crew = data;
	int r = crew->work(crew, crew->data);

	pthread_mutex_lock(&crew->lock);
	if (r)
		fail(crew, r);
	crew->running--;
	pthread_cond_signal(&crew->ended);
	pthread_mutex_unlock(&crew->lock);
	return NULL;
}

static unsigned int how_many(const struct crew *crew)
{
	cpu_set_t cpus;
	unsigned int n;

	n = sched_getaffinity(0, sizeof(cpus), &cpus) ? 1 : (unsigned int)CPU_COUNT(&cpus);
	if (n > THREADS_MAX)
		n = THREADS_MAX;
	return n < crew->parts ? n : crew->parts;
}

/* Until all have ended. */
static void wait_and_tell(struct crew *crew)
{
	int r;

	pthread_mutex_lock(&crew->lock);
	while (crew->running) {
		struct timespec until;

		clock_gettime(CLOCK_MONOTONIC, &until);
		until.tv_nsec += TELL_NSEC;
		until.tv_sec += until.tv_nsec / 1000000000;
		until.tv_nsec %= 1000000000;
		pthread_cond_timedwait(&crew->ended, &crew->lock, &until);
		if (!crew->running || !crew->progress || crew_stopped(crew))
			continue;
		pthread_mutex_unlock(&crew->lock);
		r = crew->progress(atomic_load(&crew->done), crew->total, crew->listener);
		pthread_mutex_lock(&crew->lock);
		if (r)
			fail(crew, r);
	}
	pthread_mutex_unlock(&crew->lock);
}

int crew_run(struct crew *crew)
{
	pthread_t threads[THREADS_MAX];
	unsigned int wanted = how_many(crew), n = 0;
	pthread_condattr_t attributes;
	int r = 0;

	atomic_init(&crew->done, 0);
	atomic_init(&crew->next, 0);
	atomic_init(&crew->stop, false);
	crew->running = 0;
	crew->r = 0;
	pthread_mutex_init(&crew->lock, NULL);
	pthread_condattr_init(&attributes);
	pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
	pthread_cond_init(&crew->ended, &attributes);
	pthread_condattr_destroy(&attributes);

	for (; n < wanted && !r; n += !r) {
		pthread_mutex_lock(&crew->lock);
		r = -pthread_create(&threads[n], NULL, run, crew);
		if (!r)
			crew->running++;
		else if (!n) /* fewer than wanted do as well */
			fail(crew, r);
		pthread_mutex_unlock(&crew->lock);
	}
	wait_and_tell(crew);
	for (unsigned int i = 0; i < n; i++)
		pthread_join(threads[i], NULL);
	pthread_mutex_destroy(&crew->lock);
	pthread_cond_destroy(&crew->ended);
	return crew->r;
}
