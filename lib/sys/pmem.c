/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Regions and namespaces from sysfs (Documentation/ABI/testing/sysfs-bus-nd,
 * drivers/nvdimm in the kernel), so that a recorded machine reads like a live one.
 *
 * All nd devices are links in one directory and carry their region's number:
 * namespace0.1, pfn0.0, btt0.0 and dax0.0 are all of region0. A namespace that
 * is in use for more than raw access names the device that claims it in
 * "holder"; the claiming device's "resource" is where data starts, behind the page
 * metadata. Below the one that drives the medium hangs the block device, below a nd "dax"
 * device the character device. A namespace that is disabled has none, and
 * where its data would start is not known then.
 */
#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include "cleanup.h"
#include "pmem.h"
#include "pmem_ndctl.h"

#define ND "/sys/bus/nd/devices"

void pmem_deinit(struct pmem *pmem)
{
	spamap_deinit(&pmem->map);
	free(pmem->regions);
	*pmem = PMEM_NULL;
}

/* ---- attributes ---- */

/* 0, -ENOMEM, -ENODATA: nothing usable there */
static int read_u64(const struct sysroot *root, const char *device, const char *name, uint64_t *ret)
{
	CLEANUP(freep) char *text = NULL;
	unsigned long long value;
	char *end;
	int r;

	r = sysroot_readf(root, &text, ND "/%s/%s", device, name);
	if (r)
		return r == -ENOMEM ? r : -ENODATA;
	errno = 0;
	value = strtoull(text, &end, 0);
	if (errno || end == text || (*end && !isspace((unsigned char)*end)) || *text == '-')
		return -ENODATA;

	*ret = value;
	return 0;
}

/* "" where there is none */
static int read_text(const struct sysroot *root, const char *device, const char *name, char *ret,
		     size_t size)
{
	CLEANUP(freep) char *text = NULL;
	int r;

	ret[0] = '\0';
	r = sysroot_readf(root, &text, ND "/%s/%s", device, name);
	if (r)
		return r == -ENOMEM ? r : 0;
	if (strlen(text) < size)
		strcpy(ret, text);
	return 0;
}

/* Addresses wholly known, and nothing odd about them. */
static int read_span(const struct sysroot *root, const char *device, struct spa_range *ret)
{
	struct byte_range span;
	int r;

	r = read_u64(root, device, "resource", &span.start);
	if (!r)
		r = read_u64(root, device, "size", &span.len);
	if (r)
		return r;
	if (span.len > UINT64_MAX - span.start)
		return -ENODATA;

	ret->range = span;
	return 0;
}

static int read_uuid(const struct sysroot *root, const char *device, char ret[37])
{
	int r;

	r = read_text(root, device, "uuid", ret, 37);
	if (r)
		return r;
	if (strlen(ret) != 36 || !ret[strspn(ret, "0-")])
		ret[0] = '\0';
	for (char *c = ret; *c; c++)
		*c = (char)tolower((unsigned char)*c);
	return 0;
}

/* "region7" → 7 for prefix "region"; -1 where it is something else */
static long number_of(const char *name, const char *prefix)
{
	size_t len = strlen(prefix);
	char *end;
	long n;

	if (strncmp(name, prefix, len) || !isdigit((unsigned char)name[len]))
		return -1;
	n = strtol(name + len, &end, 10);
	return *end && *end != '.' ? -1 : n;
}

/* ---- regions ---- */

struct reading {
	const struct sysroot *root;
	struct pmem *pmem;
};

static int read_dimms(const struct sysroot *root, const char *region, struct pmem_region *ret)
{
	uint64_t n = 0;
	int r;

	r = read_u64(root, region, "mappings", &n);
	if (r == -ENOMEM)
		return r;
	for (uint64_t i = 0; i < n && i < PMEM_DIMMS_MAX; i++) {
		char attribute[24], text[96];

		snprintf(attribute, sizeof(attribute), "mapping%u", (unsigned int)i);
		r = read_text(root, region, attribute, text, sizeof(text));
		if (r)
			return r;
		text[strcspn(text, ",")] =
			'\0'; /* "nmem0,0,1073741824,0": DIMM, start, size, position */
		if (!*text || strlen(text) >= sizeof(ret->dimms[0]))
			continue;
		strcpy(ret->dimms[ret->n_dimms++], text);
	}
	return 0;
}

static int read_region(const char *name, void *data)
{
	struct reading *reading = data;
	struct pmem *pmem = reading->pmem;
	struct nd_region region = {.name = ""};
	struct pmem_region more = {.cookie = 0}, *bigger;
	int r;

	pmem->n_buses += number_of(name, "ndbus") >= 0;
	if (number_of(name, "region") < 0 || strlen(name) >= sizeof(region.name))
		return 0;
	strcpy(region.name, name);
	r = read_span(reading->root, name, &region.spa);
	if (r == -ENODATA) {
		pmem->n_hidden++; /* block-window regions (before Linux 6.0) have no address either */
		return 0;
	}
	if (!r)
		r = read_dimms(reading->root, name, &more);
	if (r)
		return r;
	if (read_u64(reading->root, name, "set_cookie", &more.cookie) == -ENOMEM)
		return -ENOMEM;
	bigger = reallocarray(pmem->regions, pmem->map.n_regions + 1, sizeof(*bigger));
	if (!bigger)
		return -ENOMEM;
	pmem->regions = bigger;
	bigger[pmem->map.n_regions] = more;
	return spamap_add_region(&pmem->map, &region);
}

