/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The badblocks lists of all disks. Such a sysfs attribute answers poll(2) with
 * POLLPRI|POLLERR when the kernel changed it (Documentation/filesystems/
 * sysfs.rst): it must be read once from offset 0 before the first poll, and again on
 * every wake-up, or poll returns at once for ever. What the text says is not
 * used here: the first wake-up of a scrub may show half of the list, so
 * whoever looks reads it again, and every wake-up is a new look.
 *
 * Three things poll does not tell. Lines that somebody writes by hand into
 * the file do not wake it, but inotify sees them. A list whose device
 * was removed answers ENODEV (and would wake for ever): it is dropped, and
 * refresh() opens the new one when a device event says so. In a recorded
 * machine the attributes are ordinary files, which may also be replaced
 * by rename: there the directories are watched with inotify, and nothing is polled.
 *
 * All of a disk's entries are kept, without a list too, because one may appear
 * in a recording.
 */
#include "source.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/inotify.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "cleanup.h"
#include "escape.h"
#include "fd.h"

#define FILE_EVENTS (IN_MODIFY | IN_CLOSE_WRITE)
#define DIR_EVENTS  (IN_CLOSE_WRITE | IN_CREATE | IN_DELETE | IN_MOVED_TO | IN_MOVED_FROM)

struct list {
	struct source_badblocks *source;
	char name[64];
	dev_t devno;
	enum watch_list state;
	int fd; /* live with a list, else -1 */
	int wd; /* inotify watch, -1 */
	sd_event_source *io;
	bool seen; /* in the refresh at work */
};

struct source_badblocks {
	const struct source_host *host;
	struct list **lists;
	size_t n, allocated;
	int inotify;
	sd_event_source *inotify_io;
	int top_wd; /* recorded: /sys/block itself, -1 */
};

static void list_close(struct list *list)
{
	list->io = sd_event_source_disable_unref(list->io);
	fd_closep(&list->fd);
	if (list->wd >= 0)
		inotify_rm_watch(list->source->inotify, list->wd);
	list->wd = -1;
}

static void list_free(struct list *list)
{
	list_close(list);
	free(list);
}

static void badblocks_free(void *data)
{
	struct source_badblocks *source = data;

	if (!source)
		return;
	for (size_t i = 0; i < source->n; i++)
		list_free(source->lists[i]);
	free(source->lists);
	sd_event_source_disable_unref(source->inotify_io);
	if (source->inotify >= 0)
		close(source->inotify);
	free(source);
}

static void badblocks_freep(struct source_badblocks **source)
{
	badblocks_free(*source);
}

static int add_watch(struct source_badblocks *source, int fd, uint32_t events)
{
	char path[32];

	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	return inotify_add_watch(source->inotify, path, events);
}

/* Reads the list from its start, which arms poll. 1 has one, 0 has none, -errno. */
static int read_list(int fd)
{
	char text[8192];
	ssize_t got;

	got = pread(fd, text, sizeof(text), 0);
	if (got < 0)
		return -errno;
	/* a disk whose driver keeps none shows an empty line, an empty list shows nothing */
	return !(got == 1 && text[0] == '\n');
}

static int on_list(sd_event_source *io, int fd, uint32_t revents, void *data)
{
	struct list *list = data;
	const struct source_host *host = list->source->host;
	int r;

	r = read_list(fd);
	if (r < 0) { /* ENODEV: gone, whatever else: as good as gone */
		list_close(list);
		list->state = WATCH_UNREADABLE;
		host->look(host->data, LOOK_DEVICES, 0);
		return 0;
	}
	host->look(host->data, LOOK_DEVICE, list->devno);
	return 0;
}

static void set_state(struct list *list, enum watch_list state, int error)
{
	CLEANUP(freep) char *name = NULL;

	if (list->state == state)
		return;
	list->state = state;
	if (state == WATCH_UNREADABLE && !escape_terminal(list->name, &name))
		journal_say(list->source->host->journal, LOG_WARNING, NULL,
			    "%s: cannot watch the badblocks list: %s", name, strerror(error));
}

