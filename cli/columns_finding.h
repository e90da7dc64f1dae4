/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef PMEMRASCTL_COLUMNS_FINDING_H
#define PMEMRASCTL_COLUMNS_FINDING_H

/* The columns of tables of findings (locate). */
#include "columns.h"
#include "findings.h"

struct finding_row {
	const struct findings *f;
	size_t index; /* into f->items */
};

extern const struct column columns_finding[]; /* of struct finding_row */

#endif
