/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The mount table. /proc/self/mountinfo answers poll(2) with POLLPRI|POLLERR
 * when anything in it changed (proc(5)), and every wake-up clears the
 * condition, so nothing needs to be read here. Matters because a filesystem
 * that is mounted now can be asked what its bad blocks hold.
 *
 * In a recorded machine the table is an ordinary file, which poll cannot watch: inotify there.
 */
#include "source.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/inotify.h>
#include <unistd.h>

#include "cleanup.h"
#include "fd.h"

#define TABLE "/proc/self/mountinfo"

struct source_mounts {
	const struct source_host *host;
	sd_event_source *io;
	int fd;
};

static void mounts_free(void *data)
{
	struct source_mounts *source = data;

	if (!source)
		return;
	sd_event_source_disable_unref(source->io);
	if (source->fd >= 0)
		close(source->fd);
	free(source);
}

static void mounts_freep(struct source_mounts **source)
{
	mounts_free(*source);
}

static int on_table(sd_event_source *io, int fd, uint32_t revents, void *data)
{
	struct source_mounts *source = data;

	source->host->look(source->host->data, LOOK_MOUNTS, 0);
	return 0;
}

static int on_file(sd_event_source *io, int fd, uint32_t revents, void *data)
{
	char buf[4096];

	while (read(fd, buf, sizeof(buf)) > 0)
		;
	return on_table(io, fd, revents, data);
}

/* a recorded table may be replaced by rename: watch the directory it is in */
static int watch_recorded(struct source_mounts *source)
{
	CLEANUP(fd_closep) int dir = -1;
	char path[32];
	int r;

	r = sysroot_open_file(source->host->root, "/proc/self", O_PATH | O_DIRECTORY, &dir);
	if (r)
		return r;
	source->fd = inotify_init1(IN_CLOEXEC | IN_NONBLOCK);
	if (source->fd < 0)
		return -errno;
	snprintf(path, sizeof(path), "/proc/self/fd/%d", dir);
	if (inotify_add_watch(source->fd, path, IN_CLOSE_WRITE | IN_MOVED_TO | IN_DELETE) < 0)
		return -errno;
	return sd_event_add_io(source->host->event, &source->io, source->fd, EPOLLIN, on_file,
			       source);
}

static int watch_live(struct source_mounts *source)
{
	int r;

	r = sysroot_open_file(source->host->root, TABLE, O_RDONLY | O_CLOEXEC, &source->fd);
	if (r)
		return r;
	return sd_event_add_io(source->host->event, &source->io, source->fd, EPOLLPRI, on_table,
			       source);
}

static int mounts_new(const struct source_host *host, void **ret)
{
	CLEANUP(mounts_freep) struct source_mounts *source = calloc(1, sizeof(*source));
	int r;

	if (!source)
		return -ENOMEM;
	source->host = host;
	source->fd = -1;
	r = host->root->live ? watch_live(source) : watch_recorded(source);
	if (r < 0)
		return r;
	*ret = steal(source);
	return 0;
}

static int mounts_watches(const void *data, struct watch *watch)
{
	watch->mounts = true;
	return 0;
}

const struct source_ops source_mounts = {
	.name = "mount table",
	.new = mounts_new,
	.free = mounts_free,
	.watches = mounts_watches,
};
