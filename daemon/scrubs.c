/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The kernel counts completed scrubs and says whether one is at work, not when it began. But
 * where none was at work at some moment, and the counter has moved since, then a
 * scrub began after that moment and has completed. So at the end of each pass, when all that was
 * heard is on record, the moment is noted, and the next scrub answers for all of it.
 *
 * The first completion on a bus is none: it belongs to the bus's own start, and
 * what that looks at is up to the kernel's parameters (nfit.no_init_ars). And a
 * bus that was made anew counts from the start; its counter is another file then.
 */
#include "scrubs.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

void scrubs_deinit(struct scrubs *scrubs)
{
	free(scrubs->buses);
	*scrubs = SCRUBS_NULL;
}

static struct scrub_bus *find(struct scrubs *scrubs, const struct pmem_scrub *scrub)
{
	for (size_t i = 0; i < scrubs->n; i++)
		if (!strcmp(scrubs->buses[i].name, scrub->bus))
			return &scrubs->buses[i];
	return NULL;
}

static struct scrub_bus *add(struct scrubs *scrubs, const struct pmem_scrub *scrub)
{
	struct scrub_bus *more;

	more = reallocarray(scrubs->buses, scrubs->n + 1, sizeof(*more));
	if (!more)
		return NULL;
	scrubs->buses = more;
	more += scrubs->n++;
	*more = (struct scrub_bus){.ino = 0};
	strcpy(more->name, scrub->bus);
	return more;
}

static int begin_bus(const struct pmem_scrub *scrub, void *data)
{
	struct scrubs *scrubs = data;
	struct scrub_bus *bus = find(scrubs, scrub);

	if (!bus)
		bus = add(scrubs, scrub);
	if (!bus)
		return -ENOMEM;
	if (bus->ino != scrub->ino || bus->count > scrub->count) {
		bus->ino = scrub->ino;
		bus->idle_usec = bus->begun_usec = 0;
	}
	bus->count = scrub->count;
	if (bus->idle_usec && scrub->count > bus->idle_count)
		bus->begun_usec = bus->idle_usec;
	bus->seen = true;
	return 0;
}

int scrubs_begin(struct scrubs *scrubs, const struct sysroot *root)
{
	size_t kept = 0;
	int r;

	for (size_t i = 0; i < scrubs->n; i++)
		scrubs->buses[i].seen = false;
	r = pmem_scrub_each(root, begin_bus, scrubs);
	if (r)
		return r;
	for (size_t i = 0; i < scrubs->n; i++)
		if (scrubs->buses[i].seen)
			scrubs->buses[kept++] = scrubs->buses[i];
	scrubs->n = kept;
	return 0;
}

struct ending {
	struct scrubs *scrubs;
	uint64_t now_usec;
};

static int end_bus(const struct pmem_scrub *scrub, void *data)
{
	const struct ending *ending = data;
	struct scrub_bus *bus = find(ending->scrubs, scrub);

	/* one that completed during the pass is for the next to see */
	if (bus && bus->ino == scrub->ino && bus->count == scrub->count && scrub->count &&
	    !scrub->busy) {
		bus->idle_count = scrub->count;
		bus->idle_usec = ending->now_usec;
	}
	return 0;
}

int scrubs_end(struct scrubs *scrubs, const struct sysroot *root, uint64_t now_usec)
{
	struct ending ending = {scrubs, now_usec};

	return pmem_scrub_each(root, end_bus, &ending);
}
