/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef PMEMRASCTL_REPAIR_TEXT_H
#define PMEMRASCTL_REPAIR_TEXT_H

/* A repair plan for people, and as shell commands. */
#include "ctl.h"
#include "plan.h"

#define PLAN_HASH_SHOWN 16 /* hexadecimal digits of the plan's SHA-256 */

/* 0, -ENOMEM. @hash: NUL-terminated. @offer: with what to type to have it done. */
int repair_text(const struct ctl *ctl, const struct plan *plan, const char *hash, bool offer);
/* The steps as commands for bash; what a step verifies first is a comment. 0, -ENOMEM. */
int repair_commands(const struct ctl *ctl, const struct plan *plan, const char *hash);

/* The option that makes this choice, with its argument: " --restore-from /backup/x" */
void repair_say_choice(FILE *out, const struct plan_facts *facts);
#endif
