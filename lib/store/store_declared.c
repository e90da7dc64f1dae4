/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Declared ranges: what people and other tools know to be bad. The rows of a
 * device never overlap; each keeps the note it was declared with, also for the
 * part that is left when some of it is retracted.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include "cleanup.h"
#include "store_priv.h"

#define SELECT                                                                                     \
	"SELECT " STORE_DECLARED_COLS ", sum IS pmemras_sum(" STORE_DECLARED_COLS ") FROM "        \
										  "declared "

/* @ret->note: the caller's */
static int read_row(sqlite3_stmt *stmt, struct store_declared *ret)
{
	struct store_declared declared = {
		.row = sqlite3_column_int64(stmt, 0),
		.device = sqlite3_column_int64(stmt, 1),
		.range = {(uint64_t)sqlite3_column_int64(stmt, 2),
			  (uint64_t)sqlite3_column_int64(stmt, 3)},
		.at_usec = (uint64_t)sqlite3_column_int64(stmt, 5),
	};
	int r;

	if (!sqlite3_column_int(stmt, 6))
		return STORE_E_CORRUPT;
	r = sql_text(stmt, 4, &declared.note);
	if (r)
		return r;

	*ret = declared;
	return 0;
}

int store_declared_each(struct store *store,
			int (*fn)(const struct store_declared *declared, void *data), void *data)
{
	CLEANUP(sql_finalizep) sqlite3_stmt *stmt = NULL;
	bool row;
	int r;

	r = sql_query(store->db, &stmt, SELECT "ORDER BY device, start", "");
	if (r)
		return r;
	while (!(r = sql_step(stmt, &row)) && row) {
		CLEANUP(freep) char *note = NULL;
		struct store_declared declared;

		r = read_row(stmt, &declared);
		if (r)
			return r;
		note = declared.note;
		r = fn(&declared, data);
		if (r)
			return r;
	}
	return r;
}

int store_declared(struct store *store, int64_t device, struct rangeset *ret)
{
	CLEANUP(sql_finalizep) sqlite3_stmt *stmt = NULL;
	CLEANUP(rangeset_deinit) struct rangeset set = RANGESET_NULL;
	bool row;
	int r;

	r = sql_query(store->db, &stmt, SELECT "WHERE device = ?1 ORDER BY start", "i", device);
	if (r)
		return r;
	while (!(r = sql_step(stmt, &row)) && row) {
		struct store_declared declared;

		r = read_row(stmt, &declared);
		if (r)
			return r;
		free(declared.note);
		r = rangeset_add(&set, declared.range);
		if (r)
			return r;
	}
	if (r)
		return r;

	rangeset_move(ret, &set);
	return 0;
}

static int insert(struct store *store, int64_t device, const struct rangeset *set, const char *note,
		  uint64_t at_usec)
{
	for (size_t i = 0; i < set->n; i++) {
		int64_t id;
		int r;

		r = sql_run(store->db,
			    "INSERT INTO declared(device, start, length, note, at_usec, sum)"
			    " VALUES(?1, ?2, ?3, ?4, ?5, 0)",
			    "iiiti", device, (int64_t)set->ranges[i].start,
			    (int64_t)set->ranges[i].len, note, (int64_t)at_usec);
		if (r)
			return r;
		id = sqlite3_last_insert_rowid(store->db);
		r = sql_run(store->db,
			    "UPDATE declared SET sum = pmemras_sum(" STORE_DECLARED_COLS ")"
			    " WHERE id = ?1",
			    "i", id);
		if (r)
			return r;
	}
	return 0;
}

/* Rows of a device that @range touches, one after the other; @fn changes the table. */
static int each_overlap(struct store *store, int64_t device, struct byte_range range,
			int (*fn)(struct store *store, const struct store_declared *declared,
				  void *data),
			void *data)
{
	uint64_t from = range.start;

	for (;;) {
		CLEANUP(sql_finalizep) sqlite3_stmt *stmt = NULL;
		CLEANUP(freep) char *note = NULL;
		struct store_declared declared;
		bool row;
		int r;

		/* rows do not overlap: the last one that starts before, or else the first behind */
		r = sql_query(store->db, &stmt,
			      SELECT "WHERE device = ?1 AND start < ?3 AND start >= coalesce("
				     "	(SELECT max(start) FROM declared"
				     "	 WHERE device = ?1 AND start <= ?2), 0)"
				     " AND start + length > ?2 ORDER BY start LIMIT 1",
			      "iii", device, (int64_t)from, (int64_t)range_end(range));
		if (r)
			return r;
		r = sql_step(stmt, &row);
		if (r || !row)
			return r;
		r = read_row(stmt, &declared);
		if (r)
			return r;
		note = declared.note;
		sql_finalizep(&stmt);
		stmt = NULL;

		r = fn(store, &declared, data);
		if (r)
			return r;
		from = range_end(declared.range);
		if (from >= range_end(range))
			return 0;
	}
}

