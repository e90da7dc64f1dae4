/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef PMEMRASCTL_LOOK_H
#define PMEMRASCTL_LOOK_H

/*
 * The machine's badblocks lists now, against what is on record: for
 * `status` where no daemon does it. Reads only.
 */
#include <stdbool.h>
#include <stddef.h>
#include "rangeset.h"
#include "store.h"
#include "sysroot.h"

struct look_list {
	char device[64];
	int error;              /* 0, or -errno: the list could not be read */
	bool cut;               /* may hold more than sysfs shows */
	struct rangeset listed; /* device bytes */
	struct rangeset news;   /* of these, what no open incident holds bad */
};

struct look {
	struct look_list *lists;
	size_t n, allocated;
	size_t n_buses; /* NVDIMM buses */
};

#define LOOK_NULL ((struct look){0})
void look_deinit(struct look *look);

/* @store: NULL none, then all that is listed is news. 0, -errno, STORE_E_*. */
int look_at(const struct sysroot *root, struct store *store, struct look *ret);

/* Why it says less than it should: a mask of reasons */
uint32_t look_reasons(const struct look *look);
uint64_t look_news_bytes(const struct look *look);

#endif
