/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef PMEMRAS_PMEM_NDCTL_H
#define PMEMRAS_PMEM_NDCTL_H

/* What only the firmware can tell, asked through libndctl where the build has it. */
#include <stdint.h>
#include "dimm.h"

/* The DIMM below an address of an interleaved region. 0; -ENXIO: no answer; -EOPNOTSUPP: built without. */
int pmem_ndctl_dimm(uint64_t address, char ret[16]);

/*
 * What the firmware of @dimms (by name) says of their health; those it says nothing of stay as they are.
 * Commands to the firmware: not to be called where nothing may block.
 */
void pmem_ndctl_smart(struct dimm *dimms, size_t n);

#endif
