/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef PMEMRASCTL_SPA_SIDE_H
#define PMEMRASCTL_SPA_SIDE_H

/* locate --spa: from physical addresses over region and namespace to what they hold. */
#include "capture.h"
#include "ctl.h"

/*
 * @columns: of tables, NULL usual ones. Return: enum ctl_exit. Addresses that are no persistent
 * memory have no answer (CTL_INCOMPLETE), where nothing is at all they are a mistake (CTL_USAGE).
 */
int spa_side(struct ctl *ctl, const struct rangeset *addresses, struct capture_options *capture,
	     const char *columns);

#endif
