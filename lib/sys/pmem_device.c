/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Devices for what lies in persistent memory and is no byte of a block
 * device. Each has an identity of its medium, like a disk, but one that
 * cannot be taken for the namespace's block device: their offsets mean different
 * bytes. Only the character device shares the namespace's uuid, as it is to
 * a devdax namespace what the block device is to another.
 *
 * A region's badblocks list is one for all of them and is dealt out by
 * address. Bytes of a block device are left to that device's own list. Of a namespace
 * that is disabled nothing is dealt out: what is data and what is not cannot be told, so
 * what is known of its data would be told anew as of the namespace. The list keeps it until then.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include "badblocks.h"
#include "cleanup.h"
#include "fd.h"
#include "pmem.h"

static void id_of_namespace(const struct nd_namespace *ns, struct devid *ret)
{
	memcpy(ret->name, ns->name, sizeof(ns->name));
	ret->size = ns->whole.range.len;
	if (*ns->uuid)
		snprintf(ret->hw_id, sizeof(ret->hw_id), "nd-%s:namespace", ns->uuid);
}

static void id_of_region(const struct pmem *pmem, size_t i, struct devid *ret)
{
	memcpy(ret->name, pmem->map.regions[i].name, sizeof(pmem->map.regions[i].name));
	ret->size = pmem->map.regions[i].spa.range.len;
	if (pmem->regions[i].cookie)
		snprintf(ret->hw_id, sizeof(ret->hw_id), "nd-set-%016llx",
			 (unsigned long long)pmem->regions[i].cookie);
}

static void id_of_data(const struct nd_namespace *ns, struct devid *ret)
{
	memcpy(ret->name, ns->dev, sizeof(ret->name));
	memcpy(ret->nd_uuid, ns->uuid, sizeof(ret->nd_uuid));
	ret->size = ns->data.range.len;
}

int pmem_place(const struct pmem *pmem, const struct spa_piece *piece, struct devid *ret_id,
	       uint64_t *ret_offset)
{
	const struct nd_namespace *ns =
		piece->ns != SPAMAP_NONE ? &pmem->map.namespaces[piece->ns] : NULL;
	struct devid id = {.size = 0};
	uint64_t offset = piece->offset;

	switch (piece->place) {
	case SPA_OUTSIDE: return -ENOENT;
	case SPA_DATA: id_of_data(ns, &id); break;
	case SPA_REGION: id_of_region(pmem, piece->region, &id); break;
	case SPA_RESERVED:
		id_of_namespace(ns, &id);
		offset = piece->spa.range.start - ns->whole.range.start;
		break;
	}

	*ret_id = id;
	*ret_offset = offset;
	return 0;
}

/* ---- what is there ---- */

static bool has_list(const struct sysroot *root, const struct nd_region *region)
{
	CLEANUP(fd_closep) int fd = -1;
	char path[96];

	snprintf(path, sizeof(path), "/sys/bus/nd/devices/%s/badblocks", region->name);
	return !sysroot_open_file(root, path, O_PATH, &fd);
}

static int show(const struct sysroot *root, const struct nd_region *region, const struct devid *id,
		int (*fn)(const struct blkdev *dev, void *data), void *data)
{
	struct blkdev dev = {.size = id->size, .id = *id, .pmem = true};

	memcpy(dev.name, id->name, sizeof(dev.name));
	dev.has_badblocks = has_list(root, region);
	return fn(&dev, data);
}

