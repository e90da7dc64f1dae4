/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The roll call: which of the devices on record is which of those present.
 *
 * It is answered for all of them together, because one at a time cannot tell
 * a filesystem that moved (its device came back as loop1) from one that was
 * copied (loop0 is still there). The strongest ties are made first; the uuid
 * of a filesystem alone ties under another name only where there is one
 * candidate on either side.
 *
 * A medium may be there twice, under several paths (multipath): one of them
 * is taken for the device, the others are told apart and left alone.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include "casework_priv.h"
#include "cleanup.h"
#include "pmem.h"

#define NOBODY ((size_t)-1)

void casework_machine_deinit(struct casework_machine *machine)
{
	for (size_t i = 0; i < machine->n; i++)
		blkdev_deinit(&machine->items[i].dev);
	free(machine->items);
	*machine = (struct casework_machine){0};
}

static int add_device(const struct blkdev *dev, void *data)
{
	struct casework_machine *machine = data;

	if (!dev->size) /* a loop device without a file, a reader without a card: only a name */
		return 0;
	if (machine->n == machine->allocated) {
		size_t want = machine->allocated ? machine->allocated * 2 : 16;
		struct casework_machine_item *bigger =
			reallocarray(machine->items, want, sizeof(*bigger));

		if (!bigger)
			return -ENOMEM;
		machine->items = bigger;
		machine->allocated = want;
	}

	machine->items[machine->n] = (struct casework_machine_item){.dev = *dev};
	machine->items[machine->n++].dev.users = NULL; /* not needed, and only lent */
	return 0;
}

int casework_machine_read(const struct sysroot *root, struct casework_machine *ret)
{
	int r;

	r = blkdev_each(root, add_device, ret);
	return r ? r : pmem_each(root, add_device, ret);
}

/* How a device is tied to a row, from the strongest. */
enum tie { TIE_MEDIUM_NAMED, TIE_MEDIUM, TIE_FS_NAMED, TIE_FS_MOVED, TIE_NAME, TIES };

static enum tie tie_between(const struct devid *row, const struct devid *seen)
{
	bool named = strcmp(row->name, seen->name) == 0;

	switch (devid_compare(row, seen)) {
	case DEVID_SAME: return named ? TIE_MEDIUM_NAMED : TIE_MEDIUM;
	case DEVID_SAME_FS: return named ? TIE_FS_NAMED : TIE_FS_MOVED;
	case DEVID_SAME_NAME: return TIE_NAME;
	case DEVID_DIFFERENT: break;
	}
	return TIES;
}

/* The devices and rows that nobody is tied to yet. */
struct roll {
	const struct store_device *rows;
	size_t n_rows;
	struct casework_machine *machine;
	size_t *tied; /* of a row: index of its device, or NOBODY */
};

static bool is_free(const struct roll *roll, size_t dev)
{
	return !roll->machine->items[dev].row && !roll->machine->items[dev].another_path;
}

/* How many free rows a device has such a tie to. */
static size_t count_rows(const struct roll *roll, size_t dev, enum tie tie)
{
	const struct devid *seen = &roll->machine->items[dev].dev.id;
	size_t n = 0;

	for (size_t i = 0; i < roll->n_rows; i++)
		n += roll->tied[i] == NOBODY && tie_between(&roll->rows[i].id, seen) == tie;
	return n;
}

static void tie_row(struct roll *roll, size_t row, enum tie tie)
{
	size_t found = NOBODY, n = 0;

	for (size_t dev = 0; dev < roll->machine->n; dev++) {
		if (!is_free(roll, dev) ||
		    tie_between(&roll->rows[row].id, &roll->machine->items[dev].dev.id) != tie)
			continue;
		if (!n++)
			found = dev;
	}
	if (!n || ((tie == TIE_FS_MOVED || tie == TIE_NAME) &&
		   (n > 1 || count_rows(roll, found, tie) > 1)))
		return;
	roll->tied[row] = found;
	roll->machine->items[found].row = roll->rows[row].row;
}

/* Are both the same medium? Of two that are not on record the first is the one. */
static bool is_path_of(const struct roll *roll, size_t dev, size_t of)
{
	const struct casework_machine_item *items = roll->machine->items;

	return dev != of && !items[of].another_path && (items[of].row || of < dev) &&
	       devid_compare(&items[of].dev.id, &items[dev].dev.id) == DEVID_SAME;
}

static void mark_other_paths(struct roll *roll)
{
	for (size_t dev = 0; dev < roll->machine->n; dev++)
		for (size_t of = 0; is_free(roll, dev) && of < roll->machine->n; of++)
			if (is_path_of(roll, dev, of))
				roll->machine->items[dev].another_path = true;
}

static bool is_news(const struct roll *roll, size_t row)
{
	struct devid id = roll->rows[row].id;

	if (roll->tied[row] == NOBODY)
		return roll->rows[row].present;
	return !roll->rows[row].present ||
	       devid_update(&id, &roll->machine->items[roll->tied[row]].dev.id);
}

static int apply(struct store *store, const struct roll *roll, uint64_t now_usec,
		 struct casework_news *news)
{
	for (size_t i = 0; i < roll->n_rows; i++) {
		size_t dev = roll->tied[i];
		int r;

		if (!is_news(roll, i))
			continue;
		r = casework_set_present(store, &roll->rows[i], dev != NOBODY, now_usec, news);
		if (!r && dev != NOBODY)
			r = store_device_update(store, roll->rows[i].row,
						&roll->machine->items[dev].dev.id, now_usec);
		if (r)
			return r;
	}
	return 0;
}

int casework_call_roll(struct store *store, struct casework_machine *machine, uint64_t now_usec,
		       const struct casework_observer *observer)
{
	CLEANUP(casework_news_deinit) struct casework_news news = {0};
	CLEANUP(freep) struct store_device *rows = NULL;
	CLEANUP(freep) size_t *tied = NULL;
	struct roll roll = {.machine = machine};
	bool any = false;
	int r;

	r = store_devices(store, &rows, &roll.n_rows);
	if (r)
		return r;
	tied = calloc(roll.n_rows ? roll.n_rows : 1, sizeof(*tied));
	if (!tied)
		return -ENOMEM;
	roll.rows = rows;
	roll.tied = tied;
	for (size_t i = 0; i < roll.n_rows; i++)
		tied[i] = NOBODY;
	for (enum tie tie = TIE_MEDIUM_NAMED; tie < TIES; tie++)
		for (size_t i = 0; i < roll.n_rows; i++)
			if (tied[i] == NOBODY)
				tie_row(&roll, i, tie);
	mark_other_paths(&roll);
	for (size_t i = 0; i < roll.n_rows; i++)
		any |= is_news(&roll, i);
	if (!any)
		return 0;

	r = store_begin(store);
	if (r)
		return r;
	r = apply(store, &roll, now_usec, &news);
	return casework_finish(store, r, &news, observer);
}

int casework_roll_call(const struct sysroot *root, struct store *store, uint64_t now_usec,
		       const struct casework_observer *observer)
{
	CLEANUP(casework_machine_deinit) struct casework_machine machine = {0};
	int r;

	r = casework_machine_read(root, &machine);
	return r ? r : casework_call_roll(store, &machine, now_usec, observer);
}
