/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Looked at with everything else when devices are, and when a DIMM's flags change (source_nfit.c).
 * A DIMM warns by itself only of thresholds that somebody has set (ndctl-inject-smart(1),
 * the platform's own tools); nothing here wakes up to ask.
 */
#include "ailing.h"

#include <string.h>

#include "cleanup.h"

static int priority_of(const struct dimm *dimm)
{
	switch (dimm_state(dimm)) {
	case DIMM_FATAL: return LOG_CRIT;
	case DIMM_CRITICAL: return LOG_ERR;
	case DIMM_NON_CRITICAL: return LOG_WARNING;
	default: return LOG_NOTICE;
	}
}

int ailing_look(struct dimms *dimms, const struct sysroot *root, const struct journal *journal)
{
	CLEANUP(dimms_deinit) struct dimms before = *dimms;
	char text[256];
	int r;

	*dimms = DIMMS_NULL;
	r = dimms_read(root, dimms);
	for (size_t i = 0; !r && i < dimms->n; i++) {
		const struct dimm *dimm = &dimms->items[i];

		if (!dimm_is_news(dimms_find(&before, dimm->name), dimm))
			continue;
		dimm_describe(dimm, text, sizeof(text));
		journal_say(journal, priority_of(dimm), JOURNAL_ID_DIMM, "DIMM %s: %s%s",
			    dimm->name, text,
			    dimm_state(dimm) >= DIMM_CRITICAL
				    ? ". Copy off what is on it before anything else"
				    : "");
	}
	return r;
}

static void no_poison_list(const char *name, int error, void *data)
{
	const struct journal *journal = data;

	journal_say(journal, LOG_WARNING, NULL,
		    "What was poisoned in CXL device %s before now cannot be known: %s", name,
		    strerror(-error));
}

int ailing_ask_cxl(struct cxl_poison *asked, const struct sysroot *root,
		   const struct journal *journal)
{
	return cxl_poison_ask(root, asked, no_poison_list, (void *)journal);
}
