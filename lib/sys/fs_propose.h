/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef PMEMRAS_FS_PROPOSE_H
#define PMEMRAS_FS_PROPOSE_H

/*
 * The same question as fs_sweep.h, put to the device of a mounted filesystem: ten times as fast as asking the
 * kernel about each inode, and out of date by what only the log or memory has.
 */
#include "blkdev.h"
#include "fs_sweep.h"

/**
 * fs_propose() - who seems to own the wanted ranges
 * @sweep: fd, changed_since and cow are not used
 * @dev:   its device
 *
 * Of claims, some may not hold, and others may be missing: each is to be confirmed. Those of symbolic links
 * come here only, as nobody can open one by its number.
 *
 * Return: 0, what progress returned, -ENOMEM; -EOPNOTSUPP: not an XFS that can be read so; -errno of opening the
 * device.
 */
int fs_propose(struct fs_sweep *sweep, const struct blkdev *dev);

#endif
