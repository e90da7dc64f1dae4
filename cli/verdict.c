/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The exit codes are a promise to scripts: they are made in one place. */
#include "verdict.h"

enum ctl_exit verdict_exit(enum impact worst, uint32_t reasons)
{
	if (worst == IMPACT_DATA || worst == IMPACT_METADATA)
		return CTL_LOSS;
	return worst == IMPACT_UNKNOWN || reasons ? CTL_INCOMPLETE : CTL_OK;
}

enum ctl_exit verdict_worse(enum ctl_exit a, enum ctl_exit b)
{
	static const unsigned int rank[] = {
		[CTL_OK] = 0, [CTL_INCOMPLETE] = 1, [CTL_LOSS] = 2, [CTL_USAGE] = 3};

	return rank[a] >= rank[b] ? a : b;
}
