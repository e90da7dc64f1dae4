/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef PMEMRASCTL_OPENED_H
#define PMEMRASCTL_OPENED_H

/* The store, opened to be changed: root's short transactions. */
#include "ctl.h"
#include "store.h"

/*
 * 0, or an enum ctl_exit after having said why not and what to do. @make: make a store where
 * there is none; else that is CTL_USAGE, for there is nothing to change.
 */
int opened_for_change(const struct ctl *ctl, bool make, struct store **ret);
/* Says that a change failed (-errno, STORE_E_*) and what to do. CTL_INCOMPLETE. */
int opened_failed(const struct ctl *ctl, int r);

#endif
