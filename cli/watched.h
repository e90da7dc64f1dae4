/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef PMEMRASCTL_WATCHED_H
#define PMEMRASCTL_WATCHED_H

/* What a running pmemrasd watches, from the store (daemon/watch.h documents the record). */
#include <json-c/json.h>
#include "ctl.h"
#include "store.h"

/* The record; 0, -ENOENT where there is none, -EBADMSG where it is none we know, -errno, STORE_E_*.
 */
int watched_read(struct store *store, struct json_object **ret);
/* How many devices, NVDIMM buses and badblocks lists it tells of. */
size_t watched_n_devices(struct json_object *watched);
uint64_t watched_number(struct json_object *watched, const char *key);
/* The table where there is a device, what concerns the whole machine, the footnotes. 0, or an enum ctl_exit after having said why not. */
int watched_print(const struct ctl *ctl, struct json_object *watched);

#endif
