/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef PMEMRAS_FS_PARENTS_H
#define PMEMRAS_FS_PARENTS_H

/* Paths by parent pointers: each inode names its directories (XFS, Linux 6.10). */
#include "fs_paths.h"

/*
 * Files that cannot be asked (the kernel is too old, the inode is not readable) are left
 * without FOUND_FILE_PATHS. Return: 0, -ENOMEM, -ECANCELED.
 */
int fs_parents_find(const struct fs_paths *p);

#endif
