/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What one filesystem says becomes a fact (bytes of its device that cannot be
 * read), or a reason to look again with a line in the journal. Errors may come as
 * fast as somebody reads: of each kind a line now and then, with how many there were.
 */
#include "fslisten.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "cleanup.h"
#include "fd.h"
#include "fs_health.h"

#define SEC   UINT64_C(1000000)
#define QUIET (60 * SEC) /* between two lines about the same */

static uint64_t now_monotonic(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * SEC + (uint64_t)now.tv_nsec / 1000;
}

void fslisten_hang_up(struct fslisten *listener)
{
	listener->io = sd_event_source_disable_unref(listener->io);
	fd_closep(&listener->fd);
	listener->monitor = false;
}

static void look(const struct fslisten *listener, enum look_at at)
{
	const struct source_host *host = listener->host;

	host->look(host->data, at, listener->devno);
}

static void shut_down(struct fslisten *listener)
{
	if (!listener->down)
		journal_say(
			listener->host->journal, LOG_CRIT, JOURNAL_ID_FS_SHUTDOWN,
			"XFS on %s (%s) HAS SHUT ITSELF DOWN: every access fails with EIO until it "
			"is unmounted and mounted again; what is on the device stays as it is. To "
			"see why: pmemrasctl status",
			listener->target, listener->name);
	listener->down = true;
	look(listener, LOOK_DEVICES);
	look(listener, LOOK_MOUNTS);
}

/* @where: may be NULL: what is known of the first of them */
static void tell(struct fslisten *listener, enum fshealth_kind kind, uint64_t n, const char *what,
		 const char *where)
{
	struct fslisten_told *told = &listener->told[kind];
	uint64_t now = now_monotonic();

	told->n += n;
	if (told->at && now - told->at < QUIET)
		return;
	journal_say(listener->host->journal, LOG_WARNING, NULL,
		    "XFS on %s (%s) reports %s%s (%llu %s)", listener->target, listener->name, what,
		    where ? where : "", (unsigned long long)told->n,
		    told->at ? "since last told" : "so far");
	told->at = now ? now : 1;
	told->n = 0;
}

static void tell_file(struct fslisten *listener, const struct fshealth_event *event,
		      const char *what)
{
	char where[128];

	snprintf(where, sizeof(where), ": inode %llu, bytes %llu+%llu",
		 (unsigned long long)event->ino, (unsigned long long)event->range.start,
		 (unsigned long long)event->range.len);
	tell(listener, event->kind, 1, what, where);
	look(listener, LOOK_DEVICE);
}

static void bad_medium(struct fslisten *listener, const struct fshealth_event *event)
{
	const struct source_host *host = listener->host;
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

static void on_record(struct fslisten *listener, const struct fshealth_event *event)
{
	switch (event->kind) {
	case FSHEALTH_OTHER:
	case FSHEALTH_KINDS: break;
	case FSHEALTH_LOST:
		journal_say(listener->host->journal, LOG_WARNING, NULL,
			    "XFS on %s: %llu reports came faster than they could be read and are "
			    "lost; looking at everything again",
			    listener->target, (unsigned long long)event->count);
		look(listener, LOOK_DEVICES);
		look(listener, LOOK_MOUNTS);
		break;
	case FSHEALTH_UNMOUNT: listener->ended = true; break;
	case FSHEALTH_SHUTDOWN: shut_down(listener); break;
	case FSHEALTH_MEDIA: bad_medium(listener, event); break;
	case FSHEALTH_DATA_LOST: tell_file(listener, event, "lost ranges of files"); break;
	case FSHEALTH_IO_ERROR:
		tell_file(listener, event, "failed reads or writes of files");
		break;
	case FSHEALTH_DAMAGED:
		tell(listener, event->kind, 1, "damaged metadata", NULL);
		look(listener, LOOK_DEVICE);
		break;
	}
}

/* Nothing will come any more: whether there is still something to listen to is found out anew. */
static void end(struct fslisten *listener)
{
	listener->since = now_monotonic();
	fslisten_hang_up(listener);
	look(listener, LOOK_MOUNTS);
}

static int on_monitor(sd_event_source *io, int fd, uint32_t revents, void *data)
{
	struct fslisten *listener = data;
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
	struct fslisten *listener = data;
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
				tell(listener, FSHEALTH_IO_ERROR, error.count ? error.count : 1,
				     error.error == EIO ? "I/O errors" : "errors", NULL);
			look(listener, lost ? LOOK_DEVICES : LOOK_DEVICE);
			if (lost)
				look(listener, LOOK_MOUNTS);
		}
		if (r)
			look(listener, LOOK_DEVICES);
	}
	if (got < 0 && (errno == EAGAIN || errno == EINTR))
		return 0;
	end(listener);
	return 0;
}

static int attach(struct fslisten *listener, bool monitor, int *fd)
{
	sd_event_source *io = NULL;
	int r;

	r = sd_event_add_io(listener->host->event, &io, *fd, EPOLLIN,
			    monitor ? on_monitor : on_fanotify, listener);
	if (r < 0)
		return r;
	fslisten_hang_up(listener);
	listener->io = io;
	listener->monitor = monitor;
	listener->fd = fd_steal(fd);
	return 0;
}

int fslisten_monitor(struct fslisten *listener, int dir)
{
	CLEANUP(fd_closep) int fd = -1;
	int r;

	r = fs_health_open(dir, &fd);
	return r ? r : attach(listener, true, &fd);
}

int fslisten_fanotify(struct fslisten *listener, int dir)
{
	CLEANUP(fd_closep) int fd = -1;
	int r;

	if (listener->fd >= 0) {
		r = fs_health_mark(dir, &listener->fd);
		if (r) /* nothing would come of what is mounted now */
			fslisten_hang_up(listener);
		return r;
	}
	r = fs_health_mark(dir, &fd);
	return r ? r : attach(listener, false, &fd);
}

void fslisten_deinit(struct fslisten *listener)
{
	fslisten_hang_up(listener);
	free(listener->target);
	listener->target = NULL;
}
