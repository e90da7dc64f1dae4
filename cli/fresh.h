/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef PMEMRASCTL_FRESH_H
#define PMEMRASCTL_FRESH_H

/*
 * The store as a reader finds it, and how fresh what it says is: when it was last
 * compared with the machine, and whether pmemrasd keeps doing so.
 */
#include <json-c/json.h>
#include "ctl.h"
#include "store.h"

enum fresh_daemon { DAEMON_RUNNING, DAEMON_ABSENT, DAEMON_UNKNOWN /* not permitted to see */ };

struct fresh {
	struct store *store; /* NULL: none, or it cannot be read */
	int error;           /* of opening: 0, -ENOENT (there is none yet), -errno, STORE_E_* */
	enum fresh_daemon daemon;
	int pid;             /* DAEMON_RUNNING */
	uint64_t as_of_usec; /* last reconciliation, 0: never */
	char *set_aside;     /* a damaged store was set aside: its name, else NULL */
	char *trouble;       /* what a running daemon cannot write into the store, else NULL */
};

#define FRESH_NULL ((struct fresh){0})
/* Opens the store for reading. What stands in the way is in the result, not an error. */
void fresh_open(struct fresh *fresh, const struct ctl *ctl);
void fresh_deinit(struct fresh *fresh);

/* Why the store says less than it should: a mask of reasons */
uint32_t fresh_reasons(const struct fresh *fresh);
/* "As of 03:14:07 (4 s ago). pmemrasd running, pid 811." and what is wrong; whole lines on ctl->out
 */
void fresh_say(const struct fresh *fresh, const struct ctl *ctl);
/* "as_of_usec", "daemon", "store" of a record; 0, -ENOMEM */
int fresh_put(const struct fresh *fresh, const struct ctl *ctl, struct json_object *record);
/* Complains about a store that exists and cannot be read; true where it did */
bool fresh_complain(const struct fresh *fresh, const struct ctl *ctl);

#endif
