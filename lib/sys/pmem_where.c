/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Where bytes of a device are, the way back from pmem_place(). The DIMM of an interleaved region's
 * byte only the firmware knows; it is asked page by page, but not for ever: where it does
 * not say, or there is too much to ask, each DIMM of the region may be the one.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "cleanup.h"
#include "pmem.h"

#define STEP      4096u /* interleave sets take turns at this size, or a smaller power of 2 */
#define STEPS_MAX 32u   /* questions to the firmware */

/* Where partition @dev of @disk starts, bytes; false where it is none. */
static bool partition_start(const struct sysroot *root, const char *disk, const char *dev,
			    uint64_t *ret)
{
	CLEANUP(freep) char *text = NULL;
	unsigned long long sector;

	if (!*disk || strncmp(dev, disk, strlen(disk)) != 0 || dev[strlen(disk)] != 'p')
		return false;
	if (sysroot_readf(root, &text, "/sys/block/%s/%s/start", disk, dev) ||
	    sscanf(text, "%llu", &sector) != 1 || sector > UINT64_MAX / SECTOR_SIZE)
		return false;
	*ret = sector * SECTOR_SIZE;
	return true;
}

static int find(const struct sysroot *root, const struct spamap *map, const char *dev,
		struct place *ret)
{
	int r = place_find(map, dev, 0, ret);
	uint64_t skip;

	for (size_t i = 0; r && i < map->n_namespaces; i++)
		if (partition_start(root, map->namespaces[i].dev, dev, &skip))
			r = place_find(map, map->namespaces[i].dev, skip, ret);
	return r;
}

static void add_all(const struct pmem_region *region, struct place *place)
{
	for (size_t i = 0; i < region->n_dimms; i++)
		place_add_dimm(place, (struct byte_range){0, UINT64_MAX}, region->dimms[i]);
}

static void ask_for_dimms(const struct sysroot *root, const struct pmem *pmem,
			  const struct pmem_region *region, const struct rangeset *ranges,
			  struct place *place)
{
	unsigned int n_steps = 0;
	char dimm[16];

	for (size_t i = 0; i < ranges->n; i++) {
		uint64_t at = ranges->ranges[i].start, address;

		while (at < range_end(ranges->ranges[i])) {
			struct byte_range step;

			if (!place_address(place, at, &address) || n_steps++ == STEPS_MAX ||
			    pmem_dimm(root, pmem, address, dimm)) {
				add_all(region, place);
				return;
			}
			step = (struct byte_range){at, STEP - address % STEP};
			if (range_end(step) > range_end(ranges->ranges[i]))
				step.len = range_end(ranges->ranges[i]) - at;
			place_add_dimm(place, step, dimm);
			at = range_end(step);
		}
	}
}

int pmem_where(const struct sysroot *root, const char *dev, const struct rangeset *ranges,
	       struct place **ret)
{
	CLEANUP(pmem_deinit) struct pmem pmem = PMEM_NULL;
	CLEANUP(freep) struct place *place = calloc(1, sizeof(*place));
	int r;

	if (!place)
		return -ENOMEM;
	r = pmem_read(root, &pmem);
	if (!r)
		r = find(root, &pmem.map, dev, place);
	for (size_t i = 0; !r && i < pmem.map.n_regions; i++) {
		if (strcmp(pmem.map.regions[i].name, place->region) != 0)
			continue;
		if (pmem.regions[i].n_dimms > 1)
			ask_for_dimms(root, &pmem, &pmem.regions[i], ranges, place);
		else
			add_all(&pmem.regions[i], place);
	}
	if (r)
		return r;

	*ret = steal(place);
	return 0;
}
