/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Jobs run elsewhere and come back here, in order; stopping hands back what was not run; a stuck
 * job can be left. */
#include "unit.h"
#include <pthread.h>
#include <stdatomic.h>
#include <string.h>
#include <time.h>
#include <unistd.h>
#include "worker.h"

struct job {
	struct worker_job job;
	int number;
	bool ran;
};

struct fixture {
	sd_event *event;
	struct worker *worker;
	pthread_t loop_thread;
	atomic_bool hold; /* run() waits while it is set */
	atomic_int n_running;
	int done[8];
	unsigned int n_done;
	bool stopped;
};

static void nap(void)
{
	nanosleep(&(struct timespec){0, 2000000}, NULL);
}

static void run(struct worker_job *base, void *data)
{
	struct job *job = (struct job *)base;
	struct fixture *f = data;

	assert_false(pthread_equal(pthread_self(), f->loop_thread));
	atomic_fetch_add(&f->n_running, 1);
	while (atomic_load(&f->hold))
		nap();
	job->ran = true;
}

static void done(struct worker_job *base, void *data)
{
	struct fixture *f = data;

	assert_true(pthread_equal(pthread_self(), f->loop_thread));
	assert_false(f->stopped);
	f->done[f->n_done++] = ((struct job *)base)->number;
}

static void stopped(void *data)
{
	struct fixture *f = data;

	f->stopped = true;
}

static const struct worker_ops ops = {run, done, stopped};

static void setup(struct fixture *f)
{
	memset(f, 0, sizeof(*f));
	f->loop_thread = pthread_self();
	assert_true(sd_event_new(&f->event) >= 0);
	assert_int_equal(worker_new(f->event, &ops, f, &f->worker), 0);
}

static void loop_until(struct fixture *f, unsigned int n_done, bool want_stopped)
{
	for (int i = 0; i < 500 && (f->n_done < n_done || f->stopped != want_stopped); i++)
		assert_true(sd_event_run(f->event, 10000) >= 0);
	assert_int_equal(f->n_done, n_done);
	assert_int_equal(f->stopped, want_stopped);
}

static void test_order(void **state)
{
	struct job jobs[] = {{.number = 1}, {.number = 2}, {.number = 3}};
	struct fixture f;

	setup(&f);
	for (size_t i = 0; i < ARRAY_SIZE(jobs); i++)
		worker_submit(f.worker, &jobs[i].job);
	loop_until(&f, 3, false);
	for (size_t i = 0; i < ARRAY_SIZE(jobs); i++) {
		assert_int_equal(f.done[i], i + 1);
		assert_true(jobs[i].ran);
	}
	/* a job may go round again */
	worker_submit(f.worker, &jobs[1].job);
	loop_until(&f, 4, false);
	assert_int_equal(f.done[3], 2);
	worker_stop(f.worker);
	loop_until(&f, 4, true);
	worker_freep(&f.worker);
	assert_null(f.worker);
	sd_event_unref(f.event);
}

static void test_stop(void **state)
{
	struct job jobs[] = {{.number = 1}, {.number = 2}, {.number = 3}};
	struct fixture f;

	setup(&f);
	atomic_store(&f.hold, true);
	worker_submit(f.worker, &jobs[0].job);
	worker_submit(f.worker, &jobs[1].job);
	while (!atomic_load(&f.n_running))
		nap();
	worker_stop(f.worker);
	/* the loop turns while the job hangs */
	assert_true(sd_event_run(f.event, 20000) >= 0);
	assert_int_equal(f.n_done, 0);
	assert_false(f.stopped);
	atomic_store(&f.hold, false);
	loop_until(&f, 2, true);
	assert_true(jobs[0].ran);
	assert_false(jobs[1].ran);

	/* too late to be run */
	worker_submit(f.worker, &jobs[2].job);
	f.stopped = false; /* done() may be called again */
	for (int i = 0; i < 100 && f.n_done < 3; i++)
		assert_true(sd_event_run(f.event, 10000) >= 0);
	assert_int_equal(f.n_done, 3);
	assert_false(jobs[2].ran);
	worker_freep(&f.worker);
	sd_event_unref(f.event);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_order),
		cmocka_unit_test(test_stop),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
