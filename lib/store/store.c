/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Opening, transactions, and how errors are told.
 *
 * A new store is made beside its final name and renamed when it is whole, so
 * a file under that name is never half made: an empty one is a damaged one.
 * Whoever opens it looks through the whole file first: better told at once
 * than when a bad page is met in the middle of the next emergency, and a reader
 * that misses a row would say that nothing is lost. It costs a second for a
 * hundred megabytes, which is some ten thousand incidents with long findings.
 *
 * The write-ahead log is never unlinked. SQLite would do so by name when the
 * last connection closes, and the name may belong to another store by then;
 * and a log with its index in place is what lets a reader open the store on a
 * file system that is mounted read-only.
 */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include "cleanup.h"
#include "fd.h"
#include "store_priv.h"

#define BUSY_MSEC 10000

static const char *const errors[] = {
	[STORE_E_CORRUPT] = "the store is damaged, or no store at all",
	[STORE_E_NEWER] = "the store was written by a newer pmemras",
	[STORE_E_BUSY] = "another program has kept the store locked for over 10 seconds",
	[STORE_E_FULL] = "no space left for the store",
	[STORE_E_READ_ONLY] = "the store cannot be written: read-only medium or permissions",
	[STORE_E_OLDER] =
		"the store was written by an older pmemras and waits for pmemrasd to convert it",
	[STORE_E_REPLACED] = "the store was set aside meanwhile",
};

const char *store_strerror(int r)
{
	if (r > 0)
		return (size_t)r < ARRAY_SIZE(errors) ? errors[r] : "unknown error of the store";
	if (r == -ENOENT)
		return "there is no store there yet";
	if (r == -EACCES)
		return "the store is root's: permission denied";
	return strerrordesc_np(-r) ?: "unknown error";
}

struct store *store_free(struct store *store)
{
	if (!store)
		return NULL;
	store_rollback(store);
	store_forget_statements(store);
	sqlite3_close_v2(store->db);
	if (store->dir_fd >= 0)
		close(store->dir_fd);
	free(store);
	return NULL;
}

void store_freep(struct store **store)
{
	store_free(*store);
}

static void close_dbp(sqlite3 **db)
{
	sqlite3_close_v2(*db);
}

/*
 * What SQLite would take for permission to do something else, or not notice at all. Read through
 * SQLite's own descriptor: closing one of ours would drop the locks it holds on the file.
 */
static int look_at_header(sqlite3 *db)
{
	static const char magic[16] = "SQLite format 3";
	unsigned char header[100];
	sqlite3_file *file = NULL;
	int r;

	r = sqlite3_file_control(db, "main", SQLITE_FCNTL_FILE_POINTER, &file);
	if (r)
		return sql_error(db, r);
	if (!file || !file->pMethods)
		return -EIO;
	r = file->pMethods->xRead(file, header, sizeof(header), 0);
	if (r == SQLITE_IOERR_SHORT_READ)
		return STORE_E_CORRUPT;
	if (r)
		return sql_error(db, r);

	/* read and write version: 1 rollback journal, 2 write-ahead log */
	if (memcmp(header, magic, sizeof(magic)) != 0 || header[18] < 1 || header[18] > 2 ||
	    header[19] < 1 || header[19] > 2)
		return STORE_E_CORRUPT;
	return 0;
}

static int configure(sqlite3 *db, bool writable)
{
	static const char *const settings[] = {
		"PRAGMA foreign_keys = ON",    "PRAGMA synchronous = FULL",
		"PRAGMA trusted_schema = OFF", "PRAGMA cell_size_check = ON",
		"PRAGMA temp_store = MEMORY",  "PRAGMA journal_size_limit = 1048576",
	};
	int r, on = 1;

	sqlite3_extended_result_codes(db, 1);
	sqlite3_busy_timeout(db, BUSY_MSEC);
	sqlite3_db_config(db, SQLITE_DBCONFIG_DEFENSIVE, 1, NULL);
	r = sql_add_sum(db);
	if (r)
		return r;
	for (size_t i = 0; i < ARRAY_SIZE(settings); i++) {
		r = sql_run(db, settings[i], "");
		if (r)
			return r;
	}
	if (writable)
		sqlite3_file_control(db, "main", SQLITE_FCNTL_PERSIST_WAL, &on);
	return 0;
}

/* @path, as a URI where there are @parameters */
static int open_db(const char *path, int flags, const char *parameters, sqlite3 **ret)
{
	CLEANUP(close_dbp) sqlite3 *db = NULL;
	char uri[PATH_MAX * 3 + 64];
	size_t used = 5;
	int r;

	if (parameters) {
		memcpy(uri, "file:", used);
		for (const char *at = path; *at && used < sizeof(uri) - 64; at++)
			used += (size_t)snprintf(uri + used, 4,
						 strchr("?#%", *at) ? "%%%02x" : "%c", *at);
		snprintf(uri + used, sizeof(uri) - used, "?%s", parameters);
		path = uri;
		flags |= SQLITE_OPEN_URI;
	}
	r = sqlite3_open_v2(path, &db, flags | SQLITE_OPEN_FULLMUTEX, NULL);
	if (r)
		return sql_error(db, r);
	if ((flags & SQLITE_OPEN_READWRITE) && sqlite3_db_readonly(db, "main"))
		return STORE_E_READ_ONLY; /* SQLite has fallen back by itself */
	r = configure(db, flags & SQLITE_OPEN_READWRITE);
	if (r)
		return r;

	*ret = steal(db);
	return 0;
}

/* The name of the last store that was set aside, if any. */
static int tell_set_aside(struct store *store)
{
	CLEANUP(freep) char *name = NULL;
	int r;

	r = store_aside_last(store->dir_fd, &name);
	return r || !name ? r : store_set_text(store, "store.set_aside", name);
}

