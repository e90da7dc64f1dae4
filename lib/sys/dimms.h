/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef PMEMRAS_DIMMS_H
#define PMEMRAS_DIMMS_H

/* The DIMMs of the machine and their health. Asks the firmware: may take its time. */
#include "dimm.h"
#include "sysroot.h"

struct dimms {
	struct dimm *items; /* by name */
	size_t n;
};

#define DIMMS_NULL ((struct dimms){NULL, 0})
void dimms_deinit(struct dimms *dimms);
/* @ret: initialised, replaced. 0, also where there is none; -ENOMEM. */
int dimms_read(const struct sysroot *root, struct dimms *ret);
const struct dimm *dimms_find(const struct dimms *dimms, const char *name); /* NULL: none */

#endif
