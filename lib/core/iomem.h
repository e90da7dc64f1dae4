/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef PMEMRAS_IOMEM_H
#define PMEMRAS_IOMEM_H

/*
 * What physical addresses are, by /proc/iomem (proc(5)): "00001000-0009ffff : System RAM", what is in
 * it indented below. Who may not see addresses sees zeros.
 */
#include "spamap.h"

struct iomem_piece {
	struct spa_range spa;
	char name[64]; /* of the outermost resource, "System RAM"; "" where nothing is */
};

/**
 * iomem_split() - what physical addresses are
 * @text: of /proc/iomem
 * @fn:   called for each piece in ascending order; they cover @spa once. 0 continues, nonzero stops
 *        and comes back
 *
 * Return: 0; -EACCES: addresses are hidden; -EBADMSG: no such list; what @fn returned.
 */
int iomem_split(const char *text, struct spa_range spa,
		int (*fn)(const struct iomem_piece *piece, void *data), void *data);

#endif
