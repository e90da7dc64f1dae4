/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef PMEMRAS_INVESTIGATOR_H
#define PMEMRAS_INVESTIGATOR_H

/*
 * The one who finds out what incidents hit. May take minutes (a tree walk over
 * millions of files) and may hang (a sick device), so it has a thread and a
 * store connection of its own: new damage is recorded meanwhile.
 */
#include <stdatomic.h>
#include <stdint.h>
#include "journal.h"
#include "settings.h"
#include "sysroot.h"

struct investigator {
	const struct sysroot *root;
	const struct journal *journal;
	const char *state_dir;
	atomic_bool cancel; /* set by anybody: come to an end soon */
};

struct investigator_task {
	int64_t *incidents; /* malloced */
	size_t n;
	bool paths, holders; /* look for names, for processes */
	/* out */
	size_t n_done, n_failed;
	int r; /* of the last failure: -errno, STORE_E_* */
};

#define INVESTIGATOR_TASK_NULL ((struct investigator_task){.n = 0})
void investigator_task_deinit(struct investigator_task *task);

/* Looks them up, with one look for each device, and keeps each result by itself. */
void investigator_run(struct investigator *investigator, struct investigator_task *task);

#endif
