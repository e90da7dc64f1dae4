/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef PMEMRAS_DMTABLE_H
#define PMEMRAS_DMTABLE_H

/*
 * Tables of device-mapper (dmsetup(8) table; Documentation/admin-guide/device-mapper): which
 * bytes of the devices below are which bytes of the mapped device. Computed exactly for linear and
 * striped targets, and for crypt ones, which keep every sector at its place; anything else
 * has no place that its table tells.
 */
#include <sys/types.h>
#include "range.h"

enum dmtable_error { DMTABLE_E_OPAQUE = 1 };

enum dmtarget_kind { DMTARGET_OPAQUE, DMTARGET_LINEAR, DMTARGET_STRIPED };

struct dmleg {
	dev_t dev;
	uint64_t offset; /* bytes, where its part begins on @dev */
};

struct dmtarget {
	struct byte_range upper; /* of the mapped device, bytes */
	enum dmtarget_kind kind;
	char type[32];  /* "linear", "thin" … */
	uint64_t chunk; /* STRIPED: bytes */
	struct dmleg *legs;
	size_t n_legs; /* OPAQUE: every device that its parameters name, offsets 0 */
};

struct dmtable {
	struct dmtarget *targets;
	size_t n;
};

#define DMTABLE_NULL ((struct dmtable){NULL, 0})
void dmtable_deinit(struct dmtable *table);

/**
 * dmtable_parse() - one target a line: "START LENGTH TYPE PARAMETERS", in 512-byte sectors
 *
 * Return: 0; -EBADMSG: not a table, or what a target's parameters say cannot be; -ENOMEM.
 */
int dmtable_parse(const char *text, struct dmtable *ret);

struct dmpiece {
	dev_t dev;
	struct byte_range lower; /* bytes of @dev */
	uint64_t upper;          /* first of as many bytes of the mapped device */
};

/**
 * dmtable_map_up() - which bytes of the mapped device bytes of a device below are
 * @fn: called for each piece, in no order; a byte may be in several. Nonzero stops and comes back.
 *
 * Return: 0; DMTABLE_E_OPAQUE: @lower may be in a target that cannot be computed (pieces of others were
 * told all the same); what @fn returned.
 */
int dmtable_map_up(const struct dmtable *table, dev_t dev, struct byte_range lower,
		   int (*fn)(const struct dmpiece *piece, void *data), void *data);

/* The way back: the pieces of bytes of the mapped device, in order. Likewise. */
int dmtable_map_down(const struct dmtable *table, struct byte_range upper,
		     int (*fn)(const struct dmpiece *piece, void *data), void *data);

/* Type of the first target that cannot be computed and names @dev; NULL: none. */
const char *dmtable_opaque(const struct dmtable *table, dev_t dev);

#endif
