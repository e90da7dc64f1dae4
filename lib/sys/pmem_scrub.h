/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef PMEMRAS_PMEM_SCRUB_H
#define PMEMRAS_PMEM_SCRUB_H

/*
 * Address range scrubs: how many of them a bus has completed, and what the regions' lists say after
 * that. A bus without firmware that scrubs (QEMU's) has no such counter.
 */
#include <stdint.h>
#include "rangeset.h"
#include "sysroot.h"

struct pmem_scrub {
	char bus[16]; /* "ndbus0" */
	uint64_t
		ino; /* of the counter: another one means that the bus was made anew, and counts from 0 */
	uint64_t count; /* scrubs completed */
	bool busy;      /* one is at work */
};

/* Each bus that has a counter that can be read, by name. 0 continues, nonzero stops and comes back; -ENOMEM. */
int pmem_scrub_each(const struct sysroot *root,
		    int (*fn)(const struct pmem_scrub *scrub, void *data), void *data);

/**
 * pmem_scrub_listed() - what the list of its region says of the bytes of a device, the whole list
 * @bus:  the region must be on it
 * @name: a device of pmem.h that is no block device: "dax0.0", "namespace0.0", "region0"
 * @ret:  replaced; bytes of the device. Everything listed from its first byte to its last is in it, also what
 *        pmem_badblocks() leaves to a block device: what is listed at all was not found good
 *
 * Return: 0; -ENOENT: no such device, on another bus, or disabled, so that nothing follows from the list;
 * -EOVERFLOW: the list may be cut; -EBADMSG: it is none; -errno of reading it (-ENXIO, -ENODEV: the
 * region is disabled); -ENOMEM.
 */
int pmem_scrub_listed(const struct sysroot *root, const char *bus, const char *name,
		      struct rangeset *ret);

#endif
