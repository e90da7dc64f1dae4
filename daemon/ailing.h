/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef PMEMRAS_AILING_H
#define PMEMRAS_AILING_H

/* DIMMs that say they are not well: in the journal when that changes. Used by the recorder. */
#include "cxl_poison.h"
#include "dimms.h"
#include "journal.h"

/* @dimms: of the last time; replaced. -ENOMEM. */
int ailing_look(struct dimms *dimms, const struct sysroot *root, const struct journal *journal);

/*
 * Have CXL devices that have not been asked yet report what they have on their poison lists: the
 * answers come as trace events, so somebody must be listening. 0, -ENOMEM.
 */
int ailing_ask_cxl(struct cxl_poison *asked, const struct sysroot *root,
		   const struct journal *journal);

#endif
