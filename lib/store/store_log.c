/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The log of changes that watchers follow, and small facts by name. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include "cleanup.h"
#include "store_priv.h"

static int log_change(struct store *store, int64_t incident, unsigned int bits, uint64_t now_usec)
{
	int64_t seq;
	int r;

	r = store_run(store,
		      "INSERT INTO change(incident, bits, at_usec, sum) VALUES(?1, ?2, ?3, 0)",
		      "iii", incident, (int64_t)bits, (int64_t)now_usec);
	if (r)
		return r;
	seq = sqlite3_last_insert_rowid(store->db);
	r = store_run(store,
		      "UPDATE change SET sum = pmemras_sum(" STORE_CHANGE_COLS ") WHERE seq = ?1",
		      "i", seq);
	if (r)
		return r;
	return store_run(store, "DELETE FROM change WHERE seq <= ?1", "i",
			 seq - STORE_CHANGES_KEPT);
}

int store_log_change(struct store *store, int64_t incident, unsigned int bits, uint64_t now_usec)
{
	bool own;
	int r;

	r = store_enter(store, &own);
	if (r)
		return r;
	return store_leave(store, own, log_change(store, incident, bits, now_usec));
}

int store_last_change(struct store *store, int64_t *ret_seq)
{
	return store_int(store, ret_seq, "SELECT coalesce(max(seq), 0) FROM change", "");
}

/* Whether everything behind @seq is still there, and @seq ever was. */
static int check_seq(struct store *store, int64_t seq)
{
	int64_t first, last;
	int r;

	if (seq == 0)
		return 0;
	r = store_int(store, &first, "SELECT coalesce(min(seq), 1) FROM change", "");
	if (r)
		return r;
	r = store_last_change(store, &last);
	if (r)
		return r;
	return seq + 1 < first || seq > last ? -ESTALE : 0;
}

int store_changes_since(struct store *store, int64_t seq,
			int (*fn)(const struct store_change *change, void *data), void *data)
{
	CLEANUP(sql_finalizep) sqlite3_stmt *stmt = NULL;
	bool row;
	int r;

	r = check_seq(store, seq);
	if (r)
		return r;
	r = sql_query(store->db, &stmt,
		      "SELECT " STORE_CHANGE_COLS ", sum IS pmemras_sum(" STORE_CHANGE_COLS ")"
		      " FROM change WHERE seq > ?1 ORDER BY seq",
		      "i", seq);
	if (r)
		return r;
	while (!(r = sql_step(stmt, &row)) && row) {
		struct store_change change = {
			.seq = sqlite3_column_int64(stmt, 0),
			.incident = sqlite3_column_int64(stmt, 1),
			.bits = (unsigned int)sqlite3_column_int64(stmt, 2),
			.at_usec = (uint64_t)sqlite3_column_int64(stmt, 3),
		};

		if (!sqlite3_column_int(stmt, 4))
			return STORE_E_CORRUPT;
		r = fn(&change, data);
		if (r)
			return r;
	}
	return r;
}

int store_get_text(struct store *store, const char *key, char **ret)
{
	CLEANUP(sql_finalizep) sqlite3_stmt *stmt = NULL;
	bool row;
	int r;

	r = sql_query(store->db, &stmt,
		      "SELECT value, sum IS pmemras_sum(" STORE_META_COLS
		      ") FROM meta WHERE key = ?1",
		      "t", key);
	if (r)
		return r;
	r = sql_step(stmt, &row);
	if (r)
		return r;
	if (!row)
		return -ENOENT;
	return sqlite3_column_int(stmt, 1) ? sql_text(stmt, 0, ret) : STORE_E_CORRUPT;
}

static int set_text(struct store *store, const char *key, const char *value)
{
	if (!value)
		return store_run(store, "DELETE FROM meta WHERE key = ?1", "t", key);
	return store_run(store,
			 "INSERT OR REPLACE INTO meta(key, value, sum)"
			 " VALUES(?1, ?2, pmemras_sum(?1, ?2))",
			 "tt", key, value);
}

int store_set_text(struct store *store, const char *key, const char *value)
{
	CLEANUP(freep) char *old = NULL;
	bool own;
	int r;

	r = store_get_text(store, key, &old);
	if (r && r != -ENOENT)
		return r;
	if (old && value ? strcmp(old, value) == 0 : old == value)
		return 0;
	r = store_enter(store, &own);
	if (r)
		return r;
	return store_leave(store, own, set_text(store, key, value));
}
