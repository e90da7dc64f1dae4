/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef PMEMRAS_STORE_H
#define PMEMRAS_STORE_H

/*
 * What must not be forgotten, in one SQLite file (WAL, synchronous=FULL):
 * devices, declared ranges, incidents, and a log of changes. Daemon and
 * command line share it; each change is one short transaction. Readers never
 * wait for writers.
 */
#include "devid.h"
#include "casebook.h"

#define STORE_DIR_DEFAULT "/var/lib/pmemras"

enum store_mode {
	STORE_READ,   /* as found; -ENOENT where there is none */
	STORE_WRITE,  /* made where there is none, migrated where old */
};

enum store_error {
	STORE_E_CORRUPT = 1, /* not a database, or damaged: see store_set_aside() */
	STORE_E_NEWER,	     /* written by a newer pmemras: left alone */
	STORE_E_BUSY,	     /* another writer held it for over 10 s */
	STORE_E_FULL,	     /* no space left */
	STORE_E_READ_ONLY,   /* medium or permissions forbid writing */
};
const char *store_strerror(int r); /* for -errno and STORE_E_* */

struct store;

/* 0, positive STORE_E_*, -ENOENT, -EACCES (directory is 0700: root's), other -errno. */
int store_open(const char *dir, enum store_mode mode, struct store **ret);
struct store *store_free(struct store *store); /* always NULL; takes NULL */
void store_freep(struct store **store);

/*
 * A damaged store is renamed to pmemras.db.corrupt-TIME (with its -wal, -shm) and never
 * deleted; the next store_open() makes a new one whose ids go on above the old ones.
 * @ret_name: where it went; malloced, the caller's.
 */
int store_set_aside(const char *dir, uint64_t now_usec, char **ret_name);

/* Moves whenever another connection committed; cheap. */
int store_data_version(struct store *store, uint64_t *ret);

/* Transactions nest not. store_begin() takes the write lock at once. */
int store_begin(struct store *store);
int store_commit(struct store *store);
void store_rollback(struct store *store); /* harmless outside a transaction */

/* ---- devices ---- */
struct store_device {
	int64_t row;
	struct devid id;
	uint64_t seen_usec;
	bool present; /* as of the last reconciliation by whoever wrote */
};
/* Finds @id (core/devid rules), or makes it; updates what is newly known. */
int store_device_ensure(struct store *store, const struct devid *id, uint64_t now_usec,
			int64_t *ret_row);
int store_device_find(struct store *store, const struct devid *id, int64_t *ret_row); /* -ENOENT */
int store_device_set_present(struct store *store, int64_t row, bool present);
int store_devices(struct store *store, struct store_device **ret, size_t *ret_n); /* free() */

/* ---- declared ranges (bad until retracted) ---- */
struct store_declared {
	int64_t row, device;
	struct byte_range range; /* device bytes, whole sectors */
	char *note;		 /* may be NULL */
	uint64_t at_usec;
};
int store_declare(struct store *store, int64_t device, const struct rangeset *ranges,
		  const char *note, uint64_t now_usec);
/* @ret_gone (initialised): what really was declared and is not any more */
int store_retract(struct store *store, int64_t device, const struct rangeset *ranges,
		  struct rangeset *ret_gone);
int store_declared(struct store *store, int64_t device, struct rangeset *ret); /* replaces @ret */
int store_declared_each(struct store *store,
			int (*fn)(const struct store_declared *declared, void *data), void *data);

/* ---- incidents ---- */
/* OPEN and CLEARED incidents of a device. @ret initialised by the caller. */
int store_casebook(struct store *store, int64_t device, struct casebook *ret);
/* New ones (id 0) get their id. Appends to the change log with @bits (CHANGE_*). */
int store_save_incident(struct store *store, int64_t device, struct incident *incident,
			unsigned int bits, uint64_t now_usec);
/* Follows merged_into where @follow. -ENOENT. */
int store_incident(struct store *store, int64_t id, bool follow, struct incident *ret,
		   int64_t *ret_device);
/* By id ascending; @incident is lent. states: bit mask 1u << INCIDENT_*. */
int store_incident_each(struct store *store, unsigned int states,
			int (*fn)(int64_t device, const struct incident *incident, void *data),
			void *data);
int store_ack(struct store *store, int64_t id, bool acked, const char *note, uint64_t now_usec);
/* The result of a look; a no-op (-ESTALE) where the lost set has changed since @lost was read. */
int store_set_findings(struct store *store, int64_t id, const struct rangeset *lost,
		       const char *json, uint64_t now_usec);

/* ---- change log, for watch and the daemon ---- */
struct store_change {
	int64_t seq;
	int64_t incident;
	unsigned int bits; /* CHANGE_*, STORE_CHANGE_* */
	uint64_t at_usec;
};
#define STORE_CHANGE_ACKED   0x1000u
#define STORE_CHANGE_LOCATED 0x2000u
int store_last_change(struct store *store, int64_t *ret_seq);
int store_changes_since(struct store *store, int64_t seq,
			int (*fn)(const struct store_change *change, void *data), void *data);

/* ---- small facts: "daemon.reconciled_usec", "store.set_aside", … ---- */
int store_get_text(struct store *store, const char *key, char **ret); /* -ENOENT; malloced */
int store_set_text(struct store *store, const char *key, const char *value); /* NULL removes */

/* ---- one daemon per directory ---- */
/* 0 and the descriptor that holds the lock; -EBUSY with the holder's pid in *@ret_pid. */
int store_lock_daemon(const char *dir, int *ret_fd, int *ret_pid);
/* 0 running (pid), -ENOENT not, -EACCES cannot tell. */
int store_daemon_pid(const char *dir, int *ret_pid);

#endif
