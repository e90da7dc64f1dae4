/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Events come in bursts (a scrub, an udev coldplug, a script that declares a
 * thousand ranges), and a pass costs a few commits. So the first event only
 * starts a short timer. It grows with what the last pass took: at most about a
 * third of the time is spent in passes, however fast the events come, and
 * an event is never older than two seconds before somebody looks.
 *
 * One timer serves everything, and it is off when nothing is to be done: an
 * idle daemon does not wake up.
 *
 * After a failure (store full, read-only) the same timer counts a pause that
 * doubles up to five minutes. Devices and mounts do not wait for it, but the store does:
 * a pass that fails touches the store's files, and its own trace must not wake it.
 */
#include "intake.h"

#include <errno.h>
#include <string.h>
#include <time.h>

#include "cleanup.h"

#define MSEC UINT64_C(1000)
#define SEC  (1000 * MSEC)

#define GATHER_MIN (50 * MSEC)
#define GATHER_MAX (2 * SEC)
#define RETRY_MIN  (1 * SEC)
#define RETRY_MAX  (300 * SEC)
#define MANY       64u /* so many single devices: look at all of them */

struct intake {
	sd_event *event;
	sd_event_source *timer;
	void (*begin)(void *data, struct look *look);
	void *data;
	struct look look; /* to be looked at */
	bool running, stopped;
	uint64_t due;   /* CLOCK_MONOTONIC, 0: timer off */
	uint64_t began; /* of the pass at work */
	uint64_t ended; /* of the last one, 0 none */
	uint64_t took;  /* by the last pass */
	uint64_t pause; /* after failures, 0 none */
	struct {
		enum look_at at;
		uint64_t due; /* 0 none */
	} later;
};

void look_deinit(struct look *look)
{
	free(look->devnos);
	event_set_deinit(&look->heard);
	*look = LOOK_NULL;
}

static bool look_empty(const struct look *look)
{
	return !look->devices && !look->mounts && !look->store && !look->n && !look->heard.n;
}

static void add_devno(struct look *look, dev_t devno)
{
	if (look->devices)
		return;
	for (size_t i = 0; i < look->n; i++) {
		if (look->devnos[i] == devno)
			return;
	}
	if (look->n == look->allocated) {
		size_t allocated = look->allocated ? 2 * look->allocated : 8;
		dev_t *more =
			allocated > MANY ? NULL : realloc(look->devnos, allocated * sizeof(*more));

		if (!more) { /* too many, or no memory for them: all, which needs none */
			look->n = 0;
			look->devices = true;
			return;
		}
		look->devnos = more;
		look->allocated = allocated;
	}
	look->devnos[look->n++] = devno;
}

static void look_add(struct look *look, enum look_at at, dev_t devno)
{
	switch (at) {
	case LOOK_DEVICE:
		if (devno) {
			add_devno(look, devno);
			break;
		}
		__attribute__((fallthrough)); /* a device without a number: any */
	case LOOK_DEVICES:
		look->devices = true;
		look->n = 0;
		break;
	case LOOK_MOUNTS: look->mounts = true; break;
	case LOOK_STORE: look->store = true; break;
	}
}

static uint64_t now_monotonic(const struct intake *intake)
{
	uint64_t now = 0;

	(void)sd_event_now(intake->event, CLOCK_MONOTONIC, &now);
	return now;
}

/* the clock of this very moment, where the loop's own is that of its last wake-up */
static uint64_t now_exact(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * SEC + (uint64_t)now.tv_nsec / 1000;
}

static void arm(struct intake *intake, uint64_t due)
{
	if (intake->running || intake->stopped || (intake->due && intake->due <= due))
		return;
	intake->due = due;
	(void)sd_event_source_set_time(intake->timer, due);
	(void)sd_event_source_set_enabled(intake->timer, SD_EVENT_ONESHOT);
}

static uint64_t gather_time(const struct intake *intake)
{
	uint64_t usec = 2 * intake->took;

	return usec < GATHER_MIN ? GATHER_MIN : usec > GATHER_MAX ? GATHER_MAX : usec;
}

