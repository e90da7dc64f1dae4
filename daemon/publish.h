/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef PMEMRAS_PUBLISH_H
#define PMEMRAS_PUBLISH_H

/*
 * The store's change log, told in the journal: each change once, whoever made
 * it, also those from while the daemon was away.
 */
#include "journal.h"
#include "store.h"

/* In the store: the last change that was told, "SEQ USEC" (its number, and when it happened). */
#define PUBLISH_KEY "daemon.published"

struct publish {
	int64_t seq;   /* of the last change told; -1: to be read from the store */
	uint64_t usec; /* when that was, CLOCK_REALTIME */
	struct publish_told *told;
	size_t n_told, allocated;
};

#define PUBLISH_NULL ((struct publish){-1, 0, NULL, 0, 0})
void publish_deinit(struct publish *publish);
/* Another store: what was told of the old one means nothing. */
void publish_forget(struct publish *publish);

/*
 * @ret_any: (may be NULL) set to true where there were changes
 * Return: 0, -errno, STORE_E_*.
 */
int publish_run(struct publish *publish, struct store *store, const struct journal *journal,
		bool *ret_any);

#endif
