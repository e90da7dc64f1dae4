/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Names, sizes and what belongs to what everybody may read; addresses only root. So this
 * goes by names, and takes from pmem.h, which goes by addresses, only the lists. A namespace's
 * number has its region's in front: namespace1.0 is of region1.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "cleanup.h"
#include "dimms.h"
#include "pmem.h"
#include "reason.h"
#include "topology.h"

#define ND "/sys/bus/nd/devices"

struct adding {
	const struct sysroot *root;
	struct topo *topo;
};

static uint64_t read_number(const struct sysroot *root, const char *device, const char *name)
{
	CLEANUP(freep) char *text = NULL;

	if (sysroot_readf(root, &text, ND "/%s/%s", device, name))
		return 0;
	return strtoull(text, NULL, 0);
}

static bool is_numbered(const char *name, const char *prefix)
{
	size_t len = strlen(prefix);

	return !strncmp(name, prefix, len) && name[len] >= '0' && name[len] <= '9';
}

static int add(struct topo *topo, enum topo_kind kind, const char *name, size_t *ret)
{
	int r = topo_add(topo, kind, name, ret);

	if (r != -EEXIST)
		return r;
	*ret = topo_find(topo, name);
	return 0;
}

static int link_up(struct topo *topo, size_t below, size_t above)
{
	int r;

	if (below == TOPO_NONE || above == TOPO_NONE)
		return 0;
	r = topo_link(topo, below, above);
	return r == -ELOOP ? 0 : r;
}

/* ---- DIMMs, regions, namespaces ---- */

static int add_dimms(struct adding *adding)
{
	CLEANUP(dimms_deinit) struct dimms dimms = DIMMS_NULL;
	int r = dimms_read(adding->root, &dimms);

	for (size_t i = 0; !r && i < dimms.n; i++) {
		enum dimm_state state = dimm_state(&dimms.items[i]);
		char text[160];
		size_t at;

		r = add(adding->topo, TOPO_DIMM, dimms.items[i].name, &at);
		if (r || state == DIMM_OK || state == DIMM_UNKNOWN)
			continue;
		dimm_describe(&dimms.items[i], text, sizeof(text));
		adding->topo->nodes[at].label = strdup(text);
		if (!adding->topo->nodes[at].label)
			r = -ENOMEM;
	}
	return r;
}

static int add_region(const char *name, void *data)
{
	struct adding *adding = data;
	uint64_t mappings;
	size_t region;
	int r;

	if (!is_numbered(name, "region"))
		return 0;
	r = add(adding->topo, TOPO_REGION, name, &region);
	if (r)
		return r;
	adding->topo->nodes[region].size = read_number(adding->root, name, "size");
	mappings = read_number(adding->root, name, "mappings");
	for (uint64_t i = 0; !r && i < mappings && i < PMEM_DIMMS_MAX; i++) {
		CLEANUP(freep) char *text = NULL;
		size_t dimm;

		if (sysroot_readf(adding->root, &text, ND "/%s/mapping%u", name, (unsigned int)i))
			continue;
		text[strcspn(text, ",\n")] = '\0';
		if (!is_numbered(text, "nmem"))
			continue;
		r = add(adding->topo, TOPO_DIMM, text, &dimm);
		if (!r)
			r = link_up(adding->topo, dimm, region);
	}
	return r;
}

static int add_namespace(const char *name, void *data)
{
	struct adding *adding = data;
	char region[64], dev[64];
	enum nd_mode mode;
	uint64_t size;
	size_t at;
	int r;

	if (!is_numbered(name, "namespace"))
		return 0;
	size = read_number(adding->root, name, "size");
	if (!size)
		return 0; /* one that waits to be made */
	r = add(adding->topo, TOPO_NAMESPACE, name, &at);
	if (!r)
		r = pmem_use(adding->root, name, &mode, dev);
	if (r)
		return r;
	adding->topo->nodes[at].size = size;
	snprintf(adding->topo->nodes[at].type, sizeof(adding->topo->nodes[at].type), "%s",
		 nd_mode_token(mode));
	if (!*dev)
		adding->topo->nodes[at].label = strdup("disabled");
	snprintf(region, sizeof(region), "region%s", name + strlen("namespace"));
	region[strcspn(region, ".")] = '\0';
	return link_up(adding->topo, topo_find(adding->topo, region), at);
}

