/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef PMEMRASCTL_OUT_MAP_H
#define PMEMRASCTL_OUT_MAP_H

/* A device drawn on the screen: a line of cells for each stretch of it. */
#include "blkdev.h"
#include "ctl.h"
#include "topo.h"

/*
 * @topo: with the device, and what uses it and those above it. @bad: bytes of it.
 * 0, or an enum ctl_exit after having said why not: CTL_INCOMPLETE where a stretch could not be told.
 */
int out_map(const struct ctl *ctl, const struct blkdev *dev, const struct topo *topo,
	    const struct rangeset *bad);

#endif
