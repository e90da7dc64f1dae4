/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Writing incidents: the case itself, an acknowledgement, the result of a
 * look. Each writes only where something differs and leaves a line in the log.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include "cleanup.h"
#include "store_priv.h"

static int seal(struct store *store, int64_t id)
{
	return store_run(store,
			 "UPDATE incident SET sum = pmemras_sum(" STORE_INCIDENT_COLS ")"
			 " WHERE id = ?1",
			 "i", id);
}

/* The next id: higher than any that was ever given, and on the medium as given. */
static int give_id(struct store *store, int64_t *ret)
{
	int64_t id;
	int r;

	r = store_int(store, &id,
		      "SELECT max(coalesce((SELECT max(id) FROM incident), 0), coalesce("
		      "	(SELECT seq FROM sqlite_sequence WHERE name = 'incident'), 0)) + 1",
		      "");
	if (r)
		return r;
	r = store_ids_reserve(store->dir_fd, (uint64_t)id, &store->ids_mark);
	if (r)
		return r;

	*ret = id;
	return 0;
}

/* NULL for what stands for "none" */
static int write_row(struct store *store, int64_t device, int64_t id,
		     const struct incident *incident, const char *lost)
{
	const char *proof = incident->cleared_usec ? clear_proof_token(incident->cleared_by) : NULL;
	int r;

	r = store_run(
		store,
		"INSERT INTO incident(" STORE_INCIDENT_COLS ", sum)"
		" VALUES(?1, ?2, ?3, nullif(?4, 0), ?5, ?6, ?7, ?8, ?9, ?10, ?11, pmemras_sum("
		"	?1, ?2, ?3, nullif(?4, 0), ?5, ?6, ?7, ?8, ?9, ?10, ?11))"
		" ON CONFLICT(id) DO UPDATE SET state = excluded.state,"
		"	merged_into = excluded.merged_into, acked = excluded.acked,"
		"	ack_note = excluded.ack_note, opened_usec = excluded.opened_usec,"
		"	changed_usec = excluded.changed_usec, cleared_usec = excluded.cleared_usec,"
		"	cleared_by = excluded.cleared_by, lost = excluded.lost, sum = excluded.sum",
		"iitiitiiitt", id, device, incident_state_token(incident->state),
		incident->merged_into, (int64_t)incident->acked, incident->ack_note,
		(int64_t)incident->opened_usec, (int64_t)incident->changed_usec,
		(int64_t)incident->cleared_usec, proof, lost);
	return r;
}

static int write_sighting(struct store *store, int64_t id, const struct sighting *sighting)
{
	CLEANUP(freep) char *bad = NULL;
	int r;

	r = store_sets_format(&sighting->bad, &bad);
	if (r)
		return r;
	return store_run(store,
			 "INSERT OR REPLACE INTO sighting(" STORE_SIGHTING_COLS ", sum)"
			 " VALUES(?1, ?2, ?3, ?4, ?5, pmemras_sum(?1, ?2, ?3, ?4, ?5))",
			 "itiit", id, media_source_token(sighting->source),
			 (int64_t)sighting->first_usec, (int64_t)sighting->last_usec, bad);
}

static int save(struct store *store, int64_t device, struct incident *incident, unsigned int bits,
		uint64_t now_usec)
{
	CLEANUP(freep) char *lost = NULL;
	int64_t id = incident->id, there;
	int r;

	r = store_int(store, &there, "SELECT 1 FROM device WHERE id = ?1", "i", device);
	if (r)
		return r;
	r = store_sets_format(&incident->lost, &lost);
	if (r)
		return r;
	if (id)
		r = store_int(store, &there, "SELECT 1 FROM incident WHERE id = ?1 AND device = ?2",
			      "ii", id, device);
	else
		r = give_id(store, &id);
	if (r)
		return r;
	r = write_row(store, device, id, incident, lost);
	if (r)
		return r;
	for (size_t i = 0; i < incident->n_sightings; i++) {
		r = write_sighting(store, id, &incident->sightings[i]);
		if (r)
			return r;
	}
	r = bits ? store_log_change(store, id, bits, now_usec) : 0;
	if (r)
		return r;

	incident->id = id;
	return 0;
}

