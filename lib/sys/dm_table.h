/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef PMEMRAS_DM_TABLE_H
#define PMEMRAS_DM_TABLE_H

#include <sys/types.h>

/**
 * dm_table_read() - the live table of a mapped device (libdevmapper)
 * @ret: malloced, as dmtable_parse() takes it; keys of encrypted ones are not in it
 *
 * Return: 0; -EPERM; -EOPNOTSUPP: built without libdevmapper; -EIO: the kernel does not tell; -ENOMEM.
 */
int dm_table_read(dev_t devno, char **ret);

#endif
