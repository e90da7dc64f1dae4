/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * An incident is looked up when it opens, but at that moment the filesystem may
 * not be mounted (an early boot, a machine in repair) or may have shut itself
 * down over the very loss. What could not be told then can be told after the
 * next mount, so a change of the mount table or the devices is a reason to ask
 * again; an answer that was complete is never asked for twice.
 */
#include "lookups.h"

#include <errno.h>
#include <string.h>

#include "blkdev.h"
#include "casework.h"
#include "cleanup.h"
#include "mounts.h"
#include "record.h"

/* what a mount may change */
#define CURABLE                                                                                    \
	(1u << REASON_NOT_MOUNTED | 1u << REASON_SHUTDOWN | 1u << REASON_DEVICE_GONE |             \
	 1u << REASON_IO_ERROR)

struct ids {
	int64_t *items;
	size_t n, allocated;
};

struct scan {
	const struct sysroot *root;
	struct mounts mounts;
	struct store_device *devices;
	size_t n_devices;
	struct ids ids;
	struct watch *watch;
};

static void scan_deinit(struct scan *scan)
{
	mounts_deinit(&scan->mounts);
	free(scan->devices);
	free(scan->ids.items);
}

static int ids_add(struct ids *ids, int64_t id)
{
	size_t at = ids->n;

	while (at && ids->items[at - 1] >= id)
		at--;
	if (at < ids->n && ids->items[at] == id)
		return 0;
	if (ids->n == ids->allocated) {
		size_t allocated = ids->allocated ? 2 * ids->allocated : 16;
		int64_t *more = realloc(ids->items, allocated * sizeof(*more));

		if (!more)
			return -ENOMEM;
		ids->items = more;
		ids->allocated = allocated;
	}
	memmove(ids->items + at + 1, ids->items + at, (ids->n - at) * sizeof(*ids->items));
	ids->items[at] = id;
	ids->n++;
	return 0;
}

static const struct devid *find_device(const struct scan *scan, int64_t row)
{
	for (size_t i = 0; i < scan->n_devices; i++) {
		if (scan->devices[i].row == row)
			return &scan->devices[i].id;
	}
	return NULL;
}

/* The device that is known as @id, where it is present. */
static bool present(const struct sysroot *root, const struct devid *id, dev_t *ret)
{
	CLEANUP(blkdev_deinit) struct blkdev dev = BLKDEV_NULL;

	if (blkdev_resolve(root, id->name, &dev) || devid_compare(&dev.id, id) == DEVID_DIFFERENT)
		return false;
	*ret = dev.devno;
	return true;
}

static int ask_again(int64_t row, const struct incident *incident, void *data)
{
	CLEANUP(findings_freep) struct findings *findings = NULL;
	struct scan *scan = data;
	const struct devid *id = find_device(scan, row);
	dev_t devno;

	if (!id || !incident->findings ||
	    record_parse_findings(incident->findings, strlen(incident->findings), &findings))
		return 0;
	if (!(findings->reasons & CURABLE))
		return 0;
	if (!present(scan->root, id, &devno) || !mounts_find(&scan->mounts, devno))
		return 0;
	return ids_add(&scan->ids, incident->id);
}

int lookups_pending(const struct sysroot *root, struct store *store, bool again, int64_t **ret,
		    size_t *ret_n)
{
	CLEANUP(scan_deinit) struct scan scan = {.root = root, .mounts = MOUNTS_NULL};
	int r;

	r = casework_pending(store, &scan.ids.items, &scan.ids.n);
	if (r)
		return r;
	scan.ids.allocated = scan.ids.n;
	if (again) {
		if (mounts_read(root, &scan.mounts) == -ENOMEM)
			return -ENOMEM;
		r = store_devices(store, &scan.devices, &scan.n_devices);
		if (r)
			return r;
		r = store_incident_each(store, 1u << INCIDENT_OPEN, ask_again, &scan);
		if (r)
			return r;
	}
	*ret = steal(scan.ids.items);
	*ret_n = scan.ids.n;
	return 0;
}

static int add_device(struct scan *scan, int64_t row)
{
	const struct devid *id = find_device(scan, row);
	struct watch_device *device;
	int r;

	if (!id)
		return 0;
	r = watch_device(scan->watch, id->name, &device);
	if (r || device->devno || device->list == WATCH_GONE)
		return r;
	if (!present(scan->root, id, &device->devno))
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

int lookups_add_devices(const struct sysroot *root, struct store *store, struct watch *watch)
{
	CLEANUP(scan_deinit) struct scan scan = {.root = root, .watch = watch};
	int r;

	r = store_devices(store, &scan.devices, &scan.n_devices);
	if (!r)
		r = store_incident_each(store, 1u << INCIDENT_OPEN, add_incident, &scan);
	if (!r)
		r = store_declared_each(store, add_declared, &scan);
	return r;
}
