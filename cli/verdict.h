/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef PMEMRASCTL_VERDICT_H
#define PMEMRASCTL_VERDICT_H

/* From what was found to an exit code. */
#include "ctl.h"
#include "impact.h"

/* @reasons: why the answer is incomplete, a mask of 1u << REASON_*. */
enum ctl_exit verdict_exit(enum impact worst, uint32_t reasons);
/* Of two partial answers: usage beats loss, known loss beats incomplete. */
enum ctl_exit verdict_worse(enum ctl_exit a, enum ctl_exit b);

#endif
