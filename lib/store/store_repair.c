/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * A repair is a row, and a row for each of its steps: begun and done are two
 * commits, each on the medium before the caller goes on. Whatever a step needs
 * is in its row, as by the time it is finished the machine may have been started anew, by
 * a newer program. The plan's text is kept for people only.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "cleanup.h"
#include "store_priv.h"
#include "store_repair.h"

#define UUID_TEXT 33

static void format_uuid(const uint8_t uuid[16], char buf[UUID_TEXT])
{
	for (size_t i = 0; i < 16; i++)
		snprintf(buf + 2 * i, 3, "%02x", uuid[i]);
}

static int parse_uuid(const char *text, uint8_t ret[16])
{
	for (size_t i = 0; i < 16; i++) {
		unsigned int byte;

		if (!text || sscanf(text + 2 * i, "%2x", &byte) != 1)
			return STORE_E_CORRUPT;
		ret[i] = (uint8_t)byte;
	}
	return 0;
}

/* ---- writing ---- */

static int insert_step(struct store *store, int64_t repair, size_t index,
		       const struct job_step *step, uint64_t now_usec)
{
	CLEANUP(freep) char *lost = NULL;
	int r = store_sets_format(&step->lost, &lost);

	if (r)
		return r;
	return store_run(
		store,
		"INSERT INTO repair_step(" STORE_REPAIR_STEP_COLS ", sum)"
		" VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15,"
		"	pmemras_sum(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, "
		"?15))",
		"iittiiiiiiittti", repair, (int64_t)index, plan_action_token(step->action),
		job_step_state_token(step->state), (int64_t)step->page, (int64_t)step->offset,
		(int64_t)step->len, (int64_t)step->ino, (int64_t)step->gen, (int64_t)step->size,
		(int64_t)step->changed_nsec, lost, step->path, step->note, (int64_t)now_usec);
}

static int insert(struct store *store, const struct job *job, uint64_t now_usec, int64_t *ret)
{
	char uuid[UUID_TEXT];
	int64_t id;
	int r;

	format_uuid(job->fs_uuid, uuid);
	r = store_int(store, &id, "SELECT 1 FROM incident WHERE id = ?1 AND device = ?2", "ii",
		      job->incident, job->device);
	if (r)
		return r;
	r = store_run(store,
		      "INSERT INTO repair(incident, device, choice, argument, hash, state, fs_uuid,"
		      "	plan, began_usec, ended_usec, sum)"
		      " VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, 0, 0)",
		      "iitttttti", job->incident, job->device, plan_choice_token(job->choice),
		      job->argument, job->hash, job_state_token(JOB_RUNNING), uuid, job->plan,
		      (int64_t)now_usec);
	if (r)
		return r;
	id = sqlite3_last_insert_rowid(store->db);
	r = store_run(store,
		      "UPDATE repair SET sum = pmemras_sum(" STORE_REPAIR_COLS ") WHERE id = ?1",
		      "i", id);
	for (size_t i = 0; !r && i < job->n_steps; i++)
		r = insert_step(store, id, i, &job->steps[i], now_usec);
	if (!r)
		*ret = id;
	return r;
}

int store_repair_begin(struct store *store, struct job *job, uint64_t now_usec)
{
	int64_t id = 0;
	bool own;
	int r = store_enter(store, &own);

	if (r)
		return r;
	r = store_leave(store, own, insert(store, job, now_usec, &id));
	if (r)
		return r;

	job->id = id;
	job->state = JOB_RUNNING;
	job->began_usec = now_usec;
	return 0;
}

static int set_step(struct store *store, const struct job *job, size_t index,
		    enum job_step_state state, const char *note, uint64_t now_usec)
{
	int r = store_run(store,
			  "UPDATE repair_step SET state = ?3, note = coalesce(?4, note),"
			  " at_usec = ?5 WHERE repair = ?1 AND step = ?2",
			  "iitti", job->id, (int64_t)index, job_step_state_token(state), note,
			  (int64_t)now_usec);

	if (r)
		return r;
	return store_run(store,
			 "UPDATE repair_step SET sum = pmemras_sum(" STORE_REPAIR_STEP_COLS
			 ") WHERE repair = ?1 AND step = ?2",
			 "ii", job->id, (int64_t)index);
}

int store_repair_step(struct store *store, struct job *job, size_t index, enum job_step_state state,
		      const char *note, uint64_t now_usec)
{
	CLEANUP(freep) char *copy = note ? strdup(note) : NULL;
	bool own;
	int r;

	if (note && !copy)
		return -ENOMEM;
	r = store_enter(store, &own);
	if (r)
		return r;
	r = store_leave(store, own, set_step(store, job, index, state, note, now_usec));
	if (r)
		return r;

	job->steps[index].state = state;
	job->steps[index].at_usec = now_usec;
	if (copy) {
		free(job->steps[index].note);
		job->steps[index].note = steal(copy);
	}
	return 0;
}

