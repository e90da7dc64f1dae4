/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The journal follows the store, never the other way round: only what was
 * committed is told. The change log says which incidents changed and how;
 * where one changed several times since, it is told once, as it is now. How far
 * it was told is kept in the store, written after the telling: a crash between
 * the two tells a change twice rather than not at all.
 *
 * The log does not reach back for ever. Where changes fell out of it before
 * they were told, the incidents' own times say which of them are news. The
 * clock may have been set back meanwhile; then some are told once too often.
 */
#include "publish.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "cleanup.h"

struct news_item {
	int64_t incident;
	unsigned int bits;
};

struct news {
	struct news_item *items;
	size_t n, allocated;
	int64_t seq;   /* of the last */
	uint64_t usec; /* when that was */
};

static void news_deinit(struct news *news)
{
	free(news->items);
}

static int news_add(struct news *news, int64_t incident, unsigned int bits)
{
	if (news->n && news->items[news->n - 1].incident == incident) {
		news->items[news->n - 1].bits |= bits;
		return 0;
	}
	if (news->n == news->allocated) {
		size_t allocated = news->allocated ? 2 * news->allocated : 16;
		struct news_item *more = realloc(news->items, allocated * sizeof(*more));

		if (!more)
			return -ENOMEM;
		news->items = more;
		news->allocated = allocated;
	}
	news->items[news->n++] = (struct news_item){incident, bits};
	return 0;
}

static int by_incident(const void *a, const void *b)
{
	const struct news_item *x = a, *y = b;

	return (x->incident > y->incident) - (x->incident < y->incident);
}

/* One item for each incident, with all that happened to it. */
static void fold(struct news *news)
{
	size_t n = 0;

	qsort(news->items, news->n, sizeof(*news->items), by_incident);
	for (size_t i = 0; i < news->n; i++) {
		if (n && news->items[n - 1].incident == news->items[i].incident)
			news->items[n - 1].bits |= news->items[i].bits;
		else
			news->items[n++] = news->items[i];
	}
	news->n = n;
}

static int add_change(const struct store_change *change, void *data)
{
	struct news *news = data;

	news->seq = change->seq;
	news->usec = change->at_usec;
	return news_add(news, change->incident, change->bits);
}

struct since {
	struct news *news;
	uint64_t usec;
};

/* What must have happened to an incident, from its times alone. */
static int add_by_time(int64_t device, const struct incident *incident, void *data)
{
	struct since *since = data;
	unsigned int bits = 0;

	if (incident->changed_usec > since->usec && since->news->usec < incident->changed_usec)
		since->news->usec = incident->changed_usec;
	if (incident->opened_usec > since->usec)
		bits |= CHANGE_NEW;
	else if (incident->changed_usec > since->usec && incident->state == INCIDENT_OPEN)
		bits |= CHANGE_GREW;
	if (incident->cleared_usec > since->usec)
		bits |= CHANGE_CLEARED;
	if (incident->state == INCIDENT_MERGED && incident->changed_usec > since->usec)
		bits |= CHANGE_ABSORBED;
	return bits ? news_add(since->news, incident->id, bits) : 0;
}

/* Where there is nothing new, @news->seq stays that of @publish. 0, -errno, STORE_E_*. */
static int gather(const struct publish *publish, struct store *store, struct news *news)
{
	const unsigned int all = 1u << INCIDENT_OPEN | 1u << INCIDENT_CLEARED |
				 1u << INCIDENT_REPAIRED | 1u << INCIDENT_MERGED;
	struct since since = {news, publish->usec};
	int r;

	news->seq = publish->seq;
	news->usec = publish->usec;
	r = store_changes_since(store, publish->seq, add_change, news);
	if (r != -ESTALE)
		return r;
	news->n = 0;
	news->usec = publish->usec;
	r = store_incident_each(store, all, add_by_time, &since);
	if (r)
		return r;
	return store_last_change(store, &news->seq);
}

static int recall(struct publish *publish, struct store *store)
{
	CLEANUP(freep) char *text = NULL;
	char *end;
	int r;

	r = store_get_text(store, PUBLISH_KEY, &text);
	if (r && r != -ENOENT)
		return r;
	publish->seq = text ? strtoll(text, &end, 10) : 0;
	publish->usec = text ? strtoull(end, NULL, 10) : 0;
	if (publish->seq < 0)
		publish->seq = 0;
	return 0;
}

static int tell_one(struct store *store, const struct news_item *item, publish_fn tell, void *data)
{
	CLEANUP(incident_deinit) struct incident incident = INCIDENT_NULL;
	struct store_device device;
	int64_t row;
	int r;

	r = store_incident(store, item->incident, false, &incident, &row);
	if (!r)
		r = store_device(store, row, &device);
	if (r)
		return r == -ENOENT ? 0 : r;
	tell(data, &device.id, &incident, item->bits);
	return 0;
}

int publish_run(struct publish *publish, struct store *store, publish_fn tell, void *data,
		bool *ret_any)
{
	CLEANUP(news_deinit) struct news news = {.items = NULL};
	char text[48];
	int r;

	if (publish->seq < 0) {
		r = recall(publish, store);
		if (r)
			return r;
	}
	r = gather(publish, store, &news);
	if (r)
		return r;
	if (news.seq == publish->seq)
		return 0;
	fold(&news);
	for (size_t i = 0; i < news.n; i++) {
		r = tell_one(store, &news.items[i], tell, data);
		if (r)
			return r;
	}
	if (ret_any)
		*ret_any = true;
	publish->seq = news.seq; /* kept in memory even where the store takes no write */
	publish->usec = news.usec;
	snprintf(text, sizeof(text), "%lld %llu", (long long)news.seq,
		 (unsigned long long)news.usec);
	return store_set_text(store, PUBLISH_KEY, text);
}
