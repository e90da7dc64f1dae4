/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef PMEMRASCTL_PAINT_H
#define PMEMRASCTL_PAINT_H

/* Colour, where it is wanted (ctl_colored()); the words alone must say it too. */
#include "ctl.h"
#include "impact.h"

/* Prints a verdict in its colour. */
void paint_verdict(const struct ctl *ctl, enum impact worst, const char *text);

#endif
