/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Devices: who they are is decided by core/devid, what is known of them is
 * kept here. Rows are written only where something is new, so that looking at
 * an unchanged machine changes nothing.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "cleanup.h"
#include "store_priv.h"

#define SELECT                                                                                     \
	"SELECT " STORE_DEVICE_COLS ", sum IS pmemras_sum(" STORE_DEVICE_COLS ") FROM device "

static int copy_text(sqlite3_stmt *stmt, int column, char *field, size_t size)
{
	const char *text = (const char *)sqlite3_column_text(stmt, column);

	if (!text || (size_t)sqlite3_column_bytes(stmt, column) >= size)
		return STORE_E_CORRUPT;
	snprintf(field, size, "%s", text);
	return 0;
}

static int read_row(sqlite3_stmt *stmt, struct store_device *ret)
{
	struct store_device device = {.row = sqlite3_column_int64(stmt, 0)};
	int r;

	if (!sqlite3_column_int(stmt, 8))
		return STORE_E_CORRUPT;
	r = copy_text(stmt, 1, device.id.nd_uuid, sizeof(device.id.nd_uuid));
	if (!r)
		r = copy_text(stmt, 2, device.id.hw_id, sizeof(device.id.hw_id));
	if (!r)
		r = copy_text(stmt, 3, device.id.fs_uuid, sizeof(device.id.fs_uuid));
	if (!r)
		r = copy_text(stmt, 4, device.id.name, sizeof(device.id.name));
	if (r)
		return r;
	device.id.size = (uint64_t)sqlite3_column_int64(stmt, 5);
	device.seen_usec = (uint64_t)sqlite3_column_int64(stmt, 6);
	device.present = sqlite3_column_int(stmt, 7);

	*ret = device;
	return 0;
}

int store_devices(struct store *store, struct store_device **ret, size_t *ret_n)
{
	CLEANUP(sql_finalizep) sqlite3_stmt *stmt = NULL;
	CLEANUP(freep) struct store_device *devices = NULL;
	size_t n = 0, allocated = 0;
	bool row;
	int r;

	r = sql_query(store->db, &stmt, SELECT "ORDER BY id", "");
	if (r)
		return r;
	while (!(r = sql_step(stmt, &row)) && row) {
		if (n == allocated) {
			struct store_device *bigger;

			allocated = allocated ? allocated * 2 : 8;
			bigger = reallocarray(devices, allocated, sizeof(*bigger));
			if (!bigger)
				return -ENOMEM;
			devices = bigger;
		}
		r = read_row(stmt, &devices[n++]);
		if (r)
			return r;
	}
	if (r)
		return r;

	*ret = steal(devices);
	*ret_n = n;
	return 0;
}

int store_device(struct store *store, int64_t row, struct store_device *ret)
{
	CLEANUP(sql_finalizep) sqlite3_stmt *stmt = NULL;
	bool found;
	int r;

	r = sql_query(store->db, &stmt, SELECT "WHERE id = ?1", "i", row);
	if (r)
		return r;
	r = sql_step(stmt, &found);
	if (r)
		return r;
	return found ? read_row(stmt, ret) : -ENOENT;
}

static int write_row(struct store *store, const struct store_device *device, uint64_t now_usec)
{
	if (device->id.size > INT64_MAX)
		return -ERANGE;
	return sql_run(
		store->db,
		"INSERT INTO device(" STORE_DEVICE_COLS ", sum)"
		" VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8,"
		"	pmemras_sum(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8))"
		" ON CONFLICT(id) DO UPDATE SET nd_uuid = excluded.nd_uuid,"
		"	hw_id = excluded.hw_id, fs_uuid = excluded.fs_uuid, name = excluded.name,"
		"	size = excluded.size, seen_usec = excluded.seen_usec,"
		"	present = excluded.present, sum = excluded.sum",
		"ittttiii", device->row, device->id.nd_uuid, device->id.hw_id, device->id.fs_uuid,
		device->id.name, (int64_t)device->id.size, (int64_t)now_usec,
		(int64_t)device->present);
}

static int find(struct store *store, const struct devid *id, struct store_device *ret)
{
	CLEANUP(freep) struct store_device *devices = NULL;
	CLEANUP(freep) struct devid *ids = NULL;
	size_t n;
	ptrdiff_t at;
	int r;

	r = store_devices(store, &devices, &n);
	if (r)
		return r;
	ids = calloc(n ? n : 1, sizeof(*ids));
	if (!ids)
		return -ENOMEM;
	for (size_t i = 0; i < n; i++) {
		/* a copy beside the original, not the original under another name: nobody */
		if (devices[i].present && strcmp(devices[i].id.name, id->name) != 0 &&
		    devid_compare(id, &devices[i].id) == DEVID_SAME_FS)
			continue;
		ids[i] = devices[i].id;
	}
	at = devid_find(id, ids, n);
	if (at < 0)
		return -ENOENT;

	*ret = devices[at];
	return 0;
}

int store_device_find(struct store *store, const struct devid *id, int64_t *ret_row)
{
	struct store_device device;
	int r;

	r = find(store, id, &device);
	if (r)
		return r;

	*ret_row = device.row;
	return 0;
}

static int add(struct store *store, const struct devid *id, uint64_t now_usec, int64_t *ret_row)
{
	struct store_device device = {.id = *id, .present = true};
	int r;

	r = store_int(store, &device.row,
		      "SELECT max(coalesce((SELECT max(id) FROM device), 0), coalesce("
		      "	(SELECT seq FROM sqlite_sequence WHERE name = 'device'), 0)) + 1",
		      "");
	if (r)
		return r;
	r = write_row(store, &device, now_usec);
	if (r)
		return r;

	*ret_row = device.row;
	return 0;
}

static int update(struct store *store, struct store_device *device, const struct devid *seen,
		  uint64_t now_usec)
{
	return devid_update(&device->id, seen) ? write_row(store, device, now_usec) : 0;
}

static int ensure(struct store *store, const struct devid *id, uint64_t now_usec, int64_t *ret_row)
{
	struct store_device device;
	int r;

	r = find(store, id, &device);
	if (r == -ENOENT)
		return add(store, id, now_usec, ret_row);
	if (!r)
		r = update(store, &device, id, now_usec);
	if (!r)
		*ret_row = device.row;
	return r;
}

int store_device_ensure(struct store *store, const struct devid *id, uint64_t now_usec,
			int64_t *ret_row)
{
	int64_t row;
	bool own;
	int r;

	r = store_enter(store, &own);
	if (r)
		return r;
	r = store_leave(store, own, ensure(store, id, now_usec, &row));
	if (r)
		return r;

	*ret_row = row;
	return 0;
}

int store_device_update(struct store *store, int64_t row, const struct devid *seen,
			uint64_t now_usec)
{
	struct store_device device;
	bool own;
	int r;

	r = store_enter(store, &own);
	if (r)
		return r;
	r = store_device(store, row, &device);
	if (!r)
		r = update(store, &device, seen, now_usec);
	return store_leave(store, own, r);
}

int store_device_set_present(struct store *store, int64_t row, bool present, uint64_t now_usec)
{
	struct store_device device;
	bool own;
	int r;

	r = store_enter(store, &own);
	if (r)
		return r;
	r = store_device(store, row, &device);
	if (!r && device.present != present) {
		device.present = present;
		r = write_row(store, &device, now_usec);
	}
	return store_leave(store, own, r);
}
