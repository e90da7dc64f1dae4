/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef PMEMRAS_TOPOLOGY_H
#define PMEMRAS_TOPOLOGY_H

/* The machine's storage as a graph (topo.h), with the kernel's badblocks lists. Reads only. */
#include "mounts.h"
#include "topo.h"

/**
 * topology_read() - all of it
 * @ret: initialised, replaced; topo_deinit(). Without incidents, which the store has.
 *
 * Who is not root gets less, with REASON_NOT_PERMITTED: no addresses, so no lists of
 * persistent memory that is no block device, and of signatures only what udev noted.
 *
 * Return: 0; -ENOMEM.
 */
int topology_read(const struct sysroot *root, struct topo *ret);

/* ---- parts ---- */

/* DIMMs, regions, namespaces; then what shows them, their character devices, and the lists of what
 * is no block device. */
int topology_add_pmem(const struct sysroot *root, struct topo *topo);
int topology_link_pmem(const struct sysroot *root, struct topo *topo);
/* What takes the bytes of what has nothing above it. */
int topology_find_uses(const struct sysroot *root, const struct mounts *mounts, struct topo *topo);
/* The device of a mount: by number, or (btrfs has numbers of its own) by its source. TOPO_NONE. */
size_t topology_mount_node(const struct sysroot *root, const struct mounts *mounts,
			   const struct topo *topo, dev_t devno);

#endif
