/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Reconciliation: the machine as it is against the store as it is. An event
 * is only a reason to come here; what counts is the difference, so a missed,
 * doubled or reordered event changes nothing, and a restart catches up.
 *
 * What a list gained is reported. What it lost means nothing by itself, as
 * lists are empty after a reboot: those bytes are read, and only what reads
 * well is cleared. The difference is computed before any lock is taken, so an
 * idle machine costs no write and keeps nobody waiting, and applied again from
 * scratch inside the transaction, so a neighbour's write in between is not undone.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include "casework_priv.h"
#include "cleanup.h"

/* One device: what there is to do. */
struct difference {
	struct rangeset listed;     /* the list, now */
	struct rangeset declared;   /* by people, now */
	struct rangeset good;       /* left the list, and was read */
	struct rangeset undeclared; /* the incidents hold it declared, the table does not */
	bool more_listed, more_declared;
};

static void difference_deinit(struct difference *d)
{
	rangeset_deinit(&d->listed);
	rangeset_deinit(&d->declared);
	rangeset_deinit(&d->good);
	rangeset_deinit(&d->undeclared);
}

static bool is_subset(const struct rangeset *part, const struct rangeset *whole)
{
	for (size_t i = 0; i < part->n; i++)
		if (!rangeset_contains(whole, part->ranges[i]))
			return false;
	return true;
}

/* Bytes that a list does not name any more: 0, -ENOMEM. What cannot be read stays as it is. */
static int try_vanished(const struct sysroot *root, const struct blkdev *dev,
			const struct rangeset *held, struct difference *d)
{
	CLEANUP(rangeset_deinit) struct rangeset vanished = RANGESET_NULL;
	int r;

	r = rangeset_diff(held, &d->listed, &vanished);
	if (r || !vanished.n || !root->live)
		return r;
	r = blkdev_read_ok(dev, &vanished, &d->good);
	if (r)
		return r == -ENOMEM ? r : 0;
	return rangeset_intersect(&d->good, &vanished, &d->good);
}

static int compare(const struct sysroot *root, struct store *store, const struct blkdev *dev,
		   int64_t row, bool ignored, struct difference *d)
{
	CLEANUP(casebook_deinit) struct casebook book = CASEBOOK_NULL;
	CLEANUP(rangeset_deinit) struct rangeset held = RANGESET_NULL;
	int r;

	r = store_casebook(store, row, &book);
	if (!r)
		r = casebook_source_bad(&book, SOURCE_BADBLOCKS, &held);
	if (r)
		return r;
	d->more_listed = !is_subset(&d->listed, &held);
	r = ignored ? 0 : try_vanished(root, dev, &held, d);
	if (r)
		return r;

	r = casebook_source_bad(&book, SOURCE_DECLARED, &held);
	if (!r)
		r = store_declared(store, row, &d->declared);
	if (!r)
		r = rangeset_diff(&held, &d->declared, &d->undeclared);
	if (!r)
		d->more_declared = !is_subset(&d->declared, &held);
	return r;
}

static int apply(struct store *store, const struct devid *id, const struct difference *d,
		 uint64_t now_usec, struct casework_news *news)
{
	CLEANUP(casebook_deinit) struct casebook book = CASEBOOK_NULL;
	CLEANUP(casebook_changes_deinit) struct casebook_changes changes = {0};
	int64_t row;
	int r;

	r = casework_ensure_present(store, id, now_usec, news, &row);
	if (!r)
		r = store_casebook(store, row, &book);
	if (!r && d->more_listed)
		r = casebook_report(&book, SOURCE_BADBLOCKS, &d->listed, now_usec, &changes);
	if (!r && d->more_declared)
		r = casebook_report(&book, SOURCE_DECLARED, &d->declared, now_usec, &changes);
	if (!r)
		r = casebook_clear(&book, -1, &d->good, PROOF_READ, now_usec, &changes);
	if (!r)
		r = casebook_clear(&book, SOURCE_DECLARED, &d->undeclared, PROOF_RETRACTED,
				   now_usec, &changes);
	return r ? r : casework_save(store, row, &changes, now_usec, news);
}

/*
 * Is the device on record there under its own name, and this one another path to its medium? Then it
 * is left alone, or the two names would take turns.
 */
static int is_another_path(const struct sysroot *root, struct store *store, int64_t row,
			   const struct blkdev *dev, bool *ret)
{
	CLEANUP(blkdev_deinit) struct blkdev own = BLKDEV_NULL;
	struct store_device device;
	int r;

	r = store_device(store, row, &device);
	if (r)
		return r;

	*ret = device.present && strcmp(device.id.name, dev->name) != 0 &&
	       !blkdev_resolve(root, device.id.name, &own) &&
	       devid_compare(&own.id, &dev->id) == DEVID_SAME;
	return 0;
}

/* Would casework_ensure_present() write? */
static int is_news_itself(struct store *store, int64_t row, const struct devid *seen, bool *ret)
{
	struct store_device device;
	int r;

	r = store_device(store, row, &device);
	if (r)
		return r;

	*ret = !device.present || devid_update(&device.id, seen);
	return 0;
}

int casework_reconcile_device(const struct sysroot *root, struct store *store,
			      const struct blkdev *dev, uint64_t now_usec,
			      const struct casework_observer *observer)
{
	CLEANUP(difference_deinit) struct difference d = {0};
	CLEANUP(casework_news_deinit) struct casework_news news = {0};
	bool ignored = observer && observer->ignores && observer->ignores(observer->data, dev);
	bool cut, news_itself = false, another;
	int64_t row;
	int r;

	r = dev->has_badblocks && !ignored ? blkdev_badblocks(root, dev, &d.listed, &cut) : 0;
	if (r)
		return r;
	r = store_device_find(store, &dev->id, &row);
	if (r == -ENOENT) {
		if (!d.listed.n)
			return 0;
		d.more_listed = true;
	} else if (!r) {
		r = is_another_path(root, store, row, dev, &another);
		if (r || another)
			return r;
		r = compare(root, store, dev, row, ignored, &d);
		if (!r)
			r = is_news_itself(store, row, &dev->id, &news_itself);
		if (!r && !d.more_listed && !d.more_declared && !d.good.n && !d.undeclared.n &&
		    !news_itself)
			return 0;
	}
	if (r && r != -ENOENT)
		return r;

	r = store_begin(store);
	if (r)
		return r;
	r = apply(store, &dev->id, &d, now_usec, &news);
	return casework_finish(store, r, &news, observer);
}

int casework_reconcile(const struct sysroot *root, struct store *store, uint64_t now_usec,
		       const struct casework_observer *observer)
{
	CLEANUP(casework_machine_deinit) struct casework_machine machine = {0};
	int r, failed = 0;

	r = casework_machine_read(root, &machine);
	if (r)
		return r;
	r = casework_call_roll(store, &machine, now_usec, observer);
	if (r)
		return r;
	for (size_t i = 0; i < machine.n; i++) {
		if (machine.items[i].another_path)
			continue;
		r = casework_reconcile_device(root, store, &machine.items[i].dev, now_usec,
					      observer);
		if (r > 0 || r == -ENOMEM)
			return r;
		if (r && !failed)
			failed = r;
	}
	return failed ? failed : store_set_reconciled(store, now_usec);
}