int store_save_incident(struct store *store, int64_t device, struct incident *incident,
			unsigned int bits, uint64_t now_usec)
{
	bool own;
	int r;

	if (incident->state == INCIDENT_MERGED && !incident->id)
		return 0;
	r = store_enter(store, &own);
	if (r)
		return r;
	return store_leave(store, own, save(store, device, incident, bits, now_usec));
}

static int ack(struct store *store, int64_t id, bool acked, const char *note, uint64_t now_usec)
{
	CLEANUP(incident_deinit) struct incident incident = INCIDENT_NULL;
	const char *kept;
	int r;

	r = store_incident(store, id, true, &incident, NULL);
	if (r)
		return r;
	kept = acked ? note ?: incident.acked ? incident.ack_note : NULL : NULL;
	if (incident.acked == acked &&
	    (!kept || (incident.ack_note && strcmp(kept, incident.ack_note) == 0)))
		return 0;

	r = store_run(store, "UPDATE incident SET acked = ?2, ack_note = ?3 WHERE id = ?1", "iit",
		      incident.id, (int64_t)acked, kept);
	if (!r)
		r = seal(store, incident.id);
	if (!r)
		r = store_log_change(store, incident.id, STORE_CHANGE_ACKED, now_usec);
	return r;
}

int store_ack(struct store *store, int64_t id, bool acked, const char *note, uint64_t now_usec)
{
	bool own;
	int r;

	r = store_enter(store, &own);
	if (r)
		return r;
	return store_leave(store, own, ack(store, id, acked, note, now_usec));
}

static int set_findings(struct store *store, int64_t id, const char *lost, const char *json,
			uint32_t reasons, uint64_t now_usec, bool *ret_news)
{
	int64_t same;
	int r;

	r = sql_int(
		store->db, &same,
		"SELECT lost IS ?2 AND state IN ('open', 'cleared') FROM incident WHERE id = ?1",
		"it", id, lost);
	if (r || !same)
		return r && r != -ENOENT ? r : -ESTALE;
	r = store_int(store, &same,
		      "SELECT 1 FROM look WHERE incident = ?1 AND lost = ?2 AND reasons = ?3"
		      " AND findings = ?4",
		      "itit", id, lost, (int64_t)reasons, json);
	if (r != -ENOENT)
		return r;

	*ret_news = true;
	r = store_run(store,
		      "INSERT OR REPLACE INTO look(" STORE_LOOK_COLS ", sum)"
		      " VALUES(?1, ?2, ?3, ?4, ?5, pmemras_sum(?1, ?2, ?3, ?4, ?5))",
		      "iitit", id, (int64_t)now_usec, lost, (int64_t)reasons, json);
	return r ? r : store_log_change(store, id, STORE_CHANGE_LOCATED, now_usec);
}

int store_set_findings(struct store *store, int64_t id, const struct rangeset *lost,
		       const char *json, uint32_t reasons, uint64_t now_usec, bool *ret_news)
{
	CLEANUP(freep) char *text = NULL;
	bool own, news = false;
	int r;

	r = store_sets_format(lost, &text);
	if (r)
		return r;
	r = store_enter(store, &own);
	if (r)
		return r;
	r = store_leave(store, own, set_findings(store, id, text, json, reasons, now_usec, &news));
	if (r)
		return r;

	if (ret_news)
		*ret_news = news;
	return 0;
}

int store_unlocated(struct store *store, int64_t device, uint32_t reasons, int64_t **ret,
		    size_t *ret_n)
{
	CLEANUP(sql_finalizep) sqlite3_stmt *stmt = NULL;
	int r;

	r = sql_query(store->db, &stmt,
		      "SELECT i.id FROM incident i LEFT JOIN look l ON l.incident = i.id"
		      " WHERE i.state IN ('open', 'cleared') AND (?1 = 0 OR i.device = ?1)"
		      " AND (l.lost IS NOT i.lost OR l.reasons & ?2 != 0) ORDER BY i.id",
		      "ii", device, (int64_t)reasons);
	return r ? r : sql_ids(stmt, ret, ret_n);
}
