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
 * is mounted again is marked again. What is heard is fslisten.c's.
 */
#include "source.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/utsname.h>
#include <time.h>

#include "blkdev.h"
#include "cleanup.h"
#include "escape.h"
#include "fd.h"
#include "fs_xfs.h"
#include "fslisten.h"
#include "mounts.h"

#define SEC         UINT64_C(1000000)
#define OTHERS_TURN (30 * SEC) /* so long somebody else may take the monitor before we do */

struct listener {
	struct fslisten on;
	const char *why; /* not better; NULL: it is */
	bool again;      /* the monitor may be had later */
	bool seen;
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

static void listener_freep(struct listener **at)
{
	struct listener *listener = *at;

	if (!listener)
		return;
	fslisten_deinit(&listener->on);
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

static bool on_pmem(const struct listener *listener)
{
	return !strncmp(listener->on.name, "pmem", 4);
}

static const char *not_asked(const struct listener *listener)
{
	if (on_pmem(listener))
		return "its health monitor is left to others at first";
	return strncmp(listener->on.name, "dm-", 3)
		       ? "its health monitor is asked on persistent memory only"
		       : "on device-mapper the kernel tells it nothing of bad memory";
}

static int listen_to(struct source_fs *source, struct listener *listener,
		     const struct mounts *mounts)
{
	CLEANUP(fd_closep) int dir = -1;
	const struct mount *mount;
	int r;

	if (listener->on.monitor)
		return 0;
	listener->again = false;
	if (source->mute) {
		listener->why = "XFS reports nothing before Linux 7.0";
		return 0;
	}
	r = fs_xfs_open(mounts, listener->on.devno, &dir, &mount);
	if (r) {
		listener->why = reason(r);
		return r == -ENOMEM ? r : 0;
	}
	listener->on.down = false;
	listener->why = not_asked(listener);
	listener->again = on_pmem(listener) && now_monotonic() - listener->on.since < OTHERS_TURN;
	if (on_pmem(listener) && !listener->again) {
		r = fslisten_monitor(&listener->on, dir);
		if (!r) {
			listener->why = NULL;
			return 0;
		}
		listener->why = reason(r);
	}
	r = fslisten_fanotify(&listener->on, dir);
	if (r && r != -ENOMEM)
		listener->why = reason(r);
	return r == -ENOMEM ? r : 0;
}

static int find(struct source_fs *source, const struct mount *mount, const char *name,
		struct listener **ret)
{
	CLEANUP(listener_freep) struct listener *fresh = NULL;
	struct listener **more;

	for (size_t i = 0; i < source->n; i++) {
		if (source->listeners[i]->on.devno == mount->devno) {
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
	fresh->on.host = source->host;
	fresh->on.devno = mount->devno;
	fresh->on.fd = -1;
	fresh->on.since = now_monotonic();
	snprintf(fresh->on.name, sizeof(fresh->on.name), "%s", name);
	*ret = source->listeners[source->n++] = steal(fresh);
	return 0;
}

/* It may have been moved, or mounted at another place. */
static int name_target(struct listener *listener, const struct mount *mount)
{
	char *target;
	int r;

	r = escape_terminal(mount->target, &target);
	if (r)
		return r;
	free(listener->on.target);
	listener->on.target = target;
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

		if (listener->again && (!due || listener->on.since + OTHERS_TURN < due))
			due = listener->on.since + OTHERS_TURN;
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
		r = name_target(listener, mount);
		if (!r)
			r = listen_to(source, listener, &mounts);
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

		r = watch_filesystem(watch, listener->on.devno,
				     listener->on.fd < 0    ? WATCH_FS_NO
				     : listener->on.monitor ? WATCH_FS_MONITOR
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
