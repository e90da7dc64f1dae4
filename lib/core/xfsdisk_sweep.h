/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef PMEMRAS_XFSDISK_SWEEP_H
#define PMEMRAS_XFSDISK_SWEEP_H

/*
 * What a reverse map would say, of an XFS that has none: all trees of all groups, and all forks of
 * all inodes, read off the device.
 *
 * Source: as xfsdisk_btree.h, xfsdisk_inobt.h and xfsdisk_fork.h.
 */
#include "xfsdisk.h"

struct xfsdisk_sweep_sink {
	/*
	 * In the words of FS_IOC_GETFSMAP, in no order. The headers of groups and the log do not
	 * come: they have their places (fsgeom.h). 0 continues, nonzero stops and comes back.
	 */
	int (*record)(const struct fsmap_rec *rec, void *data);
	/* Something cannot be read, or is damaged: anything may have more owners than come. Likewise. */
	int (*lost)(void *data);
	/* Before each group, and now and then within. Likewise; may be NULL. */
	int (*progress)(uint64_t inodes, uint32_t agno, void *data);
	void *data;
};

/* 0, what the sink returned, -ENOMEM, -errno of the source other than -EIO. */
int xfsdisk_sweep(const struct xfsdisk *disk, const struct xfsdisk_sweep_sink *sink);

#endif
