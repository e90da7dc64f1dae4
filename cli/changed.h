/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef PMEMRASCTL_CHANGED_H
#define PMEMRASCTL_CHANGED_H

/* Which incidents a change touched, and what became of them: for declare and retract. */
#include <json-c/json.h>
#include "casework.h"
#include "ctl.h"

struct changed {
	int64_t *ids; /* in the order they were told, each once */
	size_t n, allocated;
	bool failed; /* no memory for one of them */
};

#define CHANGED_NULL ((struct changed){0})
void changed_deinit(struct changed *changed);
/* An observer that notes the incidents it is told of (those that were merged away left out). */
struct casework_observer changed_observer(struct changed *changed);
/* 0, -ENOMEM */
int changed_add(struct changed *changed, int64_t id);

/* "Incident 17: open, 512 bytes of file data lost: /srv/db/orders.ibd"; 0, -errno, STORE_E_*. */
int changed_say(const struct changed *changed, const struct ctl *ctl, struct store *store);
/* "incidents": their records. Likewise. */
int changed_put(const struct changed *changed, struct store *store, struct json_object *record);

/* What an incident's CHANGE_* and STORE_CHANGE_* bits are called: the first of @bits, which is
 * then taken out; NULL: none left. */
const char *changed_token(unsigned int *bits);

#endif
