/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef PMEMRAS_CAPTURE_DISK_H
#define PMEMRAS_CAPTURE_DISK_H

/* What an XFS that the kernel does not answer for has on its device about ranges of it. */
#include "capture.h"
#include "locator.h"
#include "xfsdisk.h"

struct capture_disk {
	const struct blkdev *dev;
	const struct mounts *mounts;
	const struct mount *mount; /* through which names are told; NULL: not mounted */
	const struct capture_options *options;
};

#define CAPTURE_DISK_E_CLOSED 1 /* nothing can be read from it */

/**
 * capture_disk_locate() - feed a locator the geometry, records, inodes and paths
 * @l:   was given the ranges only
 * @ret_detail: what is in the way, or how much the answer is worth; malloced, NULL where there is nothing to say
 *
 * What stands in the way is added to the reasons of @l->findings; what part of the reverse map
 * cannot be read, to @l->findings->failed.
 *
 * Return: 0, CAPTURE_DISK_E_CLOSED, -ENOMEM, -ECANCELED.
 */
int capture_disk_locate(const struct capture_disk *d, struct locator *l, char **ret_detail);

/*
 * Its part where there is no reverse map (capture_disk_sweep.c): records. @stale: the log may know better. 0, -ENOMEM,
 * -ECANCELED, -errno of the device.
 */
int capture_disk_sweep(const struct capture_disk *d, const struct xfsdisk *disk, bool stale,
		       struct locator *l);

/* Its part: names of the files in @f (capture_disk_names.c). 0, -ENOMEM, -ECANCELED, -errno of the device. */
int capture_disk_names(const struct capture_disk *d, const struct xfsdisk *disk,
		       struct findings *f);

#endif
