/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef PMEMRASCTL_COLUMNS_INCIDENT_H
#define PMEMRASCTL_COLUMNS_INCIDENT_H

/* The columns of tables of incidents (status, list). */
#include "cases.h"
#include "columns.h"

struct incident_row {
	const struct ctl_case *c;
	uint64_t now_usec;
};

extern const struct column columns_incident[]; /* of struct incident_row */
/* The default columns, as for columns_pick(): with DIMM where that is known of any. */
const char *columns_incident_usual(const struct cases *cases);

#endif
