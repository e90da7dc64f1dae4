/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef PMEMRAS_NSMOUNTS_H
#define PMEMRAS_NSMOUNTS_H

/* Mounts that exist in mount namespaces of other processes only: those of containers. */
#include "elsewhere.h"
#include "mounts.h"

/**
 * nsmounts_add() - the mounts of other namespaces that have block devices which ours has not mounted
 * @mounts: of our own; the others come behind, with their @pid, and targets below "/proc/PID/root"
 *
 * Of several processes in a namespace the one with the lowest number is used. What may not be seen (needs
 * CAP_SYS_PTRACE) is left out, and a namespace that no process is in. Return: 0, -ENOMEM.
 */
int nsmounts_add(const struct sysroot *root, struct mounts *mounts);

/* mounts_read(), and the others where @devno is not mounted in our own. As that. */
int nsmounts_read(const struct sysroot *root, dev_t devno, struct mounts *ret);

/* Whose @mount is; NULL where it is in our own namespace. -ENOMEM. */
int nsmounts_elsewhere(const struct sysroot *root, const struct mount *mount,
		       struct elsewhere **ret);

#endif
