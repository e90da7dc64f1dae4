/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Gathering events into passes: bursts become one pass, what comes during a
 * pass becomes the next, a failed pass comes back, the store's own traces do
 * not hurry it, and an idle intake has no timer.
 */
#include "unit.h"
#include <errno.h>
#include <string.h>
#include <time.h>
#include "intake.h"

struct fixture {
	sd_event *event;
	struct intake *intake;
	unsigned int n;   /* passes begun */
	struct look last; /* devnos not kept */
	uint64_t at;      /* usec, of the last begin */
};

static uint64_t now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec * 1000000 + (uint64_t)t.tv_nsec / 1000;
}

static void begin(void *data, struct look *look)
{
	struct fixture *f = data;

	f->n++;
	f->at = now();
	look_deinit(&f->last);
	f->last = *look;
	*look = LOOK_NULL;
}

static void setup(struct fixture *f)
{
	memset(f, 0, sizeof(*f));
	assert_true(sd_event_new(&f->event) >= 0);
	assert_int_equal(intake_new(f->event, begin, f, &f->intake), 0);
}

static void teardown(struct fixture *f)
{
	intake_freep(&f->intake);
	look_deinit(&f->last);
	sd_event_unref(f->event);
}

/* runs the loop until a pass begins, at most @usec; true where one did */
static bool run(struct fixture *f, uint64_t usec)
{
	uint64_t end = now() + usec;
	unsigned int before = f->n;

	while (f->n == before) {
		uint64_t t = now();

		if (t >= end)
			return false;
		assert_true(sd_event_run(f->event, end - t) >= 0);
	}
	return true;
}

#define MSEC UINT64_C(1000)

static void test_gather(void **state)
{
	struct fixture f;
	uint64_t start;

	setup(&f);
	start = now();
	for (int i = 0; i < 100; i++)
		intake_look(f.intake, LOOK_DEVICE, (dev_t)(1 + i % 3));
	intake_look(f.intake, LOOK_MOUNTS, 0);
	assert_true(run(&f, 5000 * MSEC));
	assert_true(f.at - start >= 49 * MSEC);
	assert_int_equal(f.last.n, 3);
	assert_false(f.last.devices);
	assert_true(f.last.mounts);
	assert_false(f.last.store);

	/* while a pass is on, nothing begins; what came is the next one */
	intake_look_now(f.intake, LOOK_STORE);
	assert_false(run(&f, 100 * MSEC));
	intake_done(f.intake, true);
	assert_true(run(&f, 5000 * MSEC));
	assert_true(f.last.store);
	assert_false(f.last.mounts);
	assert_int_equal(f.last.n, 0);

	/* and then it is quiet: no timer is left */
	intake_done(f.intake, true);
	assert_false(run(&f, 200 * MSEC));
	assert_int_equal(f.n, 2);
	teardown(&f);
}

static void test_many(void **state)
{
	struct fixture f;

	setup(&f);
	for (int i = 1; i <= 65; i++)
		intake_look(f.intake, LOOK_DEVICE, (dev_t)i);
	assert_true(run(&f, 5000 * MSEC));
	assert_true(f.last.devices);
	assert_int_equal(f.last.n, 0);
	intake_done(f.intake, true);

	intake_look(f.intake, LOOK_DEVICE, 0);
	assert_true(run(&f, 5000 * MSEC));
	assert_true(f.last.devices);
	intake_done(f.intake, true);

	intake_look(f.intake, LOOK_DEVICE, 5);
	intake_look(f.intake, LOOK_DEVICES, 0);
	intake_look(f.intake, LOOK_DEVICE, 6);
	assert_true(run(&f, 5000 * MSEC));
	assert_true(f.last.devices);
	assert_int_equal(f.last.n, 0);
	teardown(&f);
}

