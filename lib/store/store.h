/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef PMEMRAS_STORE_H
#define PMEMRAS_STORE_H

/*
 * What must not be forgotten, in one SQLite file (WAL, synchronous=FULL):
 * devices, declared ranges, incidents, and a log of changes. Daemon and
 * command line share it; each change is one short transaction. Readers never
 * wait for writers.
 *
 * Beside "pmemras.db" (with -wal and -shm) the directory holds "pmemras.ids", a mark
 * below which every incident id counts as given, "pmemrasd.lock", and "reconciled",
 * whose time stamp says when the machine was last compared with the store.
 *
 * Functions return 0, a positive STORE_E_*, -ENOMEM or what is said with them. A connection
 * is for one thread at a time.
 */
#include "casebook.h"
#include "devid.h"

#define STORE_DIR_DEFAULT "/var/lib/pmemras"

enum store_mode {
	STORE_READ,   /* as found; -ENOENT where there is none */
	STORE_WRITE,  /* made where there is none, migrated where old */
};

enum store_error {
	STORE_E_CORRUPT = 1, /* not a database, or damaged: see store_set_aside() */
	STORE_E_NEWER,	     /* written by a newer pmemras: left alone */
	STORE_E_BUSY,	     /* another writer held it for over 10 s */
	STORE_E_FULL,	     /* no space left, nothing was changed */
	STORE_E_READ_ONLY,   /* medium or permissions forbid writing */
	STORE_E_OLDER,	     /* STORE_READ: written by an older pmemras; STORE_WRITE migrates it */
	STORE_E_REPLACED,    /* the file was set aside since it was opened: open again */
};
const char *store_strerror(int r); /* for -errno and STORE_E_*; never NULL */

struct store;

/*
 * 0, STORE_E_*, -ENOENT, -EACCES (directory is 0700: root's), other -errno.
 * STORE_WRITE makes the directory (0700) and what lacks above it, and the file (0600), whatever
 * the umask. What is opened was checked from end to end, as store_check() does.
 */
int store_open(const char *dir, enum store_mode mode, struct store **ret);
struct store *store_free(struct store *store); /* always NULL; takes NULL */
void store_freep(struct store **store);

/* Structure, references and the check sum of every row. */
int store_check(struct store *store);

/*
 * A damaged store is renamed to pmemras.db.corrupt-TIME (with its -wal, -shm) and never
 * deleted; the next store_open() makes a new one whose ids go on above the old ones, and which
 * keeps the name as text "store.set_aside". Close your own connections first.
 * @ret_name: where it went (name in @dir); malloced, the caller's; may be NULL. -ENOENT: no store there.
 */
int store_set_aside(const char *dir, uint64_t now_usec, char **ret_name);

/* Moves whenever another connection committed; cheap. */
int store_data_version(struct store *store, uint64_t *ret);

/*
 * Transactions nest not. store_begin() takes the write lock at once (STORE_E_REPLACED,
 * STORE_E_BUSY, STORE_E_READ_ONLY). Whatever below changes something and is called outside one is
 * one by itself. store_commit() returns 0 when all is on the medium; on failure nothing is.
 */
int store_begin(struct store *store);
int store_commit(struct store *store);
void store_rollback(struct store *store); /* harmless outside a transaction */

/* ---- devices ---- */
struct store_device {
	int64_t row;
	struct devid id;
	uint64_t seen_usec; /* when @id or presence last changed */
	bool present; /* as of the last reconciliation by whoever wrote */
};
/*
 * Finds @id (core/devid rules), or makes it, present; updates what is newly known. A
 * filesystem's uuid alone is not taken for a rename of a device that is present: that is a copy.
 */
int store_device_ensure(struct store *store, const struct devid *id, uint64_t now_usec,
			int64_t *ret_row);
int store_device_find(struct store *store, const struct devid *id, int64_t *ret_row); /* -ENOENT */
int store_device(struct store *store, int64_t row, struct store_device *ret); /* -ENOENT */
/* What is newly known of a device; writes only where something is. */
int store_device_update(struct store *store, int64_t row, const struct devid *seen,
			uint64_t now_usec);
/* Writes only where it differs. */
int store_device_set_present(struct store *store, int64_t row, bool present, uint64_t now_usec);
int store_devices(struct store *store, struct store_device **ret, size_t *ret_n); /* by row; free() */

/* ---- declared ranges (bad until retracted) ---- */
struct store_declared {
	int64_t row, device;
	struct byte_range range; /* device bytes, whole sectors; those of a device never overlap */
	char *note;		 /* may be NULL */
	uint64_t at_usec;
};
/*
 * Rounded out to sectors. Where part of @ranges is declared already, it keeps what it has, unless
 * @note is given and differs. -ERANGE beyond 2^63 bytes, -ENOENT no such device.
 */
