/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What each mounted XFS says of itself. Its health monitor tells which bytes of
 * its device it was told are bad, a fact that is put on record; fanotify only
 * that something failed, a reason to look again. Both tell that the filesystem
 * has shut itself down, which is news of its own: it hits everybody on it.
 *
 * There is one monitor a filesystem, and xfs_healer, which repairs, has more
 * use for it. So fanotify comes first, and the monitor is taken only from
 * persistent memory and when nobody has wanted it for a while. Where it is taken,
 * that is looked at again whenever devices or mounts change.
 *
 * No descriptor is kept below a mount point. A listener belongs to a device
 * number: what is unmounted is dropped at the next look at the mounts, and what
 * is mounted again is marked again.
 */
#include "source.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/utsname.h>
#include <time.h>
#include <unistd.h>

#include "blkdev.h"
#include "cleanup.h"
#include "escape.h"
#include "fd.h"
#include "fs_health.h"
#include "fs_xfs.h"
#include "fshealth.h"
#include "mounts.h"

#define SEC         UINT64_C(1000000)
#define OTHERS_TURN (30 * SEC) /* so long somebody else may take the monitor before we do */
#define QUIET       (60 * SEC) /* between two lines about the same */

struct listener {
	struct source_fs *source;
	dev_t devno;
	char name[64]; /* of the device, "pmem0" */
	char *target;  /* mount point, escaped */
	bool monitor;  /* @fd is the health monitor, else fanotify's */
	int fd;        /* -1 */
	sd_event_source *io;
	const char *why;      /* not better; NULL: it is */
	bool again;           /* the monitor may be had later */
	uint64_t since, told; /* CLOCK_MONOTONIC; told: 0 never */
	uint64_t n_untold;
	bool down, seen, ended;
};

struct source_fs {
	const struct source_host *host;
	struct listener **listeners;
	size_t n;
	bool mute;              /* this kernel's XFS reports nothing, to nobody */
	sd_event_source *timer; /* for the monitor */
};

static uint64_t now_monotonic(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * SEC + (uint64_t)now.tv_nsec / 1000;
}

static void hang_up(struct listener *listener)
{
	listener->io = sd_event_source_disable_unref(listener->io);
	fd_closep(&listener->fd);
	listener->monitor = false;
}

static void listener_freep(struct listener **at)
{
	struct listener *listener = *at;

	if (!listener)
		return;
	hang_up(listener);
	free(listener->target);
	free(listener);
	*at = NULL;
}

static void fs_free(void *data)
{
	struct source_fs *source = data;

	if (!source)
		return;
	sd_event_source_disable_unref(source->timer);
	for (size_t i = 0; i < source->n; i++)
		listener_freep(&source->listeners[i]);
	free(source->listeners);
	free(source);
}

/* ---- what is heard ---- */

static void look(const struct listener *listener, enum look_at at)
{
	const struct source_host *host = listener->source->host;

	host->look(host->data, at, listener->devno);
}

static void shut_down(struct listener *listener)
{
	if (!listener->down)
		journal_say(listener->source->host->journal, LOG_CRIT, JOURNAL_ID_FS_SHUTDOWN,
			    "XFS on %s (%s) HAS SHUT ITSELF DOWN: every access fails until it is "
			    "unmounted and mounted again. To see why: pmemrasctl status",
			    listener->target, listener->name);
	listener->down = true;
	look(listener, LOOK_DEVICES);
	look(listener, LOOK_MOUNTS);
}

/* Errors may come as fast as somebody reads: a line now and then. */
static void tell(struct listener *listener, uint64_t n, const char *what)
{
	uint64_t now = now_monotonic();

	listener->n_untold += n;
	if (listener->told && now - listener->told < QUIET)
		return;
	journal_say(listener->source->host->journal, LOG_WARNING, NULL,
		    "XFS on %s (%s) reports %s (%llu since last told)", listener->target,
		    listener->name, what, (unsigned long long)listener->n_untold);
	listener->told = now ? now : 1;
	listener->n_untold = 0;
}

static void bad_medium(struct listener *listener, const struct fshealth_event *event)
{
	const struct source_host *host = listener->source->host;
	struct media_event fact = {
		.source = SOURCE_XFS_HEALTH,
		.at_usec = event->at_usec,
		.space = EVENT_DEVICE,
		.devno = listener->devno,
		.range = event->range,
	};

	if (event->where == FSHEALTH_DATA) {
		snprintf(fact.name, sizeof(fact.name), "%s", listener->name);
		host->heard(host->data, &fact);
	} else {
		journal_say(
			host->journal, LOG_CRIT, NULL,
			"XFS on %s reports %llu bytes at %llu of its %s device bad: NOT RECORDED, "
			"that device is not watched",
			listener->target, (unsigned long long)event->range.len,
			(unsigned long long)event->range.start,
			event->where == FSHEALTH_LOG ? "log" : "realtime");
	}
}

static const char *const troubles[] = {
	[FSHEALTH_DATA_LOST] = "lost ranges of files",
	[FSHEALTH_IO_ERROR] = "failed reads or writes of files",
	[FSHEALTH_DAMAGED] = "damaged metadata",
};

