/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef PMEMRAS_PUBLISH_H
#define PMEMRAS_PUBLISH_H

/*
 * The store's change log, told: each change once, whoever made it, also those from
 * while the daemon was away.
 */
#include "store.h"

/* In the store: the last change that was told, "SEQ USEC" (its number, and when it happened). */
#define PUBLISH_KEY "daemon.published"

struct publish {
	int64_t seq;   /* of the last change told; -1: to be read from the store */
	uint64_t usec; /* when that was, CLOCK_REALTIME */
};

/* Also for another store: what was told of the old one means nothing. */
#define PUBLISH_NULL ((struct publish){-1, 0})

/* An incident as it is now, and what happened to it since it was last told: CHANGE_*, STORE_CHANGE_*. */
typedef void (*publish_fn)(void *data, const struct devid *device, const struct incident *incident,
			   unsigned int bits);

/*
 * Incidents are told by number. @ret_any: (may be NULL) set to true where there were changes.
 * Return: 0, -errno, STORE_E_*; what was told then may be told once more.
 */
int publish_run(struct publish *publish, struct store *store, publish_fn tell, void *data,
		bool *ret_any);

#endif
