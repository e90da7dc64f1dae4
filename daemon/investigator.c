/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * All incidents of a task are looked up together, with one look for each device: a
 * burst of errors must not walk a tree once for each of them. Each result is kept on its
 * own, so a crash loses the looks at one device at most. The store is opened for a task and closed
 * after it: nothing is held while there is nothing to do, and a store that was put
 * aside meanwhile is not written to.
 *
 * A failure of one incident or device is told and does not stop the others, save those
 * that would hit them all: the store's.
 */
#include "investigator.h"

#include <errno.h>
#include <string.h>
#include <time.h>

#include "capture.h"
#include "casework.h"
#include "cleanup.h"
#include "store.h"

void investigator_task_deinit(struct investigator_task *task)
{
	free(task->incidents);
	*task = INVESTIGATOR_TASK_NULL;
}

static uint64_t now_usec(void)
{
	struct timespec now;

	clock_gettime(CLOCK_REALTIME, &now);
	return (uint64_t)now.tv_sec * 1000000 + (uint64_t)now.tv_nsec / 1000;
}

static int on_progress(void *data, const char *what, uint64_t done, uint64_t total)
{
	struct investigator *investigator = data;

	return atomic_load(&investigator->cancel);
}

static void count(const struct investigator *investigator, struct investigator_task *task,
		  int64_t incident, int r)
{
	if (!r) {
		task->n_done++;
		return;
	}
	if (r == -ECANCELED || r == -ESTALE || r == -ENOENT)
		return; /* changed meanwhile: it is pending again, or gone */
	task->n_failed++;
	task->r = r;
	journal_say(investigator->journal, LOG_WARNING, NULL,
		    "Incident %lld could not be looked up: %s", (long long)incident,
		    store_strerror(r));
}

void investigator_run(struct investigator *investigator, struct investigator_task *task)
{
	const struct capture_options options = {
		.no_paths = !task->paths,
		.no_holders = !task->holders,
		.progress = on_progress,
		.progress_data = investigator,
	};
	CLEANUP(store_freep) struct store *store = NULL;
	CLEANUP(freep) int *outcomes = NULL;
	int r;

	task->r = store_open(investigator->state_dir, STORE_WRITE, &store);
	if (task->r) {
		task->n_failed = task->n;
		return;
	}
	outcomes = calloc(task->n ? task->n : 1, sizeof(*outcomes));
	if (!outcomes) {
		task->r = -ENOMEM;
		task->n_failed = task->n;
		return;
	}
	/* what ended it early is the outcome of one of them, or they were not even begun */
	r = casework_investigate_many(investigator->root, store, task->incidents, task->n, &options,
				      now_usec(), NULL, outcomes);
	for (size_t i = 0; i < task->n; i++)
		count(investigator, task, task->incidents[i], outcomes[i]);
	if (r && r != -ECANCELED && !task->n_failed) {
		task->r = r;
		task->n_failed = task->n;
	}
}
