/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Setting a damaged store aside. What is left of it is evidence and may
 * still be rescued, so nothing is deleted, and the log goes with the file it
 * belongs to: under the new names SQLite still takes them for a pair.
 *
 * First the ids are made safe: the mark beside the store is moved above
 * whatever the damaged file can still tell, then the names change. Between
 * any two steps a crash leaves either a damaged store that is set aside again,
 * or a log without a store, which store_aside_log() moves out of the way.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>
#include "cleanup.h"
#include "fd.h"
#include "store_priv.h"

#define NAME_LEN 96
/* A damaged counter may say anything: believe no more than anyone will ever have had. */
#define IDS_BELIEVED INT64_C(100000000)

static void closedirp(DIR **dir)
{
	if (*dir)
		closedir(*dir);
}

static void close_dbp(sqlite3 **db)
{
	sqlite3_close_v2(*db);
}

/* The highest id that the damaged file tells of; 0 where it tells nothing. */
static uint64_t rescue_ids(const char *dir)
{
	static const char *const queries[] = {
		"SELECT max(seq) FROM sqlite_sequence WHERE name = 'incident'",
		"SELECT max(id) FROM incident",
		"SELECT max(incident) FROM sighting",
		"SELECT max(incident) FROM change",
	};
	CLEANUP(close_dbp) sqlite3 *db = NULL;
	CLEANUP(freep) char *path = NULL;
	int64_t highest = 0, id;

	if (asprintf(&path, "%s/" STORE_FILE, dir) < 0)
		return 0;
	if (sqlite3_open_v2(path, &db, SQLITE_OPEN_READONLY, NULL))
		return 0;
	for (size_t i = 0; i < ARRAY_SIZE(queries); i++)
		if (!sql_int(db, &id, queries[i], "") && id > highest && id <= IDS_BELIEVED)
			highest = id;
	return (uint64_t)highest;
}

/* A name with the time in it that nothing has yet. */
static int find_name(int dir_fd, uint64_t now_usec, char name[NAME_LEN])
{
	time_t seconds = (time_t)(now_usec / 1000000);
	char when[32];
	struct tm tm;

	if (!gmtime_r(&seconds, &tm) || !strftime(when, sizeof(when), "%Y%m%dT%H%M%SZ", &tm))
		return -EINVAL;
	for (unsigned int i = 1; i < 10000; i++) {
		snprintf(name, NAME_LEN, STORE_CORRUPT_PREFIX "%s", when);
		if (i > 1)
			snprintf(name + strlen(name), NAME_LEN - strlen(name), "-%u", i);
		if (faccessat(dir_fd, name, F_OK, AT_SYMLINK_NOFOLLOW) < 0)
			return errno == ENOENT ? 0 : -errno;
	}
	return -EEXIST;
}

static int rename_with_log(int dir_fd, const char *name)
{
	static const char *const parts[] = {"", "-wal", "-shm"};

	for (size_t i = 0; i < ARRAY_SIZE(parts); i++) {
		char from[NAME_LEN], to[NAME_LEN + 8];

		snprintf(from, sizeof(from), STORE_FILE "%s", parts[i]);
		snprintf(to, sizeof(to), "%s%s", name, parts[i]);
		if (renameat(dir_fd, from, dir_fd, to) < 0 && (i == 0 || errno != ENOENT))
			return -errno;
	}
	return fsync(dir_fd) < 0 ? -errno : 0;
}

int store_set_aside(const char *dir, uint64_t now_usec, char **ret_name)
{
	CLEANUP(fd_closep) int dir_fd = -1;
	char name[NAME_LEN], *copy;
	uint64_t ids, mark = 0;
	int r;

	r = store_dir_open(dir, false, &dir_fd);
	if (r)
		return r;
	r = store_dir_lock(dir_fd, true);
	if (r)
		return r;
	ids = rescue_ids(dir);
	if (ids) {
		r = store_ids_reserve(dir_fd, ids, &mark);
		if (r)
			return r;
	}
	r = find_name(dir_fd, now_usec, name);
	if (r)
		return r;
	copy = strdup(name);
	if (!copy)
		return -ENOMEM;
	r = rename_with_log(dir_fd, name);
	if (r) {
		free(copy);
		return store_dir_error(r);
	}

	if (ret_name)
		*ret_name = copy;
	else
		free(copy);
	return 0;
}

int store_aside_log(int dir_fd)
{
	char name[NAME_LEN];
	int r;

	if (faccessat(dir_fd, STORE_FILE "-shm", F_OK, 0) == 0 &&
	    unlinkat(dir_fd, STORE_FILE "-shm", 0) < 0)
		return store_dir_error(-errno); /* an index: says nothing that the log does not */
	if (faccessat(dir_fd, STORE_FILE "-wal", F_OK, 0) < 0)
		return 0;
	for (unsigned int i = 1; i < 10000; i++) {
		snprintf(name, sizeof(name), STORE_FILE ".orphan-%u-wal", i);
		r = renameat2(dir_fd, STORE_FILE "-wal", dir_fd, name, RENAME_NOREPLACE);
		if (r == 0 || errno != EEXIST)
			return r == 0 ? 0 : store_dir_error(-errno);
	}
	return -EEXIST;
}

static bool is_store_name(const char *name)
{
	size_t prefix = strlen(STORE_CORRUPT_PREFIX), len = strlen(name);

	return strncmp(name, STORE_CORRUPT_PREFIX, prefix) == 0 &&
	       strcmp(name + len - 4, "-wal") != 0 && strcmp(name + len - 4, "-shm") != 0;
}

int store_aside_last(int dir_fd, char **ret_name)
{
	CLEANUP(closedirp) DIR *dir = NULL;
	CLEANUP(freep) char *last = NULL;
	int fd = openat(dir_fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	if (fd < 0)
		return -errno;
	dir = fdopendir(fd);
	if (!dir) {
		close(fd);
		return -ENOMEM;
	}
	for (struct dirent *entry = readdir(dir); entry; entry = readdir(dir)) {
		char *copy;

		if (!is_store_name(entry->d_name) || (last && strverscmp(entry->d_name, last) <= 0))
			continue;
		copy = strdup(entry->d_name);
		if (!copy)
			return -ENOMEM;
		free(last);
		last = copy;
	}

	*ret_name = steal(last);
	return 0;
}
