/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef PMEMRASCTL_DECLARED_H
#define PMEMRASCTL_DECLARED_H

/* Declared ranges of one device, with the notes they were declared with. */
#include "store.h"

struct declared {
	struct store_declared *items; /* notes are owned */
	size_t n, allocated;
	struct rangeset ranges; /* all of them together */
};

#define DECLARED_NULL ((struct declared){0})
void declared_deinit(struct declared *declared);
/* Those of device @row that overlap @within; NULL: all of it. 0, -errno, STORE_E_*. */
int declared_load(struct store *store, int64_t row, const struct rangeset *within,
		  struct declared *ret);

#endif
