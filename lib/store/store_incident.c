/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Reading incidents. One statement gives an incident's row once for each
 * sighting, by id, so that ten thousand incidents cost one statement and not
 * ten thousand.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include "cleanup.h"
#include "store_priv.h"

#define SELECT                                                                                     \
	"SELECT i.id, i.device, i.state, i.merged_into, i.acked, i.ack_note, i.opened_usec,"       \
	"	i.changed_usec, i.cleared_usec, i.cleared_by, i.lost,"                                   \
	"	i.sum IS pmemras_sum(i.id, i.device, i.state, i.merged_into, i.acked, i.ack_note,"       \
	"		i.opened_usec, i.changed_usec, i.cleared_usec, i.cleared_by, i.lost),"                  \
	"	d.present, l.at_usec, l.lost IS NOT i.lost, l.findings,"                                 \
	"	l.sum IS pmemras_sum(l.incident, l.at_usec, l.lost, l.reasons, l.findings),"             \
	"	s.source, s.first_usec, s.last_usec, s.bad,"                                             \
	"	s.sum IS pmemras_sum(s.incident, s.source, s.first_usec, s.last_usec, s.bad)"            \
	" FROM incident i JOIN device d ON d.id = i.device"                                        \
	" LEFT JOIN look l ON l.incident = i.id LEFT JOIN sighting s ON s.incident = i.id "

enum column {
	ID,
	DEVICE,
	STATE,
	MERGED_INTO,
	ACKED,
	ACK_NOTE,
	OPENED,
	CHANGED,
	CLEARED,
	CLEARED_BY,
	LOST,
	SOUND,
	PRESENT,
	LOOK_AT,
	LOOK_STALE,
	FINDINGS,
	LOOK_SOUND,
	SOURCE,
	FIRST,
	LAST,
	BAD,
	SIGHTING_SOUND,
};

static int read_set(sqlite3_stmt *stmt, int column, struct rangeset *ret)
{
	const char *text = (const char *)sqlite3_column_text(stmt, column);

	return text ? store_sets_parse(text, ret) : STORE_E_CORRUPT;
}

static uint64_t column_usec(sqlite3_stmt *stmt, int column)
{
	return (uint64_t)sqlite3_column_int64(stmt, column);
}

static int read_look(sqlite3_stmt *stmt, bool findings, struct incident *incident)
{
	if (sqlite3_column_type(stmt, LOOK_AT) == SQLITE_NULL)
		return 0;
	incident->located_usec = column_usec(stmt, LOOK_AT);
	incident->findings_stale = sqlite3_column_int(stmt, LOOK_STALE);
	if (!findings)
		return 0;
	return sqlite3_column_int(stmt, LOOK_SOUND) ? sql_text(stmt, FINDINGS, &incident->findings)
						    : STORE_E_CORRUPT;
}

/* All but the sightings. */
static int read_incident(sqlite3_stmt *stmt, bool findings, struct incident *ret)
{
	CLEANUP(incident_deinit) struct incident incident = INCIDENT_NULL;
	int state, proof, r;

	if (!sqlite3_column_int(stmt, SOUND))
		return STORE_E_CORRUPT;
	state = incident_state_from_token((const char *)sqlite3_column_text(stmt, STATE));
	proof = clear_proof_from_token((const char *)sqlite3_column_text(stmt, CLEARED_BY));
	if (state < 0)
		return STORE_E_CORRUPT;

	incident.id = sqlite3_column_int64(stmt, ID);
	incident.state = (enum incident_state)state;
	incident.merged_into = sqlite3_column_int64(stmt, MERGED_INTO);
	incident.acked = sqlite3_column_int(stmt, ACKED);
	incident.unreachable = !sqlite3_column_int(stmt, PRESENT);
	incident.opened_usec = column_usec(stmt, OPENED);
	incident.changed_usec = column_usec(stmt, CHANGED);
	incident.cleared_usec = column_usec(stmt, CLEARED);
	incident.cleared_by = proof < 0 ? PROOF_READ : (enum clear_proof)proof;
	r = sql_text(stmt, ACK_NOTE, &incident.ack_note);
	if (!r)
		r = read_set(stmt, LOST, &incident.lost);
	if (!r)
		r = read_look(stmt, findings, &incident);
	if (r)
		return r;

	*ret = incident;
	incident = INCIDENT_NULL;
	return 0;
}

static int read_sighting(sqlite3_stmt *stmt, struct incident *incident)
{
	struct sighting *sighting;
	int source, r;

	if (sqlite3_column_type(stmt, SOURCE) == SQLITE_NULL)
		return 0;
	if (!sqlite3_column_int(stmt, SIGHTING_SOUND))
		return STORE_E_CORRUPT;
	source = media_source_from_token((const char *)sqlite3_column_text(stmt, SOURCE));
	if (source < 0)
		return STORE_E_CORRUPT;
	r = incident_ensure_sighting(incident, (enum media_source)source, column_usec(stmt, FIRST),
				     &sighting);
	if (r)
		return r;
	sighting->last_usec = column_usec(stmt, LAST);
	return read_set(stmt, BAD, &sighting->bad);
}

