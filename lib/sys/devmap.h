/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef PMEMRAS_DEVMAP_H
#define PMEMRAS_DEVMAP_H

/* A whole device, to be drawn: stretches that lead to the same device on top, and what owns what there. */
#include "blkdev.h"
#include "cells.h"

struct devmap_stretch {
	struct byte_range range; /* of the device */
	char top[64]; /* that it leads to, the device itself included; "" none, or not computed */
	bool asked;   /* a mounted XFS said what owns what */
	int why;      /* -errno of asking it, 0; -ENOENT: there is none */
	struct cells cells;
};

struct devmap {
	struct devmap_stretch *stretches; /* by place */
	size_t n;
};

#define DEVMAP_NULL ((struct devmap){NULL, 0})
void devmap_deinit(struct devmap *map);

/**
 * devmap_read() - the map of a device
 * @n_cells: for each stretch, at most
 * @ret:     initialised, replaced
 *
 * Reads the whole reverse map of each XFS there, which takes a while on a full one. Of a recorded
 * machine only the stretches.
 *
 * Return: 0; -EINVAL: no block device with bytes; -E2BIG: too many stretches to be drawn; -ENOMEM.
 */
int devmap_read(const struct sysroot *root, const struct blkdev *dev, size_t n_cells,
		struct devmap *ret);

#endif
