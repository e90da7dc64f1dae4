/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef PMEMRAS_CASEWORK_H
#define PMEMRAS_CASEWORK_H

/*
 * Intake and investigation, shared by the daemon and by commands that must
 * work without it: what is bad now, compared with what the store knows,
 * becomes incidents (record, sync, then anything else); incidents nobody has
 * looked at are located and the findings kept.
 */
#include "blkdev.h"
#include "capture.h"
#include "store.h"

/* Told of every committed change, after the commit. May be NULL. */
struct casework_observer {
	void (*changed)(void *data, const struct devid *device, const struct incident *incident,
			unsigned int bits);
	void (*located)(void *data, const struct devid *device, const struct incident *incident);
	/* Reconciliation leaves such a device's badblocks list alone (configuration). May be NULL. */
	bool (*ignores)(void *data, const struct blkdev *dev);
	void *data;
};

/* @source holds @bad bad on @device (one transaction). */
int casework_report(struct store *store, const struct devid *device, enum media_source source,
		    const struct rangeset *bad, uint64_t now_usec,
		    const struct casework_observer *observer);

/* declare and retract: the declaration and its incident in one transaction. @ret_gone as store_retract. */
int casework_declare(struct store *store, const struct devid *device, const struct rangeset *bad,
		     const char *note, uint64_t now_usec, const struct casework_observer *observer);
int casework_retract(struct store *store, const struct devid *device, const struct rangeset *good,
		     uint64_t now_usec, const struct casework_observer *observer,
		     struct rangeset *ret_gone);

/*
 * Level-triggered reconciliation of one present device: its badblocks list and declared
 * ranges against the store. What left the list is read; what reads well is cleared.
 */
int casework_reconcile_device(const struct sysroot *root, struct store *store,
			      const struct blkdev *dev, uint64_t now_usec,
			      const struct casework_observer *observer);
/* All of them, devices that are gone marked so, and "daemon.reconciled_usec" set. */
int casework_reconcile(const struct sysroot *root, struct store *store, uint64_t now_usec,
		       const struct casework_observer *observer);

/* Locate one incident's lost set and keep the result. */
int casework_investigate(const struct sysroot *root, struct store *store, int64_t incident,
			 const struct capture_options *options, uint64_t now_usec,
			 const struct casework_observer *observer);
/* The ids that want a look: never located, or changed since. @ret: free(). */
int casework_pending(struct store *store, int64_t **ret, size_t *ret_n);

#endif
