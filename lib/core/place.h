/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef PMEMRAS_PLACE_H
#define PMEMRAS_PLACE_H

/*
 * Where bytes of a device of persistent memory physically are: namespace, region, physical
 * address, and the DIMMs that hold them or may hold them.
 */
#include <stdbool.h>
#include "rangeset.h"
#include "spamap.h"

#define PLACE_DIMMS_MAX 48u

struct place {
	char region[32];  /* "region0" */
	char ns[32];      /* "namespace0.0", "" in none */
	bool has_address; /* its bytes have fixed addresses */
	uint64_t address; /* physical, of the device's byte 0 */
	struct place_dimm {
		struct byte_range range; /* device bytes */
		char name[16];           /* "nmem0" */
	} dimms[PLACE_DIMMS_MAX];
	size_t n_dimms;
};

/**
 * place_find() - what a device is part of
 * @dev:  "pmem0", "dax0.0", "namespace0.0", "region0"
 * @skip: bytes of @dev in front of what is meant: where a partition starts
 * @ret:  without DIMMs
 *
 * Return: 0; -ENOENT: none of @map's.
 */
int place_find(const struct spamap *map, const char *dev, uint64_t skip, struct place *ret);
/* The physical address of a byte; false where it has none. */
bool place_address(const struct place *place, uint64_t offset, uint64_t *ret);
/* The DIMM holds, or may hold, bytes of @range. More than PLACE_DIMMS_MAX entries are made coarser. */
void place_add_dimm(struct place *place, struct byte_range range, const char *name);
/* Each name once, in order; lent. Returns how many. */
size_t place_dimms(const struct place *place, const char *ret[PLACE_DIMMS_MAX]);
/* What holds for bytes of @ranges alone. NULL of NULL. @ret: malloced. -ENOMEM. */
int place_cut(const struct place *place, const struct rangeset *ranges, struct place **ret);

#endif
