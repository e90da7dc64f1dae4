/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Interleaved DIMMs take turns every few KiB in a pattern that only the
 * firmware knows (ACPI 6.2, NVDIMM root device _DSM "Translate SPA"). libndctl
 * asks it through the bus; many buses, QEMU's among them, do not answer. A context
 * holds what it read, so each question makes its own.
 */
#include <errno.h>
#include <ndctl/libndctl.h>
#include <stdio.h>
#include <string.h>
#include "cleanup.h"
#include "pmem_ndctl.h"

static void ctx_unrefp(struct ndctl_ctx **ctx)
{
	if (*ctx)
		ndctl_unref(*ctx);
}

/* errors are answers here, not lines on standard error */
static void be_quiet(struct ndctl_ctx *ctx, int priority, const char *file, int line,
		     const char *fn, const char *format, va_list args)
{
}

int pmem_ndctl_dimm(uint64_t address, char ret[16])
{
	CLEANUP(ctx_unrefp) struct ndctl_ctx *ctx = NULL;
	struct ndctl_dimm *dimm;
	struct ndctl_bus *bus;
	const char *name;
	int r;

	r = ndctl_new(&ctx);
	if (r)
		return r;
	ndctl_set_log_fn(ctx, be_quiet);
	ndctl_bus_foreach(ctx, bus)
	{
		if (!ndctl_bus_get_region_by_physical_address(bus, address))
			continue;
		dimm = ndctl_bus_get_dimm_by_physical_address(bus, address);
		name = dimm ? ndctl_dimm_get_devname(dimm) : NULL;
		if (!name || strlen(name) >= 16)
			continue;
		strcpy(ret, name);
		return 0;
	}
	return -ENXIO;
}
