/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Devices first, then what stands on what: a device names what is above it (partitions, holders) before
 * that was seen. A loop device is above the device whose filesystem has its file.
 */
#include "topology.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "blkdev.h"
#include "cleanup.h"
#include "dmname.h"
#include "loops.h"
#include "nsmounts.h"
#include "reason.h"

struct reading {
	const struct sysroot *root;
	struct topo *topo;
	char **users; /* by node, of block devices */
	size_t n_users;
};

static void reading_deinit(struct reading *reading)
{
	for (size_t i = 0; i < reading->n_users; i++)
		free(reading->users[i]);
	free(reading->users);
}

/* ---- one device ---- */

/* "" where there is none */
static int attribute(const struct sysroot *root, const char *dev, const char *name, char **ret)
{
	int r = sysroot_readf(root, ret, "/sys/class/block/%s/%s", dev, name);

	if (r == -ENOENT)
		r = sysroot_readf(root, ret, "/sys/block/%s/%s", dev, name);
	if (!r || r == -ENOMEM)
		return r;
	*ret = strdup("");
	return *ret ? 0 : -ENOMEM;
}

static int set_label(struct topo_node *node, const char *text)
{
	free(node->label);
	node->label = strdup(text);
	return node->label ? 0 : -ENOMEM;
}

static int describe_mapped(const struct sysroot *root, struct topo_node *node)
{
	CLEANUP(freep) char *name = NULL, *uuid = NULL;
	struct dmname dm;
	char label[sizeof(dm.label) + sizeof(dm.layer) + 4];
	int r;

	r = attribute(root, node->name, "dm/name", &name);
	if (!r)
		r = attribute(root, node->name, "dm/uuid", &uuid);
	if (r)
		return r;
	node->kind = TOPO_MAPPED;
	dmname_decode(name, uuid, &dm);
	snprintf(node->type, sizeof(node->type), "%s", dm.maker);
	snprintf(label, sizeof(label), *dm.layer ? "%s (%s)" : "%s", dm.label, dm.layer);
	return set_label(node, label);
}

static int describe(const struct sysroot *root, struct topo_node *node)
{
	CLEANUP(freep) char *partition = NULL, *level = NULL;
	CLEANUP(loop_deinit) struct loop loop = LOOP_NULL;
	int r;

	if (!strncmp(node->name, "dm-", 3))
		return describe_mapped(root, node);
	r = attribute(root, node->name, "partition", &partition);
	if (!r)
		r = attribute(root, node->name, "md/level", &level);
	if (r)
		return r;
	if (*level) {
		node->kind = TOPO_MD;
		snprintf(node->type, sizeof(node->type), "%s", level);
		return 0;
	}
	r = *partition ? -ENOENT : loop_read(root, node->name, &loop);
	if (r == -ENOMEM)
		return r;
	node->kind = *partition ? TOPO_PARTITION : r ? TOPO_DISK : TOPO_LOOP;
	return r ? 0 : set_label(node, loop.file);
}

static int note_users(struct reading *reading, size_t node, const char *users)
{
	char **more = reallocarray(reading->users, node + 1, sizeof(*more));

	if (!more)
		return -ENOMEM;
	reading->users = more;
	while (reading->n_users <= node)
		more[reading->n_users++] = NULL;
	if (!users)
		return 0;
	more[node] = strdup(users);
	return more[node] ? 0 : -ENOMEM;
}

static int add_device(const struct blkdev *dev, void *data)
{
	struct reading *reading = data;
	struct topo_node *node;
	size_t at;
	int r;

	if (!dev->size)
		return 0; /* nothing is in it */
	r = topo_add(reading->topo, TOPO_DISK, dev->name, &at);
	if (r)
		return r == -EEXIST ? 0 : r;
	node = &reading->topo->nodes[at];
	node->devno = dev->devno;
	node->size = dev->size;
	node->id = dev->id;
	r = describe(reading->root, node);
	if (!r)
		r = note_users(reading, at, dev->users);
	if (r || !dev->has_badblocks)
		return r;
	r = blkdev_badblocks(reading->root, dev, &node->bad, &node->bad_cut);
	if (r && r != -ENOMEM && r != -ENOENT)
		reading->topo->reasons |= 1u << REASON_IO_ERROR;
	return r == -ENOMEM ? r : 0;
}

/* ---- what stands on what ---- */

static int link_up(struct topo *topo, size_t below, size_t above)
{
	int r;

	if (below == TOPO_NONE || above == TOPO_NONE)
		return 0;
	r = topo_link(topo, below, above);
	return r == -ELOOP ? 0 : r; /* read while it changed */
}

static int link_users(struct reading *reading)
{
	int r = 0;

	for (size_t i = 0; !r && i < reading->n_users; i++) {
		char *rest = NULL, *name = reading->users[i];

		for (name = name ? strtok_r(name, ", ", &rest) : NULL; !r && name;
		     name = strtok_r(NULL, ", ", &rest))
			r = link_up(reading->topo, i, topo_find(reading->topo, name));
	}
	return r;
}

size_t topology_mount_node(const struct sysroot *root, const struct mounts *mounts,
			   const struct topo *topo, dev_t devno)
{
	size_t at = topo_find_devno(topo, devno);

	for (size_t i = 0; at == TOPO_NONE && i < mounts->n; i++) {
		CLEANUP(blkdev_deinit) struct blkdev dev = BLKDEV_NULL;
		const struct mount *mount = &mounts->items[i];

		if (mount->devno != devno || !mount->source ||
		    strncmp(mount->source, "/dev/", 5) != 0)
			continue;
		if (!blkdev_resolve(root, mount->source, &dev))
			at = topo_find(topo, dev.name);
	}
	return at;
}

struct loops {
	const struct sysroot *root;
	const struct mounts *mounts;
	struct topo *topo;
};

static int link_loop(const struct loop *loop, void *data)
{
	struct loops *loops = data;
	size_t above = topo_find(loops->topo, loop->name);
	size_t below;

	if (loop->rdev)
		below = topo_find_devno(loops->topo, loop->rdev);
	else
		below = loop->dev ? topology_mount_node(loops->root, loops->mounts, loops->topo,
							loop->dev)
				  : TOPO_NONE;
	return link_up(loops->topo, below, above);
}

int topology_read(const struct sysroot *root, struct topo *ret)
{
	CLEANUP(mounts_deinit) struct mounts mounts = MOUNTS_NULL;
	CLEANUP(topo_deinit) struct topo topo = TOPO_NULL;
	CLEANUP(reading_deinit) struct reading reading = {root, &topo, NULL, 0};
	struct loops loops = {root, &mounts, &topo};
	int r;

	if (mounts_read(root, &mounts) == -ENOMEM || nsmounts_add(root, &mounts))
		return -ENOMEM;
	r = topology_add_pmem(root, &topo);
	if (!r)
		r = blkdev_each(root, add_device, &reading);
	if (r && r != -ENOENT)
		return r;
	r = topology_link_pmem(root, &topo);
	if (!r)
		r = link_users(&reading);
	if (!r)
		r = loop_each(root, link_loop, &loops);
	if (!r)
		r = topology_find_uses(root, &mounts, &topo);
	if (r)
		return r;
	topo_deinit(ret);
	*ret = topo;
	topo = TOPO_NULL;
	return 0;
}
