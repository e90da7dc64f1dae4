/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Attributes of the NFIT driver that wake up: the counter of completed scrubs of each NVDIMM bus
 * whose firmware scrubs, and the flags of each DIMM.
 *
 * A list's own wake-up (source_regions.c) may come before the list is whole and says nothing of
 * a scrub; the counter's comes once, at its end. It means "look again" as any other: what the scrub
 * proves is worked out by the pass, from the counter (scrubs.c), and so is a DIMM's health (ailing.c).
 */
#include <string.h>

#include "ndwatch.h"

static const char *attribute_of(const char *device)
{
	if (!strncmp(device, "ndbus", 5))
		return "nfit/scrub";
	return !strncmp(device, "nmem", 4) ? "nfit/flags" : NULL;
}

static int nfit_new(const struct source_host *host, void **ret)
{
	return ndwatch_new(host, attribute_of, ret);
}

const struct source_ops source_nfit = {
	.name = "scrubs and the health of DIMMs",
	.new = nfit_new,
	.free = ndwatch_free,
	.refresh = ndwatch_refresh,
};
