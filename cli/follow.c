/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Every commit writes to a file in the state directory, so inotify on the
 * directory wakes whoever follows, at the cost of nothing while nothing
 * happens. What is new is then read from the log by number: however many events were
 * merged or lost, no change is skipped and none is told twice.
 *
 * The event comes too early: a commit writes to the log (seen), syncs it, and
 * only then makes it visible in shared memory (not seen by inotify). So after an event
 * there are a few more looks, further and further apart.
 *
 * The store's file can be renamed away when it is damaged, and another takes
 * its place. The open descriptor would follow the old one for ever, so its identity
 * is compared each time.
 */
#include <errno.h>
#include <limits.h>
#include <poll.h>
#include <stdio.h>
#include <sys/inotify.h>
#include <sys/stat.h>
#include <unistd.h>
#include "cleanup.h"
#include "fd.h"
#include "follow.h"

#define STORE_FILE "pmemras.db"
#define EVENTS                                                                                     \
	(IN_MOVE_SELF | IN_DELETE_SELF | IN_MODIFY | IN_CREATE | IN_MOVED_TO | IN_MOVED_FROM |     \
	 IN_DELETE)
#define LOOK_MSEC      5000 /* look again without an event */
#define NO_EVENTS_MSEC 500  /* where inotify has nothing to watch */

/* After an event, until what it announced must have become visible: a sync takes that long at most.
 */
static const int settle_msec[] = {10, 30, 100, 300, 1000, 2000};

void follow_drop(struct follow *follow, int error)
{
	follow->store = store_free(follow->store);
	follow->error = error;
}

void follow_deinit(struct follow *follow)
{
	store_free(follow->store);
	fd_closep(&follow->inotify_fd);
	*follow = FOLLOW_NULL;
}

/* Again at each look: it may not be there yet, or be another one. Twice is once for inotify. */
static void watch_directory(struct follow *follow)
{
	if (follow->inotify_fd >= 0)
		follow->watch = inotify_add_watch(follow->inotify_fd, follow->dir, EVENTS);
}

static bool stat_store(const struct follow *follow, struct stat *ret)
{
	char path[PATH_MAX];

	if (snprintf(path, sizeof(path), "%s/" STORE_FILE, follow->dir) >= (int)sizeof(path))
		return false;
	return !stat(path, ret);
}

/* The store as it is now. One that appears or is replaced while it is opened would go by the
 * identity of another, and be told twice: it is left to the next look. */
static void open_store(struct follow *follow)
{
	struct stat before, after;
	bool there = stat_store(follow, &before);

	follow->store = store_free(follow->store);
	follow->error = store_open(follow->dir, STORE_READ, &follow->store);
	if (follow->error) {
		follow->store = NULL;
		return;
	}
	if (!there || !stat_store(follow, &after) || before.st_dev != after.st_dev ||
	    before.st_ino != after.st_ino) {
		follow_drop(follow, -ENOENT);
		return;
	}
	follow->dev = before.st_dev;
	follow->ino = before.st_ino;
	follow->versioned = false;
}

int follow_init(struct follow *follow, const char *dir, int64_t since, int out_fd)
{
	*follow = FOLLOW_NULL;
	follow->dir = dir;
	follow->out_fd = out_fd;
	follow->inotify_fd = inotify_init1(IN_CLOEXEC | IN_NONBLOCK);
	watch_directory(follow); /* before the first look: no change falls in between */
	open_store(follow);
	follow->ever = follow->store;
	follow->seq = since < 0 ? 0 : since;
	if (since < 0 && follow->store)
		return store_last_change(follow->store, &follow->seq);
	return 0;
}

static bool replaced(const struct follow *follow)
{
	struct stat st;

	return !stat_store(follow, &st) || st.st_dev != follow->dev || st.st_ino != follow->ino;
}

static enum follow_news look_for_store(struct follow *follow)
{
	int before = follow->error;
	dev_t dev = follow->dev;
	ino_t ino = follow->ino;
	bool another;

	open_store(follow);
	if (!follow->store)
		return follow->error != before && follow->error != -ENOENT ? FOLLOW_ERROR
									   : FOLLOW_NOTHING;
	/* the same one again, after a failure, goes on where it was */
	another = follow->ever && (dev != follow->dev || ino != follow->ino);
	follow->ever = true;
	if (!another)
		return FOLLOW_CHANGES;
	follow->seq = 0;
	return FOLLOW_REPLACED;
}

enum follow_news follow_look(struct follow *follow)
{
	uint64_t version = 0;
	int r;

	watch_directory(follow);
	if (follow->store && replaced(follow))
		follow_drop(follow, 0);
	if (!follow->store)
		return look_for_store(follow);

	r = store_data_version(follow->store, &version);
	if (r) {
		follow_drop(follow, r);
		return FOLLOW_ERROR;
	}
	if (follow->versioned && version == follow->version)
		return FOLLOW_NOTHING;
	follow->version = version;
	follow->versioned = true;
	return FOLLOW_CHANGES;
}

static int patience(struct follow *follow)
{
	if (follow->watch < 0)
		return NO_EVENTS_MSEC;
	return follow->settled < ARRAY_SIZE(settle_msec) ? settle_msec[follow->settled++]
							 : LOOK_MSEC;
}

bool follow_wait(struct follow *follow)
{
	/* a descriptor of -1 is left out; errors are reported without being asked for */
	struct pollfd fds[] = {
		{.fd = follow->watch >= 0 ? follow->inotify_fd : -1, .events = POLLIN},
		{.fd = follow->out_fd},
	};
	char events[4096];

	if (poll(fds, 2, patience(follow)) < 0)
		return true;
	if (fds[1].revents & (POLLERR | POLLNVAL))
		return false;
	/* all events say the same: look again */
	while (fds[0].fd >= 0 && read(follow->inotify_fd, events, sizeof(events)) > 0)
		follow->settled = 0;
	return true;
}
