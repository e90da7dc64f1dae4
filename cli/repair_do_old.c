/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A repair that was interrupted: files may have the good page and others not yet. Nothing new is planned
 * on that; it is finished first, from what the store says, and consent is asked again, as
 * the one who types may be another.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include "cleanup.h"
#include "opened.h"
#include "repair_do.h"

/* 0 and @ret, whose id is 0 where there is none */
static int find(const struct repair_old *old, struct job *ret)
{
	CLEANUP(incident_deinit) struct incident wanted = INCIDENT_NULL;
	CLEANUP(freep) int64_t *ids = NULL;
	size_t n = 0;
	int r;

	r = store_incident(old->store, old->incident, true, &wanted, NULL);
	if (r == -ENOENT)
		return 0; /* the plan will say so */
	if (!r)
		r = store_repairs_unfinished(old->store, 0, &ids, &n);
	for (size_t i = 0; !r && i < n; i++) {
		CLEANUP(incident_deinit) struct incident incident = INCIDENT_NULL;
		CLEANUP(job_deinit) struct job job = JOB_NULL;

		r = store_repair(old->store, ids[i], &job);
		if (!r)
			r = store_incident(old->store, job.incident, true, &incident, NULL);
		if (r || incident.id != wanted.id)
			continue;
		*ret = job;
		job = JOB_NULL;
		return 0;
	}
	return r;
}

int repair_old_say(const struct ctl *ctl, const struct repair_old *old)
{
	CLEANUP(job_deinit) struct job job = JOB_NULL;
	int r = find(old, &job);

	if (r) {
		ctl_error(ctl, "%s: %s", ctl->state_dir, store_strerror(r));
		return CTL_INCOMPLETE;
	}
	if (job.id)
		ctl_error(ctl,
			  "a repair of incident %" PRId64 " (--%s, plan %s) was interrupted; "
			  "pmemrasctl repair %" PRId64 " finishes it first",
			  old->incident, plan_choice_token(job.choice), job.hash, old->incident);
	return 0;
}

static size_t steps_done(const struct job *job)
{
	size_t n = 0;

	for (size_t i = 0; i < job->n_steps; i++)
		n += job->steps[i].state == JOB_STEP_DONE ||
		     job->steps[i].state == JOB_STEP_SKIPPED;
	return n;
}

int repair_old_finish(const struct ctl *ctl, const struct repair_old *old,
		      const struct repair_consent *consent, bool *ret)
{
	const struct repair_options options = {.force = consent->force};
	CLEANUP(job_deinit) struct job job = JOB_NULL;
	int r = find(old, &job);

	*ret = r || job.id;
	if (r)
		return opened_failed(ctl, r);
	if (!job.id)
		return 0;
	if ((old->choice != PLAN_UNDECIDED && old->choice != job.choice) ||
	    (old->hash && strcmp(old->hash, job.hash)))
		return ctl_usage(ctl,
				 "a repair of incident %" PRId64 " (--%s, plan %s) was "
				 "interrupted and is to be finished first: repair %" PRId64,
				 old->incident, plan_choice_token(job.choice), job.hash,
				 old->incident);
	if (!ctl->json)
		fprintf(ctl->out,
			"Going on with an interrupted repair of incident %" PRId64
			" (--%s, plan %s): %zu of %zu steps are done\n",
			old->incident, plan_choice_token(job.choice), job.hash, steps_done(&job),
			job.n_steps);
	r = repair_ask(ctl, old->incident, consent);
	return r ? r : repair_go(ctl, old->store, &job, &options);
}
