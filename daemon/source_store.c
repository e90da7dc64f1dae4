/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Declared ranges, acknowledgements: what other processes write into the
 * store. SQLite writes go to pmemras.db-wal, which inotify sees; whether it was
 * somebody else's commit tells store_data_version(), asked by whoever
 * looks, so our own writes cost one short look and end there.
 *
 * A commit becomes visible only after the log was synced, which may be long
 * after its bytes were written, and making it visible touches shared memory
 * alone. So a look can come too early. Closing the database, which every
 * command does right after its commit, is seen again (IN_CLOSE_WRITE), and
 * whoever looks in vain looks once more a second later (manager).
 */
#include "source.h"

#include <errno.h>
#include <string.h>
#include <sys/inotify.h>
#include <unistd.h>

#include "cleanup.h"

#define STORE_FILE "pmemras.db"
#define EVENTS                                                                                     \
	(IN_MODIFY | IN_CLOSE_WRITE | IN_CREATE | IN_DELETE | IN_MOVED_FROM | IN_MOVED_TO |        \
	 IN_DELETE_SELF | IN_MOVE_SELF | IN_ONLYDIR)

struct source_store {
	const struct source_host *host;
	int inotify;
	int wd; /* -1: the directory is not there (yet) */
	sd_event_source *io;
};

static void store_source_free(void *data)
{
	struct source_store *source = data;

	if (!source)
		return;
	sd_event_source_disable_unref(source->io);
	if (source->inotify >= 0)
		close(source->inotify);
	free(source);
}

static void store_source_freep(struct source_store **source)
{
	store_source_free(*source);
}

static int on_inotify(sd_event_source *io, int fd, uint32_t revents, void *data)
{
	char buf[4096] __attribute__((aligned(__alignof__(struct inotify_event))));
	struct source_store *source = data;
	bool touched = false;
	ssize_t got;

	while ((got = read(fd, buf, sizeof(buf))) > 0) {
		for (char *p = buf; p < buf + got;) {
			const struct inotify_event *event = (const struct inotify_event *)p;

			if (event->mask & IN_IGNORED)
				source->wd = -1;
			if (!event->len || !strncmp(event->name, STORE_FILE, strlen(STORE_FILE)))
				touched = true;
			p += sizeof(*event) + event->len;
		}
	}
	if (touched)
		source->host->look(source->host->data, LOOK_STORE, 0);
	return 0;
}

static int store_source_refresh(void *data)
{
	struct source_store *source = data;

	/* adding a watch that is there already changes nothing; another directory in its place gets
	 * its own */
	source->wd = inotify_add_watch(source->inotify, source->host->state_dir, EVENTS);
	return source->wd < 0 && errno != ENOENT ? -errno : 0;
}

static int store_source_new(const struct source_host *host, void **ret)
{
	CLEANUP(store_source_freep) struct source_store *source = calloc(1, sizeof(*source));
	int r;

	if (!source)
		return -ENOMEM;
	source->host = host;
	source->wd = -1;
	source->inotify = inotify_init1(IN_CLOEXEC | IN_NONBLOCK);
	if (source->inotify < 0)
		return -errno;
	r = sd_event_add_io(host->event, &source->io, source->inotify, EPOLLIN, on_inotify, source);
	if (r < 0)
		return r;
	(void)store_source_refresh(source); /* told by watches(), tried again by refresh */
	*ret = steal(source);
	return 0;
}

static int store_source_watches(const void *data, struct watch *watch)
{
	const struct source_store *source = data;

	watch->store = source->wd >= 0;
	return 0;
}

const struct source_ops source_store = {
	.name = "the store",
	.new = store_source_new,
	.free = store_source_free,
	.refresh = store_source_refresh,
	.watches = store_source_watches,
};
