/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef PMEMRAS_REPAIR_REPLACE_H
#define PMEMRAS_REPAIR_REPLACE_H

/* One owner of a bad block gets the good one in its place. */
#include "repair_work.h"

/* Could it be done now? Changes nothing. As repair_work.h says. */
int repair_replace_probe(struct repair_work *w, size_t index);
/*
 * Step @index, a REPLACE; done already, or its file gone or rewritten, is fine.
 * @good: the page that takes the place of the step's
 */
int repair_replace(struct repair_work *w, size_t index, struct fs_block good);

#endif
