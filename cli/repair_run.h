/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef PMEMRASCTL_REPAIR_RUN_H
#define PMEMRASCTL_REPAIR_RUN_H

/* Doing what a plan says, and telling what came of it. */
#include "ctl.h"
#include "plan.h"
#include "repair_look.h"

/* repair --salvage: @plan has nothing but copy-out steps. Return: an exit code. */
int repair_run_salvage(const struct ctl *ctl, const struct repair_look *look,
		       const struct plan *plan);

#endif