static int open_live(struct list *list)
{
	const struct source_host *host = list->source->host;
	CLEANUP(fd_closep) int fd = -1;
	char path[PATH_MAX];
	int r;

	snprintf(path, sizeof(path), "/sys/block/%s/badblocks", list->name);
	r = sysroot_open_file(host->root, path, O_RDONLY | O_CLOEXEC | O_NONBLOCK, &fd);
	if (r)
		return r == -ENOENT ? 0 : r;
	r = read_list(fd);
	if (r <= 0)
		return r;
	r = sd_event_add_io(host->event, &list->io, fd, EPOLLPRI, on_list, list);
	if (r < 0)
		return r;
	list->fd = fd_steal(&fd);
	list->wd = add_watch(list->source, list->fd, FILE_EVENTS); /* a help, not a must */
	return 1;
}

static int open_recorded(struct list *list)
{
	const struct source_host *host = list->source->host;
	CLEANUP(fd_closep) int dir = -1;
	CLEANUP(fd_closep) int fd = -1;
	char path[PATH_MAX];
	int r;

	if (list->wd < 0) {
		snprintf(path, sizeof(path), "/sys/block/%s", list->name);
		r = sysroot_open_file(host->root, path, O_PATH | O_DIRECTORY | O_CLOEXEC, &dir);
		if (r)
			return r;
		list->wd = add_watch(list->source, dir, DIR_EVENTS);
		if (list->wd < 0)
			return -errno;
	}
	snprintf(path, sizeof(path), "/sys/block/%s/badblocks", list->name);
	r = sysroot_open_file(host->root, path, O_RDONLY | O_CLOEXEC | O_NONBLOCK, &fd);
	if (r)
		return r == -ENOENT ? 0 : r;
	return read_list(fd);
}

static dev_t read_devno(const struct sysroot *root, const char *name)
{
	CLEANUP(freep) char *text = NULL;
	unsigned int major, minor;

	if (sysroot_readf(root, &text, "/sys/block/%s/dev", name) ||
	    sscanf(text, "%7u:%7u", &major, &minor) != 2)
		return 0;
	return makedev(major, minor);
}

/* Makes what is listened to agree with what is there. */
static void refresh_list(struct list *list)
{
	const struct source_host *host = list->source->host;
	bool live = host->root->live;
	int r;

	list->devno = read_devno(host->root, list->name);
	if (settings_ignores(host->settings, list->name)) {
		list_close(list);
		set_state(list, WATCH_IGNORED, 0);
		return;
	}
	if (live && list->fd >= 0) {
		if (read_list(list->fd) >= 0)
			return;
		list_close(list); /* that of a device which is gone */
	}
	r = live ? open_live(list) : open_recorded(list);
	set_state(list, r < 0 ? WATCH_UNREADABLE : r ? WATCH_YES : WATCH_NO, -r);
}

static struct list *find_name(struct source_badblocks *source, const char *name)
{
	for (size_t i = 0; i < source->n; i++) {
		if (!strcmp(source->lists[i]->name, name))
			return source->lists[i];
	}
	return NULL;
}

static int add_list(struct source_badblocks *source, const char *name, struct list **ret)
{
	struct list *list;

	if (source->n == source->allocated) {
		size_t allocated = source->allocated ? 2 * source->allocated : 16;
		struct list **more = realloc(source->lists, allocated * sizeof(struct list *));

		if (!more)
			return -ENOMEM;
		source->lists = more;
		source->allocated = allocated;
	}
	list = calloc(1, sizeof(*list));
	if (!list)
		return -ENOMEM;
	list->source = source;
	list->fd = -1;
	list->wd = -1;
	snprintf(list->name, sizeof(list->name), "%s", name);
	source->lists[source->n++] = list;
	*ret = list;
	return 0;
}