struct cut {
	const struct rangeset *ranges; /* what goes, whole sectors */
	const char *note;              /* declare: rows with this note stay */
	bool retract;
	struct rangeset *gone; /* retract: what was there; declare: what stays as it is */
};

/* Takes cut->ranges out of one row, what is left of it keeps its note and time. */
static int cut_row(struct store *store, const struct store_declared *declared, void *data)
{
	CLEANUP(rangeset_deinit) struct rangeset row = RANGESET_NULL;
	CLEANUP(rangeset_deinit) struct rangeset hit = RANGESET_NULL;
	struct cut *cut = data;
	bool stays = !cut->retract &&
		     (!cut->note || (declared->note && strcmp(declared->note, cut->note) == 0));
	int r;

	r = rangeset_add(&row, declared->range);
	if (r)
		return r;
	r = rangeset_intersect(&row, cut->ranges, &hit);
	if (r)
		return r;
	if (cut->retract || stays) {
		r = rangeset_add_set(cut->gone, &hit);
		if (r || stays)
			return r;
	}

	r = rangeset_subtract_set(&row, &hit);
	if (r)
		return r;
	r = sql_run(store->db, "DELETE FROM declared WHERE id = ?1", "i", declared->row);
	if (r)
		return r;
	return insert(store, declared->device, &row, declared->note, declared->at_usec);
}

static int round_ranges(const struct rangeset *ranges, struct rangeset *ret)
{
	if (ranges->n && range_end(ranges->ranges[ranges->n - 1]) > INT64_MAX - PAGE_BYTES)
		return -ERANGE;
	return rangeset_round_out(ranges, SECTOR_SIZE, ret);
}

static int cut_all(struct store *store, int64_t device, struct cut *cut)
{
	for (size_t i = 0; i < cut->ranges->n; i++) {
		int r = each_overlap(store, device, cut->ranges->ranges[i], cut_row, cut);

		if (r)
			return r;
	}
	return 0;
}

static int declare(struct store *store, int64_t device, const struct rangeset *ranges,
		   const char *note, uint64_t now_usec)
{
	CLEANUP(rangeset_deinit) struct rangeset kept = RANGESET_NULL;
	CLEANUP(rangeset_deinit) struct rangeset fresh = RANGESET_NULL;
	struct cut cut = {.ranges = ranges, .note = note, .gone = &kept};
	struct store_device known;
	int r;

	r = store_device(store, device, &known);
	if (r)
		return r;
	r = cut_all(store, device, &cut);
	if (r)
		return r;
	r = rangeset_diff(ranges, &kept, &fresh);
	if (r)
		return r;
	return insert(store, device, &fresh, note, now_usec);
}

int store_declare(struct store *store, int64_t device, const struct rangeset *ranges,
		  const char *note, uint64_t now_usec)
{
	CLEANUP(rangeset_deinit) struct rangeset whole = RANGESET_NULL;
	bool own;
	int r;

	r = round_ranges(ranges, &whole);
	if (r)
		return r;
	r = store_enter(store, &own);
	if (r)
		return r;
	return store_leave(store, own, declare(store, device, &whole, note, now_usec));
}

int store_retract(struct store *store, int64_t device, const struct rangeset *ranges,
		  struct rangeset *ret_gone)
{
	CLEANUP(rangeset_deinit) struct rangeset whole = RANGESET_NULL;
	CLEANUP(rangeset_deinit) struct rangeset gone = RANGESET_NULL;
	struct cut cut = {.ranges = &whole, .retract = true, .gone = &gone};
	bool own;
	int r;

	r = round_ranges(ranges, &whole);
	if (r)
		return r;
	r = store_enter(store, &own);
	if (r)
		return r;
	r = store_leave(store, own, cut_all(store, device, &cut));
	if (r)
		return r;

	rangeset_move(ret_gone, &gone);
	return 0;
}
