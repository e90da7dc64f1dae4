/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * SQLite behind the store's conventions.
 *
 * Which of SQLite's errors a caller can do something about is decided here,
 * once: a medium that is full or read-only, a writer that does not let go, a
 * damaged file. The statements are fixed text that the tests run against the
 * schema, so one that does not compile means that the schema in the file is
 * not ours any more.
 */
#include <endian.h>
#include <errno.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include "cleanup.h"
#include "sql.h"
#include "store.h"

static int errno_error(int code)
{
	switch (code) {
	case ENOSPC:
	case EDQUOT:
	case EFBIG: return STORE_E_FULL;
	case EROFS: return STORE_E_READ_ONLY;
	case 0: return -EIO;
	default: return -code;
	}
}

int sql_error(sqlite3 *db, int code)
{
	int system = db ? sqlite3_system_errno(db) : 0;

	if (code == SQLITE_IOERR_NOMEM)
		return -ENOMEM;
	if (code == SQLITE_IOERR_CORRUPTFS)
		return STORE_E_CORRUPT;

	switch (code & 0xff) {
	case SQLITE_OK:
	case SQLITE_ROW:
	case SQLITE_DONE: return 0;
	case SQLITE_NOMEM: return -ENOMEM;
	case SQLITE_CORRUPT:
	case SQLITE_NOTADB: return STORE_E_CORRUPT;
	case SQLITE_BUSY:
	case SQLITE_LOCKED: return STORE_E_BUSY;
	case SQLITE_FULL: return STORE_E_FULL;
	case SQLITE_READONLY:
	case SQLITE_PERM: return STORE_E_READ_ONLY;
	case SQLITE_CANTOPEN: /* the database is there: its log or index could not be made */
		return system && system != ENOENT ? errno_error(system) : STORE_E_READ_ONLY;
	case SQLITE_IOERR: return errno_error(system);
	case SQLITE_TOOBIG: return -E2BIG;
	case SQLITE_ERROR:
	case SQLITE_CONSTRAINT:
	case SQLITE_MISMATCH:
	case SQLITE_MISUSE: return -EINVAL; /* ours to fix: nothing is wrong with the file */
	default: return -EIO;
	}
}

void sql_finalizep(sqlite3_stmt **stmt)
{
	sqlite3_finalize(*stmt);
}

int sql_bind(sqlite3_stmt *stmt, const char *types, va_list args)
{
	for (int i = 0; types[i]; i++) {
		int r;

		if (types[i] == 'i')
			r = sqlite3_bind_int64(stmt, i + 1, va_arg(args, int64_t));
		else
			r = sqlite3_bind_text(stmt, i + 1, va_arg(args, const char *), -1,
					      SQLITE_TRANSIENT);
		if (r)
			return sql_error(sqlite3_db_handle(stmt), r);
	}
	return 0;
}

int sql_prepare(sqlite3 *db, sqlite3_stmt **ret, const char *text)
{
	int r = sqlite3_prepare_v2(db, text, -1, ret, NULL);

	if (r == SQLITE_ERROR)
		return STORE_E_CORRUPT; /* no such table, no such column */
	return sql_error(db, r);
}

static int prepare(sqlite3 *db, sqlite3_stmt **ret, const char *text, const char *types,
		   va_list args)
{
	CLEANUP(sql_finalizep) sqlite3_stmt *stmt = NULL;
	int r;

	r = sql_prepare(db, &stmt, text);
	if (r)
		return r;
	r = sql_bind(stmt, types, args);
	if (r)
		return r;

	*ret = steal(stmt);
	return 0;
}

int sql_query(sqlite3 *db, sqlite3_stmt **ret, const char *text, const char *types, ...)
{
	va_list args;
	int r;

	va_start(args, types);
	r = prepare(db, ret, text, types, args);
	va_end(args);
	return r;
}

int sql_step(sqlite3_stmt *stmt, bool *ret_row)
{
	int r = sqlite3_step(stmt);

	if (r != SQLITE_ROW && r != SQLITE_DONE)
		return sql_error(sqlite3_db_handle(stmt), r);
	*ret_row = r == SQLITE_ROW;
	return 0;
}

