/* SPDX-License-Identifier: GPL-2.0-or-later */
/* One accent a report: its verdict. Bold in a colour of the terminal's own palette. */
#include "paint.h"

void paint_verdict(const struct ctl *ctl, enum impact worst, const char *text)
{
	static const char *const colors[IMPACT_N] = {
		[IMPACT_NOTHING] = "\033[1;32m",
		[IMPACT_UNKNOWN] = "\033[1;33m",
		[IMPACT_DATA] = "\033[1;31m",
		[IMPACT_METADATA] = "\033[1;31m",
	};
	bool colored = ctl_colored(ctl) && (unsigned int)worst < IMPACT_N;

	fprintf(ctl->out, "%s%s%s", colored ? colors[worst] : "", text, colored ? "\033[0m" : "");
}