int topology_add_pmem(const struct sysroot *root, struct topo *topo)
{
	struct adding adding = {root, topo};
	int r;

	r = add_dimms(&adding);
	if (!r)
		r = sysroot_each(root, ND, add_region, &adding);
	if (!r)
		r = sysroot_each(root, ND, add_namespace, &adding);
	return r == -ENOMEM ? r : 0; /* no such directory: no libnvdimm */
}

/* ---- what shows them ---- */

/* Who drives a character device: its program, or the kernel as memory. */
static int add_dax(struct adding *adding, const char *name, size_t *ret)
{
	CLEANUP(freep) char *driver = NULL, *number = NULL;
	unsigned int major, minor;
	struct topo_node *node;
	char path[128];
	int r;

	r = add(adding->topo, TOPO_DAX, name, ret);
	if (r)
		return r;
	node = &adding->topo->nodes[*ret];
	snprintf(path, sizeof(path), "/sys/bus/dax/devices/%s/driver", name);
	r = sysroot_readlink(adding->root, path, &driver);
	if (r == -ENOMEM)
		return r;
	if (!r) {
		const char *slash = strrchr(driver, '/');

		snprintf(node->holds, sizeof(node->holds), "%s", slash ? slash + 1 : driver);
	}
	node->use = !strcmp(node->holds, "kmem") ? TOPO_USE_RAM : TOPO_USE_DAX;
	if (!sysroot_readf(adding->root, &number, "/sys/bus/dax/devices/%s/dev", name) &&
	    sscanf(number, "%u:%u", &major, &minor) == 2)
		node->devno = makedev(major, minor);
	return 0;
}

static int link_device(struct adding *adding, size_t ns)
{
	char name[64], dev[64];
	enum nd_mode mode;
	size_t at;
	int r;

	snprintf(name, sizeof(name), "%s", adding->topo->nodes[ns].name);
	r = pmem_use(adding->root, name, &mode, dev);
	if (r || !*dev)
		return r;
	at = topo_find(adding->topo, dev);
	if (mode == ND_MODE_DEVDAX)
		r = add_dax(adding, dev, &at);
	return r ? r : link_up(adding->topo, ns, at);
}

static int add_list(const struct blkdev *dev, void *data)
{
	struct adding *adding = data;
	size_t at = topo_find(adding->topo, dev->name);
	struct topo_node *node;
	int r;

	if (at == TOPO_NONE)
		return 0;
	node = &adding->topo->nodes[at];
	node->id = dev->id;
	if (!node->size)
		node->size = dev->size;
	if (!dev->has_badblocks)
		return 0;
	r = pmem_badblocks(adding->root, dev, &node->bad, &node->bad_cut);
	if (r && r != -ENOMEM)
		adding->topo->reasons |= 1u << REASON_IO_ERROR;
	return r == -ENOMEM ? r : 0;
}

int topology_link_pmem(const struct sysroot *root, struct topo *topo)
{
	CLEANUP(pmem_deinit) struct pmem pmem = PMEM_NULL;
	struct adding adding = {root, topo};
	int r;

	for (size_t i = 0; i < topo->n_nodes; i++) {
		r = topo->nodes[i].kind == TOPO_NAMESPACE ? link_device(&adding, i) : 0;
		if (r)
			return r;
	}
	r = pmem_read(root, &pmem);
	if (r)
		return r;
	if (pmem.n_hidden && !(root->live && geteuid() == 0)) /* or they have none */
		topo->reasons |= 1u << REASON_NOT_PERMITTED;
	return pmem_each(root, add_list, &adding);
}
