/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef PMEMRASCTL_HITS_H
#define PMEMRASCTL_HITS_H

/*
 * Findings as people count them: not range by range but victim by victim. A
 * hit is one file's data, one file's attributes, all free space…
 * Pure: reads findings, prints nothing.
 */
#include "findings.h"

struct hit {
	uint8_t kind;  /* enum fs_owner_kind */
	uint8_t flags; /* FINDING_* that change what is lost, of all its findings */
	enum impact impact;
	uint32_t file; /* index into findings' files, or FINDING_NO_FILE */
	uint64_t ino;
	uint64_t bytes;  /* of the device, as often as it owns them */
	bool same_block; /* all of it lies in blocks that earlier hits own too: a reflink copy */
	bool shared;     /* some of it is shared */
	size_t place;    /* lowest index of its findings: where on the device it begins */
	size_t first, n; /* its findings: order[first] … order[first + n - 1], by offset */
};

struct hits {
	size_t *order; /* indices into findings' items */
	struct hit *items;
	size_t n;
	size_t n_impact[IMPACT_N]; /* how many hits of each */
};

#define HITS_NULL ((struct hits){0})

/*
 * @f sorted (findings_sort()). Worst first: data, metadata, unknown, nothing lost; in each by
 * the first byte on the device. 0, -ENOMEM.
 */
int hits_group(const struct findings *f, struct hits *ret);
void hits_deinit(struct hits *hits);

/* "file data", "free space", "inode cluster": what a block of this kind is, in two words. */
const char *hits_kind_says(enum fs_owner_kind kind);

#endif
