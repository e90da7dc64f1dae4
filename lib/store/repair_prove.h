/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef PMEMRAS_REPAIR_PROVE_H
#define PMEMRAS_REPAIR_PROVE_H

/* Looking at what was done, by another way than it was done, and putting that on record. */
#include "repair_work.h"

/**
 * repair_prove() - step @index, the job's PROVE: every page whose owners were replaced
 *
 * Each owner that still has the good page's block is read through a descriptor of its own and from
 * the device, both past the page cache; all share that one block.
 *
 * Return: 0; REPAIR_REFUSED: something is not as it should be; what ends the whole.
 */
int repair_prove(struct repair_work *w);

/*
 * One transaction: bytes of files that are not what they were, ranges that are readable again, the
 * incident's state, and the job's (JOB_PROVED). @ret_over: the incident is repaired
 */
int repair_record(struct repair_work *w, size_t index, bool *ret_over);

#endif
