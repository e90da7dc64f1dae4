/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A system call on a sick device or a frozen filesystem may hang for ever.
 * The loop must go on answering the watchdog and SIGTERM meanwhile, so
 * everything that touches a disk happens in such a thread.
 *
 * Two lists under one mutex: in (given, not yet run) and out (run, not yet
 * handed back). The thread wakes the loop through an eventfd; the loop wakes
 * the thread through the condition. Nothing else is shared, and a job belongs to
 * exactly one side at a time.
 */
#include "worker.h"

#include <errno.h>
#include <pthread.h>
#include <stdint.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "cleanup.h"

struct job_list {
	struct worker_job *first, **end;
};

struct worker {
	const struct worker_ops *ops;
	void *data;
	sd_event_source *wake_source;
	int wake_fd; /* eventfd: out has something, or the thread has ended */

	pthread_t thread;
	bool started;

	pthread_mutex_t lock;
	pthread_cond_t more;
	struct job_list in, out;
	bool stop, ended;
	bool told_stopped; /* loop only */
};

static void list_init(struct job_list *list)
{
	list->first = NULL;
	list->end = &list->first;
}

static void list_append(struct job_list *list, struct worker_job *job)
{
	job->next = NULL;
	*list->end = job;
	list->end = &job->next;
}

static struct worker_job *list_take(struct job_list *list)
{
	struct worker_job *job = list->first;

	if (!job)
		return NULL;
	list->first = job->next;
	if (!list->first)
		list->end = &list->first;
	job->next = NULL;
	return job;
}

static void wake_loop(struct worker *worker)
{
	/* the counter cannot overflow in practice, and a full one wakes as well */
	(void)!write(worker->wake_fd, &(uint64_t){1}, sizeof(uint64_t));
}

static void *thread_main(void *data)
{
	struct worker *worker = data;
	struct worker_job *job;

	pthread_mutex_lock(&worker->lock);
	for (;;) {
		while (!worker->in.first && !worker->stop)
			pthread_cond_wait(&worker->more, &worker->lock);
		if (worker->stop)
			break;
		job = list_take(&worker->in);
		pthread_mutex_unlock(&worker->lock);
		worker->ops->run(job, worker->data);
		pthread_mutex_lock(&worker->lock);
		list_append(&worker->out, job);
		wake_loop(worker);
	}
	while ((job = list_take(&worker->in)))
		list_append(&worker->out, job);
	worker->ended = true;
	wake_loop(worker);
	pthread_mutex_unlock(&worker->lock);
	return NULL;
}

static int on_wake(sd_event_source *source, int fd, uint32_t revents, void *data)
{
	struct worker *worker = data;
	struct worker_job *job;
	bool ended;
	uint64_t count;

	(void)!read(fd, &count, sizeof(count));
	for (;;) {
		pthread_mutex_lock(&worker->lock);
		job = list_take(&worker->out);
		ended = worker->ended;
		pthread_mutex_unlock(&worker->lock);
		if (!job)
			break;
		worker->ops->done(job, worker->data);
	}
	if (ended && !worker->told_stopped) {
		worker->told_stopped = true;
		worker->ops->stopped(worker->data);
	}
	return 0;
}

int worker_new(sd_event *event, const struct worker_ops *ops, void *data, struct worker **ret)
{
	CLEANUP(worker_freep) struct worker *worker = calloc(1, sizeof(*worker));
	sigset_t all, before;
	int r;

	if (!worker)
		return -ENOMEM;
	worker->ops = ops;
	worker->data = data;
	list_init(&worker->in);
	list_init(&worker->out);
	pthread_mutex_init(&worker->lock, NULL);
	pthread_cond_init(&worker->more, NULL);
	worker->wake_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (worker->wake_fd < 0)
		return -errno;
	r = sd_event_add_io(event, &worker->wake_source, worker->wake_fd, EPOLLIN, on_wake, worker);
	if (r < 0)
		return r;

	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	r = pthread_create(&worker->thread, NULL, thread_main, worker);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	if (r)
		return -r;
	worker->started = true;
	*ret = steal(worker);
	return 0;
}

struct worker *worker_free(struct worker *worker)
{
	bool running;

	if (!worker)
		return NULL;
	sd_event_source_disable_unref(worker->wake_source);
	worker->wake_source = NULL;
	pthread_mutex_lock(&worker->lock);
	running = worker->started && !worker->ended;
	pthread_mutex_unlock(&worker->lock);
	if (running)
		return NULL;
	if (worker->started)
		pthread_join(worker->thread, NULL);
	if (worker->wake_fd >= 0)
		close(worker->wake_fd);
	pthread_cond_destroy(&worker->more);
	pthread_mutex_destroy(&worker->lock);
	free(worker);
	return NULL;
}

void worker_freep(struct worker **worker)
{
	*worker = worker_free(*worker);
}

void worker_submit(struct worker *worker, struct worker_job *job)
{
	pthread_mutex_lock(&worker->lock);
	if (worker->stop) { /* too late: straight back */
		list_append(&worker->out, job);
		wake_loop(worker);
	} else {
		list_append(&worker->in, job);
		pthread_cond_signal(&worker->more);
	}
	pthread_mutex_unlock(&worker->lock);
}

void worker_stop(struct worker *worker)
{
	pthread_mutex_lock(&worker->lock);
	worker->stop = true;
	pthread_cond_signal(&worker->more);
	pthread_mutex_unlock(&worker->lock);
}
