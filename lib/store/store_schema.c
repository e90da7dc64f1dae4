/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The tables, and how a file of an older version gets to them.
 *
 * A version is a step: SQL that turns the version before into it, run once
 * and never edited after its release. All steps that a file lacks run in one
 * transaction, so a file is of one version or of another, never between.
 *
 * Bits rot. SQLite finds a damaged page when its structure breaks; to find a
 * changed value, every row carries the sum of its columns (sql.h), and "meta"
 * the version once more and the sum of the schema's own text. A file is
 * either as it was written, or corrupt.
 *
 * Sets are texts (store_sets.c); tokens are those of the records, so that the
 * file can be read without this program. A look keeps the lost set that it
 * looked at: whether it is still about what is lost is one comparison.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include "cleanup.h"
#include "store_priv.h"

static const char version_1[] =
	"CREATE TABLE meta(key TEXT PRIMARY KEY NOT NULL, value TEXT NOT NULL,"
	"	sum INTEGER NOT NULL);"
	"CREATE TABLE device(id INTEGER PRIMARY KEY AUTOINCREMENT, nd_uuid TEXT NOT NULL,"
	"	hw_id TEXT NOT NULL, fs_uuid TEXT NOT NULL, name TEXT NOT NULL, size INTEGER NOT "
	"NULL,"
	"	seen_usec INTEGER NOT NULL, present INTEGER NOT NULL, sum INTEGER NOT NULL);"
	"CREATE TABLE declared(id INTEGER PRIMARY KEY AUTOINCREMENT,"
	"	device INTEGER NOT NULL REFERENCES device(id), start INTEGER NOT NULL,"
	"	length INTEGER NOT NULL, note TEXT, at_usec INTEGER NOT NULL, sum INTEGER NOT "
	"NULL);"
	"CREATE INDEX declared_at ON declared(device, start);"
	"CREATE TABLE incident(id INTEGER PRIMARY KEY AUTOINCREMENT,"
	"	device INTEGER NOT NULL REFERENCES device(id), state TEXT NOT NULL,"
	"	merged_into INTEGER REFERENCES incident(id), acked INTEGER NOT NULL, ack_note TEXT,"
	"	opened_usec INTEGER NOT NULL, changed_usec INTEGER NOT NULL,"
	"	cleared_usec INTEGER NOT NULL, cleared_by TEXT, lost TEXT NOT NULL,"
	"	sum INTEGER NOT NULL);"
	"CREATE INDEX incident_at ON incident(device, state);"
	"CREATE INDEX incident_merged ON incident(merged_into) WHERE merged_into IS NOT NULL;"
	"CREATE TABLE sighting(incident INTEGER NOT NULL REFERENCES incident(id),"
	"	source TEXT NOT NULL, first_usec INTEGER NOT NULL, last_usec INTEGER NOT NULL,"
	"	bad TEXT NOT NULL, sum INTEGER NOT NULL, PRIMARY KEY(incident, source)) WITHOUT "
	"ROWID;"
	"CREATE TABLE look(incident INTEGER PRIMARY KEY REFERENCES incident(id),"
	"	at_usec INTEGER NOT NULL, lost TEXT NOT NULL, reasons INTEGER NOT NULL,"
	"	findings TEXT NOT NULL, sum INTEGER NOT NULL);"
	"CREATE TABLE change(seq INTEGER PRIMARY KEY AUTOINCREMENT, incident INTEGER NOT NULL,"
	"	bits INTEGER NOT NULL, at_usec INTEGER NOT NULL, sum INTEGER NOT NULL);";

