/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Intake: what sources, people and lists say becomes incidents.
 *
 * Each call is one transaction: the device, the declaration, the incidents
 * and the log change together or not at all, and only what is on the medium
 * is told to anybody. The observer gets each changed incident read back from
 * the store, so that what it tells is what a reader would see.
 */
#include <errno.h>
#include <stdlib.h>
#include "casework_priv.h"
#include "cleanup.h"

void casework_news_deinit(struct casework_news *news)
{
	free(news->items);
	*news = (struct casework_news){0};
}

int casework_news_add(struct casework_news *news, int64_t id, unsigned int bits)
{
	for (size_t i = news->n; i > 0 && i + 8 > news->n; i--)
		if (news->items[i - 1].id == id) {
			news->items[i - 1].bits |= bits;
			return 0;
		}
	if (news->n == news->allocated) {
		size_t want = news->allocated ? news->allocated * 2 : 8;
		struct casework_news_item *bigger =
			reallocarray(news->items, want, sizeof(*bigger));

		if (!bigger)
			return -ENOMEM;
		news->items = bigger;
		news->allocated = want;
	}

	news->items[news->n++] = (struct casework_news_item){id, bits};
	return 0;
}

static int tell_one(struct store *store, const struct casework_news_item *item,
		    const struct casework_observer *observer)
{
	CLEANUP(incident_deinit) struct incident incident = INCIDENT_NULL;
	struct store_device device;
	int64_t row;
	int r;

	r = store_incident(store, item->id, false, &incident, &row);
	if (!r)
		r = store_device(store, row, &device);
	if (!r)
		observer->changed(observer->data, &device.id, &incident, item->bits);
	return r;
}

int casework_tell(struct store *store, const struct casework_news *news,
		  const struct casework_observer *observer)
{
	for (size_t i = 0; observer && observer->changed && i < news->n; i++) {
		int r = tell_one(store, &news->items[i], observer);

		if (r)
			return r;
	}
	return 0;
}

int casework_finish(struct store *store, int r, const struct casework_news *news,
		    const struct casework_observer *observer)
{
	if (r) {
		store_rollback(store);
		return r;
	}
	r = store_commit(store);
	return r ? r : casework_tell(store, news, observer);
}

int casework_save(struct store *store, int64_t device, const struct casebook_changes *changes,
		  uint64_t now_usec, struct casework_news *news)
{
	for (size_t i = 0; i < changes->n; i++) {
		struct incident *incident = changes->items[i].incident;
		int r;

		r = store_save_incident(store, device, incident, changes->items[i].bits, now_usec);
		if (r)
			return r;
		if (!incident->id)
			continue; /* taken in before it was ever stored */
		r = casework_news_add(news, incident->id, changes->items[i].bits);
		if (r)
			return r;
	}
	return 0;
}

int casework_set_present(struct store *store, const struct store_device *device, bool present,
			 uint64_t now_usec, struct casework_news *news)
{
	CLEANUP(casebook_deinit) struct casebook book = CASEBOOK_NULL;
	unsigned int bits = present ? CHANGE_REACHABLE : CHANGE_UNREACHABLE;
	int r;

	if (device->present == present)
		return 0;
	r = store_device_set_present(store, device->row, present, now_usec);
	if (r)
		return r;
	r = store_casebook(store, device->row, &book);
	if (r)
		return r;
	for (size_t i = 0; i < book.n; i++) {
		r = store_log_change(store, book.incidents[i]->id, bits, now_usec);
		if (!r)
			r = casework_news_add(news, book.incidents[i]->id, bits);
		if (r)
			return r;
	}
	return 0;
}

