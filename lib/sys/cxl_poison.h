/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef PMEMRAS_CXL_POISON_H
#define PMEMRAS_CXL_POISON_H

/*
 * The poison lists of CXL memory devices. The kernel (6.4 and later) keeps none: asked
 * to read a device's, it reports each entry as a cxl_poison trace event, so
 * that somebody must listen before anybody asks.
 */
#include <stddef.h>
#include "sysroot.h"

struct cxl_poison {
	char (*names)[16]; /* "mem0": those that have been asked, and are still there */
	size_t n;
};

#define CXL_POISON_NULL ((struct cxl_poison){.n = 0})
void cxl_poison_deinit(struct cxl_poison *asked);

/**
 * cxl_poison_ask() - have the lists reported of the devices that have not been asked yet
 * @asked:  kept from call to call; a device that has gone is forgotten, and asked when it is back
 * @failed: may be NULL; told each device whose list cannot be had, and the -errno
 *
 * Waits for the devices' answers. A kernel without such lists, or a device without one, has nothing to
 * be asked. Return: 0, -ENOMEM.
 */
int cxl_poison_ask(const struct sysroot *root, struct cxl_poison *asked,
		   void (*failed)(const char *name, int error, void *data), void *data);

#endif