/* What is done about an incident: store_repair.c. */
static const char version_2[] =
	"CREATE TABLE repair(id INTEGER PRIMARY KEY AUTOINCREMENT,"
	"	incident INTEGER NOT NULL REFERENCES incident(id),"
	"	device INTEGER NOT NULL REFERENCES device(id), choice TEXT NOT NULL, argument TEXT,"
	"	hash TEXT NOT NULL, state TEXT NOT NULL, fs_uuid TEXT NOT NULL, plan TEXT NOT NULL,"
	"	began_usec INTEGER NOT NULL, ended_usec INTEGER NOT NULL, sum INTEGER NOT NULL);"
	"CREATE INDEX repair_unfinished ON repair(device) WHERE state IN ('running', 'proved');"
	"CREATE TABLE repair_step(repair INTEGER NOT NULL REFERENCES repair(id),"
	"	step INTEGER NOT NULL, action TEXT NOT NULL, state TEXT NOT NULL,"
	"	page INTEGER NOT NULL, start INTEGER NOT NULL, length INTEGER NOT NULL,"
	"	ino INTEGER NOT NULL, gen INTEGER NOT NULL, size INTEGER NOT NULL,"
	"	changed_nsec INTEGER NOT NULL, lost TEXT NOT NULL, path TEXT, note TEXT,"
	"	at_usec INTEGER NOT NULL, sum INTEGER NOT NULL, PRIMARY KEY(repair, step))"
	"	WITHOUT ROWID;"
	"CREATE TABLE loss(id INTEGER PRIMARY KEY AUTOINCREMENT,"
	"	repair INTEGER NOT NULL REFERENCES repair(id),"
	"	incident INTEGER NOT NULL REFERENCES incident(id),"
	"	device INTEGER NOT NULL REFERENCES device(id), ino INTEGER NOT NULL,"
	"	gen INTEGER NOT NULL, path TEXT, start INTEGER NOT NULL, length INTEGER NOT NULL,"
	"	restored INTEGER NOT NULL, at_usec INTEGER NOT NULL, sum INTEGER NOT NULL);";

static const char *const steps[] = {version_1, version_2};
const struct store_schema store_schema = {steps, ARRAY_SIZE(steps)};

/* Statements of a step, one after the other: a failing one ends it. */
static int run_all(sqlite3 *db, const char *text)
{
	while (*text) {
		CLEANUP(sql_finalizep) sqlite3_stmt *stmt = NULL;
		bool row = true;
		int r;

		r = sqlite3_prepare_v2(db, text, -1, &stmt, &text);
		if (r)
			return sql_error(db, r);
		r = 0;
		while (stmt && !r && row)
			r = sql_step(stmt, &row);
		if (r)
			return r;
	}
	return 0;
}

/* Over the text of everything that steps made. */
static int sum_schema(sqlite3 *db, uint64_t *ret)
{
	CLEANUP(sql_finalizep) sqlite3_stmt *stmt = NULL;
	uint64_t sum = SQL_SUM_SEED;
	bool row;
	int r;

	r = sql_query(db, &stmt,
		      "SELECT pmemras_sum(type, name, tbl_name, sql) FROM sqlite_master"
		      " WHERE name NOT LIKE 'sqlite\\_%' ESCAPE '\\' ORDER BY type, name",
		      "");
	if (r)
		return r;
	while (!(r = sql_step(stmt, &row)) && row) {
		int64_t one = sqlite3_column_int64(stmt, 0);

		sum = sql_sum(sum, &one, sizeof(one));
	}
	if (r)
		return r;

	*ret = sum;
	return 0;
}

static int set_meta(sqlite3 *db, const char *key, const char *value)
{
	return sql_run(db,
		       "INSERT OR REPLACE INTO meta(key, value, sum)"
		       " VALUES(?1, ?2, pmemras_sum(?1, ?2))",
		       "tt", key, value);
}

static int apply(sqlite3 *db, const struct store_schema *schema, int64_t first_id)
{
	char text[64];
	int64_t version;
	uint64_t sum;
	int r;

	r = sql_int(db, &version, "PRAGMA user_version", "");
	if (r)
		return r;
	if (version < 0 || version > schema->n)
		return STORE_E_NEWER;
	if (version == schema->n)
		return 0;
	for (int64_t i = version; i < schema->n; i++) {
		r = run_all(db, schema->steps[i]);
		if (r)
			return r;
	}

	snprintf(text, sizeof(text), "PRAGMA user_version = %d", schema->n);
	r = run_all(db, text);
	if (r)
		return r;
	snprintf(text, sizeof(text), "%d", schema->n);
	r = set_meta(db, "schema.version", text);
	if (r)
		return r;
	r = sum_schema(db, &sum);
	if (r)
		return r;
	snprintf(text, sizeof(text), "%016" PRIx64, sum);
	r = set_meta(db, "schema.sum", text);
	if (r || version)
		return r;

	/* new: what ids begin with, kept twice, as the table's own counter carries no sum */
	snprintf(text, sizeof(text), "PRAGMA application_id = %d", STORE_APPLICATION_ID);
	r = run_all(db, text);
	if (r)
		return r;
	snprintf(text, sizeof(text), "%" PRId64, first_id);
	r = set_meta(db, "ids.first", text);
	if (r)
		return r;
	return sql_run(db, "INSERT INTO sqlite_sequence(name, seq) VALUES('incident', ?1)", "i",
		       first_id - 1);
}

