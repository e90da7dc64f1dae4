/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef PMEMRASCTL_LOST_H
#define PMEMRASCTL_LOST_H

/* list --lost: bytes of files that are not what was written to them, and look as if they were. */
#include "ctl.h"
#include "section.h"
#include "store.h"

/*
 * @store: NULL none, nothing is lost then
 * @paths: files, or directories with all below; @n 0: all there are
 * Return: an exit code.
 */
int lost_list(const struct ctl *ctl, struct store *store, const char *const *paths, size_t n);

/*
 * The section Repaired: which files of an incident hold zeros or a backup's content by now. Nothing where
 * nobody repaired it. @ret: there are any. 0, -ENOMEM, -EIO: the store cannot be read.
 */
int lost_say(const struct ctl *ctl, struct store *store, int64_t incident, struct section *s,
	     bool *ret);

#endif