static void test_retry(void **state)
{
	struct fixture f;
	uint64_t failed;

	setup(&f);
	intake_look_now(f.intake, LOOK_STORE);
	assert_true(run(&f, 5000 * MSEC));
	failed = now();
	intake_done(f.intake, false);

	/* its own trace in the store's files does not wake it up */
	intake_look(f.intake, LOOK_STORE, 0);
	assert_false(run(&f, 500 * MSEC));
	assert_true(run(&f, 5000 * MSEC));
	assert_true(f.at - failed >= 999 * MSEC);
	assert_true(f.last.devices && f.last.mounts && f.last.store);

	/* the pause doubles */
	failed = now();
	intake_done(f.intake, false);
	assert_false(run(&f, 1500 * MSEC));
	/* but a device does not wait for it */
	intake_look(f.intake, LOOK_DEVICE, 7);
	assert_true(run(&f, 300 * MSEC));
	assert_true(f.at - failed < 1950 * MSEC);

	/* success ends it */
	intake_done(f.intake, true);
	assert_false(run(&f, 200 * MSEC));
	intake_look(f.intake, LOOK_STORE, 0);
	assert_true(run(&f, 300 * MSEC));
	assert_false(f.last.devices);
	teardown(&f);
}

static void test_later(void **state)
{
	struct fixture f;
	uint64_t start;

	setup(&f);
	start = now();
	intake_look_later(f.intake, LOOK_STORE, 400 * MSEC);
	intake_look(f.intake, LOOK_MOUNTS, 0);
	assert_true(run(&f, 5000 * MSEC));
	assert_true(f.last.mounts);
	assert_false(f.last.store);
	assert_true(f.at - start < 350 * MSEC);
	intake_done(f.intake, true);
	assert_true(run(&f, 5000 * MSEC));
	assert_true(f.at - start >= 399 * MSEC);
	assert_true(f.last.store);
	intake_done(f.intake, true);
	assert_false(run(&f, 200 * MSEC));

	intake_look(f.intake, LOOK_STORE, 0);
	intake_stop(f.intake);
	intake_look_now(f.intake, LOOK_STORE);
	assert_false(run(&f, 200 * MSEC));
	teardown(&f);
}

/* Facts wait for nothing, are not lost by a failed pass, and those of the last moment are handed out. */
static void test_heard(void **state)
{
	CLEANUP(event_set_deinit) struct event_set left = EVENT_SET_NULL;
	struct media_event event = {
		.source = SOURCE_MEMORY_FAILURE, .space = EVENT_PHYSICAL, .range = {4096, 4096}};
	struct fixture f;
	uint64_t start;

	setup(&f);
	start = now();
	assert_int_equal(intake_heard(f.intake, &event), 0);
	assert_true(run(&f, 5000 * MSEC));
	assert_true(f.at - start < 40 * MSEC);
	assert_int_equal(f.last.heard.n, 1);
	assert_false(f.last.devices || f.last.mounts || f.last.store);

	/* a storm during a pass is one more pass, and a short while away */
	for (uint64_t i = 0; i < 1000; i++) {
		event.range.start = 2 * i * 4096;
		assert_int_equal(intake_heard(f.intake, &event), 0);
	}
	assert_false(run(&f, 100 * MSEC));
	start = now();
	intake_done(f.intake, true);
	assert_true(run(&f, 5000 * MSEC));
	assert_true(f.at - start < 500 * MSEC);
	assert_int_equal(f.last.heard.n, 1);
	assert_int_equal(f.last.heard.entries[0].ranges.n, 1000);
	assert_int_equal(f.last.heard.entries[0].n, 1000);

	/* while passes fail it waits no longer than a device does */
	intake_done(f.intake, false);
	start = now();
	assert_int_equal(intake_heard(f.intake, &event), 0);
	assert_true(run(&f, 5000 * MSEC));
	assert_true(f.at - start < 900 * MSEC);
	assert_int_equal(f.last.heard.n, 1);
	intake_done(f.intake, true);

	assert_int_equal(intake_heard(f.intake, &event), 0);
	intake_stop(f.intake);
	assert_false(run(&f, 200 * MSEC));
	intake_leftover(f.intake, &left);
	assert_int_equal(left.n, 1);
	event.range.len = UINT64_MAX;
	assert_int_equal(intake_heard(f.intake, &event), -ERANGE);
	teardown(&f);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_gather), cmocka_unit_test(test_many),
		cmocka_unit_test(test_retry),  cmocka_unit_test(test_later),
		cmocka_unit_test(test_heard),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
