/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef PMEMRAS_CAPTURE_DISK_H
#define PMEMRAS_CAPTURE_DISK_H

/* What an XFS that does not answer any more has on its device about ranges of it. */
#include "capture.h"
#include "locator.h"
#include "xfsdisk.h"

/**
 * capture_disk_gather() - feed a locator records and inodes, but no paths
 * @disk: as opened; its log is not replayed
 * @l:    was given the ranges and the geometry of @disk
 *
 * What stands in the way is added to the reasons of @l->findings; what part of the reverse map
 * cannot be read, to @l->findings->failed.
 *
 * Return: 0, -ENOMEM, -ECANCELED.
 */
int capture_disk_gather(const struct xfsdisk *disk, const struct capture_options *options,
			struct locator *l);

#endif
