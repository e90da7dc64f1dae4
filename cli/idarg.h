/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef PMEMRASCTL_IDARG_H
#define PMEMRASCTL_IDARG_H

/* Numbers of incidents on the command line. */
#include "ctl.h"

/* 0, or CTL_USAGE after having said why not */
int idarg_parse(const struct ctl *ctl, const char *word, int64_t *ret);

#endif
