/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * An attribute's file dies with its device, or when that is disabled; the next refresh, after the
 * uevent, opens the new one.
 */
#include "ndwatch.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "cleanup.h"
#include "fd.h"

#define ND "/sys/bus/nd/devices"

static void stop_watching(struct ndwatch_item *item)
{
	item->io = sd_event_source_disable_unref(item->io);
	fd_closep(&item->fd);
}

static void item_free(struct ndwatch_item *item)
{
	stop_watching(item);
	free(item);
}

void ndwatch_free(void *data)
{
	struct ndwatch *watch = data;

	if (!watch)
		return;
	for (size_t i = 0; i < watch->n; i++)
		item_free(watch->items[i]);
	free(watch->items);
	free(watch);
}

static void ndwatch_freep(struct ndwatch **watch)
{
	ndwatch_free(*watch);
}

/* All of it, from its start, which arms poll. */
static bool read_all(int fd)
{
	char text[8192];

	return pread(fd, text, sizeof(text), 0) >= 0;
}

static int on_change(sd_event_source *io, int fd, uint32_t revents, void *data)
{
	struct ndwatch_item *item = data;
	const struct source_host *host = item->watch->host;

	if (!read_all(fd)) /* it has gone: refresh() opens the next one */
		stop_watching(item);
	host->look(host->data, LOOK_DEVICES, 0);
	return 0;
}

static void open_item(struct ndwatch_item *item, const char *attribute)
{
	const struct source_host *host = item->watch->host;
	CLEANUP(fd_closep) int fd = -1;
	char path[96];

	snprintf(path, sizeof(path), ND "/%s/%s", item->name, attribute);
	if (sysroot_open_file(host->root, path, O_RDONLY | O_CLOEXEC | O_NONBLOCK, &fd) ||
	    !read_all(fd) ||
	    sd_event_add_io(host->event, &item->io, fd, EPOLLPRI, on_change, item) < 0)
		return;
	item->fd = fd_steal(&fd);
}

static int refresh_item(const char *name, void *data)
{
	struct ndwatch *watch = data;
	struct ndwatch_item *item = NULL, **more;
	const char *attribute = watch->attribute(name);

	if (!attribute || strlen(name) >= sizeof(item->name))
		return 0;
	for (size_t i = 0; i < watch->n; i++)
		if (!strcmp(watch->items[i]->name, name))
			item = watch->items[i];
	if (!item) {
		more = reallocarray(watch->items, watch->n + 1, sizeof(struct ndwatch_item *));
		if (!more)
			return -ENOMEM;
		watch->items = more;
		item = calloc(1, sizeof(*item));
		if (!item)
			return -ENOMEM;
		item->watch = watch;
		item->fd = -1;
		strcpy(item->name, name);
		more[watch->n++] = item;
	}
	item->seen = true;
	if (item->fd >= 0 && !read_all(item->fd))
		stop_watching(item);
	if (item->fd < 0)
		open_item(item, attribute);
	return 0;
}

int ndwatch_refresh(void *data)
{
	struct ndwatch *watch = data;
	size_t kept = 0;
	int r;

	for (size_t i = 0; i < watch->n; i++)
		watch->items[i]->seen = false;
	r = sysroot_each(watch->host->root, ND, refresh_item, watch);
	if (r && r != -ENOENT)
		return r;
	for (size_t i = 0; i < watch->n; i++) {
		if (watch->items[i]->seen)
			watch->items[kept++] = watch->items[i];
		else
			item_free(watch->items[i]);
	}
	watch->n = kept;
	return 0;
}

int ndwatch_new(const struct source_host *host, const char *(*attribute)(const char *device),
		void **ret)
{
	CLEANUP(ndwatch_freep) struct ndwatch *watch = NULL;
	int r;

	if (!host->root->live) /* ordinary files: poll says nothing about them */
		return -EOPNOTSUPP;
	watch = calloc(1, sizeof(*watch));
	if (!watch)
		return -ENOMEM;
	watch->host = host;
	watch->attribute = attribute;
	r = ndwatch_refresh(watch);
	if (r)
		return r;
	*ret = steal(watch);
	return 0;
}
