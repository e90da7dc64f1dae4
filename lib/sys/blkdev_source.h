/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef PMEMRAS_BLKDEV_SOURCE_H
#define PMEMRAS_BLKDEV_SOURCE_H

/* A block device as what core's readers of on-disk formats read from (xfsdisk.h). Read-only. */
#include "blkdev.h"
#include "xfsdisk.h"

struct blkdev_source {
	int fd;
	uint32_t sector; /* logical block, bytes */
	uint64_t size;   /* bytes */
	void *buffer;    /* aligned, holds the largest read */
};

#define BLKDEV_SOURCE_NULL ((struct blkdev_source){.fd = -1})

/* @ret: deinit it. 0; -ENODEV, -errno of opening the device; -ENOMEM. */
int blkdev_source_init(const struct blkdev *dev, struct blkdev_source *ret);
void blkdev_source_deinit(struct blkdev_source *source); /* usable with CLEANUP() */

/* What to hand to xfsdisk_open(); borrows @source. */
struct xfsdisk_source blkdev_source_as(struct blkdev_source *source);

#endif
