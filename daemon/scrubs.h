/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef PMEMRAS_SCRUBS_H
#define PMEMRAS_SCRUBS_H

/*
 * Which scrubs have completed while this daemon runs, and what they can answer for: a scrub says
 * nothing of what went bad behind its back, so it counts for what was heard before it began.
 */
#include "pmem_scrub.h"

struct scrub_bus {
	char name[16];
	uint64_t ino;
	uint64_t count;      /* at the beginning of this pass */
	uint64_t idle_count; /* of a moment when none was at work: ... */
	uint64_t idle_usec;  /* ... this one, CLOCK_REALTIME; 0: there was none */
	uint64_t begun_usec; /* a scrub that began after this moment has completed; 0: none has */
	bool seen;
};

struct scrubs {
	struct scrub_bus *buses;
	size_t n;
};

#define SCRUBS_NULL ((struct scrubs){.n = 0})
void scrubs_deinit(struct scrubs *scrubs);

/* A pass begins, no list has been read yet: fills in begun_usec. -ENOMEM. */
int scrubs_begin(struct scrubs *scrubs, const struct sysroot *root);
/* It ends, and what it heard is on record. @now_usec: the clock before this call. -ENOMEM. */
int scrubs_end(struct scrubs *scrubs, const struct sysroot *root, uint64_t now_usec);

#endif
