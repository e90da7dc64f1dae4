/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * How news changes the incidents of one device.
 *
 * Loss is told in sectors by one source and in pages by another, for one and
 * the same event, and a list grows a sector at a time. So news belongs to the
 * incident in whose neighbourhood it lies (vicinity.h). One report is sorted
 * out in one pass: incidents and ranges of the news that are near to each
 * other form parts; in each, the lowest incident takes the others in and then
 * gets the news, and a part without an incident opens one. The book is ordered
 * by id, so the lowest index is the lowest id.
 */
#include <errno.h>
#include <stdlib.h>
#include "casebook.h"
#include "casenews.h"
#include "cleanup.h"
#include "vicinity.h"

static bool alive(const struct incident *incident)
{
	return incident->state == INCIDENT_OPEN || incident->state == INCIDENT_CLEARED;
}

void casebook_deinit(struct casebook *book)
{
	for (size_t i = 0; i < book->n; i++)
		incident_free(book->incidents[i]);
	free(book->incidents);
	*book = CASEBOOK_NULL;
}

int casebook_add(struct casebook *book, struct incident *incident)
{
	const struct incident *last = book->n ? book->incidents[book->n - 1] : NULL;
	struct incident **bigger;

	if (last && incident->id && (!last->id || incident->id <= last->id))
		return -EINVAL;
	if (book->n == book->allocated) {
		size_t want = book->allocated ? book->allocated * 2 : 8;

		bigger = reallocarray(book->incidents, want, sizeof(*bigger));
		if (!bigger)
			return -ENOMEM;
		book->incidents = bigger;
		book->allocated = want;
	}

	book->incidents[book->n++] = incident;
	return 0;
}

void casebook_changes_deinit(struct casebook_changes *changes)
{
	free(changes->items);
	*changes = (struct casebook_changes){0};
}

/* Join @bits, one entry for each incident of the book, to what @ret knows; both are in book order.
 */
static int note_changes(const struct casebook *book, const unsigned int *bits,
			struct casebook_changes *ret)
{
	struct casebook_change *items;
	size_t n = 0, old = 0, count = ret->n;

	for (size_t i = 0; i < book->n; i++)
		count += bits[i] != 0;
	if (count == ret->n)
		return 0;
	items = calloc(count, sizeof(*items));
	if (!items)
		return -ENOMEM;

	for (size_t i = 0; i < book->n; i++) {
		unsigned int all = bits[i];

		if (old < ret->n && ret->items[old].incident == book->incidents[i])
			all |= ret->items[old++].bits;
		if (all)
			items[n++] = (struct casebook_change){book->incidents[i], all};
	}

	free(ret->items);
	*ret = (struct casebook_changes){items, n, count};
	return 0;
}

/* Every lost range of the living. */
static int collect_extents(const struct casebook *book, struct vicinity_extent **ret, size_t *ret_n)
{
	struct vicinity_extent *extents;
	size_t n = 0;

	for (size_t i = 0; i < book->n; i++)
		n += alive(book->incidents[i]) ? book->incidents[i]->lost.n : 0;
	extents = calloc(n ? n : 1, sizeof(*extents));
	if (!extents)
		return -ENOMEM;

	n = 0;
	for (size_t i = 0; i < book->n; i++) {
		const struct rangeset *lost = &book->incidents[i]->lost;

		for (size_t k = 0; alive(book->incidents[i]) && k < lost->n; k++)
			extents[n++] = (struct vicinity_extent){lost->ranges[k], i};
	}

	*ret = extents;
	*ret_n = n;
	return 0;
}

/* ---- news of something bad ---- */

static int open_new(struct casebook *book, uint64_t now_usec, size_t *ret_index)
{
	CLEANUP(incident_freep) struct incident *incident = calloc(1, sizeof(*incident));
	int r;

	if (!incident)
		return -ENOMEM;
	incident->state = INCIDENT_OPEN;
	incident->opened_usec = incident->changed_usec = now_usec;
	r = casebook_add(book, incident);
	if (r)
		return r;

	steal(incident);
	*ret_index = book->n - 1;
	return 0;
}

