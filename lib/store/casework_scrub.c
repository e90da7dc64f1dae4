/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What a completed scrub proves. Bytes of a devdax namespace, of one in sector mode or of
 * page metadata cannot be read by anybody here, so what reconciliation does with a block device's
 * bytes, to try them, cannot be done. But the firmware has been through all of the medium, and
 * what it does not find bad is good.
 *
 * As in reconciliation, a dry run comes first, so that a scrub without consequence writes nothing.
 */
#include <errno.h>
#include "casework_priv.h"
#include "cleanup.h"
#include "pmem.h"
#include "pmem_scrub.h"

struct scrubbed {
	const struct sysroot *root;
	struct store *store;
	const char *bus;
	uint64_t begun_usec, now_usec;
	const struct casework_observer *observer;
	int failed;
};

static int clear(const struct scrubbed *s, int64_t row, const struct rangeset *listed,
		 struct casebook *book, struct casebook_changes *changes)
{
	int r;

	r = store_casebook(s->store, row, book);
	return r ? r : casebook_scrubbed(book, listed, s->begun_usec, s->now_usec, changes);
}

/* Would it change anything? */
static int try_clear(const struct scrubbed *s, int64_t row, const struct rangeset *listed,
		     bool *ret)
{
	CLEANUP(casebook_deinit) struct casebook book = CASEBOOK_NULL;
	CLEANUP(casebook_changes_deinit) struct casebook_changes changes = {0};
	int r;

	r = clear(s, row, listed, &book, &changes);
	if (r)
		return r;

	*ret = changes.n > 0;
	return 0;
}

static int apply(const struct scrubbed *s, int64_t row, const struct rangeset *listed,
		 struct casework_news *news)
{
	CLEANUP(casebook_deinit) struct casebook book = CASEBOOK_NULL;
	CLEANUP(casebook_changes_deinit) struct casebook_changes changes = {0};
	int r;

	r = clear(s, row, listed, &book, &changes);
	return r ? r : casework_save(s->store, row, &changes, s->now_usec, news);
}

static int scrub_device(const struct blkdev *dev, void *data)
{
	CLEANUP(rangeset_deinit) struct rangeset listed = RANGESET_NULL;
	CLEANUP(casework_news_deinit) struct casework_news news = {0};
	struct scrubbed *s = data;
	const struct casework_observer *observer = s->observer;
	bool any = false;
	int64_t row;
	int r;

	if (observer && observer->ignores && observer->ignores(observer->data, dev))
		return 0;
	r = store_device_find(s->store, &dev->id, &row);
	if (r)
		return r == -ENOENT ? 0 : r;
	r = pmem_scrub_listed(s->root, s->bus, dev->name, &listed);
	if (r == -ENOENT || r == -EOVERFLOW)
		return 0;
	if (r && r != -ENOMEM) {
		s->failed = s->failed ? s->failed : r;
		return 0;
	}
	if (!r)
		r = try_clear(s, row, &listed, &any);
	if (r || !any)
		return r;

	r = store_begin(s->store);
	if (r)
		return r;
	r = apply(s, row, &listed, &news);
	return casework_finish(s->store, r, &news, observer);
}

int casework_scrubbed(const struct sysroot *root, struct store *store, const char *bus,
		      uint64_t begun_usec, uint64_t now_usec,
		      const struct casework_observer *observer)
{
	struct scrubbed s = {root, store, bus, begun_usec, now_usec, observer, 0};
	int r;

	r = pmem_each(root, scrub_device, &s);
	return r ? r : s.failed;
}
