/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The journal follows the store, never the other way round: only what was
 * committed is told. The change log says which incidents changed and how; where
 * one changed several times since, it is told once, as it is now. How far it was
 * told is kept in the store, written after the telling: a crash
 * between the two tells a change twice rather than not at all.
 *
 * The log does not reach back for ever. Where changes fell out of it before they were told,
 * the incidents' own times say which of them are news.
 *
 * A second look at an incident that found the same as the first is no news:
 * so the findings told last are remembered by their hash. On a start the
 * hashes of what was told before are taken from the store.
 */
#include "publish.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "announce.h"
#include "cleanup.h"

struct publish_told {
	int64_t incident;
	uint64_t findings; /* hash of the JSON text, 0 none */
};

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

void publish_deinit(struct publish *publish)
{
	free(publish->told);
	*publish = PUBLISH_NULL;
}

void publish_forget(struct publish *publish)
{
	publish_deinit(publish);
}

static void news_deinit(struct news *news)
{
	free(news->items);
}

/* FNV-1a, 64 bits; 0 stands for no text */
static uint64_t hash(const char *text)
{
	uint64_t h = UINT64_C(0xcbf29ce484222325);

	if (!text)
		return 0;
	for (; *text; text++)
		h = (h ^ (unsigned char)*text) * UINT64_C(0x100000001b3);
	return h ? h : 1;
}

/* index of the entry, or where it belongs; ids mostly come ascending */
static size_t told_find(const struct publish *publish, int64_t incident)
{
	size_t low = 0, high = publish->n_told;

	while (low < high) {
		size_t mid = low + (high - low) / 2;

		if (publish->told[mid].incident < incident)
			low = mid + 1;
		else
			high = mid;
	}
	return low;
}

static int told_set(struct publish *publish, int64_t incident, uint64_t findings)
{
	size_t at = told_find(publish, incident);

	if (at < publish->n_told && publish->told[at].incident == incident) {
		publish->told[at].findings = findings;
		return 0;
	}
	if (publish->n_told == publish->allocated) {
		size_t allocated = publish->allocated ? 2 * publish->allocated : 16;
		struct publish_told *more = realloc(publish->told, allocated * sizeof(*more));

		if (!more)
			return -ENOMEM;
		publish->told = more;
		publish->allocated = allocated;
	}
	memmove(publish->told + at + 1, publish->told + at,
		(publish->n_told - at) * sizeof(*publish->told));
	publish->told[at] = (struct publish_told){incident, findings};
	publish->n_told++;
	return 0;
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

/* 0, -errno, STORE_E_* */
static int gather(const struct publish *publish, struct store *store, struct news *news)
{
	const unsigned int all = 1u << INCIDENT_OPEN | 1u << INCIDENT_CLEARED |
				 1u << INCIDENT_REPAIRED | 1u << INCIDENT_MERGED;
	struct since since = {news, publish->usec};
	int r;

	r = store_changes_since(store, publish->seq, add_change, news);
	if (r != -ESTALE)
		return r;
	news->n = 0;
	r = store_incident_each(store, all, add_by_time, &since);
	if (r)
		return r;
	news->usec = publish->usec;
	return store_last_change(store, &news->seq);
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

static int prime_one(int64_t device, const struct incident *incident, void *data)
{
	return told_set(data, incident->id, hash(incident->findings));
}

static int prime(struct publish *publish, struct store *store)
{
	CLEANUP(freep) char *text = NULL;
	int r;

	r = store_get_text(store, PUBLISH_KEY, &text);
	if (r && r != -ENOENT)
		return r;
	r = store_incident_each(store, 1u << INCIDENT_OPEN | 1u << INCIDENT_CLEARED, prime_one,
				publish);
	if (r)
		return r;
	publish->usec = 0;
	publish->seq = 0;
	if (text) {
		char *end;

		publish->seq = strtoll(text, &end, 10);
		publish->usec = strtoull(end, NULL, 10);
	}
	return 0;
}

static void incident_clean(struct incident *incident)
{
	incident_deinit(incident);
}

static int tell(struct publish *publish, struct store *store, const struct journal *journal,
		const struct store_device *devices, size_t n_devices, int64_t id, unsigned int bits,
		bool first)
{
	CLEANUP(incident_clean) struct incident incident = INCIDENT_NULL;
	static const struct devid nameless = {.name = "?"};
	const struct devid *device = &nameless;
	int64_t row;
	uint64_t findings;
	size_t at;
	int r;

	r = store_incident(store, id, false, &incident, &row);
	if (r)
		return r == -ENOENT ? 0 : r;
	for (size_t i = 0; i < n_devices; i++) {
		if (devices[i].row == row)
			device = &devices[i].id;
	}
	findings = hash(incident.findings);
	at = told_find(publish, id);
	if (bits == STORE_CHANGE_LOCATED && !first && at < publish->n_told &&
	    publish->told[at].incident == id && publish->told[at].findings == findings)
		return 0;
	announce_incident(journal, device, &incident, bits);
	return told_set(publish, id, findings);
}

int publish_run(struct publish *publish, struct store *store, const struct journal *journal,
		bool *ret_any)
{
	CLEANUP(freep) struct store_device *devices = NULL;
	CLEANUP(news_deinit) struct news news = {NULL, 0, 0, 0, 0};
	bool first = publish->seq < 0;
	size_t n_devices = 0;
	char text[48];
	int r;

	if (first) {
		r = prime(publish, store);
		if (r)
			return r;
	}
	r = gather(publish, store, &news);
	if (r)
		return r;
	if (!news.n)
		return 0;
	fold(&news);
	r = store_devices(store, &devices, &n_devices);
	if (r)
		return r;
	for (size_t i = 0; i < news.n; i++) {
		r = tell(publish, store, journal, devices, n_devices, news.items[i].incident,
			 news.items[i].bits, first);
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
