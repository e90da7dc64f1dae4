/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Attributes of the NFIT driver that wake up: the counter of completed scrubs of each NVDIMM bus
 * whose firmware scrubs, and the flags of each DIMM.
 *
 * A list's own wake-up (source_regions.c) may come before the list is whole and says nothing of
 * a scrub; the counter's comes once, at its end. It means "look again" as any other: what the scrub
 * proves is worked out by the pass, from the counter (scrubs.c), and so is a DIMM's health (ailing.c).
 */
#include "source.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "cleanup.h"
#include "fd.h"

struct attribute {
	struct source_nfit *source;
	char name[16];
	int fd; /* -1: cannot be watched */
	sd_event_source *io;
	bool seen; /* in the refresh at work */
};

struct source_nfit {
	const struct source_host *host;
	struct attribute **attributes;
	size_t n;
};

static void stop_watching(struct attribute *attribute)
{
	attribute->io = sd_event_source_disable_unref(attribute->io);
	fd_closep(&attribute->fd);
}

static void attribute_free(struct attribute *attribute)
{
	stop_watching(attribute);
	free(attribute);
}

static void nfit_free(void *data)
{
	struct source_nfit *source = data;

	if (!source)
		return;
	for (size_t i = 0; i < source->n; i++)
		attribute_free(source->attributes[i]);
	free(source->attributes);
	free(source);
}

static void nfit_freep(struct source_nfit **source)
{
	nfit_free(*source);
}

/* From its start, which arms poll. */
static bool read_text(int fd)
{
	char text[128];

	return pread(fd, text, sizeof(text), 0) >= 0;
}

static int on_attribute(sd_event_source *io, int fd, uint32_t revents, void *data)
{
	struct attribute *attribute = data;
	const struct source_host *host = attribute->source->host;

	if (!read_text(fd)) /* it has gone: refresh() opens the next one */
		stop_watching(attribute);
	host->look(host->data, LOOK_DEVICES, 0);
	return 0;
}

static void watch_attribute(struct attribute *attribute)
{
	const struct source_host *host = attribute->source->host;
	CLEANUP(fd_closep) int fd = -1;
	char path[96];

	snprintf(path, sizeof(path), "/sys/bus/nd/devices/%s/nfit/%s", attribute->name,
		 *attribute->name == 'n' && attribute->name[1] == 'm' ? "flags" : "scrub");
	if (sysroot_open_file(host->root, path, O_RDONLY | O_CLOEXEC | O_NONBLOCK, &fd) ||
	    !read_text(fd) ||
	    sd_event_add_io(host->event, &attribute->io, fd, EPOLLPRI, on_attribute, attribute) < 0)
		return;
	attribute->fd = fd_steal(&fd);
}

static int refresh_attribute(const char *name, void *data)
{
	struct source_nfit *source = data;
	struct attribute *attribute = NULL, **more;

	if ((strncmp(name, "ndbus", 5) != 0 && strncmp(name, "nmem", 4) != 0) ||
	    strlen(name) >= sizeof(attribute->name))
		return 0;
	for (size_t i = 0; i < source->n; i++)
		if (!strcmp(source->attributes[i]->name, name))
			attribute = source->attributes[i];
	if (!attribute) {
		more = reallocarray(source->attributes, source->n + 1, sizeof(*more));
		if (!more)
			return -ENOMEM;
		source->attributes = more;
		attribute = calloc(1, sizeof(*attribute));
		if (!attribute)
			return -ENOMEM;
		attribute->source = source;
		attribute->fd = -1;
		strcpy(attribute->name, name);
		more[source->n++] = attribute;
	}
	attribute->seen = true;
	if (attribute->fd >= 0 && !read_text(attribute->fd))
		stop_watching(attribute);
	if (attribute->fd < 0)
		watch_attribute(attribute);
	return 0;
}

static int nfit_refresh(void *data)
{
	struct source_nfit *source = data;
	size_t kept = 0;
	int r;

	for (size_t i = 0; i < source->n; i++)
		source->attributes[i]->seen = false;
	r = sysroot_each(source->host->root, "/sys/bus/nd/devices", refresh_attribute, source);
	if (r && r != -ENOENT)
		return r;
	for (size_t i = 0; i < source->n; i++) {
		if (source->attributes[i]->seen)
			source->attributes[kept++] = source->attributes[i];
		else
			attribute_free(source->attributes[i]);
	}
	source->n = kept;
	return 0;
}

static int nfit_new(const struct source_host *host, void **ret)
{
	CLEANUP(nfit_freep) struct source_nfit *source = NULL;
	int r;

	if (!host->root->live) /* ordinary files: poll says nothing about them */
		return -EOPNOTSUPP;
	source = calloc(1, sizeof(*source));
	if (!source)
		return -ENOMEM;
	source->host = host;
	r = nfit_refresh(source);
	if (r)
		return r;
	*ret = steal(source);
	return 0;
}

const struct source_ops source_nfit = {
	.name = "scrubs and the health of DIMMs",
	.new = nfit_new,
	.free = nfit_free,
	.refresh = nfit_refresh,
};