/* ---- namespaces ---- */

struct child {
	const struct sysroot *root;
	char *ret; /* 64 */
};

static int take_first(const char *name, void *data)
{
	struct child *child = data;

	if (strlen(name) >= 64)
		return 0;
	strcpy(child->ret, name);
	return 1;
}

static int take_dax(const char *name, void *data)
{
	return number_of(name, "dax") >= 0 && strchr(name, '.') ? take_first(name, data) : 0;
}

/* What hangs below nd device @device: a disk, or where @dax a character device. "": nothing. */
static int read_child(const struct sysroot *root, const char *device, bool dax, char ret[64])
{
	struct child child = {root, ret};
	char dir[128];
	int r;

	ret[0] = '\0';
	snprintf(dir, sizeof(dir), dax ? ND "/%s" : ND "/%s/block", device);
	r = sysroot_each(root, dir, dax ? take_dax : take_first, &child);
	return r == -ENOMEM ? r : 0;
}

static enum nd_mode mode_of(const char *holder)
{
	static const struct {
		const char *prefix;
		enum nd_mode mode;
	} holders[] = {{"pfn", ND_MODE_FSDAX}, {"dax", ND_MODE_DEVDAX}, {"btt", ND_MODE_SECTOR}};

	for (size_t i = 0; i < ARRAY_SIZE(holders); i++)
		if (number_of(holder, holders[i].prefix) >= 0)
			return holders[i].mode;
	return ND_MODE_RAW;
}

static size_t region_index(const struct spamap *map, long number)
{
	for (size_t i = 0; i < map->n_regions; i++)
		if (number_of(map->regions[i].name, "region") == number)
			return i;
	return SPAMAP_NONE;
}

/* @ret_driver: the nd device that drives its medium, 32 */
static int find_use(const struct sysroot *root, const char *ns, enum nd_mode *ret_mode,
		    char *ret_driver, char ret_dev[64])
{
	int r = read_text(root, ns, "holder", ret_driver, 32);

	if (r)
		return r;
	*ret_mode = mode_of(ret_driver);
	if (*ret_mode == ND_MODE_RAW)
		snprintf(ret_driver, 32, "%s", ns);
	return read_child(root, ret_driver, *ret_mode == ND_MODE_DEVDAX, ret_dev);
}

int pmem_use(const struct sysroot *root, const char *ns, enum nd_mode *ret_mode, char ret_dev[64])
{
	char driver[32];

	return find_use(root, ns, ret_mode, driver, ret_dev);
}

/* What a namespace is used as; leaves @ns->dev "" where it is not in use. */
static int read_use(const struct sysroot *root, struct nd_namespace *ns)
{
	char driver[32];
	int r;

	r = find_use(root, ns->name, &ns->mode, driver, ns->dev);
	if (!r && !*ns->uuid && ns->mode != ND_MODE_RAW)
		r = read_uuid(root, driver, ns->uuid);
	if (r || !*ns->dev || ns->mode == ND_MODE_SECTOR)
		return r;
	if (ns->mode == ND_MODE_RAW) {
		ns->data = ns->whole;
		return 0;
	}
	r = read_span(root, driver, &ns->data);
	if (r == -ENODATA) /* being set up or torn down just now */
		ns->dev[0] = '\0';
	return r == -ENOMEM ? r : 0;
}

static int read_namespace(const char *name, void *data)
{
	struct reading *reading = data;
	struct nd_namespace ns = {.name = ""};
	int r;

	if (number_of(name, "namespace") < 0 || strlen(name) >= sizeof(ns.name))
		return 0;
	ns.region = region_index(&reading->pmem->map, number_of(name, "namespace"));
	if (ns.region == SPAMAP_NONE)
		return 0;
	strcpy(ns.name, name);
	r = read_span(reading->root, name, &ns.whole);
	if (r == -ENODATA) {
		uint64_t size = 0;

		/* one that waits to be made has no size, and no address */
		(void)read_u64(reading->root, name, "size", &size);
		reading->pmem->n_hidden += size != 0;
		return 0;
	}
	if (r || !ns.whole.range.len)
		return r;
	r = read_uuid(reading->root, name, ns.uuid);
	if (!r)
		r = read_use(reading->root, &ns);
	return r ? r : spamap_add_namespace(&reading->pmem->map, &ns);
}

int pmem_read(const struct sysroot *root, struct pmem *ret)
{
	CLEANUP(pmem_deinit) struct pmem pmem = PMEM_NULL;
	struct reading reading = {root, &pmem};
	int r;

	r = sysroot_each(root, ND, read_region, &reading);
	if (!r)
		r = sysroot_each(root, ND, read_namespace, &reading);
	if (r == -ENOMEM)
		return r;

	*ret = pmem;
	pmem = PMEM_NULL;
	return 0;
}

int pmem_dimm(const struct sysroot *root, const struct pmem *pmem, uint64_t address, char ret[16])
{
	for (size_t i = 0; i < pmem->map.n_regions; i++) {
		const struct pmem_region *region = &pmem->regions[i];
		struct byte_range spa = pmem->map.regions[i].spa.range;

		if (address < spa.start || address >= range_end(spa))
			continue;
		if (region->n_dimms == 1) {
			strcpy(ret, region->dimms[0]);
			return 0;
		}
		return root->live && pmem_ndctl_dimm(address, ret) == 0 ? 0 : -ENXIO;
	}
	return -ENXIO;
}
