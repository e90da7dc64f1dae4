/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef PMEMRASCTL_STATUS_H
#define PMEMRASCTL_STATUS_H

/* Everything `status` tells, gathered before the first word of it is printed. */
#include <json-c/json.h>
#include "cases.h"
#include "fresh.h"
#include "look.h"

struct status {
	struct fresh fresh;
	struct cases cases;          /* open and cleared ones */
	struct json_object *watched; /* what a running daemon watches, NULL not known */
	bool looked;                 /* @look was filled in: no daemon does it */
	struct look look;
	size_t n_buses, n_lists;     /* NVDIMM buses, badblocks lists of this machine */
	size_t n_needs_you, n_acked; /* incidents */
	struct findings_summary sum; /* of those nobody has acknowledged, news included */
	uint32_t reasons;            /* likewise */
};

#define STATUS_NULL ((struct status){0})
void status_deinit(struct status *status);
/* 0, -errno, STORE_E_*; a store that cannot be read is in status.fresh, not an error. */
int status_gather(const struct ctl *ctl, struct status *ret);

/* Nothing on record and nothing there that could fail in a way that is heard of. */
bool status_is_idle(const struct status *status);
/* The record; 0, -ENOMEM */
int status_record(const struct status *status, const struct ctl *ctl, struct json_object **ret);

#endif
