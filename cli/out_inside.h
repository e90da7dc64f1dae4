/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef PMEMRASCTL_OUT_INSIDE_H
#define PMEMRASCTL_OUT_INSIDE_H

/* What is inside images that were hit, for people: after the answer itself. */
#include "findings.h"
#include "section.h"

int out_inside(struct section *s, const struct findings *f); /* -ENOMEM */

#endif
