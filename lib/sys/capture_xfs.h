/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef PMEMRAS_CAPTURE_XFS_H
#define PMEMRAS_CAPTURE_XFS_H

/* What a mounted XFS knows about ranges of one of its devices. */
#include "capture.h"
#include "locator.h"

struct capture_xfs {
	const struct mounts *mounts;
	const struct mount *mount;
	const struct capture_options *options;
	int fd;                   /* open at @mount; borrowed */
	const struct blkdev *dev; /* the one that was asked about */
	dev_t device;             /* which device of the filesystem is meant */
	bool data_device;         /* else its external log */
	struct fsgeom geom;
};

/**
 * capture_xfs_gather() - feed a locator records, inodes and paths
 * @l: was given the ranges, and the geometry where @x->data_device
 *
 * What stands in the way is added to the reasons of @l->findings.
 * Return: 0, -ENOMEM, -ECANCELED.
 */
int capture_xfs_gather(const struct capture_xfs *x, struct locator *l);

#endif
