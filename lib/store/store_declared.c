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

		r = store_run(store,
			      "INSERT INTO declared(device, start, length, note, at_usec, sum)"
			      " VALUES(?1, ?2, ?3, ?4, ?5, 0)",
			      "iiiti", device, (int64_t)set->ranges[i].start,
			      (int64_t)set->ranges[i].len, note, (int64_t)at_usec);
		if (r)
			return r;
		id = sqlite3_last_insert_rowid(store->db);
		r = store_run(store,
			      "UPDATE declared SET sum = pmemras_sum(" STORE_DECLARED_COLS ")"
			      " WHERE id = ?1",
			      "i", id);
		if (r)
			return r;
	}
	return 0;
}

struct cut {
	const struct rangeset *ranges; /* what goes, whole sectors */
	const char *note;              /* declare: rows with this note stay */
	bool retract;
	struct rangeset *gone; /* retract: what was there; declare: what stays as it is */
};

/* Takes cut->ranges out of one row, what is left of it keeps its note and time. */
static int cut_row(struct store *store, const struct store_declared *declared, struct cut *cut)
{
	CLEANUP(rangeset_deinit) struct rangeset row = RANGESET_NULL;
	CLEANUP(rangeset_deinit) struct rangeset hit = RANGESET_NULL;
	/* those of the many ranges that can matter here, lent */
	struct rangeset part = {
		cut->ranges->ranges + rangeset_find(cut->ranges, declared->range.start), 0, 0};
	bool stays = !cut->retract &&
		     (!cut->note || (declared->note && strcmp(declared->note, cut->note) == 0));
	int r;

	while (part.ranges + part.n < cut->ranges->ranges + cut->ranges->n &&
	       part.ranges[part.n].start < range_end(declared->range))
		part.n++;
	r = rangeset_add(&row, declared->range);
	if (r)
		return r;
	r = rangeset_intersect(&row, &part, &hit);
	if (r)
		return r;
	if (cut->retract || stays) {
		for (size_t i = 0; i < hit.n; i++) { /* rows ascend: at the end each */
			r = rangeset_add(cut->gone, hit.ranges[i]);
			if (r)
				return r;
		}
		if (stays)
			return 0;
	}

	r = rangeset_subtract_set(&row, &hit);
	if (r)
		return r;
	r = store_run(store, "DELETE FROM declared WHERE id = ?1", "i", declared->row);
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

/* The rows of a device, by offset; each note is the array's. */
struct rows {
	struct store_declared *items;
	size_t n, allocated;
};

static void rows_deinit(struct rows *rows)
{
	for (size_t i = 0; i < rows->n; i++)
		free(rows->items[i].note);
	free(rows->items);
}

static int read_rows(struct store *store, int64_t device, struct rows *ret)
{
	CLEANUP(sql_finalizep) sqlite3_stmt *stmt = NULL;
	bool row;
	int r;

	r = sql_query(store->db, &stmt, SELECT "WHERE device = ?1 ORDER BY start", "i", device);
	while (!r && !(r = sql_step(stmt, &row)) && row) {
		if (ret->n == ret->allocated) {
			size_t want = ret->allocated ? ret->allocated * 2 : 16;
			struct store_declared *bigger =
				reallocarray(ret->items, want, sizeof(*bigger));

			if (!bigger)
				return -ENOMEM;
			ret->items = bigger;
			ret->allocated = want;
		}
		r = read_row(stmt, &ret->items[ret->n]);
		ret->n += !r;
	}
	return r;
}

static int cut_all(struct store *store, int64_t device, struct cut *cut)
{
	CLEANUP(rows_deinit) struct rows rows = {0};
	int r;

	r = read_rows(store, device, &rows);
	for (size_t i = 0; !r && i < rows.n; i++)
		if (rangeset_overlaps(cut->ranges, rows.items[i].range))
			r = cut_row(store, &rows.items[i], cut);
	return r;
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
