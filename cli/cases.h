/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef PMEMRASCTL_CASES_H
#define PMEMRASCTL_CASES_H

/*
 * Incidents as commands need them: with the device they are on, and with what
 * was found about them summed up.
 */
#include <json-c/json.h>
#include "ctl.h"
#include "findings.h"
#include "store.h"

struct ctl_case {
	struct incident incident;
	int64_t device_row;
	struct devid device;
	struct findings *findings;       /* NULL: nobody has looked, or not kept (cases_load()) */
	bool looked;                     /* there are findings */
	struct findings_summary summary; /* what nobody has looked at is unknown */
	uint32_t reasons;                /* why it is incomplete */
	char *dimms;                     /* "nmem0,nmem1": where it is, or may be; NULL: not known */
	char *what;                      /* escaped: what was hit, on one line */
};

#define CASE_NULL ((struct ctl_case){0})
void case_deinit(struct ctl_case *c);

struct cases {
	struct ctl_case *items; /* by id ascending */
	size_t n;
};

#define CASES_NULL ((struct cases){0})
void cases_deinit(struct cases *cases);

/* The incidents in @states (1u << INCIDENT_*), summed up, findings dropped. 0, -errno, STORE_E_*.
 */
int cases_load(struct store *store, unsigned int states, struct cases *ret);

/* One incident with its findings; where it was merged, the one that took it in. -ENOENT none. */
int case_load(struct store *store, int64_t id, struct ctl_case *ret);
/* Likewise, a merged one as it is, without its findings. */
int case_load_as_is(struct store *store, int64_t id, struct ctl_case *ret);

/* Wants somebody's attention: open or cleared, not acknowledged, and not known to be harmless. */
bool case_needs_you(const struct ctl_case *c);

/* The incident record (doc/record-schema.json). -ENOMEM. */
int case_record(const struct ctl_case *c, struct json_object **ret);

#endif