int store_schema_apply(sqlite3 *db, const struct store_schema *schema, int64_t first_id)
{
	int r;

	r = sql_run(db, "BEGIN IMMEDIATE", "");
	if (r)
		return r;
	r = apply(db, schema, first_id);
	if (!r)
		r = sql_run(db, "COMMIT", "");
	if (r && !sqlite3_get_autocommit(db))
		sql_run(db, "ROLLBACK", "");
	return r;
}

int store_schema_version(sqlite3 *db, const struct store_schema *schema)
{
	CLEANUP(sql_finalizep) sqlite3_stmt *stmt = NULL;
	CLEANUP(freep) char *text = NULL;
	char want[24];
	int64_t id, version;
	bool row;
	int r;

	r = sql_int(db, &id, "PRAGMA application_id", "");
	if (r)
		return r;
	if (id != STORE_APPLICATION_ID)
		return STORE_E_CORRUPT;
	r = sql_int(db, &version, "PRAGMA user_version", "");
	if (r)
		return r;

	/* a version that the tables do not confirm is a flipped bit, not the future */
	r = sql_query(db, &stmt, "SELECT value FROM meta WHERE key = 'schema.version'", "");
	if (r)
		return r;
	r = sql_step(stmt, &row);
	if (r)
		return r;
	if (!row)
		return STORE_E_CORRUPT;
	r = sql_text(stmt, 0, &text);
	if (r)
		return r;
	snprintf(want, sizeof(want), "%" PRId64, version);
	if (!text || strcmp(text, want) != 0)
		return STORE_E_CORRUPT;

	if (version > schema->n)
		return STORE_E_NEWER;
	return version < schema->n ? STORE_E_OLDER : 0;
}

/* Queries that answer with the number of what is wrong. */
static const char *const wrong[] = {
	"SELECT count(*) FROM pragma_foreign_key_check",
	"SELECT count(*) FROM meta WHERE sum IS NOT pmemras_sum(" STORE_META_COLS ")",
	"SELECT count(*) FROM device WHERE sum IS NOT pmemras_sum(" STORE_DEVICE_COLS ")",
	"SELECT count(*) FROM declared WHERE sum IS NOT pmemras_sum(" STORE_DECLARED_COLS ")",
	"SELECT count(*) FROM incident WHERE sum IS NOT pmemras_sum(" STORE_INCIDENT_COLS ")",
	"SELECT count(*) FROM sighting WHERE sum IS NOT pmemras_sum(" STORE_SIGHTING_COLS ")",
	"SELECT count(*) FROM look WHERE sum IS NOT pmemras_sum(" STORE_LOOK_COLS ")",
	"SELECT count(*) FROM change WHERE sum IS NOT pmemras_sum(" STORE_CHANGE_COLS ")",
	"SELECT count(*) FROM repair WHERE sum IS NOT pmemras_sum(" STORE_REPAIR_COLS ")",
	"SELECT count(*) FROM repair_step WHERE sum IS NOT pmemras_sum(" STORE_REPAIR_STEP_COLS ")",
	"SELECT count(*) FROM loss WHERE sum IS NOT pmemras_sum(" STORE_LOSS_COLS ")",
	/* the counter of ids: neither below what it began with nor below what it gave */
	"SELECT count(*) != 1 OR max(seq) IS NOT"
	"	max((SELECT value - 1 FROM meta WHERE key = 'ids.first'),"
	"	    (SELECT coalesce(max(id), 0) FROM incident))"
	" FROM sqlite_sequence WHERE name = 'incident'",
};

int store_schema_check(sqlite3 *db)
{
	CLEANUP(sql_finalizep) sqlite3_stmt *stmt = NULL;
	char text[24];
	int64_t count;
	uint64_t sum;
	bool row;
	int r;

	r = sql_query(db, &stmt, "PRAGMA integrity_check(1)", "");
	if (r)
		return r;
	r = sql_step(stmt, &row);
	if (r)
		return r;
	if (!row || strcmp((const char *)sqlite3_column_text(stmt, 0), "ok") != 0)
		return STORE_E_CORRUPT;

	for (size_t i = 0; i < ARRAY_SIZE(wrong); i++) {
		r = sql_int(db, &count, wrong[i], "");
		if (r)
			return r == -ENOENT ? STORE_E_CORRUPT : r;
		if (count)
			return STORE_E_CORRUPT;
	}
	r = sum_schema(db, &sum);
	if (r)
		return r;
	snprintf(text, sizeof(text), "%016" PRIx64, sum);
	r = sql_int(db, &count, "SELECT count(*) FROM meta WHERE key = 'schema.sum' AND value = ?1",
		    "t", text);
	return r ? r : count == 1 ? 0 : STORE_E_CORRUPT;
}