int store_declare(struct store *store, int64_t device, const struct rangeset *ranges,
		  const char *note, uint64_t now_usec);
/* Rounded out to sectors. @ret_gone (initialised): what really was declared and is not any more */
int store_retract(struct store *store, int64_t device, const struct rangeset *ranges,
		  struct rangeset *ret_gone);
int store_declared(struct store *store, int64_t device, struct rangeset *ret); /* replaces @ret */
/* By device and offset. @fn may not change the store; 0 continues, nonzero stops and comes back. */
int store_declared_each(struct store *store,
			int (*fn)(const struct store_declared *declared, void *data), void *data);

/* ---- incidents ---- */
/* OPEN and CLEARED incidents of a device, without findings. @ret initialised by the caller. */
int store_casebook(struct store *store, int64_t device, struct casebook *ret);
/*
 * New ones (id 0) get their id; MERGED with id 0 is passed over. Appends to the change log with @bits
 * (CHANGE_*), unless 0. Findings are not saved here. Load, change and save belong into one
 * transaction; after a rollback the id is void. -ERANGE, -ENOENT.
 */
int store_save_incident(struct store *store, int64_t device, struct incident *incident,
			unsigned int bits, uint64_t now_usec);
/* Follows merged_into where @follow. -ENOENT. @ret initialised; @ret_device may be NULL. */
int store_incident(struct store *store, int64_t id, bool follow, struct incident *ret,
		   int64_t *ret_device);
/*
 * By id ascending; @incident is lent, @fn may not change the store; 0 continues, nonzero stops
 * and comes back. states: bit mask 1u << INCIDENT_*.
 */
int store_incident_each(struct store *store, unsigned int states,
			int (*fn)(int64_t device, const struct incident *incident, void *data),
			void *data);
/*
 * Of the incident that @id ended up in. Acknowledging with another note replaces it, taking it back drops
 * it. Writes only where something differs. -ENOENT.
 */
int store_ack(struct store *store, int64_t id, bool acked, const char *note, uint64_t now_usec);
/*
 * The result of a look at @lost. A no-op (-ESTALE) where the incident is gone, over, or has lost
 * something else since.
 * @reasons: why it is incomplete, 1u << REASON_*; 0 complete
 * @ret_news: (may be NULL) false where it only repeats the last look: nothing is written then
 */
int store_set_findings(struct store *store, int64_t id, const struct rangeset *lost,
		       const char *json, uint32_t reasons, uint64_t now_usec, bool *ret_news);
/*
 * OPEN and CLEARED incidents that nobody looked at since they lost what they have lost, and those whose
 * last look was incomplete for one of @reasons. By id; @device 0: of all. @ret: free().
 */
int store_unlocated(struct store *store, int64_t device, uint32_t reasons, int64_t **ret,
		    size_t *ret_n);

/* ---- change log, for watch and the daemon; the newest 10,000 are kept ---- */
struct store_change {
	int64_t seq;
	int64_t incident;
	unsigned int bits; /* CHANGE_*, STORE_CHANGE_* */
	uint64_t at_usec;
};
#define STORE_CHANGES_KEPT   10000
#define STORE_CHANGE_ACKED   0x1000u /* or taken back by a person: see the incident */
#define STORE_CHANGE_LOCATED 0x2000u
int store_log_change(struct store *store, int64_t incident, unsigned int bits, uint64_t now_usec);
int store_last_change(struct store *store, int64_t *ret_seq); /* 0 where there was none */
/*
 * Changes after @seq, ascending; from 0 all that are kept. -ESTALE: some after @seq have been dropped,
 * or @seq is of another store that was set aside: look at all incidents and go on from the last change.
 */
int store_changes_since(struct store *store, int64_t seq,
			int (*fn)(const struct store_change *change, void *data), void *data);

/* ---- small facts: "store.set_aside", … ---- */
int store_get_text(struct store *store, const char *key, char **ret); /* -ENOENT; malloced */
/* NULL removes; writes only where it differs. */
int store_set_text(struct store *store, const char *key, const char *value);

/*
 * When machine and store were last compared. A file's time stamp, as an idle machine must not grow
 * a database: not synced, and no change of store_data_version(). -ENOENT: never.
 */
int store_set_reconciled(struct store *store, uint64_t now_usec);
int store_reconciled(struct store *store, uint64_t *ret_usec);

/* ---- one daemon per directory ---- */
/*
 * 0 and the descriptor that holds the lock (until it and its copies are closed); -EBUSY with the
 * holder's pid in *@ret_pid (0: not known). Makes the directory as store_open() does.
 */
int store_lock_daemon(const char *dir, int *ret_fd, int *ret_pid);
/* 0 running (pid, 0 not known), -ENOENT not, -EACCES cannot tell. */
int store_daemon_pid(const char *dir, int *ret_pid);

#endif
