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
#include "source.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "cleanup.h"
#include "fd.h"
#include "pmem.h"

struct region {
	struct source_regions *source;
	char name[32];
	int fd; /* -1: cannot be watched */
	sd_event_source *io;
	bool seen; /* in the refresh at work */
};

struct source_regions {
	const struct source_host *host;
	struct region **regions;
	size_t n;
};

static void region_free(struct region *region)
{
	sd_event_source_disable_unref(region->io);
	fd_closep(&region->fd);
	free(region);
}

static void regions_free(void *data)
{
	struct source_regions *source = data;

	if (!source)
		return;
	for (size_t i = 0; i < source->n; i++)
		region_free(source->regions[i]);
	free(source->regions);
	free(source);
}

static void regions_freep(struct source_regions **source)
{
	regions_free(*source);
}

/* All of it, from its start, which arms poll. */
static bool read_list(int fd)
{
	char text[8192];

	return pread(fd, text, sizeof(text), 0) >= 0;
}

static int on_region(sd_event_source *io, int fd, uint32_t revents, void *data)
{
	struct region *region = data;
	const struct source_host *host = region->source->host;

	if (!read_list(fd)) { /* the region was disabled: refresh() opens the next one */
		region->io = sd_event_source_disable_unref(region->io);
		fd_closep(&region->fd);
	}
	host->look(host->data, LOOK_DEVICES, 0);
	return 0;
}

static void open_region(struct region *region)
{
	const struct source_host *host = region->source->host;
	CLEANUP(fd_closep) int fd = -1;
	char path[96];

	snprintf(path, sizeof(path), "/sys/bus/nd/devices/%s/badblocks", region->name);
	if (sysroot_open_file(host->root, path, O_RDONLY | O_CLOEXEC | O_NONBLOCK, &fd) ||
	    !read_list(fd) ||
	    sd_event_add_io(host->event, &region->io, fd, EPOLLPRI, on_region, region) < 0)
		return;
	region->fd = fd_steal(&fd);
}

static int refresh_region(const char *name, void *data)
{
	struct source_regions *source = data;
	struct region *region = NULL, **more;

	if (strncmp(name, "region", 6) || strlen(name) >= sizeof(region->name))
		return 0;
	for (size_t i = 0; i < source->n; i++)
		if (!strcmp(source->regions[i]->name, name))
			region = source->regions[i];
	if (!region) {
		more = reallocarray(source->regions, source->n + 1, sizeof(struct region *));
		if (!more)
			return -ENOMEM;
		source->regions = more;
		region = calloc(1, sizeof(*region));
		if (!region)
			return -ENOMEM;
		region->source = source;
		region->fd = -1;
		strcpy(region->name, name);
		more[source->n++] = region;
	}
	region->seen = true;
	if (region->fd >= 0 && !read_list(region->fd)) {
		region->io = sd_event_source_disable_unref(region->io);
		fd_closep(&region->fd);
	}
	if (region->fd < 0)
		open_region(region);
	return 0;
}

static int regions_refresh(void *data)
{
	struct source_regions *source = data;
	size_t kept = 0;
	int r;

	for (size_t i = 0; i < source->n; i++)
		source->regions[i]->seen = false;
	r = sysroot_each(source->host->root, "/sys/bus/nd/devices", refresh_region, source);
	if (r && r != -ENOENT)
		return r;
	for (size_t i = 0; i < source->n; i++) {
		if (source->regions[i]->seen)
			source->regions[kept++] = source->regions[i];
		else
			region_free(source->regions[i]);
	}
	source->n = kept;
	return 0;
}

static int regions_new(const struct source_host *host, void **ret)
{
	CLEANUP(regions_freep) struct source_regions *source = NULL;
	int r;

	if (!host->root->live) /* ordinary files: poll says nothing about them */
		return -EOPNOTSUPP;
	source = calloc(1, sizeof(*source));
	if (!source)
		return -ENOMEM;
	source->host = host;
	r = regions_refresh(source);
	if (r)
		return r;
	*ret = steal(source);
	return 0;
}

struct listing {
	const struct source_regions *source;
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
	const struct source_regions *source = data;
	struct listing listing = {source, watch};
	struct watch_device *device;
	int r;

	if (!source->n)
		return 0;
	for (size_t i = 0; i < source->n; i++) {
		r = watch_device(watch, source->regions[i]->name, &device);
		if (r)
			return r;
		device->list = source->regions[i]->fd >= 0 ? WATCH_YES : WATCH_NO;
	}
	return pmem_each(source->host->root, list_dax, &listing);
}

const struct source_ops source_regions = {
	.name = "regions",
	.new = regions_new,
	.free = regions_free,
	.refresh = regions_refresh,
	.watches = regions_watches,
};