static void on_record(struct listener *listener, const struct fshealth_event *event)
{
	switch (event->kind) {
	case FSHEALTH_OTHER: break;
	case FSHEALTH_LOST:
		journal_say(listener->source->host->journal, LOG_WARNING, NULL,
			    "XFS on %s: %llu reports came faster than they could be read and are "
			    "lost; looking at everything again",
			    listener->target, (unsigned long long)event->count);
		look(listener, LOOK_DEVICES);
		break;
	case FSHEALTH_UNMOUNT: listener->ended = true; break;
	case FSHEALTH_SHUTDOWN: shut_down(listener); break;
	case FSHEALTH_MEDIA: bad_medium(listener, event); break;
	default: tell(listener, 1, troubles[event->kind]); look(listener, LOOK_DEVICE);
	}
}

/* Nothing will come any more: whether there is still something to listen to is found out anew. */
static void end(struct listener *listener)
{
	listener->since = now_monotonic();
	hang_up(listener);
	look(listener, LOOK_MOUNTS);
}

static int on_monitor(sd_event_source *io, int fd, uint32_t revents, void *data)
{
	struct listener *listener = data;
	char buf[64 * FSHEALTH_RECORD];
	ssize_t got;

	listener->ended = false;
	while ((got = read(fd, buf, sizeof(buf))) > 0) {
		for (size_t at = 0; at < (size_t)got; at += FSHEALTH_RECORD) {
			struct fshealth_event event;

			if (!fshealth_parse(buf + at, (size_t)got - at, &event))
				on_record(listener, &event);
			else
				look(listener, LOOK_DEVICES);
		}
	}
	if (got < 0 && (errno == EAGAIN || errno == EINTR) && !listener->ended)
		return 0;
	end(listener);
	return 0;
}

static int on_fanotify(sd_event_source *io, int fd, uint32_t revents, void *data)
{
	struct listener *listener = data;
	struct fshealth_error error;
	char buf[4096];
	bool lost;
	ssize_t got;
	int r = 0;

	while ((got = read(fd, buf, sizeof(buf))) > 0) {
		size_t at = 0;

		while ((r = fshealth_next_error(buf, (size_t)got, &at, &error, &lost)) > 0) {
			if (error.error == ESHUTDOWN)
				shut_down(listener);
			else if (error.error)
				tell(listener, error.count ? error.count : 1,
				     error.error == EIO ? "I/O errors" : "errors");
			look(listener, lost ? LOOK_DEVICES : LOOK_DEVICE);
		}
		if (r)
			look(listener, LOOK_DEVICES);
	}
	if (got < 0 && (errno == EAGAIN || errno == EINTR))
		return 0;
	end(listener);
	return 0;
}

/* ---- whom to listen to ---- */

static const char *reason(int r)
{
	switch (r) {
	case -EBUSY: return "its health monitor is held by another process, usually xfs_healer";
	case -EPERM:
	case -EACCES: return "not permitted";
	case -EIO: return "it is shut down";
	case -EOPNOTSUPP: return "this kernel has no such reports";
	default: return "it cannot be opened; its mount point may be covered";
	}
}

static int attach(struct listener *listener, bool monitor, int *fd)
{
	sd_event_source *io = NULL;
	int r;

	r = sd_event_add_io(listener->source->host->event, &io, *fd, EPOLLIN,
			    monitor ? on_monitor : on_fanotify, listener);
	if (r < 0)
		return r;
	hang_up(listener);
	listener->io = io;
	listener->monitor = monitor;
	listener->fd = fd_steal(fd);
	return 0;
}

static int take_monitor(struct listener *listener, int dir)
{
	CLEANUP(fd_closep) int fd = -1;
	int r;

	r = fs_health_open(dir, &fd);
	return r ? r : attach(listener, true, &fd);
}

static int take_fanotify(struct listener *listener, int dir)
{
	CLEANUP(fd_closep) int fd = -1;
	int r;

	if (listener->fd >= 0)
		return fs_health_mark(dir, &listener->fd);
	r = fs_health_mark(dir, &fd);
	return r ? r : attach(listener, false, &fd);
}

static bool on_pmem(const struct listener *listener)
{
	return !strncmp(listener->name, "pmem", 4);
}

static const char *not_asked(const struct listener *listener)
{
	if (on_pmem(listener))
		return "its health monitor is left to others at first";
	return strncmp(listener->name, "dm-", 3)
		       ? "its health monitor is asked on persistent memory only"
		       : "on device-mapper the kernel tells it nothing of bad memory";
}

static int listen_to(struct listener *listener, const struct mounts *mounts)
{
	CLEANUP(fd_closep) int dir = -1;
	const struct mount *mount;
	int r;

	if (listener->monitor)
		return 0;
	listener->again = false;
	if (listener->source->mute) {
		listener->why = "XFS reports nothing before Linux 7.0";
		return 0;
	}
	r = fs_xfs_open(mounts, listener->devno, &dir, &mount);
	if (r) {
		listener->why = reason(r);
		return r == -ENOMEM ? r : 0;
	}
	listener->down = false;
	listener->why = not_asked(listener);
	listener->again = on_pmem(listener) && now_monotonic() - listener->since < OTHERS_TURN;
	if (on_pmem(listener) && !listener->again) {
		r = take_monitor(listener, dir);
		if (!r) {
			listener->why = NULL;
			return 0;
		}
		listener->why = reason(r);
	}
	r = take_fanotify(listener, dir);
	if (r && r != -ENOMEM)
		listener->why = reason(r);
	return r == -ENOMEM ? r : 0;
}

