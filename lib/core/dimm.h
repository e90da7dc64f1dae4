/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef PMEMRAS_DIMM_H
#define PMEMRAS_DIMM_H

/*
 * The health of one DIMM: what its firmware says of itself (SMART: spares, temperature,
 * health), and the flags that the kernel has for it (nfit/flags in
 * Documentation/ABI/testing/sysfs-bus-nfit).
 */
#include <stdbool.h>
#include <stddef.h>

enum dimm_state {
	DIMM_UNKNOWN, /* nothing says anything */
	DIMM_OK,
	DIMM_NON_CRITICAL, /* also: an alarm of its own */
	DIMM_CRITICAL,     /* also: what is in it may not survive a loss of power */
	DIMM_FATAL,
};
const char *dimm_state_token(enum dimm_state state); /* "unknown", "ok", "non-critical" … */

struct dimm {
	char name[16];  /* "nmem0" */
	char flags[96]; /* of the kernel, "not_armed smart_notify"; "" none */
	bool smart;     /* the firmware answered: what follows holds */
	enum dimm_state health;
	bool alarm;         /* spares or temperature beyond a threshold that was set */
	int spares;         /* percent left; -1 unknown */
	int life_used;      /* percent; -1 unknown */
	int temperature_mc; /* of the medium, thousandths of a degree Celsius; has_temperature */
	bool has_temperature;
	bool unsafe_shutdown; /* the last one lost what had been on its way */
};

#define DIMM_NULL ((struct dimm){.spares = -1, .life_used = -1})

/* The worst that anything of it says. */
enum dimm_state dimm_state(const struct dimm *dimm);
/*
 * Whether people must hear of the change: another state, flag or alarm, fewer spares. @before NULL: of nothing
 * but trouble. Warmer by a degree is no news.
 */
bool dimm_is_news(const struct dimm *before, const struct dimm *now);
/* "health critical, 3 % of spares left, flags not_armed"; cut at @size. */
void dimm_describe(const struct dimm *dimm, char *ret, size_t size);

#endif
