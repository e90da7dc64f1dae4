/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef PMEMRAS_FS_WALK_H
#define PMEMRAS_FS_WALK_H

/* Paths by reading all directories, once for all files. */
#include "fs_paths.h"

/*
 * For all files that fs_paths_wants(); does nothing where there is none. Stops as soon as each
 * file has as many names as it has links. Return: 0, -ENOMEM, -ECANCELED.
 */
int fs_walk_find(const struct fs_paths *p);

#endif
