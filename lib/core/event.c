/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Bounded, and yet nothing is lost: the two go together by giving up
 * precision where there is no room for it. A storm that hits a few pages over
 * and over costs one entry. One that hits so many different pages that an
 * entry is full gets its narrowest gaps filled, doubling the width until half of
 * the room is free again, so that filling costs little per event. And where
 * there is no memory for one more range, the nearest one is stretched over it.
 *
 * The same device may be told by number or by name; these are two entries
 * here, and one device for those who know the machine.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include "cleanup.h"
#include "event.h"

static void entry_deinit(struct event_entry *entry)
{
	rangeset_deinit(&entry->ranges);
}

void event_set_deinit(struct event_set *set)
{
	for (size_t i = 0; i < set->n; i++)
		entry_deinit(&set->entries[i]);
	free(set->entries);
	*set = EVENT_SET_NULL;
}

static bool same_place(const struct event_entry *entry, enum media_source source,
		       enum event_space space, dev_t devno, const char *name)
{
	if (entry->source != source || entry->space != space)
		return false;
	if (space == EVENT_PHYSICAL)
		return true;
	if (space == EVENT_DEVICE && (entry->devno || devno))
		return entry->devno == devno;
	return !strcmp(entry->name, name);
}

static int make_room(struct event_set *set)
{
	size_t want = set->allocated ? 2 * set->allocated : 4;
	struct event_entry *bigger;

	if (set->n < set->allocated)
		return 0;
	bigger = reallocarray(set->entries, want, sizeof(*bigger));
	if (!bigger)
		return -ENOMEM;

	set->entries = bigger;
	set->allocated = want;
	return 0;
}

static struct event_entry *find(struct event_set *set, const struct event_entry *like)
{
	for (size_t i = 0; i < set->n; i++)
		if (same_place(&set->entries[i], like->source, like->space, like->devno,
			       like->name))
			return &set->entries[i];
	return NULL;
}

/* No memory: the nearest range grows over @range, which needs none as none is added. */
static int stretch(struct event_entry *entry, struct byte_range range)
{
	struct rangeset *set = &entry->ranges;
	size_t at = rangeset_find(set, range.start);
	struct byte_range *nearest;
	uint64_t start, end, gap = 0;

	if (!set->n)
		return -ENOMEM;
	if (at == set->n || (at > 0 && set->ranges[at].start > range_end(range) &&
			     range.start - range_end(set->ranges[at - 1]) <
				     set->ranges[at].start - range_end(range)))
		at--;
	nearest = &set->ranges[at];
	if (range_end(*nearest) < range.start)
		gap = range.start - range_end(*nearest);
	else if (range_end(range) < nearest->start)
		gap = nearest->start - range_end(range);
	start = nearest->start < range.start ? nearest->start : range.start;
	end = range_end(*nearest) > range_end(range) ? range_end(*nearest) : range_end(range);
	*nearest = (struct byte_range){start, end - start};
	/* what it reached over is part of it now: nothing allocates when ranges only fall together */
	rangeset_normalise(set);
	if (gap > entry->gap)
		entry->gap = gap;
	return 0;
}

/* In place, as this must not fail. */
static void fill_gaps(struct rangeset *set, uint64_t gap)
{
	size_t kept = 0;

	for (size_t i = 1; i < set->n; i++) {
		struct byte_range *last = &set->ranges[kept], next = set->ranges[i];

		if (next.start - range_end(*last) <= gap)
			last->len = range_end(next) - last->start;
		else
			set->ranges[++kept] = next;
	}
	set->n = kept + 1;
}

static void widen(struct event_entry *entry)
{
	uint64_t gap = entry->gap ? entry->gap : PAGE_BYTES;

	while (entry->ranges.n > EVENT_RANGES_MAX / 2) {
		fill_gaps(&entry->ranges, gap);
		if (gap > entry->gap)
			entry->gap = gap;
		gap = gap > UINT64_MAX / 2 ? UINT64_MAX : 2 * gap;
	}
}

static int add_range(struct event_entry *entry, struct byte_range range)
{
	int r;

	r = rangeset_add(&entry->ranges, range);
	if (r == -ENOMEM)
		r = stretch(entry, range);
	if (!r && entry->ranges.n > EVENT_RANGES_MAX)
		widen(entry);
	return r;
}

int event_set_add(struct event_set *set, const struct media_event *event)
{
	struct event_entry fresh = {
		.source = event->source,
		.space = event->space,
		.devno = event->space == EVENT_DEVICE ? event->devno : 0,
		.first_usec = event->at_usec,
		.last_usec = event->at_usec,
		.ranges = RANGESET_NULL,
	};
	struct event_entry *entry;
	int r;

	if (event->range.len > UINT64_MAX - event->range.start)
		return -ERANGE;
	if (!event->range.len)
		return 0;
	if (event->space != EVENT_PHYSICAL)
		memcpy(fresh.name, event->name, sizeof(fresh.name));
	fresh.name[sizeof(fresh.name) - 1] = '\0';
	entry = find(set, &fresh);
	if (!entry) {
		r = make_room(set);
		if (!r)
			r = rangeset_add(&fresh.ranges, event->range);
		if (r)
			return r;
		fresh.n = 1;
		set->entries[set->n++] = fresh;
		return 0;
	}

	r = add_range(entry, event->range);
	if (r)
		return r;
	entry->n++;
	if (event->at_usec < entry->first_usec)
		entry->first_usec = event->at_usec;
	if (event->at_usec > entry->last_usec)
		entry->last_usec = event->at_usec;
	return 0;
}

static int take_entry(struct event_set *set, struct event_entry *from)
{
	struct event_entry *entry = find(set, from);
	int r;

	if (!entry) {
		r = make_room(set);
		if (r)
			return r;
		set->entries[set->n++] = *from;
		from->ranges = RANGESET_NULL;
		return 0;
	}
	for (size_t i = 0; i < from->ranges.n; i++) {
		r = add_range(entry, from->ranges.ranges[i]);
		if (r)
			return r; /* what was added already may be added again */
	}
	entry->n += from->n;
	if (from->first_usec < entry->first_usec)
		entry->first_usec = from->first_usec;
	if (from->last_usec > entry->last_usec)
		entry->last_usec = from->last_usec;
	if (from->gap > entry->gap)
		entry->gap = from->gap;
	return 0;
}

int event_set_take(struct event_set *set, struct event_set *from)
{
	while (from->n) {
		int r = take_entry(set, &from->entries[0]);

		if (r)
			return r;
		event_set_remove(from, 0);
	}
	return 0;
}

void event_set_remove(struct event_set *set, size_t i)
{
	entry_deinit(&set->entries[i]);
	memmove(&set->entries[i], &set->entries[i + 1], (set->n - i - 1) * sizeof(*set->entries));
	set->n--;
}

uint64_t event_set_count(const struct event_set *set)
{
	uint64_t n = 0;

	for (size_t i = 0; i < set->n; i++)
		n += set->entries[i].n;
	return n;
}
