/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef PMEMRASCTL_REPAIR_DO_H
#define PMEMRASCTL_REPAIR_DO_H

/* Carrying out a plan that was consented to, finishing one that was interrupted, telling what came of it. */
#include "ctl.h"
#include "plan.h"
#include "repair_execute.h"

struct json_object;

struct repair_consent {
	bool yes, force; /* options of those names */
	bool knows_plan; /* --plan: has seen it before */
	bool doubtful;   /* the backup may be the wrong one: --yes alone is not enough */
};

struct repair_job {
	struct store *store;
	const struct plan *plan;
	const char *hash;
	struct json_object *record; /* of the plan */
	int64_t device;             /* row */
};

/* Shows the plan, asks, records, does, tells. Return: an exit code. */
int repair_do(const struct ctl *ctl, const struct repair_job *what,
	      const struct repair_consent *consent);

/* An interrupted repair of an incident. */
struct repair_old {
	struct store *store;
	int64_t incident;
	enum plan_choice choice; /* as given now; UNDECIDED: none was */
	const char *hash;        /* likewise, NULL */
};
/* Says on the standard error that there is one. 0, an exit code where the store cannot be read. */
int repair_old_say(const struct ctl *ctl, const struct repair_old *old);
/* Finishes it. Return: an exit code, where @ret is true; else 0: there is none. */
int repair_old_finish(const struct ctl *ctl, const struct repair_old *old,
		      const struct repair_consent *consent, bool *ret);

/* ---- for these alone ---- */
/* 0 yes; an exit code: it was said that, and why, nothing was changed. */
int repair_ask(const struct ctl *ctl, int64_t incident, const struct repair_consent *consent);
/* Executes and tells. Return: an exit code. */
int repair_go(const struct ctl *ctl, struct store *store, struct job *job,
	      const struct repair_options *options);
/* repair_do_report.c. 0, -ENOMEM */
int repair_report(const struct ctl *ctl, struct store *store, const struct job *job,
		  const struct repair_outcome *outcome);

#endif
