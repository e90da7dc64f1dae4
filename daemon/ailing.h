/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef PMEMRAS_AILING_H
#define PMEMRAS_AILING_H

/* DIMMs that say they are not well: in the journal when that changes. Used by the recorder. */
#include "dimms.h"
#include "journal.h"

/* @dimms: of the last time; replaced. -ENOMEM. */
int ailing_look(struct dimms *dimms, const struct sysroot *root, const struct journal *journal);

#endif
