/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef PMEMRAS_STORE_PRIV_H
#define PMEMRAS_STORE_PRIV_H

/* What the store's own files share. */
#include <sys/types.h>
#include "sql.h"
#include "store.h"

#define STORE_FILE            "pmemras.db"
#define STORE_FILE_NEW        "pmemras.db.new"
#define STORE_FILE_LOCK       "pmemrasd.lock"
#define STORE_FILE_IDS        "pmemras.ids"
#define STORE_FILE_RECONCILED "reconciled"
#define STORE_CORRUPT_PREFIX  "pmemras.db.corrupt-"

#define STORE_KEPT_STATEMENTS 24

struct store {
	sqlite3 *db;
	struct store_statement {
		const char *text; /* by address: statements are literals */
		sqlite3_stmt *stmt;
	} kept[STORE_KEPT_STATEMENTS];
	uint64_t ids_mark; /* as last seen, the file's may be higher */
	int dir_fd; /* open file description of its own: carries the lock against setting aside */
	dev_t dev;  /* of the database file, as opened */
	ino_t ino;
	bool writable;
};

/*
 * As sql_run() and sql_int(); the statement is kept for the next time. @text lives as long as the
 * store, and none of them is run while it runs itself.
 */
int store_run(struct store *store, const char *text, const char *types, ...);
int store_int(struct store *store, int64_t *ret, const char *text, const char *types, ...);
void store_forget_statements(struct store *store);

/* Statements that stand alone or join the caller's transaction. */
int store_enter(struct store *store, bool *ret_own);
int store_leave(struct store *store, bool own,
		int r); /* commits, or rolls back where @r; @r or the error */

/* ---- store_dir.c ---- */
/* Opens the directory, made where it is missing and @make. -ENOENT, -EACCES, STORE_E_*, -errno. */
int store_dir_open(const char *dir, bool make, int *ret_fd);
int store_dir_error(int error); /* from -errno */
/* Replaces a small file: written beside, synced, renamed, directory synced. */
int store_dir_replace(int dir_fd, const char *name, const char *text);
/*
 * Readers and writers of the file share the directory's lock, whoever puts another file in its
 * place holds it alone. STORE_E_BUSY after 10 s.
 */
int store_dir_lock(int dir_fd, bool alone);
void store_dir_unlock(int dir_fd);

/* ---- store_aside.c ---- */
/* The newest store that was set aside, malloced; NULL where there is none. */
int store_aside_last(int dir_fd, char **ret_name);
/* A log that lies there without its database must not be replayed into a new one: renamed. */
int store_aside_log(int dir_fd);

/* ---- store_ids.c ---- */
/* Ids up to the mark may have been given. 0 where there is none that can be read. */
uint64_t store_ids_mark(int dir_fd);
/* Makes sure that the mark is not below @id, in steps; *@mark: what it is, as far as the caller knows. */
int store_ids_reserve(int dir_fd, uint64_t id, uint64_t *mark);

/* ---- store_schema.c ---- */
#define STORE_APPLICATION_ID 0x706d7261 /* "pmra" */
/* A step brings the schema from version i to i + 1. */
struct store_schema {
	const char *const *steps;
	int n;
};
extern const struct store_schema store_schema;
/* Into an empty database, or up from an older version, in one transaction. */
int store_schema_apply(sqlite3 *db, const struct store_schema *schema, int64_t first_id);
/* 0, STORE_E_CORRUPT, STORE_E_NEWER, STORE_E_OLDER */
int store_schema_version(sqlite3 *db, const struct store_schema *schema);
/* Integrity, references, sums. 0, STORE_E_CORRUPT. */
int store_schema_check(sqlite3 *db);

/* What the sum of a row is over. */
#define STORE_DEVICE_COLS   "id, nd_uuid, hw_id, fs_uuid, name, size, seen_usec, present"
#define STORE_DECLARED_COLS "id, device, start, length, note, at_usec"
#define STORE_INCIDENT_COLS                                                                        \
	"id, device, state, merged_into, acked, ack_note, opened_usec, changed_usec, "             \
	"cleared_usec, cleared_by, lost"
#define STORE_SIGHTING_COLS "incident, source, first_usec, last_usec, bad"
#define STORE_LOOK_COLS     "incident, at_usec, lost, reasons, findings"
#define STORE_CHANGE_COLS   "seq, incident, bits, at_usec"
#define STORE_META_COLS     "key, value"
#define STORE_REPAIR_COLS                                                                          \
	"id, incident, device, choice, argument, hash, state, fs_uuid, plan, began_usec, "         \
	"ended_usec"
#define STORE_REPAIR_STEP_COLS                                                                     \
	"repair, step, action, state, page, start, length, ino, gen, size, changed_nsec, lost, "   \
	"path, note, at_usec"
#define STORE_LOSS_COLS                                                                            \
	"id, repair, incident, device, ino, gen, path, start, length, restored, at_usec"

/* ---- store_sets.c ---- */
/* "START+LENGTH START+LENGTH", bytes, as the tables keep sets. malloced. -ERANGE beyond 2^63. */
int store_sets_format(const struct rangeset *set, char **ret);
/* STORE_E_CORRUPT unless @text is exactly what store_sets_format() makes. @ret replaced. */
int store_sets_parse(const char *text, struct rangeset *ret);

#endif