/* Called with each incident, which it may take (then it leaves INCIDENT_NULL behind). */
typedef int (*incident_fn)(int64_t device, struct incident *incident, void *data);

/* Rows of @stmt, by id, to incidents. */
static int read_all(sqlite3_stmt *stmt, bool findings, incident_fn fn, void *data)
{
	CLEANUP(incident_deinit) struct incident incident = INCIDENT_NULL;
	int64_t device = 0;
	bool row;
	int r;

	while (!(r = sql_step(stmt, &row)) && row) {
		if (incident.id != sqlite3_column_int64(stmt, ID)) {
			if (incident.id) {
				r = fn(device, &incident, data);
				if (r)
					return r;
			}
			incident_deinit(&incident);
			r = read_incident(stmt, findings, &incident);
			if (r)
				return r;
			device = sqlite3_column_int64(stmt, DEVICE);
		}
		r = read_sighting(stmt, &incident);
		if (r)
			return r;
	}
	return r || !incident.id ? r : fn(device, &incident, data);
}

struct one {
	struct incident *ret;
	int64_t device;
	bool found;
};

static int take_one(int64_t device, struct incident *incident, void *data)
{
	struct one *one = data;

	*one->ret = *incident;
	*incident = INCIDENT_NULL;
	one->device = device;
	one->found = true;
	return 0;
}

/* The end of the chain of mergers, which always goes to lower ids. */
static int follow_chain(struct store *store, int64_t id, int64_t *ret)
{
	int64_t next;
	int r;

	while (!(r = store_int(store, &next, "SELECT merged_into FROM incident WHERE id = ?1", "i",
			       id))) {
		if (next >= id || next <= 0)
			return STORE_E_CORRUPT;
		id = next;
	}
	if (r != -ENOENT)
		return r;

	*ret = id;
	return 0;
}

int store_incident(struct store *store, int64_t id, bool follow, struct incident *ret,
		   int64_t *ret_device)
{
	CLEANUP(sql_finalizep) sqlite3_stmt *stmt = NULL;
	CLEANUP(incident_deinit) struct incident incident = INCIDENT_NULL;
	struct one one = {.ret = &incident};
	int r;

	r = follow ? follow_chain(store, id, &id) : 0;
	if (r)
		return r;
	r = sql_query(store->db, &stmt, SELECT "WHERE i.id = ?1 ORDER BY s.source", "i", id);
	if (r)
		return r;
	r = read_all(stmt, true, take_one, &one);
	if (r)
		return r;
	if (!one.found)
		return -ENOENT;

	incident_deinit(ret);
	*ret = incident;
	incident = INCIDENT_NULL;
	if (ret_device)
		*ret_device = one.device;
	return 0;
}

struct each {
	int (*fn)(int64_t device, const struct incident *incident, void *data);
	void *data;
};

static int pass_on(int64_t device, struct incident *incident, void *data)
{
	const struct each *each = data;

	return each->fn(device, incident, each->data);
}

int store_incident_each(struct store *store, unsigned int states,
			int (*fn)(int64_t device, const struct incident *incident, void *data),
			void *data)
{
	CLEANUP(sql_finalizep) sqlite3_stmt *stmt = NULL;
	struct each each = {fn, data};
	const char *tokens[4];
	int r;

	for (unsigned int i = 0; i < ARRAY_SIZE(tokens); i++)
		tokens[i] = states & 1u << i ? incident_state_token((enum incident_state)i) : NULL;
	r = sql_query(store->db, &stmt,
		      SELECT "WHERE i.state IN (?1, ?2, ?3, ?4) ORDER BY i.id, s.source", "tttt",
		      tokens[0], tokens[1], tokens[2], tokens[3]);
	if (r)
		return r;
	return read_all(stmt, true, pass_on, &each);
}

static int add_to_book(int64_t device, struct incident *incident, void *data)
{
	CLEANUP(incident_freep) struct incident *copy = malloc(sizeof(*copy));
	int r;

	if (!copy)
		return -ENOMEM;
	*copy = *incident;
	*incident = INCIDENT_NULL;
	r = casebook_add(data, copy);
	if (r)
		return r;
	steal(copy);
	return 0;
}

int store_casebook(struct store *store, int64_t device, struct casebook *ret)
{
	CLEANUP(sql_finalizep) sqlite3_stmt *stmt = NULL;
	CLEANUP(casebook_deinit) struct casebook book = CASEBOOK_NULL;
	int r;

	r = sql_query(store->db, &stmt,
		      SELECT "WHERE i.device = ?1 AND i.state IN ('open', 'cleared')"
			     " ORDER BY i.id, s.source",
		      "i", device);
	if (r)
		return r;
	r = read_all(stmt, false, add_to_book, &book);
	if (r)
		return r;

	casebook_deinit(ret);
	*ret = book;
	book = CASEBOOK_NULL;
	return 0;
}
