/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef PMEMRAS_INTAKE_H
#define PMEMRAS_INTAKE_H

/*
 * Where events end: each means "look again", nothing more. What is to be
 * looked at is gathered for a moment, looked at in one pass, and what came in
 * meanwhile is the next pass. A pass that failed is repeated, ever more slowly.
 *
 * Facts (media events) are the exception: they start a pass at once.
 */
#include "source.h"

/* What a pass is to look at. */
struct look {
	bool devices, mounts, store;
	dev_t *devnos; /* single devices, when not all */
	size_t n, allocated;
	struct event_set heard; /* facts to be written down */
};

#define LOOK_NULL ((struct look){.heard = EVENT_SET_NULL})
void look_deinit(struct look *look);

struct intake;

/* @begin: start a pass; takes the content of @look over. Called in the loop, never while a pass is
 * on. */
int intake_new(sd_event *event, void (*begin)(void *data, struct look *look), void *data,
	       struct intake **ret);
struct intake *intake_free(struct intake *intake); /* always NULL */
void intake_freep(struct intake **intake);

void intake_look(struct intake *intake, enum look_at at, dev_t devno);
/* 0, or -errno: it could not be kept (event_set_add()). */
int intake_heard(struct intake *intake, const struct media_event *event);
/* The same as intake_look(), at once: for the first pass, or somebody who waits. */
void intake_look_now(struct intake *intake, enum look_at at);
/* The same, in @usec: for a look that may have come too early. */
void intake_look_later(struct intake *intake, enum look_at at, uint64_t usec);

/* The pass is over. @ok false: everything is looked at again after a while. */
void intake_done(struct intake *intake, bool ok);
/* No further pass. */
void intake_stop(struct intake *intake);
/* After that: facts that no pass has taken, into @ret. */
void intake_leftover(struct intake *intake, struct event_set *ret);

#endif
