/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef PMEMRAS_ANNOUNCE_H
#define PMEMRAS_ANNOUNCE_H

/* An incident as a journal entry: one sentence, and fields for programs (pmemrasd(8)). */
#include "devid.h"
#include "incident.h"
#include "journal.h"

/* @bits: CHANGE_* and STORE_CHANGE_*, what happened to it since it was last told. */
void announce_incident(const struct journal *journal, const struct devid *device,
		       const struct incident *incident, unsigned int bits);

/* Bad bytes that cannot be recorded now, because of @trouble. */
void announce_unsaved(const struct journal *journal, const char *device, const struct rangeset *bad,
		      const char *trouble);

#endif
