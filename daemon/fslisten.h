/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef PMEMRAS_FSLISTEN_H
#define PMEMRAS_FSLISTEN_H

/*
 * Listening to one mounted XFS, by its health monitor or by fanotify. Lives in
 * the loop; keeps nothing open below the mount point.
 */
#include "fshealth.h"
#include "source.h"

struct fslisten {
	const struct source_host *host; /* lent */
	dev_t devno;
	char name[64]; /* of the device, "pmem0" */
	char *target;  /* mount point, escaped; owned */
	bool monitor;  /* @fd is the health monitor, else fanotify's */
	int fd;        /* -1: not heard */
	sd_event_source *io;
	uint64_t since; /* CLOCK_MONOTONIC, when it was mounted, as far as we know */
	bool down;      /* that it has shut itself down was told */
	bool ended;
	struct fslisten_told {
		uint64_t at; /* CLOCK_MONOTONIC of the last line, 0 none */
		uint64_t n;  /* not told since */
	} told[FSHEALTH_KINDS];
};

/* @dir: a descriptor of its root directory, not kept. 0, or -errno of fs_health.h or sd-event. */
int fslisten_monitor(struct fslisten *listener, int dir);
/* Also where it is listened to already: what is mounted now may be another than then. */
int fslisten_fanotify(struct fslisten *listener, int dir);
void fslisten_hang_up(struct fslisten *listener);
void fslisten_deinit(struct fslisten *listener);

#endif