/* A descriptor is opened only while no connection is: closing it drops this process's locks. */
static int sync_file(int dir_fd, const char *name)
{
	CLEANUP(fd_closep) int fd = openat(dir_fd, name, O_RDWR | O_CLOEXEC | O_NOFOLLOW);

	return fd < 0 || fsync(fd) < 0 ? store_dir_error(-errno) : 0;
}

static int make_empty(int dir_fd, const char *name)
{
	CLEANUP(fd_closep) int fd = -1;

	if (unlinkat(dir_fd, name, 0) < 0 && errno != ENOENT)
		return store_dir_error(-errno);
	fd = openat(dir_fd, name, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	if (fd < 0 || fchmod(fd, 0600) < 0)
		return store_dir_error(-errno);
	return 0;
}

static int make_tables(int dir_fd, const char *path)
{
	CLEANUP(close_dbp) sqlite3 *db = NULL;
	int r;

	r = open_db(path, SQLITE_OPEN_READWRITE, NULL, &db);
	if (r)
		return r;
	/* no journal: until the file has its name, it is thrown away when anything fails */
	r = sql_run(db, "PRAGMA journal_mode = OFF", "");
	if (r)
		return r;
	return store_schema_apply(db, &store_schema, (int64_t)store_ids_mark(dir_fd) + 1);
}

/* The directory is locked alone. */
static int make(int dir_fd, const char *dir)
{
	CLEANUP(freep) char *path = NULL;
	int r;

	if (faccessat(dir_fd, STORE_FILE, F_OK, 0) == 0)
		return 0; /* another one was faster */
	if (asprintf(&path, "%s/" STORE_FILE_NEW, dir) < 0)
		return -ENOMEM;
	r = store_aside_log(dir_fd);
	if (r)
		return r;
	r = make_empty(dir_fd, STORE_FILE_NEW);
	if (!r)
		r = make_tables(dir_fd, path);
	if (!r)
		r = sync_file(dir_fd, STORE_FILE_NEW);
	if (r) {
		unlinkat(dir_fd, STORE_FILE_NEW, 0);
		return r;
	}
	if (renameat(dir_fd, STORE_FILE_NEW, dir_fd, STORE_FILE) < 0 || fsync(dir_fd) < 0)
		return store_dir_error(-errno);
	return 0;
}

static int open_write(struct store *store, const char *path)
{
	int r;

	r = open_db(path, SQLITE_OPEN_READWRITE, NULL, &store->db);
	if (r)
		return r;
	r = look_at_header(store->db);
	if (r)
		return r;
	r = store_schema_version(store->db, &store_schema);
	if (r == STORE_E_OLDER)
		r = store_schema_apply(store->db, &store_schema, 0);
	if (r)
		return r;
	r = sql_run(store->db, "PRAGMA journal_mode = WAL", "");
	if (r)
		return r;
	r = store_schema_check(store->db);
	if (r)
		return r;

	store->writable = true;
	return 0;
}

static int open_with(struct store *store, const char *path, const char *parameters)
{
	int r;

	r = open_db(path, SQLITE_OPEN_READONLY, parameters, &store->db);
	if (r)
		return r;
	r = look_at_header(store->db);
	if (!r)
		r = store_schema_version(store->db, &store_schema);
	return r ? r : store_schema_check(store->db);
}

/*
 * Without permission to write there may be no way to make the log's index. Where there is no log to
 * read either, the file alone is the store.
 */
static int open_read(struct store *store, const char *path)
{
	struct stat log;
	int r;

	r = open_with(store, path, NULL);
	if (r != STORE_E_READ_ONLY && r != -EACCES)
		return r;
	if (fstatat(store->dir_fd, STORE_FILE "-wal", &log, 0) == 0 && log.st_size)
		return r;

	store_forget_statements(store);
	sqlite3_close_v2(steal(store->db));
	return open_with(store, path, "immutable=1");
}

static int open_locked(struct store *store, enum store_mode mode, const char *path)
{
	struct stat st;

	if (fstatat(store->dir_fd, STORE_FILE, &st, 0) < 0)
		return -errno;
	if (!S_ISREG(st.st_mode))
		return STORE_E_CORRUPT;
	store->dev = st.st_dev;
	store->ino = st.st_ino;
	if (faccessat(store->dir_fd, STORE_FILE, R_OK, AT_EACCESS) < 0)
		return -errno;
	return mode == STORE_WRITE ? open_write(store, path) : open_read(store, path);
}

int store_open(const char *dir, enum store_mode mode, struct store **ret)
{
	CLEANUP(store_freep) struct store *store = NULL;
	CLEANUP(freep) char *path = NULL;
	bool made = false;
	int r;

	store = calloc(1, sizeof(*store));
	if (!store)
		return -ENOMEM;
	store->dir_fd = -1;
	if (asprintf(&path, "%s/" STORE_FILE, dir) < 0)
		return -ENOMEM;
	r = store_dir_open(dir, mode == STORE_WRITE, &store->dir_fd);
	if (r)
		return r;

	if (mode == STORE_WRITE && faccessat(store->dir_fd, STORE_FILE, F_OK, 0) < 0) {
		r = store_dir_lock(store->dir_fd, true);
		if (r)
			return r;
		r = make(store->dir_fd, dir);
		store_dir_unlock(store->dir_fd);
		if (r)
			return r;
		made = true;
	}
	r = store_dir_lock(store->dir_fd, false);
	if (r)
		return r;
	r = open_locked(store, mode, path);
	store_dir_unlock(store->dir_fd);
	if (r)
		return r;
	if (made) {
		r = tell_set_aside(store);
		if (r)
			return r;
	}

	*ret = steal(store);
	return 0;
}
