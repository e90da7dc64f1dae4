/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The counters of completed scrubs, one for each NVDIMM bus whose firmware scrubs.
 * A list's own wake-up (source_regions.c) may come before the list is whole and says nothing of
 * a scrub; this one comes once, at its end. It means "look again" as any other: what the scrub
 * proves is worked out by the pass, from the counter (scrubs.c).
 */
#include "source.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "cleanup.h"
#include "fd.h"

struct bus {
	struct source_scrub *source;
	char name[16];
	int fd; /* -1: cannot be watched */
	sd_event_source *io;
	bool seen; /* in the refresh at work */
};

struct source_scrub {
	const struct source_host *host;
	struct bus **buses;
	size_t n;
};

static void stop_watching(struct bus *bus)
{
	bus->io = sd_event_source_disable_unref(bus->io);
	fd_closep(&bus->fd);
}

static void bus_free(struct bus *bus)
{
	stop_watching(bus);
	free(bus);
}

static void scrub_free(void *data)
{
	struct source_scrub *source = data;

	if (!source)
		return;
	for (size_t i = 0; i < source->n; i++)
		bus_free(source->buses[i]);
	free(source->buses);
	free(source);
}

static void scrub_freep(struct source_scrub **source)
{
	scrub_free(*source);
}

/* From its start, which arms poll. */
static bool read_counter(int fd)
{
	char text[64];

	return pread(fd, text, sizeof(text), 0) >= 0;
}

static int on_scrub(sd_event_source *io, int fd, uint32_t revents, void *data)
{
	struct bus *bus = data;
	const struct source_host *host = bus->source->host;

	if (!read_counter(fd)) /* the bus has gone: refresh() opens the next one */
		stop_watching(bus);
	host->look(host->data, LOOK_DEVICES, 0);
	return 0;
}

static void watch_bus(struct bus *bus)
{
	const struct source_host *host = bus->source->host;
	CLEANUP(fd_closep) int fd = -1;
	char path[96];

	snprintf(path, sizeof(path), "/sys/bus/nd/devices/%s/nfit/scrub", bus->name);
	if (sysroot_open_file(host->root, path, O_RDONLY | O_CLOEXEC | O_NONBLOCK, &fd) ||
	    !read_counter(fd) ||
	    sd_event_add_io(host->event, &bus->io, fd, EPOLLPRI, on_scrub, bus) < 0)
		return;
	bus->fd = fd_steal(&fd);
}

static int refresh_bus(const char *name, void *data)
{
	struct source_scrub *source = data;
	struct bus *bus = NULL, **more;

	if (strncmp(name, "ndbus", 5) != 0 || strlen(name) >= sizeof(bus->name))
		return 0;
	for (size_t i = 0; i < source->n; i++)
		if (!strcmp(source->buses[i]->name, name))
			bus = source->buses[i];
	if (!bus) {
		more = reallocarray(source->buses, source->n + 1, sizeof(*more));
		if (!more)
			return -ENOMEM;
		source->buses = more;
		bus = calloc(1, sizeof(*bus));
		if (!bus)
			return -ENOMEM;
		bus->source = source;
		bus->fd = -1;
		strcpy(bus->name, name);
		more[source->n++] = bus;
	}
	bus->seen = true;
	if (bus->fd >= 0 && !read_counter(bus->fd))
		stop_watching(bus);
	if (bus->fd < 0)
		watch_bus(bus);
	return 0;
}

static int scrub_refresh(void *data)
{
	struct source_scrub *source = data;
	size_t kept = 0;
	int r;

	for (size_t i = 0; i < source->n; i++)
		source->buses[i]->seen = false;
	r = sysroot_each(source->host->root, "/sys/bus/nd/devices", refresh_bus, source);
	if (r && r != -ENOENT)
		return r;
	for (size_t i = 0; i < source->n; i++) {
		if (source->buses[i]->seen)
			source->buses[kept++] = source->buses[i];
		else
			bus_free(source->buses[i]);
	}
	source->n = kept;
	return 0;
}

static int scrub_new(const struct source_host *host, void **ret)
{
	CLEANUP(scrub_freep) struct source_scrub *source = NULL;
	int r;

	if (!host->root->live) /* ordinary files: poll says nothing about them */
		return -EOPNOTSUPP;
	source = calloc(1, sizeof(*source));
	if (!source)
		return -ENOMEM;
	source->host = host;
	r = scrub_refresh(source);
	if (r)
		return r;
	*ret = steal(source);
	return 0;
}

const struct source_ops source_scrub = {
	.name = "scrubs",
	.new = scrub_new,
	.free = scrub_free,
	.refresh = scrub_refresh,
};
