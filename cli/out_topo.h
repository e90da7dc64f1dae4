/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef PMEMRASCTL_OUT_TOPO_H
#define PMEMRASCTL_OUT_TOPO_H

/* The machine's storage as a tree on the screen, and as a record. */
#include <json-c/json.h>
#include "ctl.h"
#include "topo.h"

/* The tree and its footnotes. 0, -ENOMEM, -EIO. */
int out_topo(const struct ctl *ctl, const struct topo *topo);
/* "xfs /srv/db", "swap, in use", …; no newline */
void out_topo_use(const struct topo_node *node, FILE *out);
/* "complete", "reasons", "devices" of @record. -ENOMEM. */
int out_topo_put(const struct topo *topo, struct json_object *record);

#endif