/* A range of the news on its way to an incident of the book. */
struct delivery {
	size_t to;
	struct byte_range range;
};

static int compare_deliveries(const void *left, const void *right)
{
	const struct delivery *a = left, *b = right;

	if (a->to != b->to)
		return a->to > b->to ? 1 : -1;
	return (a->range.start > b->range.start) - (a->range.start < b->range.start);
}

/* Where each range of the news goes, new incidents made; @leaders as vicinity_unite() gave them. */
static int address(struct casebook *book, const struct rangeset *news, size_t *leaders,
		   uint64_t now_usec, unsigned int *bits, struct delivery *deliveries)
{
	size_t known = book->n;

	for (size_t k = 0; k < news->n; k++) {
		size_t to = leaders[known + k];

		if (to == known + k) {
			int r = open_new(book, now_usec, &to);

			if (r)
				return r;
			bits[to] = CHANGE_NEW;
		} else if (to >= known) {
			to = leaders[to]; /* a range before this one: its incident, by now */
		}
		leaders[known + k] = to;
		deliveries[k] = (struct delivery){to, news->ranges[k]};
	}
	qsort(deliveries, news->n, sizeof(*deliveries), compare_deliveries);
	return 0;
}

int casebook_report(struct casebook *book, enum media_source source, const struct rangeset *bad,
		    uint64_t now_usec, struct casebook_changes *ret)
{
	CLEANUP(rangeset_deinit) struct rangeset news = RANGESET_NULL;
	CLEANUP(rangeset_deinit) struct rangeset part = RANGESET_NULL;
	CLEANUP(freep) struct vicinity_extent *extents = NULL;
	CLEANUP(freep) struct delivery *deliveries = NULL;
	CLEANUP(freep) unsigned int *bits = NULL;
	CLEANUP(freep) size_t *leaders = NULL;
	size_t known = book->n, n_extents;
	int r;

	if (!bad->n)
		return 0;
	if (range_end(bad->ranges[bad->n - 1]) > INT64_MAX - PAGE_BYTES)
		return -ERANGE;
	r = rangeset_round_out(bad, SECTOR_SIZE, &news);
	if (r)
		return r;
	r = collect_extents(book, &extents, &n_extents);
	if (r)
		return r;
	r = vicinity_unite(extents, n_extents, known, &news, &leaders);
	if (r)
		return r;
	bits = calloc(known + news.n, sizeof(*bits));
	deliveries = calloc(news.n, sizeof(*deliveries));
	if (!bits || !deliveries)
		return -ENOMEM;

	for (size_t i = 0; i < known; i++) {
		size_t to = leaders[i];

		if (to == i)
			continue;
		r = casenews_absorb(book->incidents[to], book->incidents[i], now_usec, &bits[to],
				    &bits[i]);
		if (r)
			return r;
	}
	r = address(book, &news, leaders, now_usec, bits, deliveries);
	if (r)
		return r;

	for (size_t k = 0; k < news.n; k++) {
		size_t to = deliveries[k].to;

		r = rangeset_add(&part, deliveries[k].range);
		if (r)
			return r;
		if (k + 1 < news.n && deliveries[k + 1].to == to)
			continue;
		r = casenews_admit(book->incidents[to], source, &part, now_usec, &bits[to]);
		if (r)
			return r;
		rangeset_clear(&part);
	}
	return note_changes(book, bits, ret);
}

/* ---- news of something good again ---- */

/* The sectors that lie whole in @set. */
static int round_in(const struct rangeset *set, struct rangeset *ret)
{
	CLEANUP(rangeset_deinit) struct rangeset whole = RANGESET_NULL;

	for (size_t i = 0; i < set->n; i++) {
		uint64_t end = range_end(set->ranges[i]) & ~(uint64_t)(SECTOR_SIZE - 1);
		uint64_t start = set->ranges[i].start;
		int r;

		if (start > UINT64_MAX - SECTOR_SIZE)
			continue;
		start = (start + SECTOR_SIZE - 1) & ~(uint64_t)(SECTOR_SIZE - 1);
		if (start >= end)
			continue;
		r = rangeset_add(&whole, (struct byte_range){start, end - start});
		if (r)
			return r;
	}

	rangeset_move(ret, &whole);
	return 0;
}

