/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Transactions. Each takes the directory's shared lock first, so that the
 * file cannot be set aside under it, makes sure that the file it has open is
 * still the one under the name, and takes SQLite's write lock at once, so that
 * what it reads is what it changes.
 */
#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include "store_priv.h"

static int begin(struct store *store)
{
	struct stat st;

	if (fstatat(store->dir_fd, STORE_FILE, &st, 0) < 0)
		return errno == ENOENT ? STORE_E_REPLACED : -errno;
	if (st.st_dev != store->dev || st.st_ino != store->ino)
		return STORE_E_REPLACED;
	return store_run(store, "BEGIN IMMEDIATE", "");
}

int store_begin(struct store *store)
{
	int r;

	if (!store->writable)
		return STORE_E_READ_ONLY;
	if (!sqlite3_get_autocommit(store->db))
		return -EINVAL;
	r = store_dir_lock(store->dir_fd, false);
	if (r)
		return r;
	r = begin(store);
	if (r)
		store_dir_unlock(store->dir_fd);
	return r;
}

int store_commit(struct store *store)
{
	int r;

	r = store_run(store, "COMMIT", "");
	if (r) {
		store_rollback(store);
		return r;
	}
	store_dir_unlock(store->dir_fd);
	return 0;
}

void store_rollback(struct store *store)
{
	if (!store->db || !store->writable)
		return;
	if (!sqlite3_get_autocommit(store->db))
		store_run(store, "ROLLBACK", "");
	store_dir_unlock(store->dir_fd);
}

int store_enter(struct store *store, bool *ret_own)
{
	int r;

	if (!store->writable)
		return STORE_E_READ_ONLY;
	if (!sqlite3_get_autocommit(store->db)) {
		*ret_own = false;
		return 0;
	}
	r = store_begin(store);
	if (r)
		return r;

	*ret_own = true;
	return 0;
}

int store_leave(struct store *store, bool own, int r)
{
	if (!own)
		return r;
	if (!r)
		return store_commit(store);
	store_rollback(store);
	return r;
}

int store_data_version(struct store *store, uint64_t *ret)
{
	int64_t version;
	int r;

	r = store_int(store, &version, "PRAGMA data_version", "");
	if (r)
		return r;

	*ret = (uint64_t)version;
	return 0;
}

int store_check(struct store *store)
{
	return store_schema_check(store->db);
}
