/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef PMEMRAS_HEARD_H
#define PMEMRAS_HEARD_H

/*
 * What was heard becomes what is on record: media events are resolved to
 * devices and reported, before anything else is done with them. What cannot be
 * stored now is kept and tried again. Used by the recorder, in its thread.
 */
#include "event.h"
#include "journal.h"
#include "settings.h"
#include "store.h"
#include "sysroot.h"

struct heard {
	struct event_set pending; /* not on record yet */
	bool told;                /* that these cannot be recorded */
	uint64_t n_elsewhere;     /* events in ordinary memory, since the start */
};

#define HEARD_NULL ((struct heard){EVENT_SET_NULL, false, 0})
void heard_deinit(struct heard *heard);

/* What a pass brought; @from becomes empty. -ENOMEM: what did not fit is still in it. */
int heard_take(struct heard *heard, struct event_set *from);
/* Writes down all that is pending. 0, -errno, STORE_E_*: the rest stays. */
int heard_store(struct heard *heard, const struct sysroot *root, struct store *store,
		const struct settings *settings, const struct journal *journal);
/* The store fails because of @trouble: says in the journal what was heard, once. */
void heard_tell_unsaved(struct heard *heard, const struct sysroot *root,
			const struct journal *journal, const char *trouble);
/*
 * Poison (HardwareCorrupted in /proc/meminfo, since the boot) beyond the memory failures on record from
 * this boot: bytes that nobody witnessed, which may be ordinary memory. 0 where it cannot be known.
 */
int heard_unwitnessed(const struct sysroot *root, struct store *store, uint64_t *ret);
/* Pending devices, roughly: for the count of what is not recorded. */
size_t heard_n_unsaved(const struct heard *heard);

#endif
