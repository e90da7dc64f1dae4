/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef PMEMRAS_THROUGH_H
#define PMEMRAS_THROUGH_H

/*
 * How bytes of a device show in the filesystem's device above it, through partitions and
 * device-mapper: pieces, and the devices on the way for people.
 */
#include "rangeset.h"

struct through_piece {
	struct byte_range lower; /* bytes of the device below */
	uint64_t upper;          /* first of as many bytes of the filesystem's device */
};

struct through {
	char *devices;                /* from below: "pmem0p1 > dm-0 (vg-lv)" */
	char *top;                    /* kernel name of the filesystem's device: "dm-0" */
	struct through_piece *pieces; /* by lower */
	size_t n;
};

int through_new(const char *devices, const char *top, struct through **ret); /* -ENOMEM */
struct through *through_free(struct through *through); /* always NULL; takes NULL */
void through_freep(struct through **through);
/* -ENOMEM, -ERANGE: wraps. Any order; empty ones are left out. */
int through_add(struct through *through, struct through_piece piece);
/* Those pieces that bytes of @ranges are in. NULL of NULL. -ENOMEM. */
int through_cut(const struct through *through, const struct rangeset *ranges, struct through **ret);
/* Byte of the filesystem's device; @byte itself where @through is NULL or has no such byte. */
uint64_t through_byte(const struct through *through, uint64_t byte);
/* @ret (replaced): the bytes above of all pieces; the bytes below. -ENOMEM. */
int through_upper(const struct through *through, struct rangeset *ret);
int through_lower(const struct through *through, struct rangeset *ret);

#endif