int casework_take_in(struct store *store, int64_t row, enum media_source source,
		     const struct rangeset *bad, uint64_t now_usec, struct casework_news *news)
{
	CLEANUP(casebook_deinit) struct casebook book = CASEBOOK_NULL;
	CLEANUP(casebook_changes_deinit) struct casebook_changes changes = {0};
	int r;

	r = store_casebook(store, row, &book);
	if (r)
		return r;
	r = casebook_report(&book, source, bad, now_usec, &changes);
	return r ? r : casework_save(store, row, &changes, now_usec, news);
}

int casework_ensure_present(struct store *store, const struct devid *id, uint64_t now_usec,
			    struct casework_news *news, int64_t *ret_row)
{
	struct store_device device;
	int64_t row;
	int r;

	r = store_device_ensure(store, id, now_usec, &row);
	if (!r)
		r = store_device(store, row, &device);
	if (!r)
		r = casework_set_present(store, &device, true, now_usec, news);
	if (!r)
		*ret_row = row;
	return r;
}

static int report(struct store *store, const struct devid *device, enum media_source source,
		  const struct rangeset *bad, uint64_t now_usec, struct casework_news *news)
{
	int64_t row;
	int r;

	r = casework_ensure_present(store, device, now_usec, news, &row);
	return r ? r : casework_take_in(store, row, source, bad, now_usec, news);
}

int casework_report(struct store *store, const struct devid *device, enum media_source source,
		    const struct rangeset *bad, uint64_t now_usec,
		    const struct casework_observer *observer)
{
	CLEANUP(casework_news_deinit) struct casework_news news = {0};
	int r;

	if (!bad->n)
		return 0;
	r = store_begin(store);
	if (r)
		return r;
	r = report(store, device, source, bad, now_usec, &news);
	return casework_finish(store, r, &news, observer);
}

static int declare(struct store *store, const struct devid *device, const struct rangeset *bad,
		   const char *note, uint64_t now_usec, struct casework_news *news)
{
	int64_t row;
	int r;

	r = casework_ensure_present(store, device, now_usec, news, &row);
	if (!r)
		r = store_declare(store, row, bad, note, now_usec);
	return r ? r : casework_take_in(store, row, SOURCE_DECLARED, bad, now_usec, news);
}

int casework_declare(struct store *store, const struct devid *device, const struct rangeset *bad,
		     const char *note, uint64_t now_usec, const struct casework_observer *observer)
{
	CLEANUP(casework_news_deinit) struct casework_news news = {0};
	int r;

	if (!bad->n)
		return 0;
	r = store_begin(store);
	if (r)
		return r;
	r = declare(store, device, bad, note, now_usec, &news);
	return casework_finish(store, r, &news, observer);
}

static int retract(struct store *store, const struct devid *device, const struct rangeset *good,
		   uint64_t now_usec, struct casework_news *news, struct rangeset *gone)
{
	CLEANUP(casebook_deinit) struct casebook book = CASEBOOK_NULL;
	CLEANUP(casebook_changes_deinit) struct casebook_changes changes = {0};
	int64_t row;
	int r;

	r = store_device_find(store, device, &row);
	if (!r)
		r = store_retract(store, row, good, gone);
	if (r || !gone->n)
		return r;
	r = store_casebook(store, row, &book);
	if (r)
		return r;
	r = casebook_clear(&book, SOURCE_DECLARED, gone, PROOF_RETRACTED, now_usec, &changes);
	return r ? r : casework_save(store, row, &changes, now_usec, news);
}

int casework_retract(struct store *store, const struct devid *device, const struct rangeset *good,
		     uint64_t now_usec, const struct casework_observer *observer,
		     struct rangeset *ret_gone)
{
	CLEANUP(rangeset_deinit) struct rangeset gone = RANGESET_NULL;
	CLEANUP(casework_news_deinit) struct casework_news news = {0};
	int r;

	r = store_begin(store);
	if (r)
		return r;
	r = retract(store, device, good, now_usec, &news, &gone);
	r = casework_finish(store, r, &news, observer);
	if (r)
		return r;

	rangeset_move(ret_gone, &gone);
	return 0;
}
