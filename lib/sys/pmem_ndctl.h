/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef PMEMRAS_PMEM_NDCTL_H
#define PMEMRAS_PMEM_NDCTL_H

/* What only the firmware can tell, asked through libndctl where the build has it. */
#include <stdint.h>

/* The DIMM below an address of an interleaved region. 0; -ENXIO: no answer; -EOPNOTSUPP: built without. */
int pmem_ndctl_dimm(uint64_t address, char ret[16]);

#endif
