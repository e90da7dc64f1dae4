/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef PMEMRAS_LAYERS_H
#define PMEMRAS_LAYERS_H

/*
 * From bytes of a device up through partitions and device-mapper to the devices that
 * filesystems are on, or would be.
 */
#include "blkdev.h"
#include "mounts.h"
#include "through.h"

struct layers {
	struct layers_top {
		struct blkdev dev;       /* mounted, or nothing sits on it */
		struct through *through; /* from what was asked about to it */
	} * tops;
	size_t n;
	struct rangeset opaque; /* bytes that come to a layer whose places nobody can tell */
	char *detail;           /* then its name and why, for people */
};

#define LAYERS_NULL ((struct layers){NULL, 0, RANGESET_NULL, NULL})
void layers_deinit(struct layers *layers);

enum layers_error {
	LAYERS_E_NONE = 1, /* nothing sits on it */
	LAYERS_E_OPAQUE,   /* a layer whose places nobody can tell; @ret_detail names it */
	LAYERS_E_SEVERAL,  /* the bytes end up on several devices; @ret_detail names them */
	LAYERS_E_NOWHERE,  /* in none of what sits on it; @ret_detail names that */
};

/**
 * layers_read() - all devices on top that bytes of a device show on
 * @asked: bytes of @dev
 * @ret:   initialised, replaced
 *
 * Tables may change meanwhile: what comes back held a moment ago.
 *
 * Return: 0; LAYERS_E_NONE; -ENOMEM.
 */
int layers_read(const struct sysroot *root, const struct mounts *mounts, const struct blkdev *dev,
		const struct rangeset *asked, struct layers *ret);

/**
 * layers_up() - the one device that they all show on
 * @ret:         the device on top; blkdev_deinit()
 * @ret_through: the caller's
 * @ret_detail:  malloced, for people; set only with an outcome that says so
 *
 * Return: 0; LAYERS_E_*; -ENOMEM.
 */
int layers_up(const struct sysroot *root, const struct mounts *mounts, const struct blkdev *dev,
	      const struct rangeset *asked, struct blkdev *ret, struct through **ret_through,
	      char **ret_detail);

struct layers_parts {
	struct rangeset *items; /* disjoint */
	size_t n;
};

#define LAYERS_PARTS_NULL ((struct layers_parts){NULL, 0})
void layers_parts_deinit(struct layers_parts *parts);
/*
 * Bytes that belong together: those of each device on top, and the rest. Asked one part after the
 * other, each has an answer of its own; one part where all go one way. 0, -ENOMEM.
 */
int layers_split(const struct sysroot *root, const struct blkdev *dev, const struct rangeset *asked,
		 struct layers_parts *ret);

#endif
