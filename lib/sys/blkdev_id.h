/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef PMEMRAS_BLKDEV_ID_H
#define PMEMRAS_BLKDEV_ID_H

/* Who a block device is (core/devid.h), from sysfs and, on the live machine, from what it carries. */
#include "blkdev.h"
#include "mounts.h"

/**
 * blkdev_identify() - fill in @dev->id
 * @mounts: the mount table, to ask a mounted filesystem rather than the medium
 * @dir:    the device's directory in sysfs
 * @dev:    name, devno and size are set
 *
 * What cannot be found out stays "". Return: 0, -ENOMEM.
 */
int blkdev_identify(const struct sysroot *root, const struct mounts *mounts, const char *dir,
		    struct blkdev *dev);

#endif
