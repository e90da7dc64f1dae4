/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef PMEMRAS_XFSDISK_LOG_H
#define PMEMRAS_XFSDISK_LOG_H

/*
 * Does the log of an XFS hold changes that are not in their place yet?
 *
 * Source: "XFS Algorithms & Data Structures" (xfs-documentation), chapter
 * "Journaling Log".
 */
#include "xfsdisk.h"

enum xfsdisk_log_state {
	XFSDISK_LOG_CLEAN,    /* the last thing written to it is the record of an unmount */
	XFSDISK_LOG_DIRTY,    /* it is not */
	XFSDISK_LOG_UNKNOWN,  /* cannot be read, or makes no sense */
	XFSDISK_LOG_EXTERNAL, /* on another device */
};

/* 0, -ENOMEM, -errno of the source other than -EIO. */
int xfsdisk_log(const struct xfsdisk *disk, enum xfsdisk_log_state *ret);

#endif
