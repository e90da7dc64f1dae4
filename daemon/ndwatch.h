/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef PMEMRAS_NDWATCH_H
#define PMEMRAS_NDWATCH_H

/*
 * Attributes of libnvdimm's devices that wake up poll, one a device. A wake-up means "look again at all
 * devices": what is read at it is forgotten. The functions fit struct source_ops.
 */
#include "source.h"

struct ndwatch_item {
	struct ndwatch *watch;
	char name[32]; /* of the device */
	int fd;        /* -1: cannot be watched */
	sd_event_source *io;
	bool seen; /* in the refresh at work */
};

struct ndwatch {
	const struct source_host *host;
	/* Which attribute of @device, below its directory; NULL: none. */
	const char *(*attribute)(const char *device);
	struct ndwatch_item **items;
	size_t n;
};

/* -EOPNOTSUPP: a recorded machine, whose files do not wake up; -ENOMEM, -errno. */
int ndwatch_new(const struct source_host *host, const char *(*attribute)(const char *device),
		void **ret);
void ndwatch_free(void *watch);
int ndwatch_refresh(void *watch);

#endif
