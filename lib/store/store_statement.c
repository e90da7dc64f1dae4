/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Statements that are kept. Ten thousand incidents in one transaction are
 * some fifty thousand statements; compiling each anew would take most of
 * the time, and others wait for the lock.
 *
 * Only what runs to its end within one call is kept, so a statement is never
 * in use when it is asked for again. One is found by the address of its text.
 */
#include <errno.h>
#include "store_priv.h"

/* A kept statement with its parameters; NULL where there is no room for one more. */
static int get(struct store *store, const char *text, const char *types, va_list args,
	       sqlite3_stmt **ret)
{
	size_t i = 0;
	int r;

	while (i < STORE_KEPT_STATEMENTS && store->kept[i].text && store->kept[i].text != text)
		i++;
	if (i == STORE_KEPT_STATEMENTS) {
		store_forget_statements(store);
		i = 0;
	}
	if (!store->kept[i].text) {
		r = sql_prepare(store->db, &store->kept[i].stmt, text);
		if (r)
			return r;
		store->kept[i].text = text;
	}

	*ret = store->kept[i].stmt;
	return sql_bind(*ret, types, args);
}

static void done(sqlite3_stmt *stmt)
{
	sqlite3_reset(stmt);
	sqlite3_clear_bindings(stmt);
}

int store_run(struct store *store, const char *text, const char *types, ...)
{
	sqlite3_stmt *stmt = NULL;
	bool row = true;
	va_list args;
	int r;

	va_start(args, types);
	r = get(store, text, types, args, &stmt);
	va_end(args);
	while (!r && row)
		r = sql_step(stmt, &row);
	if (stmt)
		done(stmt);
	return r;
}

int store_int(struct store *store, int64_t *ret, const char *text, const char *types, ...)
{
	sqlite3_stmt *stmt = NULL;
	bool row = false;
	va_list args;
	int r;

	va_start(args, types);
	r = get(store, text, types, args, &stmt);
	va_end(args);
	if (!r)
		r = sql_step(stmt, &row);
	if (!r && (!row || sqlite3_column_type(stmt, 0) == SQLITE_NULL))
		r = -ENOENT;
	if (!r)
		*ret = sqlite3_column_int64(stmt, 0);
	if (stmt)
		done(stmt);
	return r;
}

void store_forget_statements(struct store *store)
{
	for (size_t i = 0; i < STORE_KEPT_STATEMENTS; i++) {
		sqlite3_finalize(store->kept[i].stmt);
		store->kept[i] = (struct store_statement){NULL, NULL};
	}
}
