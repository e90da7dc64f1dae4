/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef PMEMRAS_NOTIFY_H
#define PMEMRAS_NOTIFY_H

/* What the service manager hears (sd_notify(3)) and `systemctl status` shows. */
#include <stdbool.h>
#include <stddef.h>

struct notify {
	bool ready; /* READY=1 was sent */
	char *text; /* last STATUS= */
};

#define NOTIFY_NULL ((struct notify){false, NULL})
void notify_deinit(struct notify *notify);

void notify_ready(struct notify *notify);     /* once; after a reload again */
void notify_reloading(struct notify *notify); /* until the next notify_ready() */
void notify_stopping(struct notify *notify);
void notify_status(struct notify *notify,
		   const char *text); /* sent where it differs from the last */

struct notify_facts {
	bool counted;        /* the store could be read: the next three hold */
	size_t n_open;       /* open, not acknowledged */
	size_t n_acked;      /* open, acknowledged */
	size_t n_unlocated;  /* open, still to be looked up */
	size_t n_lists;      /* badblocks lists watched */
	size_t n_buses;      /* NVDIMM buses */
	const char *trouble; /* why nothing can be recorded, or NULL */
	size_t n_unsaved;    /* with trouble: devices with bad blocks that are not recorded */
};

/* One line; @buf is cut where it is too short. */
void notify_text(const struct notify_facts *facts, char *buf, size_t size);

#endif
