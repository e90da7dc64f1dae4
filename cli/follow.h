/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef PMEMRASCTL_FOLLOW_H
#define PMEMRASCTL_FOLLOW_H

/*
 * Following the store's log of changes, over the store being made, replaced or
 * not readable for a while. Wakes by inotify on the state directory; looks
 * again now and then anyhow, as an event is only a hint.
 */
#include <stdbool.h>
#include <sys/types.h>
#include "store.h"

struct follow {
	const char *dir;
	struct store *store; /* NULL: none that can be read */
	int error;           /* of the last attempt to open it: 0, -errno, STORE_E_* */
	dev_t dev;           /* of the open store's file */
	ino_t ino;
	bool ever;        /* a store was open before: the next one is another */
	int inotify_fd;   /* -1: none */
	int watch;        /* on the directory, -1: not there yet */
	uint64_t version; /* of the store, when last looked at */
	bool versioned;
	size_t settled; /* looks since the last event */
	int64_t seq;    /* the last change told */
	int out_fd;     /* whoever reads this may go away; -1 do not look */
};

#define FOLLOW_NULL ((struct follow){.inotify_fd = -1, .watch = -1, .out_fd = -1})
void follow_deinit(struct follow *follow);

enum follow_news {
	FOLLOW_NOTHING,
	FOLLOW_CHANGES,  /* there may be changes after follow->seq */
	FOLLOW_REPLACED, /* the store is another one than before, seq begins at 0 */
	FOLLOW_ERROR,    /* the store cannot be read: follow->error; told once */
	FOLLOW_OVER,     /* nobody reads what is told any more */
};

/* @since: change to begin behind, -1: only what comes from now on. 0, -errno. */
int follow_init(struct follow *follow, const char *dir, int64_t since, int out_fd);
/* What is new, without waiting. */
enum follow_news follow_look(struct follow *follow);
/* Reading the store failed with @error: it is closed and tried again at the next look. */
void follow_drop(struct follow *follow, int error);
/* Sleeps until something may be new, at most a while. False: FOLLOW_OVER. */
bool follow_wait(struct follow *follow);

#endif
