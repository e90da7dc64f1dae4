/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef PMEMRAS_DEVHOLDERS_H
#define PMEMRAS_DEVHOLDERS_H

/* Who has a device itself open or mapped: a database on a raw device, the program of a device-dax. */
#include <sys/types.h>
#include "findings.h"
#include "sysroot.h"

/**
 * devholders_find() - the processes that use a device, told as holders of FINDING_NO_FILE
 * @devno: as in st_rdev
 * @type:  S_IFBLK or S_IFCHR
 * @f:     its asked ranges are the lost bytes
 *
 * By the device's number, whatever node it was opened by. Not ourselves. Without root's privileges only the
 * caller's own processes are seen; of a recorded machine none. Return: 0, -ENOMEM.
 */
int devholders_find(const struct sysroot *root, dev_t devno, mode_t type, struct findings *f);

#endif
