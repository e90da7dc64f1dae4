/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef PMEMRAS_CAPTURE_SWEEP_H
#define PMEMRAS_CAPTURE_SWEEP_H

/* What a mounted XFS without a reverse map has in space that it says is in use. */
#include "capture_xfs.h"

/* The time, by the clock that inodes are stamped with and by one that nobody sets; seconds. */
struct capture_moment {
	int64_t real, steady;
};

struct capture_moment capture_moment_now(void);

/**
 * capture_sweep_gather() - feed a locator what the reverse map would have said
 * @used:  device bytes that the filesystem says are in use
 * @since: before the filesystem was synced
 * @l:     only part of @used may get findings: what nobody claims stays unknown
 *
 * What stands in the way is added to the reasons of @l->findings. Return: 0, -ENOMEM, -ECANCELED.
 */
int capture_sweep_gather(const struct capture_xfs *x, const struct rangeset *used,
			 struct capture_moment since, struct locator *l);

#endif
