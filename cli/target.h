/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef PMEMRASCTL_TARGET_H
#define PMEMRASCTL_TARGET_H

/* DEVICE and RANGE... of a command line. Complaints name the argument and the remedy. */
#include "blkdev.h"
#include "ctl.h"

/* 0, or an enum ctl_exit after having said why not */
int target_device(const struct ctl *ctl, const char *arg, struct blkdev *ret);
/* Is there no such device (any more)? */
bool target_is_gone(const struct ctl *ctl, const char *arg);
/* A bare range, 0 or an exit code. */
int target_range(const struct ctl *ctl, const char *arg, struct byte_range *ret);
/* @ret (initialised, any content is added to): the ranges of @words. 0 or an exit code. */
int target_ranges(const struct ctl *ctl, const char *const *words, size_t n, struct rangeset *ret);
/* As above, from a file, "-" standard input. */
int target_range_list(const struct ctl *ctl, const char *path, struct rangeset *ret);
/* Refuses ranges that reach behind the device's end. 0 or CTL_USAGE. */
int target_within(const struct ctl *ctl, const struct blkdev *dev, const struct rangeset *ranges);

#endif