static int find(struct source_fs *source, const struct mount *mount, const char *name,
		struct listener **ret)
{
	CLEANUP(listener_freep) struct listener *fresh = NULL;
	struct listener **more;
	int r;

	for (size_t i = 0; i < source->n; i++) {
		if (source->listeners[i]->devno == mount->devno) {
			*ret = source->listeners[i];
			return 0;
		}
	}
	fresh = calloc(1, sizeof(*fresh));
	more = reallocarray(source->listeners, source->n + 1, sizeof(struct listener *));
	if (more)
		source->listeners = more;
	if (!fresh || !more)
		return -ENOMEM;
	fresh->source = source;
	fresh->devno = mount->devno;
	fresh->fd = -1;
	fresh->since = now_monotonic();
	snprintf(fresh->name, sizeof(fresh->name), "%s", name);
	r = escape_terminal(mount->target, &fresh->target);
	if (r)
		return r;
	*ret = source->listeners[source->n++] = steal(fresh);
	return 0;
}

static int on_turn(sd_event_source *timer, uint64_t usec, void *data)
{
	const struct source_host *host = ((struct source_fs *)data)->host;

	host->look(host->data, LOOK_MOUNTS, 0); /* which refreshes */
	return 0;
}

/* Wakes up for the monitor's sake once, not for ever. */
static int wait_for_turn(struct source_fs *source)
{
	uint64_t due = 0;

	for (size_t i = 0; i < source->n; i++) {
		const struct listener *listener = source->listeners[i];

		if (listener->again && (!due || listener->since + OTHERS_TURN < due))
			due = listener->since + OTHERS_TURN;
	}
	source->timer = sd_event_source_disable_unref(source->timer);
	return due ? sd_event_add_time(source->host->event, &source->timer, CLOCK_MONOTONIC, due, 0,
				       on_turn, source)
		   : 0;
}

static void drop_unseen(struct source_fs *source)
{
	size_t kept = 0;

	for (size_t i = 0; i < source->n; i++) {
		if (source->listeners[i]->seen)
			source->listeners[kept++] = source->listeners[i];
		else
			listener_freep(&source->listeners[i]);
	}
	source->n = kept;
}

static int fs_refresh(void *data)
{
	CLEANUP(mounts_deinit) struct mounts mounts = MOUNTS_NULL;
	struct source_fs *source = data;
	const struct source_host *host = source->host;
	int r;

	r = mounts_read(host->root, &mounts);
	if (r)
		return r;
	for (size_t i = 0; i < source->n; i++)
		source->listeners[i]->seen = false;
	for (size_t i = 0; i < mounts.n; i++) {
		const struct mount *mount = &mounts.items[i];
		CLEANUP(blkdev_deinit) struct blkdev dev = BLKDEV_NULL;
		struct listener *listener;

		if (strcmp(mount->fs_type, "xfs") ||
		    blkdev_from_devno(host->root, mount->devno, &dev) ||
		    settings_ignores(host->settings, dev.name))
			continue;
		r = find(source, mount, dev.name, &listener);
		if (r)
			return r;
		if (listener->seen)
			continue; /* another mount of the same */
		listener->seen = true;
		r = listen_to(listener, &mounts);
		if (r)
			return r;
	}
	drop_unseen(source);
	return wait_for_turn(source);
}

/* ---- life ---- */

/* fanotify takes the mark from 5.16 on, whether the filesystem ever reports anything or not. */
static bool is_mute(void)
{
	struct utsname name;
	unsigned int major;

	return !uname(&name) && sscanf(name.release, "%u", &major) == 1 && major < 7;
}

static int fs_new(const struct source_host *host, void **ret)
{
	struct source_fs *source;

	if (!host->root->live)
		return -EOPNOTSUPP;
	source = calloc(1, sizeof(*source));
	if (!source)
		return -ENOMEM;
	source->host = host;
	source->mute = is_mute();
	*ret = source;
	return 0;
}

static int fs_watches(const void *data, struct watch *watch)
{
	const struct source_fs *source = data;
	int r = 0;

	for (size_t i = 0; !r && i < source->n; i++) {
		const struct listener *listener = source->listeners[i];

		r = watch_filesystem(watch, listener->devno,
				     listener->fd < 0    ? WATCH_FS_NO
				     : listener->monitor ? WATCH_FS_MONITOR
							 : WATCH_FS_FANOTIFY,
				     listener->why);
	}
	return r;
}

const struct source_ops source_fs = {
	.name = "filesystems",
	.new = fs_new,
	.free = fs_free,
	.refresh = fs_refresh,
	.watches = fs_watches,
};
