/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef PMEMRASCTL_OUT_LOCATED_H
#define PMEMRASCTL_OUT_LOCATED_H

/* What locate found, printed: a few findings as a report, many as a summary and a table. */
#include "ctl.h"
#include "findings.h"

/*
 * @columns: NULL, or what -o said, then always a table. 0, or an enum ctl_exit after having
 * said why not.
 */
int out_located(const struct ctl *ctl, const struct findings *f,
		const struct findings_summary *summary, const char *columns);
/* The table alone. Likewise. */
int out_located_table(const struct ctl *ctl, const struct findings *f, const char *columns);

#endif