static int set_state(struct store *store, const struct job *job, enum job_state state,
		     uint64_t ended_usec)
{
	int r = store_run(store, "UPDATE repair SET state = ?2, ended_usec = ?3 WHERE id = ?1",
			  "iti", job->id, job_state_token(state), (int64_t)ended_usec);

	if (r)
		return r;
	return store_run(store,
			 "UPDATE repair SET sum = pmemras_sum(" STORE_REPAIR_COLS ") WHERE id = ?1",
			 "i", job->id);
}

int store_repair_state(struct store *store, struct job *job, enum job_state state,
		       uint64_t now_usec)
{
	uint64_t ended = state == JOB_DONE || state == JOB_GIVEN_UP ? now_usec : 0;
	bool own;
	int r = store_enter(store, &own);

	if (r)
		return r;
	r = store_leave(store, own, set_state(store, job, state, ended));
	if (r)
		return r;

	job->state = state;
	job->ended_usec = ended;
	return 0;
}

/* ---- reading ---- */

static int read_repair(sqlite3_stmt *stmt, struct job *job)
{
	int choice, state, r;

	choice = plan_choice_from_token((const char *)sqlite3_column_text(stmt, 3));
	state = job_state_from_token((const char *)sqlite3_column_text(stmt, 6));
	if (!sqlite3_column_int(stmt, 11) || choice < 0 || state < 0)
		return STORE_E_CORRUPT;
	job->id = sqlite3_column_int64(stmt, 0);
	job->incident = sqlite3_column_int64(stmt, 1);
	job->device = sqlite3_column_int64(stmt, 2);
	job->choice = (enum plan_choice)choice;
	job->state = (enum job_state)state;
	job->began_usec = (uint64_t)sqlite3_column_int64(stmt, 9);
	job->ended_usec = (uint64_t)sqlite3_column_int64(stmt, 10);
	r = sql_text(stmt, 4, &job->argument);
	if (!r)
		r = sql_text(stmt, 5, &job->hash);
	if (!r)
		r = sql_text(stmt, 8, &job->plan);
	return r ? r : parse_uuid((const char *)sqlite3_column_text(stmt, 7), job->fs_uuid);
}

static int read_step(sqlite3_stmt *stmt, struct job_step *step)
{
	const char *lost = (const char *)sqlite3_column_text(stmt, 11);
	int action, state, r;

	action = plan_action_from_token((const char *)sqlite3_column_text(stmt, 2));
	state = job_step_state_from_token((const char *)sqlite3_column_text(stmt, 3));
	if (!sqlite3_column_int(stmt, 15) || action < 0 || state < 0 || !lost)
		return STORE_E_CORRUPT;
	*step = (struct job_step){
		.action = (enum plan_action)action,
		.state = (enum job_step_state)state,
		.page = (uint64_t)sqlite3_column_int64(stmt, 4),
		.offset = (uint64_t)sqlite3_column_int64(stmt, 5),
		.len = (uint32_t)sqlite3_column_int64(stmt, 6),
		.ino = (uint64_t)sqlite3_column_int64(stmt, 7),
		.gen = (uint32_t)sqlite3_column_int64(stmt, 8),
		.size = (uint64_t)sqlite3_column_int64(stmt, 9),
		.changed_nsec = (uint64_t)sqlite3_column_int64(stmt, 10),
		.at_usec = (uint64_t)sqlite3_column_int64(stmt, 14),
	};
	r = store_sets_parse(lost, &step->lost);
	if (!r)
		r = sql_text(stmt, 12, &step->path);
	return r ? r : sql_text(stmt, 13, &step->note);
}

static int read_steps(struct store *store, struct job *job)
{
	CLEANUP(sql_finalizep) sqlite3_stmt *stmt = NULL;
	size_t allocated = 0;
	bool row;
	int r;

	r = sql_query(store->db, &stmt,
		      "SELECT " STORE_REPAIR_STEP_COLS
		      ", sum IS pmemras_sum(" STORE_REPAIR_STEP_COLS
		      ") FROM repair_step WHERE repair = ?1 ORDER BY step",
		      "i", job->id);
	while (!r && !(r = sql_step(stmt, &row)) && row) {
		if (job->n_steps == allocated) {
			size_t want = allocated ? allocated * 2 : 16;
			struct job_step *bigger = reallocarray(job->steps, want, sizeof(*bigger));

			if (!bigger)
				return -ENOMEM;
			job->steps = bigger;
			allocated = want;
		}
		if ((size_t)sqlite3_column_int64(stmt, 1) != job->n_steps)
			return STORE_E_CORRUPT;
		job->steps[job->n_steps] = (struct job_step){0};
		r = read_step(stmt, &job->steps[job->n_steps++]);
	}
	return r;
}

int store_repair(struct store *store, int64_t id, struct job *ret)
{
	CLEANUP(sql_finalizep) sqlite3_stmt *stmt = NULL;
	CLEANUP(job_deinit) struct job job = JOB_NULL;
	bool row;
	int r;

	r = sql_query(store->db, &stmt,
		      "SELECT " STORE_REPAIR_COLS ", sum IS pmemras_sum(" STORE_REPAIR_COLS
		      ") FROM repair WHERE id = ?1",
		      "i", id);
	if (!r)
		r = sql_step(stmt, &row);
	if (r)
		return r;
	if (!row)
		return -ENOENT;
	r = read_repair(stmt, &job);
	if (!r)
		r = read_steps(store, &job);
	if (r)
		return r;

	job_deinit(ret);
	*ret = job;
	job = JOB_NULL;
	return 0;
}