static int on_timer(sd_event_source *timer, uint64_t usec, void *data)
{
	CLEANUP(look_deinit) struct look look = LOOK_NULL;
	struct intake *intake = data;

	intake->due = 0;
	if (intake->later.due && intake->later.due <= usec) {
		look_add(&intake->look, intake->later.at, 0);
		intake->later.due = 0;
	}
	if (intake->running || intake->stopped)
		return 0;
	if (look_empty(&intake->look)) {
		if (intake->later.due)
			arm(intake, intake->later.due);
		return 0;
	}
	look = intake->look;
	intake->look = LOOK_NULL;
	intake->running = true;
	intake->began = now_exact();
	intake->begin(intake->data, &look);
	return 0;
}

int intake_new(sd_event *event, void (*begin)(void *data, struct look *look), void *data,
	       struct intake **ret)
{
	CLEANUP(intake_freep) struct intake *intake = calloc(1, sizeof(*intake));
	int r;

	if (!intake)
		return -ENOMEM;
	intake->event = event;
	intake->begin = begin;
	intake->data = data;
	r = sd_event_add_time(event, &intake->timer, CLOCK_MONOTONIC, 0, 1, on_timer, intake);
	if (r < 0)
		return r;
	r = sd_event_source_set_enabled(intake->timer, SD_EVENT_OFF);
	if (r < 0)
		return r;
	*ret = steal(intake);
	return 0;
}

struct intake *intake_free(struct intake *intake)
{
	if (!intake)
		return NULL;
	sd_event_source_disable_unref(intake->timer);
	look_deinit(&intake->look);
	free(intake);
	return NULL;
}

void intake_freep(struct intake **intake)
{
	*intake = intake_free(*intake);
}

void intake_look(struct intake *intake, enum look_at at, dev_t devno)
{
	look_add(&intake->look, at, devno);
	if (intake->pause && at == LOOK_STORE)
		return;
	arm(intake, now_monotonic(intake) + gather_time(intake));
}

/*
 * Facts are on record as soon as can be: at once where the last pass was long ago, after a short
 * while in a storm, so that one pass takes in many of them.
 */
int intake_heard(struct intake *intake, const struct media_event *event)
{
	uint64_t now = now_monotonic(intake), due = intake->ended + GATHER_MIN;
	int r;

	r = event_set_add(&intake->look.heard, event);
	if (r)
		return r;
	if (intake->pause) /* the store fails: no faster than devices are looked at */
		due = now + gather_time(intake);
	arm(intake, due > now ? due : now);
	return 0;
}

void intake_look_now(struct intake *intake, enum look_at at)
{
	look_add(&intake->look, at, 0);
	arm(intake, now_monotonic(intake));
}

void intake_look_later(struct intake *intake, enum look_at at, uint64_t usec)
{
	intake->later.at = at;
	intake->later.due = now_monotonic(intake) + usec;
	arm(intake, intake->later.due);
}

void intake_done(struct intake *intake, bool ok)
{
	uint64_t now = now_exact();

	intake->running = false;
	intake->ended = now;
	intake->took = now > intake->began ? now - intake->began : 0;
	if (ok) {
		intake->pause = 0;
		if (intake->look.heard.n)
			arm(intake, now + GATHER_MIN);
		if (!look_empty(&intake->look))
			arm(intake, now + gather_time(intake));
	} else {
		intake->pause = intake->pause ? 2 * intake->pause : RETRY_MIN;
		if (intake->pause > RETRY_MAX)
			intake->pause = RETRY_MAX;
		if (intake->look.devices || intake->look.mounts || intake->look.n ||
		    intake->look.heard.n)
			arm(intake, now + gather_time(intake));
		look_add(&intake->look, LOOK_DEVICES, 0);
		look_add(&intake->look, LOOK_STORE, 0);
		look_add(&intake->look, LOOK_MOUNTS, 0);
		arm(intake, now + intake->pause);
	}
	if (intake->later.due)
		arm(intake, intake->later.due);
}

void intake_stop(struct intake *intake)
{
	intake->stopped = true;
	(void)sd_event_source_set_enabled(intake->timer, SD_EVENT_OFF);
}

void intake_leftover(struct intake *intake, struct event_set *ret)
{
	(void)event_set_take(ret, &intake->look.heard);
}
