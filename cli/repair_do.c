/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Nothing is changed before somebody said so who has seen the plan: by typing the incident's number,
 * which nobody types by habit, or with --yes. Where nobody can be asked and --yes
 * was not given, that is a mistake of the command line.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include "cleanup.h"
#include "jsonio.h"
#include "opened.h"
#include "repair_do.h"
#include "repair_text.h"

int repair_ask(const struct ctl *ctl, int64_t incident, const struct repair_consent *consent)
{
	char line[64], want[32];
	size_t len;

	if (consent->yes && (!consent->doubtful || consent->knows_plan))
		return 0;
	if (consent->yes && (!ctl->in || !ctl->in_is_terminal || ctl->json))
		return ctl_usage(ctl, "the backup is older than the file, or differs from it: "
				      "nothing was changed; --yes is enough together with --plan "
				      "HASH, which --dry-run shows");
	if (!ctl->in || !ctl->in_is_terminal || ctl->json)
		return ctl_usage(ctl, "nobody can be asked here: nothing was changed; --yes goes "
				      "ahead without asking");
	snprintf(want, sizeof(want), "%" PRId64, incident);
	fprintf(ctl->err, "\nTo do this, type the incident's number (%s): ", want);
	fflush(ctl->err);
	if (!fgets(line, sizeof(line), ctl->in))
		line[0] = '\0';
	len = strcspn(line, "\n");
	line[len] = '\0';
	if (!strcmp(line, want))
		return 0;
	ctl_error(ctl, "nothing was changed");
	return CTL_INCOMPLETE;
}

static int could_not(const struct ctl *ctl, int r)
{
	const char *why;

	switch (r) {
	case -ENODEV: why = "its device is not there"; break;
	case -ENOENT: why = "its filesystem is not mounted"; break;
	case -ESTALE: why = "another filesystem is on its device now"; break;
	case -EXDEV:
		why = "only a part of its filesystem is mounted, and the quarantine is at its "
		      "top: mount all of it";
		break;
	case -EBUSY: why = "another repair works on the same filesystem"; break;
	case -EROFS: why = "its filesystem is mounted read-only"; break;
	case -EPERM:
		why = "the quarantine directory at the top of the filesystem is not root's "
		      "alone, or this is not run by root";
		break;
	default:
		if (r > 0 || r == -ENOMEM) {
			ctl_error(ctl,
				  "ended in the middle: %s; once that is mended, run it again "
				  "to go on",
				  store_strerror(r));
			return CTL_INCOMPLETE;
		}
		why = strerror(-r);
	}
	ctl_error(ctl, "not done: %s", why);
	return CTL_INCOMPLETE;
}

int repair_go(const struct ctl *ctl, struct store *store, struct job *job,
	      const struct repair_options *options)
{
	struct repair_outcome outcome;
	int r = repair_execute(&ctl->root, store, job, options, ctl_now(ctl), &outcome);

	if (r)
		return could_not(ctl, r);
	r = repair_report(ctl, store, job, &outcome);
	if (r)
		return opened_failed(ctl, r);
	return outcome.stuck || outcome.skipped ? CTL_LOSS : CTL_OK;
}

static int nothing_to_do(const struct ctl *ctl, const struct plan *plan)
{
	if (plan->obstacles || !plan->quarantined.n) {
		ctl_error(ctl, "nothing was changed: no step can repair this, see above");
		return CTL_LOSS;
	}
	ctl_error(ctl, "nothing to do: no file but a quarantine file has the bad blocks");
	return CTL_OK;
}

static int begin(const struct ctl *ctl, const struct repair_job *what, struct job *job)
{
	int r = job_from_plan(what->plan, what->hash,
			      json_object_to_json_string_ext(what->record, JSON_C_TO_STRING_PLAIN),
			      job);

	if (r)
		return ctl_failed(ctl, "the repair", r);
	job->device = what->device;
	r = store_repair_begin(what->store, job, ctl_now(ctl));
	return r ? opened_failed(ctl, r) : 0;
}

int repair_do(const struct ctl *ctl, const struct repair_job *what,
	      const struct repair_consent *consent)
{
	CLEANUP(job_deinit) struct job job = JOB_NULL;
	const struct plan_facts *facts = what->plan->facts;
	struct repair_options options = {.force = consent->force};
	int r = 0;

	struct repair_consent full = *consent;

	if (facts->choice == PLAN_RESTORE) {
		options.backup = &facts->backup;
		full.doubtful = facts->backup.doubtful;
	}
	if (!ctl->json)
		r = repair_text(ctl, what->plan, what->hash, false);
	if (r)
		return ctl_failed(ctl, "the plan", r);
	if (!what->plan->n_steps)
		return nothing_to_do(ctl, what->plan);
	r = repair_ask(ctl, facts->incident, &full);
	if (!r)
		r = begin(ctl, what, &job);
	if (!r)
		r = repair_go(ctl, what->store, &job, &options);
	return !r && what->plan->obstacles ? CTL_LOSS : r;
}
