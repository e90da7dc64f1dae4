/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef PMEMRAS_HOLDERS_H
#define PMEMRAS_HOLDERS_H

/* Who has a file open or mapped, from /proc. */
#include <sys/types.h>
#include "findings.h"
#include "sysroot.h"

/**
 * holders_find() - the processes that hold files of @f
 * @fs: device of the filesystem they are on, as in st_dev
 *
 * One pass over all processes for all files, by device and inode number. Without root's
 * privileges only the caller's own processes are seen. Return: 0, -ENOMEM.
 */
int holders_find(const struct sysroot *root, dev_t fs, struct findings *f);

#endif
