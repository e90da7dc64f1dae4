/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The badblocks lists of nd regions. They are the only ones for what is no block
 * device's data (devdax, sector mode, page metadata, free space), and where a block
 * device's own list is stale they are the first to move.
 *
 * As with a disk's list, poll tells that one changed, wakes up for nothing at the
 * end of each scrub, and may do so before a long list is whole. So a wake-up means
 * "look again", and what is read at it is forgotten.
 */
#include <string.h>

#include "ndwatch.h"
#include "pmem.h"

static const char *attribute_of(const char *device)
{
	return !strncmp(device, "region", 6) ? "badblocks" : NULL;
}

static int regions_new(const struct source_host *host, void **ret)
{
	return ndwatch_new(host, attribute_of, ret);
}

struct listing {
	const struct ndwatch *source;
	struct watch *watch;
};

/* A devdax device has no list but its region's. */
static int list_dax(const struct blkdev *dev, void *data)
{
	struct listing *listing = data;
	struct watch_device *device;
	int r;

	if (strncmp(dev->name, "dax", 3))
		return 0;
	r = watch_device(listing->watch, dev->name, &device);
	if (r)
		return r;
	if (settings_ignores(listing->source->host->settings, dev->name))
		device->list = WATCH_IGNORED;
	else
		device->list = dev->has_badblocks ? WATCH_YES : WATCH_NO;
	return 0;
}

static int regions_watches(const void *data, struct watch *watch)
{
	const struct ndwatch *source = data;
	struct listing listing = {source, watch};
	struct watch_device *device;
	int r;

	if (!source->n)
		return 0;
	for (size_t i = 0; i < source->n; i++) {
		r = watch_device(watch, source->items[i]->name, &device);
		if (r)
			return r;
		device->list = source->items[i]->fd >= 0 ? WATCH_YES : WATCH_NO;
	}
	return pmem_each(source->host->root, list_dax, &listing);
}

const struct source_ops source_regions = {
	.name = "regions",
	.new = regions_new,
	.free = ndwatch_free,
	.refresh = ndwatch_refresh,
	.watches = regions_watches,
};