static int refresh_disk(const char *name, void *data)
{
	struct source_badblocks *source = data;
	struct list *list = find_name(source, name);
	int r;

	if (strlen(name) >= sizeof(list->name))
		return 0;
	if (!list) {
		r = add_list(source, name, &list);
		if (r)
			return r;
	}
	list->seen = true;
	refresh_list(list);
	return 0;
}

static int badblocks_refresh(void *data)
{
	struct source_badblocks *source = data;
	CLEANUP(fd_closep) int top = -1;
	size_t kept = 0;
	int r;

	if (!source->host->root->live && source->top_wd < 0 &&
	    !sysroot_open_file(source->host->root, "/sys/block", O_PATH | O_DIRECTORY | O_CLOEXEC,
			       &top))
		source->top_wd = add_watch(source, top, DIR_EVENTS);

	for (size_t i = 0; i < source->n; i++)
		source->lists[i]->seen = false;
	r = sysroot_each(source->host->root, "/sys/block", refresh_disk, source);
	if (r == -ENOENT) /* no block devices at all */
		r = 0;
	if (r)
		return r;
	for (size_t i = 0; i < source->n; i++) {
		if (source->lists[i]->seen)
			source->lists[kept++] = source->lists[i];
		else
			list_free(source->lists[i]);
	}
	source->n = kept;
	return 0;
}

static void take_inotify(struct source_badblocks *source, const struct inotify_event *event)
{
	const struct source_host *host = source->host;

	for (size_t i = 0; i < source->n; i++) {
		struct list *list = source->lists[i];

		if (list->wd != event->wd)
			continue;
		if (event->mask & IN_IGNORED) {
			list->wd = -1;
			break;
		}
		host->look(host->data, LOOK_DEVICE, list->devno);
		/* in a recording a list may have come or gone as well */
		if (!host->root->live)
			refresh_list(list);
		return;
	}
	if (event->wd == source->top_wd && (event->mask & IN_IGNORED))
		source->top_wd = -1;
	host->look(host->data, LOOK_DEVICES, 0); /* also: the queue overflowed */
}

static int on_inotify(sd_event_source *io, int fd, uint32_t revents, void *data)
{
	char buf[4096] __attribute__((aligned(__alignof__(struct inotify_event))));
	ssize_t got;

	while ((got = read(fd, buf, sizeof(buf))) > 0) {
		for (char *p = buf; p < buf + got;) {
			const struct inotify_event *event = (const struct inotify_event *)p;

			take_inotify(data, event);
			p += sizeof(*event) + event->len;
		}
	}
	return 0;
}

static int badblocks_new(const struct source_host *host, void **ret)
{
	CLEANUP(badblocks_freep) struct source_badblocks *source = calloc(1, sizeof(*source));
	int r;

	if (!source)
		return -ENOMEM;
	source->host = host;
	source->top_wd = -1;
	source->inotify = inotify_init1(IN_CLOEXEC | IN_NONBLOCK);
	if (source->inotify < 0)
		return -errno;
	r = sd_event_add_io(host->event, &source->inotify_io, source->inotify, EPOLLIN, on_inotify,
			    source);
	if (r < 0)
		return r;
	r = badblocks_refresh(source);
	if (r)
		return r;
	*ret = steal(source);
	return 0;
}

static int badblocks_watches(const void *data, struct watch *watch)
{
	const struct source_badblocks *source = data;

	for (size_t i = 0; i < source->n; i++) {
		const struct list *list = source->lists[i];
		struct watch_device *device;
		int r;

		if (list->state == WATCH_NO)
			continue;
		r = watch_device(watch, list->name, &device);
		if (r)
			return r;
		device->devno = list->devno;
		device->list = list->state;
	}
	return 0;
}

const struct source_ops source_badblocks = {
	.name = "badblocks lists",
	.new = badblocks_new,
	.free = badblocks_free,
	.refresh = badblocks_refresh,
	.watches = badblocks_watches,
};
