/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef PMEMRAS_EVENT_H
#define PMEMRAS_EVENT_H

/*
 * Media events: facts that a source told and that nobody can read again
 * later, unlike a badblocks list. They are gathered in a set until they are
 * on record. A set coalesces: what one source says of one place is one entry
 * with a set of ranges, however many events it took.
 */
#include <sys/types.h>
#include "incident.h"

/* What the range of an event counts from. */
enum event_space {
	EVENT_PHYSICAL, /* system physical addresses */
	EVENT_DEVICE,   /* the first byte of block device @devno, or of device @name */
	EVENT_REGION,   /* the first byte of nd region @name */
};

struct media_event {
	enum media_source source;
	uint64_t at_usec; /* CLOCK_REALTIME */
	enum event_space space;
	dev_t devno;   /* DEVICE: 0 where only the name is known */
	char name[64]; /* DEVICE: kernel name, may be ""; REGION: "region0" */
	struct byte_range
		range; /* bytes, as wide as the source counts (a page for a memory failure) */
};

/* What one source said of one address space. */
struct event_entry {
	enum media_source source;
	enum event_space space;
	dev_t devno;
	char name[64];
	uint64_t first_usec, last_usec;
	uint64_t n;   /* events */
	uint64_t gap; /* 0: @ranges are exact; else gaps of up to so many bytes were filled */
	struct rangeset ranges;
};

/*
 * Ranges an entry keeps exactly (256 KiB). Beyond, gaps are filled, the narrowest
 * first, until half of this is left: more may be held bad than was said, never
 * less.
 */
#define EVENT_RANGES_MAX 16384u

struct event_set {
	struct event_entry *entries; /* in the order of their first event; one per (source, space,
					device), so as many as the machine has */
	size_t n, allocated;
};

#define EVENT_SET_NULL ((struct event_set){NULL, 0, 0})
void event_set_deinit(struct event_set *set); /* for CLEANUP() */

/*
 * Return: 0 (empty ranges too); -ERANGE: the range wraps; -ENOMEM: could not be kept. Where memory is short
 * but the entry holds something already, its nearest range is stretched instead.
 */
int event_set_add(struct event_set *set, const struct media_event *event);
/* All of @from, which becomes empty; on -ENOMEM what did not fit is still in it. */
int event_set_take(struct event_set *set, struct event_set *from);
/* Entry @i is on record. */
void event_set_remove(struct event_set *set, size_t i);
uint64_t event_set_count(const struct event_set *set); /* events in it */

#endif
