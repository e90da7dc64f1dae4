/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef PMEMRAS_LOOKUPS_H
#define PMEMRAS_LOOKUPS_H

/*
 * Which incidents want to be looked up: those nobody has looked at since they
 * changed, and, after the mount table or the devices changed, those whose last look
 * could not tell everything, or whose filesystem is mounted elsewhere now.
 */
#include "store.h"
#include "sysroot.h"
#include "watch.h"

/*
 * @again: consider the second kind too
 * @paths: are names looked for (Paths=)? If not, their lack is no reason to look again
 * @ret: ids ascending; free()
 * Return: 0, -errno, STORE_E_*.
 */
int lookups_pending(const struct sysroot *root, struct store *store, bool again, bool paths,
		    int64_t **ret, size_t *ret_n);

/* Devices with an open incident or a declared range, into @watch. Return as above. */
int lookups_add_devices(const struct sysroot *root, struct store *store, struct watch *watch);

#endif