int sql_run(sqlite3 *db, const char *text, const char *types, ...)
{
	CLEANUP(sql_finalizep) sqlite3_stmt *stmt = NULL;
	bool row = true;
	va_list args;
	int r;

	va_start(args, types);
	r = prepare(db, &stmt, text, types, args);
	va_end(args);

	while (!r && row)
		r = sql_step(stmt, &row);
	return r;
}

int sql_int(sqlite3 *db, int64_t *ret, const char *text, const char *types, ...)
{
	CLEANUP(sql_finalizep) sqlite3_stmt *stmt = NULL;
	va_list args;
	bool row;
	int r;

	va_start(args, types);
	r = prepare(db, &stmt, text, types, args);
	va_end(args);
	if (r)
		return r;
	r = sql_step(stmt, &row);
	if (r)
		return r;
	if (!row || sqlite3_column_type(stmt, 0) == SQLITE_NULL)
		return -ENOENT;

	*ret = sqlite3_column_int64(stmt, 0);
	return 0;
}

int sql_text(sqlite3_stmt *stmt, int column, char **ret)
{
	const char *text;
	char *copy;
	int len;

	if (sqlite3_column_type(stmt, column) == SQLITE_NULL) {
		*ret = NULL;
		return 0;
	}
	text = (const char *)sqlite3_column_text(stmt, column);
	len = sqlite3_column_bytes(stmt, column);
	if (!text)
		return -ENOMEM;
	if (memchr(text, '\0', (size_t)len))
		return STORE_E_CORRUPT;
	copy = strdup(text);
	if (!copy)
		return -ENOMEM;

	*ret = copy;
	return 0;
}

uint64_t sql_sum(uint64_t sum, const void *data, size_t len)
{
	const unsigned char *bytes = data;

	for (size_t i = 0; i < len; i++)
		sum = (sum ^ bytes[i]) * UINT64_C(0x100000001b3);
	return sum;
}

static void sum_values(sqlite3_context *context, int n, sqlite3_value **values)
{
	uint64_t sum = SQL_SUM_SEED;

	for (int i = 0; i < n; i++) {
		unsigned char type = (unsigned char)sqlite3_value_type(values[i]);
		const void *data = NULL;
		uint64_t number, len = 0, le_len;

		if (type == SQLITE_INTEGER) {
			number = htole64((uint64_t)sqlite3_value_int64(values[i]));
			data = &number;
			len = sizeof(number);
		} else if (type != SQLITE_NULL) {
			data = sqlite3_value_blob(values[i]);
			len = (uint64_t)sqlite3_value_bytes(values[i]);
		}
		le_len = htole64(len);
		sum = sql_sum(sum, &type, 1);
		sum = sql_sum(sum, &le_len, sizeof(le_len));
		sum = sql_sum(sum, data, len);
	}
	sqlite3_result_int64(context, (sqlite3_int64)sum);
}

int sql_add_sum(sqlite3 *db)
{
	return sql_error(db, sqlite3_create_function_v2(db, "pmemras_sum", -1,
							SQLITE_UTF8 | SQLITE_DETERMINISTIC |
								SQLITE_INNOCUOUS,
							NULL, sum_values, NULL, NULL, NULL));
}

int sql_ids(sqlite3_stmt *stmt, int64_t **ret, size_t *ret_n)
{
	CLEANUP(freep) int64_t *ids = NULL;
	size_t n = 0, allocated = 0;
	bool row;
	int r;

	while (!(r = sql_step(stmt, &row)) && row) {
		if (n == allocated) {
			size_t larger = allocated ? allocated * 2 : 16;
			int64_t *grown = reallocarray(ids, larger, sizeof(*grown));

			if (!grown)
				return -ENOMEM;
			ids = grown;
			allocated = larger;
		}
		ids[n++] = sqlite3_column_int64(stmt, 0);
	}
	if (r)
		return r;

	*ret = steal(ids);
	*ret_n = n;
	return 0;
}
