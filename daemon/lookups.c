/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * An incident is looked up when it opens, but at that moment the filesystem may
 * not be mounted (an early boot, a machine in repair) or may have shut itself
 * down over the very loss. What could not be told then can be told after the
 * next mount, so a change of the mount table or the devices is a reason to ask
 * again. An answer that was complete is not asked for twice, unless the filesystem is mounted elsewhere
 * than its names say: they would lead nowhere. One that is merely unmounted is left alone: whoever
 * unmounts may want the device next, and a look holds it.
 */
#include "lookups.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "blkdev.h"
#include "casework.h"
#include "cleanup.h"
#include "mounts.h"
#include "nsmounts.h"
#include "record.h"

struct scan {
	const struct sysroot *root;
	struct store_device *devices;
	size_t n_devices;
	struct watch *watch;
};

static void scan_deinit(struct scan *scan)
{
	free(scan->devices);
}

static const struct store_device *find_device(const struct scan *scan, int64_t row)
{
	for (size_t i = 0; i < scan->n_devices; i++) {
		if (scan->devices[i].row == row)
			return &scan->devices[i];
	}
	return NULL;
}

/* Is it there after all? Its number and, where it is no block device, its list are filled in. */
static bool find(const struct sysroot *root, const struct devid *id, struct watch_device *device)
{
	CLEANUP(blkdev_deinit) struct blkdev dev = BLKDEV_NULL;

	if (blkdev_resolve(root, id->name, &dev) || devid_compare(&dev.id, id) == DEVID_DIFFERENT)
		return false;
	device->devno = dev.devno;
	if (dev.pmem && dev.has_badblocks)
		device->list = WATCH_YES; /* its region's */
	return dev.pmem || dev.devno;
}

struct moved {
	const struct sysroot *root;
	struct mounts mounts;
	bool all_mounts; /* those of other namespaces are among them */
	int64_t *ids;
	size_t n;
	size_t n_pending; /* the first ones, ascending: to be looked at anyhow */
};

static void moved_deinit(struct moved *moved)
{
	mounts_deinit(&moved->mounts);
	free(moved->ids);
}

static bool is_mounted_there(const struct mounts *mounts, const struct findings *f)
{
	for (size_t i = 0; i < mounts->n; i++)
		if (!strcmp(mounts->items[i].target, f->mountpoint) &&
		    (!f->fs_type || !strcmp(mounts->items[i].fs_type, f->fs_type)))
			return true;
	return false;
}

static bool is_mounted(const struct moved *moved, const struct findings *f)
{
	CLEANUP(blkdev_deinit) struct blkdev dev = BLKDEV_NULL;

	return !blkdev_resolve(moved->root, f->through ? f->through->top : f->device, &dev) &&
	       mounts_find(&moved->mounts, dev.devno);
}

/* All processes are asked for that: only where our own mounts do not settle it. */
static int see_others(struct moved *moved)
{
	if (moved->all_mounts)
		return 0;
	moved->all_mounts = true;
	return nsmounts_add(moved->root, &moved->mounts);
}

static int compare_ids(const void *left, const void *right)
{
	int64_t a = *(const int64_t *)left, b = *(const int64_t *)right;

	return (a > b) - (a < b);
}

static int add_moved(int64_t row, const struct incident *incident, void *data)
{
	CLEANUP(findings_freep) struct findings *f = NULL;
	struct moved *moved = data;
	int64_t *more;
	int r;

	if (!incident->findings)
		return 0; /* to be looked at anyhow */
	r = record_parse_findings(incident->findings, strlen(incident->findings), &f);
	if (r)
		return r == -ENOMEM ? r : 0;
	if (!f->mountpoint || is_mounted_there(&moved->mounts, f))
		return 0;
	r = see_others(moved);
	if (r)
		return r;
	if (is_mounted_there(&moved->mounts, f) || !is_mounted(moved, f))
		return 0;
	if (moved->n_pending &&
	    bsearch(&incident->id, moved->ids, moved->n_pending, sizeof(*moved->ids), compare_ids))
		return 0;
	more = reallocarray(moved->ids, moved->n + 1, sizeof(*more));
	if (!more)
		return -ENOMEM;
	moved->ids = more;
	more[moved->n++] = incident->id;
	return 0;
}

int lookups_pending(const struct sysroot *root, struct store *store, bool again, bool paths,
		    int64_t **ret, size_t *ret_n)
{
	CLEANUP(moved_deinit) struct moved moved = {.root = root, .mounts = MOUNTS_NULL};
	int r;

	if (!again)
		return casework_pending(store, ret, ret_n);
	r = casework_pending_again(store, NULL, paths, &moved.ids, &moved.n);
	if (r)
		return r;
	moved.n_pending = moved.n;
	r = mounts_read(root, &moved.mounts);
	if (!r)
		r = store_incident_each(store, 1u << INCIDENT_OPEN, add_moved, &moved);
	if (r == -ENOMEM || r > 0)
		return r;
	if (moved.n)
		qsort(moved.ids, moved.n, sizeof(*moved.ids), compare_ids);
	*ret = steal(moved.ids);
	*ret_n = moved.n;
	return 0;
}

static int add_device(struct scan *scan, int64_t row)
{
	const struct store_device *known = find_device(scan, row);
	struct watch_device *device;
	int r;

	if (!known)
		return 0;
	r = watch_device(scan->watch, known->id.name, &device);
	if (r || device->devno || device->list == WATCH_GONE)
		return r;
	if (!known->present || !find(scan->root, &known->id, device))
		device->list = WATCH_GONE;
	return 0;
}

static int add_incident(int64_t row, const struct incident *incident, void *data)
{
	return add_device(data, row);
}

static int add_declared(const struct store_declared *declared, void *data)
{
	return add_device(data, declared->device);
}

/* Device-mapper comes and goes without a word from the device below: asked at each pass. */
static int add_layer(struct scan *scan, struct watch_device *device)
{
	CLEANUP(blkdev_deinit) struct blkdev dev = BLKDEV_NULL;
	int r;

	if (!device->devno)
		return 0;
	r = blkdev_resolve(scan->root, device->name, &dev);
	if (!r && dev.devno == device->devno)
		watch_layer(device, dev.users);
	return r == -ENOMEM ? r : 0;
}

int lookups_add_devices(const struct sysroot *root, struct store *store, struct watch *watch)
{
	CLEANUP(scan_deinit) struct scan scan = {.root = root, .watch = watch};
	int r;

	r = store_devices(store, &scan.devices, &scan.n_devices);
	if (!r)
		r = store_incident_each(store, 1u << INCIDENT_OPEN, add_incident, &scan);
	if (!r)
		r = store_declared_each(store, add_declared, &scan);
	for (size_t i = 0; !r && i < watch->n; i++)
		r = add_layer(&scan, &watch->devices[i]);
	return r;
}
