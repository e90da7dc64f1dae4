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

/* ---- health ---- */

static void cmd_unrefp(struct ndctl_cmd **cmd)
{
	if (*cmd)
		ndctl_cmd_unref(*cmd);
}

static enum dimm_state to_state(unsigned int health)
{
	return health & ND_SMART_FATAL_HEALTH          ? DIMM_FATAL
	       : health & ND_SMART_CRITICAL_HEALTH     ? DIMM_CRITICAL
	       : health & ND_SMART_NON_CRITICAL_HEALTH ? DIMM_NON_CRITICAL
						       : DIMM_OK;
}

static int percent(unsigned int flags, unsigned int valid, unsigned int value)
{
	return flags & valid && value <= 100 ? (int)value : -1;
}

static void ask(struct ndctl_dimm *from, struct dimm *dimm)
{
	CLEANUP(cmd_unrefp) struct ndctl_cmd *cmd = ndctl_dimm_cmd_new_smart(from);
	unsigned int flags;

	if (!cmd || ndctl_cmd_submit_xlat(cmd) < 0)
		return;
	flags = ndctl_cmd_smart_get_flags(cmd);
	dimm->smart = true;
	dimm->health = flags & ND_SMART_HEALTH_VALID ? to_state(ndctl_cmd_smart_get_health(cmd))
						     : DIMM_UNKNOWN;
	dimm->spares = percent(flags, ND_SMART_SPARES_VALID, ndctl_cmd_smart_get_spares(cmd));
	dimm->life_used = percent(flags, ND_SMART_USED_VALID, ndctl_cmd_smart_get_life_used(cmd));
	dimm->alarm = flags & ND_SMART_ALARM_VALID && ndctl_cmd_smart_get_alarm_flags(cmd) != 0;
	dimm->has_temperature = (flags & ND_SMART_MTEMP_VALID) != 0;
	if (dimm->has_temperature)
		dimm->temperature_mc =
			(int)(1000 * ndctl_decode_smart_temperature(
					     ndctl_cmd_smart_get_media_temperature(cmd)));
	dimm->unsafe_shutdown =
		flags & ND_SMART_SHUTDOWN_VALID && ndctl_cmd_smart_get_shutdown_state(cmd) != 0;
}

void pmem_ndctl_smart(struct dimm *dimms, size_t n)
{
	CLEANUP(ctx_unrefp) struct ndctl_ctx *ctx = NULL;
	struct ndctl_dimm *dimm;
	struct ndctl_bus *bus;

	if (ndctl_new(&ctx))
		return;
	ndctl_set_log_fn(ctx, be_quiet);
	ndctl_bus_foreach(ctx, bus)
	{
		ndctl_dimm_foreach(bus, dimm)
		{
			for (size_t i = 0; i < n; i++)
				if (!strcmp(dimms[i].name, ndctl_dimm_get_devname(dimm)))
					ask(dimm, &dimms[i]);
		}
	}
}
