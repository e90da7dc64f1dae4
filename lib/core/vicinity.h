/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef PMEMRAS_VICINITY_H
#define PMEMRAS_VICINITY_H

/*
 * What belongs together. Two ranges are near where one overlaps or touches
 * the other's pages (4 KiB), in either direction.
 */
#include "rangeset.h"

bool vicinity_near(struct byte_range a, struct byte_range b);

/* A range and whose it is. */
struct vicinity_extent {
	struct byte_range range;
	size_t owner;
};

/**
 * vicinity_unite() - who belongs together because of news
 * @extents:  of all owners, in any order (gets sorted by offset); of different owners never
 *            overlapping. Bytes, ends below 2^63.
 * @n_owners: owners are numbered 0 … @n_owners - 1
 * @news:     ranges, ends below 2^63
 * @ret:      malloced, n_owners + news->n entries: the leader of each owner, then of each
 *            range of the news (numbered from @n_owners on). The leader is the lowest number of those
 *            who are near to each other, directly or over others.
 *
 * Return: 0, -ENOMEM.
 */
int vicinity_unite(struct vicinity_extent *extents, size_t n_extents, size_t n_owners,
		   const struct rangeset *news, size_t **ret);

#endif
