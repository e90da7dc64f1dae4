/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef PMEMRAS_PMEM_H
#define PMEMRAS_PMEM_H

/*
 * The machine's persistent memory as the kernel shows it below
 * /sys/bus/nd/devices: buses, regions, namespaces, what is made of them, the DIMMs below
 * and the regions' badblocks lists. Addresses need root.
 *
 * Not everything bad in a region is data of a block device. What is not gets a
 * device of its own, so that nothing has to be forgotten and no offset is mistaken
 * for another: the character device ("dax0.0") for the data of a devdax namespace; the
 * namespace ("namespace0.0", bytes from its start) for its page metadata and
 * for a sector-mode (BTT) namespace, whose blocks have no fixed address; the region
 * ("region0", bytes from its start) for what no namespace takes.
 */
#include "blkdev.h"
#include "place.h"
#include "spamap.h"

#define PMEM_DIMMS_MAX 16u

struct pmem_region {
	uint64_t cookie; /* of the interleave set, 0 none */
	size_t n_dimms;
	char dimms[PMEM_DIMMS_MAX][16]; /* "nmem0", by position */
};

struct pmem {
	struct spamap map;
	struct pmem_region *regions; /* as map.regions */
	size_t n_buses;
	size_t n_hidden; /* regions and namespaces whose address could not be read: not in @map */
};

#define PMEM_NULL ((struct pmem){.map = SPAMAP_NULL})
void pmem_deinit(struct pmem *pmem);

/* 0, also where there is none; -ENOMEM. */
int pmem_read(const struct sysroot *root, struct pmem *ret);

/*
 * What a namespace is used as, and the device that shows it ("" where it is disabled); needs no root.
 * 0, -ENOMEM.
 */
int pmem_use(const struct sysroot *root, const char *ns, enum nd_mode *ret_mode, char ret_dev[64]);

/**
 * pmem_place() - the device that a piece of physical memory is on
 * @ret_id:     nothing is read from the medium for it
 * @ret_offset: of the piece's first byte on that device
 *
 * Return: 0; -ENOENT: in no region.
 */
int pmem_place(const struct pmem *pmem, const struct spa_piece *piece, struct devid *ret_id,
	       uint64_t *ret_offset);

/*
 * The devices that are no block devices (see above), by name; @dev is lent. 0 continues, nonzero stops
 * and comes back; -ENOMEM.
 */
int pmem_each(const struct sysroot *root, int (*fn)(const struct blkdev *dev, void *data),
	      void *data);
int pmem_find(const struct sysroot *root, const char *name, struct blkdev *ret); /* -ENOENT */

/* What the regions' lists say of such a device, nothing while it is disabled. As blkdev_badblocks(). */
int pmem_badblocks(const struct sysroot *root, const struct blkdev *dev, struct rangeset *ret,
		   bool *ret_cut);

/* The DIMM that holds a physical address, as ndctl names it. -ENXIO: an interleaved region, and nobody tells. */
int pmem_dimm(const struct sysroot *root, const struct pmem *pmem, uint64_t address, char ret[16]);

/**
 * pmem_where() - where bytes of a device, or of a partition of one, physically are
 * @dev:    kernel name
 * @ranges: device bytes; the DIMMs are those that hold them, or may where nobody tells
 * @ret:    malloced
 *
 * Return: 0; -ENOENT: no persistent memory; -ENOMEM.
 */
int pmem_where(const struct sysroot *root, const char *dev, const struct rangeset *ranges,
	       struct place **ret);

#endif