/* The ranges of @set that can matter to @incident, lent. */
static struct rangeset slice(const struct rangeset *set, const struct incident *incident)
{
	struct rangeset part = RANGESET_NULL;
	uint64_t end;

	if (!incident->lost.n)
		return part;
	end = range_end(incident->lost.ranges[incident->lost.n - 1]);
	part.ranges = set->ranges + rangeset_find(set, incident->lost.ranges[0].start);
	while (part.ranges + part.n < set->ranges + set->n && part.ranges[part.n].start < end)
		part.n++;
	return part;
}

int casebook_clear(struct casebook *book, int source, const struct rangeset *good,
		   enum clear_proof proof, uint64_t now_usec, struct casebook_changes *ret)
{
	CLEANUP(rangeset_deinit) struct rangeset whole = RANGESET_NULL;
	CLEANUP(freep) unsigned int *bits = NULL;
	int r;

	if ((proof == PROOF_RETRACTED) != (source == SOURCE_DECLARED))
		return -EINVAL;
	r = round_in(good, &whole);
	if (r || !whole.n || !book->n)
		return r;
	bits = calloc(book->n, sizeof(*bits));
	if (!bits)
		return -ENOMEM;

	for (size_t i = 0; i < book->n; i++) {
		struct rangeset part = slice(&whole, book->incidents[i]);

		if (!alive(book->incidents[i]) || !part.n)
			continue;
		r = casenews_relieve(book->incidents[i], source, &part, proof, now_usec, &bits[i]);
		if (r)
			return r;
	}
	return note_changes(book, bits, ret);
}

/* One source of one incident, where it spoke before the scrub. */
static int scrub_sighting(struct incident *incident, enum media_source source,
			  const struct rangeset *listed, uint64_t begun_usec, uint64_t now_usec,
			  unsigned int *bits)
{
	const struct sighting *sighting = incident_sighting(incident, source);
	CLEANUP(rangeset_deinit) struct rangeset good = RANGESET_NULL;
	int r;

	if (!sighting || sighting->last_usec >= begun_usec)
		return 0;
	r = rangeset_diff(&sighting->bad, listed, &good);
	if (r || !good.n)
		return r;
	return casenews_relieve(incident, (int)source, &good, PROOF_SCRUB, now_usec, bits);
}

int casebook_scrubbed(struct casebook *book, const struct rangeset *listed, uint64_t begun_usec,
		      uint64_t now_usec, struct casebook_changes *ret)
{
	static const enum media_source physical[] = {SOURCE_BADBLOCKS, SOURCE_MEMORY_FAILURE};
	CLEANUP(rangeset_deinit) struct rangeset bad = RANGESET_NULL;
	CLEANUP(freep) unsigned int *bits = NULL;
	int r;

	r = rangeset_round_out(listed, SECTOR_SIZE, &bad);
	if (r || !book->n)
		return r;
	bits = calloc(book->n, sizeof(*bits));
	if (!bits)
		return -ENOMEM;

	for (size_t i = 0; i < book->n; i++)
		for (size_t k = 0; alive(book->incidents[i]) && k < ARRAY_SIZE(physical); k++) {
			r = scrub_sighting(book->incidents[i], physical[k], &bad, begun_usec,
					   now_usec, &bits[i]);
			if (r)
				return r;
		}
	return note_changes(book, bits, ret);
}

int casebook_source_bad(const struct casebook *book, enum media_source source, struct rangeset *ret)
{
	CLEANUP(rangeset_deinit) struct rangeset bad = RANGESET_NULL;

	for (size_t i = 0; i < book->n; i++) {
		const struct sighting *sighting = incident_sighting(book->incidents[i], source);

		if (!sighting || !alive(book->incidents[i]))
			continue;
		for (size_t k = 0; k < sighting->bad.n; k++) {
			int r = rangeset_append_unsorted(&bad, sighting->bad.ranges[k]);

			if (r)
				return r;
		}
	}
	rangeset_normalise(&bad);

	rangeset_move(ret, &bad);
	return 0;
}
