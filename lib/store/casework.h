/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef PMEMRAS_CASEWORK_H
#define PMEMRAS_CASEWORK_H

/*
 * Intake and investigation, shared by the daemon and by commands that must
 * work without it: what is bad now, compared with what the store knows,
 * becomes incidents (record, sync, then anything else); incidents nobody has
 * looked at are located and the findings kept.
 *
 * Where nothing is new, nothing is written and nobody is told. Functions return what store.h says,
 * and -errno of what they look at.
 */
#include "blkdev.h"
#include "capture.h"
#include "store.h"

/*
 * Told of every committed change, after the commit. May be NULL, and so may its members. The incident
 * is as the store has it by then, findings included. May use the store.
 */
struct casework_observer {
	void (*changed)(void *data, const struct devid *device, const struct incident *incident,
			unsigned int bits);
	/* A look told something new. */
	void (*located)(void *data, const struct devid *device, const struct incident *incident);
	/* Reconciliation leaves such a device's badblocks list alone (configuration). May be NULL. */
	bool (*ignores)(void *data, const struct blkdev *dev);
	void *data;
};

/* @source holds @bad bad on @device, which is present (one transaction). -ERANGE beyond 2^63 bytes. */
int casework_report(struct store *store, const struct devid *device, enum media_source source,
		    const struct rangeset *bad, uint64_t now_usec,
		    const struct casework_observer *observer);

/* declare and retract: the declaration and its incident in one transaction. @ret_gone as store_retract. */
int casework_declare(struct store *store, const struct devid *device, const struct rangeset *bad,
		     const char *note, uint64_t now_usec, const struct casework_observer *observer);
/* -ENOENT: the store knows no such device. Nothing there was declared: @ret_gone empty. */
int casework_retract(struct store *store, const struct devid *device, const struct rangeset *good,
		     uint64_t now_usec, const struct casework_observer *observer,
		     struct rangeset *ret_gone);

/*
 * Level-triggered reconciliation of one present device: its badblocks list and declared
 * ranges against the store. What left the list is read; what reads well is cleared (live machine
 * only). A list that may be cut proves nothing about what is missing from it, but reading does.
 */
int casework_reconcile_device(const struct sysroot *root, struct store *store,
			      const struct blkdev *dev, uint64_t now_usec,
			      const struct casework_observer *observer);
/*
 * Who is there: devices under other names, back or gone; their incidents become unreachable or
 * reachable. Part of casework_reconcile(); a command that declares without the daemon calls it first.
 */
int casework_roll_call(const struct sysroot *root, struct store *store, uint64_t now_usec,
		       const struct casework_observer *observer);
/*
 * The roll call, all devices, and store_set_reconciled(). A device that fails (its list unreadable, gone
 * meanwhile) does not keep the others from their turn: the first such -errno is returned
 * at the end, without the time being set. Errors of the store end it at once.
 */
int casework_reconcile(const struct sysroot *root, struct store *store, uint64_t now_usec,
		       const struct casework_observer *observer);

/*
 * A scrub of a bus that began after @begun_usec has completed: what it proves (casebook_scrubbed()) of devices on
 * @bus that nobody can read (pmem.h). The lists are read here. One that may be cut, of a region or
 * namespace that is disabled, or that cannot be read proves nothing; the last is returned as the first such
 * -errno, after the other devices had their turn.
 */
int casework_scrubbed(const struct sysroot *root, struct store *store, const char *bus,
		      uint64_t begun_usec, uint64_t now_usec,
		      const struct casework_observer *observer);

/*
 * Locate one incident's lost set and keep the result. What an earlier look knew and this one cannot
 * see (file system shut down, not mounted) is kept. A device that is absent is an answer too.
 * Return: 0; -ENOENT no such incident; -ESTALE it is over, or lost more meanwhile: see casework_pending();
 * -ECANCELED; as above.
 */
int casework_investigate(const struct sysroot *root, struct store *store, int64_t incident,
			 const struct capture_options *options, uint64_t now_usec,
			 const struct casework_observer *observer);
/*
 * Likewise many incidents: one look for each device, at all that they lost, however many they are. Each
 * result is kept by itself. What fails of one device or incident does not stop the others, but for errors of
 * the store and options->progress, which is asked between them too ("incidents").
 * @ret_outcomes: (of @n) what casework_investigate() would return for each; -ECANCELED: not got to
 * Return: 0; what ended it early: STORE_E_*, -ECANCELED, -ENOMEM. @ret_outcomes is filled in any case.
 */
int casework_investigate_many(const struct sysroot *root, struct store *store, const int64_t *ids,
			      size_t n, const struct capture_options *options, uint64_t now_usec,
			      const struct casework_observer *observer, int *ret_outcomes);
/* The ids that want a look: never located, or lost more since. @ret: free(). */
int casework_pending(struct store *store, int64_t **ret, size_t *ret_n);
/*
 * These, and those whose last look was incomplete for something that passes (not mounted, shut down, device
 * gone, no permission, a layer above …): to be looked at again when mounts or devices have changed.
 * @device: only of this one; NULL: of all. -ENOENT: not known.
 * @paths: will the next look be for names? If not, that names are missing is no reason for one.
 */
int casework_pending_again(struct store *store, const struct devid *device, bool paths,
			   int64_t **ret, size_t *ret_n);

/* Findings that a record of an incident keeps at most. */
#define CASEWORK_FINDINGS_KEPT 10000

#endif
