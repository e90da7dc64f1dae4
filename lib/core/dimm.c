/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * A DIMM that cannot save what is in it when the power fails is in worse health than its
 * firmware's word for its medium, so the kernel's flags count as well.
 */
#include "dimm.h"

#include <stdio.h>
#include <string.h>

#include "cleanup.h"

const char *dimm_state_token(enum dimm_state state)
{
	static const char *const tokens[] = {
		[DIMM_UNKNOWN] = "unknown",
		[DIMM_OK] = "ok",
		[DIMM_NON_CRITICAL] = "non-critical",
		[DIMM_CRITICAL] = "critical",
		[DIMM_FATAL] = "fatal",
	};

	return tokens[state];
}

static bool has_flag(const struct dimm *dimm, const char *flag)
{
	const size_t len = strlen(flag);

	for (const char *at = dimm->flags; (at = strstr(at, flag)); at += len)
		if ((at == dimm->flags || at[-1] == ' ') && (!at[len] || at[len] == ' '))
			return true;
	return false;
}

enum dimm_state dimm_state(const struct dimm *dimm)
{
	static const char *const failures[] = {
		"save_fail", "restore_fail", "flush_fail", "not_armed", "map_fail",
	};
	enum dimm_state state = dimm->smart ? dimm->health : DIMM_UNKNOWN;

	if (dimm->smart && dimm->alarm && state < DIMM_NON_CRITICAL)
		state = DIMM_NON_CRITICAL;
	if (has_flag(dimm, "smart_event") && state < DIMM_NON_CRITICAL)
		state = DIMM_NON_CRITICAL;
	for (size_t i = 0; i < ARRAY_SIZE(failures); i++)
		if (has_flag(dimm, failures[i]) && state < DIMM_CRITICAL)
			state = DIMM_CRITICAL;
	return state;
}

bool dimm_is_news(const struct dimm *before, const struct dimm *now)
{
	if (!before)
		return dimm_state(now) > DIMM_OK || (now->smart && now->unsafe_shutdown);
	return dimm_state(before) != dimm_state(now) || strcmp(before->flags, now->flags) != 0 ||
	       before->alarm != now->alarm || now->spares < before->spares ||
	       now->unsafe_shutdown > before->unsafe_shutdown;
}

void dimm_describe(const struct dimm *dimm, char *ret, size_t size)
{
	size_t len = (size_t)snprintf(ret, size, "health %s", dimm_state_token(dimm_state(dimm)));

#define ADD(...)                                                                                   \
	do {                                                                                       \
		if (len < size)                                                                    \
			len += (size_t)snprintf(ret + len, size - len, __VA_ARGS__);               \
	} while (0)
	if (dimm->smart && dimm->spares >= 0)
		ADD(", %d %% of spares left", dimm->spares);
	if (dimm->smart && dimm->life_used >= 0)
		ADD(", %d %% of its life used", dimm->life_used);
	if (dimm->smart && dimm->has_temperature)
		ADD(", %.1f degrees Celsius", dimm->temperature_mc / 1000.0);
	if (dimm->smart && dimm->alarm)
		ADD(", beyond a threshold");
	if (dimm->smart && dimm->unsafe_shutdown)
		ADD(", last shutdown unsafe");
	if (*dimm->flags)
		ADD(", flags %s", dimm->flags);
#undef ADD
}
