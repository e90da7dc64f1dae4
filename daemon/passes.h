/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef PMEMRAS_PASSES_H
#define PMEMRAS_PASSES_H

/*
 * The work and its two workers: passes of the recorder, and what they leave to
 * the investigator. Lives in the loop, blocks nowhere.
 */
#include "intake.h"
#include "investigator.h"
#include "recorder.h"
#include "worker.h"

struct passes;

struct passes_ops {
	/* A pass begins: fill in what it needs. Nonzero: not now, the pass counts as failed. */
	int (*prepare)(void *data, const struct look *look, struct settings *settings,
		       struct watch *watch);
	/* A pass is over. */
	void (*told)(void *data, const struct recorder_result *result, const struct watch *watch);
	/* After passes_stop(): both threads have ended. */
	void (*stopped)(void *data);
};

/* All lent. */
struct passes_host {
	sd_event *event;
	const struct passes_ops *ops;
	void *data;
	struct recorder *recorder;
	struct investigator *investigator;
};

int passes_new(const struct passes_host *host, struct passes **ret);
/* Must have stopped; else the workers are left alone (see worker_free()). NULL always. */
struct passes *passes_free(struct passes *passes);
void passes_freep(struct passes **passes);

void passes_look(struct passes *passes, enum look_at at, dev_t devno);
void passes_look_now(struct passes *passes, enum look_at at);
/* 0, or -errno: it could not be kept. */
int passes_heard(struct passes *passes, const struct media_event *event);
/* No new work; the look-up at work is cancelled. */
void passes_stop(struct passes *passes);

#endif
