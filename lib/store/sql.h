/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef PMEMRAS_SQL_H
#define PMEMRAS_SQL_H

/*
 * SQLite behind the store's conventions: 0, -errno, positive STORE_E_*.
 *
 * Parameters are given by a string of types and as many arguments: 'i' int64_t,
 * 't' const char * (NULL is NULL). Results outlive neither the next step nor
 * the statement.
 */
#include <sqlite3.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* 0 for SQLITE_OK, ROW and DONE. */
int sql_error(sqlite3 *db, int code);

void sql_finalizep(sqlite3_stmt **stmt); /* for CLEANUP() */

/* Prepared and bound; the caller steps. A statement that does not fit the schema is
 * STORE_E_CORRUPT. */
int sql_query(sqlite3 *db, sqlite3_stmt **ret, const char *text, const char *types, ...);
/* @ret_row: there is one */
int sql_step(sqlite3_stmt *stmt, bool *ret_row);
/* As sql_query(); and a statement's reset and new parameters. */
int sql_prepare(sqlite3 *db, sqlite3_stmt **ret, const char *text);
int sql_bind(sqlite3_stmt *stmt, const char *types, va_list args);

/* To the end; rows are dropped. */
int sql_run(sqlite3 *db, const char *text, const char *types, ...);
/* First column of the first row; -ENOENT where there is none or it is NULL. */
int sql_int(sqlite3 *db, int64_t *ret, const char *text, const char *types, ...);

/* A copy of a text column, malloced; NULL where it is NULL. Holding a NUL byte: STORE_E_CORRUPT. */
int sql_text(sqlite3_stmt *stmt, int column, char **ret);
/* The first column of all rows that are left; @ret: free(), may be NULL where there are none. As sql_step(). */
int sql_ids(sqlite3_stmt *stmt, int64_t **ret, size_t *ret_n);

/*
 * The SQL function pmemras_sum(…): 64 bits over types and values of its
 * arguments. SQLite notices damaged pages, but not a flipped bit in a value; a
 * row with its sum shows both. FNV-1a: any single changed byte changes the sum.
 */
int sql_add_sum(sqlite3 *db);
#define SQL_SUM_SEED UINT64_C(0xcbf29ce484222325)
uint64_t sql_sum(uint64_t sum, const void *data, size_t len);

#endif