int pmem_each(const struct sysroot *root, int (*fn)(const struct blkdev *dev, void *data),
	      void *data)
{
	CLEANUP(pmem_deinit) struct pmem pmem = PMEM_NULL;
	int r;

	r = pmem_read(root, &pmem);
	for (size_t i = 0; !r && i < pmem.map.n_namespaces; i++) {
		const struct nd_namespace *ns = &pmem.map.namespaces[i];
		struct devid id = {.size = 0};

		if (ns->mode != ND_MODE_DEVDAX || !*ns->dev)
			continue;
		id_of_data(ns, &id);
		r = show(root, &pmem.map.regions[ns->region], &id, fn, data);
	}
	for (size_t i = 0; !r && i < pmem.map.n_namespaces; i++) {
		const struct nd_namespace *ns = &pmem.map.namespaces[i];
		struct devid id = {.size = 0};

		id_of_namespace(ns, &id);
		r = show(root, &pmem.map.regions[ns->region], &id, fn, data);
	}
	for (size_t i = 0; !r && i < pmem.map.n_regions; i++) {
		struct devid id = {.size = 0};

		id_of_region(&pmem, i, &id);
		r = show(root, &pmem.map.regions[i], &id, fn, data);
	}
	return r;
}

struct search {
	const char *name;
	struct blkdev *ret;
};

static int take_named(const struct blkdev *dev, void *data)
{
	struct search *search = data;

	if (strcmp(dev->name, search->name))
		return 0;
	*search->ret = *dev;
	return 1;
}

int pmem_find(const struct sysroot *root, const char *name, struct blkdev *ret)
{
	struct search search = {name, ret};
	int r;

	r = pmem_each(root, take_named, &search);
	return r < 0 ? r : r ? 0 : -ENOENT;
}

/* ---- what is bad there ---- */

struct dealing {
	const struct pmem *pmem;
	const char *name;
	struct rangeset *bad;
};

static int deal(const struct spa_piece *piece, void *data)
{
	struct dealing *dealing = data;
	struct devid id;
	uint64_t offset;

	if (piece->ns != SPAMAP_NONE && !*dealing->pmem->map.namespaces[piece->ns].dev)
		return 0;
	if (pmem_place(dealing->pmem, piece, &id, &offset) || strcmp(id.name, dealing->name))
		return 0;
	return rangeset_add(dealing->bad, (struct byte_range){offset, piece->spa.range.len});
}

/* One region's list. A region that has none says nothing. */
static int deal_list(const struct sysroot *root, size_t region, struct dealing *dealing, bool *cut)
{
	CLEANUP(rangeset_deinit) struct rangeset listed = RANGESET_NULL;
	const struct nd_region *nd = &dealing->pmem->map.regions[region];
	CLEANUP(freep) char *text = NULL;
	bool this_cut = false;
	char path[96];
	size_t len;
	int r;

	snprintf(path, sizeof(path), "/sys/bus/nd/devices/%s/badblocks", nd->name);
	r = sysroot_read(root, path, &text, &len);
	if (r)
		return r == -ENOENT ? 0 : r;
	r = badblocks_parse(text, len, &listed, &this_cut, NULL);
	if (r)
		return r == -ENOMEM ? r : -EBADMSG;
	for (size_t i = 0; !r && i < listed.n; i++) {
		struct spa_range spa;

		r = spamap_from_region(&dealing->pmem->map, region, listed.ranges[i], &spa);
		r = r == -ERANGE ? -EBADMSG : spamap_split(&dealing->pmem->map, spa, deal, dealing);
	}
	*cut |= this_cut;
	return r;
}

/* "dax3.0", "namespace3.1" and "region3" are all of region 3. */
static unsigned long number_in(const char *name)
{
	return strtoul(name + strcspn(name, "0123456789"), NULL, 10);
}

int pmem_badblocks(const struct sysroot *root, const struct blkdev *dev, struct rangeset *ret,
		   bool *ret_cut)
{
	CLEANUP(rangeset_deinit) struct rangeset bad = RANGESET_NULL;
	CLEANUP(pmem_deinit) struct pmem pmem = PMEM_NULL;
	struct dealing dealing = {&pmem, dev->name, &bad};
	bool cut = false;
	int r;

	r = pmem_read(root, &pmem);
	for (size_t i = 0; !r && i < pmem.map.n_regions; i++)
		if (number_in(pmem.map.regions[i].name) == number_in(dev->name))
			r = deal_list(root, i, &dealing, &cut);
	if (r)
		return r;

	rangeset_move(ret, &bad);
	*ret_cut = cut;
	return 0;
}
