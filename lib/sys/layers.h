/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef PMEMRAS_LAYERS_H
#define PMEMRAS_LAYERS_H

/*
 * From bytes of a device up through partitions and device-mapper to the device that
 * a filesystem is on, or would be.
 */
#include "blkdev.h"
#include "mounts.h"
#include "through.h"

enum layers_error {
	LAYERS_E_NONE = 1, /* nothing sits on it */
	LAYERS_E_OPAQUE,   /* a layer whose places nobody can tell; @ret_detail names it */
	LAYERS_E_SEVERAL,  /* the bytes end up on several devices; @ret_detail names them */
	LAYERS_E_NOWHERE,  /* in none of what sits on it; @ret_detail names that */
};

/**
 * layers_up() - where bytes of a device show
 * @asked:       bytes of @dev
 * @ret:         the device on top; blkdev_deinit()
 * @ret_through: the caller's
 * @ret_detail:  malloced, for people; set only with an outcome that says so
 *
 * The top is a device that is mounted, or that nothing sits on. Tables may change meanwhile: what comes
 * back held a moment ago.
 *
 * Return: 0; LAYERS_E_*; -ENOMEM.
 */
int layers_up(const struct sysroot *root, const struct mounts *mounts, const struct blkdev *dev,
	      const struct rangeset *asked, struct blkdev *ret, struct through **ret_through,
	      char **ret_detail);

#endif