int store_repairs_unfinished(struct store *store, int64_t device, int64_t **ret, size_t *ret_n)
{
	CLEANUP(sql_finalizep) sqlite3_stmt *stmt = NULL;
	int r;

	r = sql_query(store->db, &stmt,
		      "SELECT id FROM repair WHERE state IN ('running', 'proved')"
		      " AND (?1 = 0 OR device = ?1) ORDER BY id",
		      "i", device);
	return r ? r : sql_ids(stmt, ret, ret_n);
}

int store_repair_last(struct store *store, int64_t incident, int64_t *ret_id)
{
	return store_int(store, ret_id,
			 "SELECT max(id) FROM repair WHERE incident = ?1 AND state = 'done'", "i",
			 incident);
}

int store_repair_kept(struct store *store, int64_t device, struct rangeset *ret)
{
	CLEANUP(sql_finalizep) sqlite3_stmt *stmt = NULL;
	CLEANUP(rangeset_deinit) struct rangeset kept = RANGESET_NULL;
	bool row;
	int r;

	r = sql_query(store->db, &stmt,
		      "SELECT DISTINCT s.page FROM repair_step s JOIN repair r ON r.id = s.repair"
		      " WHERE r.device = ?1 AND s.state = 'done'"
		      " AND s.action IN ('clear', 'keep') AND s.note = 'kept' ORDER BY s.page",
		      "i", device);
	while (!r && !(r = sql_step(stmt, &row)) && row)
		r = rangeset_add(&kept, (struct byte_range){(uint64_t)sqlite3_column_int64(stmt, 0),
							    PAGE_BYTES});
	if (r)
		return r;

	rangeset_move(ret, &kept);
	return 0;
}

/* ---- what is not what it was ---- */

static int insert_loss(struct store *store, const struct job *job, const struct job_step *step,
		       struct byte_range range, uint64_t now_usec)
{
	int64_t row;
	int r;

	r = store_run(store,
		      "INSERT INTO loss(repair, incident, device, ino, gen, path, start, length,"
		      "	restored, at_usec, sum) VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, 0)",
		      "iiiiitiiii", job->id, job->incident, job->device, (int64_t)step->ino,
		      (int64_t)step->gen, step->path, (int64_t)range.start, (int64_t)range.len,
		      (int64_t)(job->choice == PLAN_RESTORE), (int64_t)now_usec);
	if (r)
		return r;
	row = sqlite3_last_insert_rowid(store->db);
	return store_run(store,
			 "UPDATE loss SET sum = pmemras_sum(" STORE_LOSS_COLS ") WHERE id = ?1",
			 "i", row);
}

static int insert_losses(struct store *store, const struct job *job, const struct job_step *step,
			 const struct rangeset *ranges, uint64_t now_usec)
{
	int r = 0;

	for (size_t i = 0; !r && i < ranges->n; i++)
		r = insert_loss(store, job, step, ranges->ranges[i], now_usec);
	return r;
}

int store_loss_add(struct store *store, const struct job *job, const struct job_step *step,
		   const struct rangeset *ranges, uint64_t now_usec)
{
	bool own;
	int r = store_enter(store, &own);

	return r ? r : store_leave(store, own, insert_losses(store, job, step, ranges, now_usec));
}

int store_loss_each(struct store *store, int (*fn)(const struct store_loss *loss, void *data),
		    void *data)
{
	CLEANUP(sql_finalizep) sqlite3_stmt *stmt = NULL;
	bool row;
	int r;

	r = sql_query(store->db, &stmt,
		      "SELECT " STORE_LOSS_COLS ", sum IS pmemras_sum(" STORE_LOSS_COLS
		      ") FROM loss ORDER BY device, ino, gen, start, id",
		      "");
	while (!r && !(r = sql_step(stmt, &row)) && row) {
		CLEANUP(freep) char *path = NULL;
		struct store_loss loss = {
			.row = sqlite3_column_int64(stmt, 0),
			.repair = sqlite3_column_int64(stmt, 1),
			.incident = sqlite3_column_int64(stmt, 2),
			.device = sqlite3_column_int64(stmt, 3),
			.ino = (uint64_t)sqlite3_column_int64(stmt, 4),
			.gen = (uint32_t)sqlite3_column_int64(stmt, 5),
			.range = {(uint64_t)sqlite3_column_int64(stmt, 7),
				  (uint64_t)sqlite3_column_int64(stmt, 8)},
			.restored = sqlite3_column_int(stmt, 9),
			.at_usec = (uint64_t)sqlite3_column_int64(stmt, 10),
		};

		if (!sqlite3_column_int(stmt, 11))
			return STORE_E_CORRUPT;
		r = sql_text(stmt, 6, &path);
		if (r)
			return r;
		loss.path = path;
		r = fn(&loss, data);
		if (r)
			return r;
	}
	return r;
}
