/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef PMEMRAS_CASENEWS_H
#define PMEMRAS_CASENEWS_H

/*
 * What news does to one incident: the arm of casebook.h, which finds out
 * whom the news concerns. Bits (CHANGE_*) are added to what is in @bits. All
 * return 0 or -ENOMEM, after which the incident may be half changed.
 */
#include "casebook.h"

/* @target takes @other in, which ends as MERGED. */
int casenews_absorb(struct incident *target, struct incident *other, uint64_t now_usec,
		    unsigned int *target_bits, unsigned int *other_bits);
/* @source holds @news bad; whole sectors. A bit beside CHANGE_NEW is not added to it. */
int casenews_admit(struct incident *incident, enum media_source source, const struct rangeset *news,
		   uint64_t now_usec, unsigned int *bits);
/* @source (-1: all but SOURCE_DECLARED) lets go of @good; whole sectors. */
int casenews_relieve(struct incident *incident, int source, const struct rangeset *good,
		     enum clear_proof proof, uint64_t now_usec, unsigned int *bits);

#endif
