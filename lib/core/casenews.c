/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What news does to one incident.
 *
 * Sources are read again and again, so repeated news must stay without
 * consequence: change bits come only from sets that really differ, and time
 * stamps other than a sighting's last_usec move only with a bit.
 */
#include <errno.h>
#include "casenews.h"
#include "cleanup.h"

static void reopen(struct incident *incident, unsigned int *bits)
{
	if (incident->state != INCIDENT_CLEARED)
		return;
	incident->state = INCIDENT_OPEN;
	incident->cleared_usec = 0;
	*bits |= CHANGE_REOPENED;
}

static void take_back_ack(struct incident *incident, unsigned int *bits)
{
	if (!incident->acked)
		return;
	incident->acked = false;
	*bits |= CHANGE_UNACKED;
}

int casenews_absorb(struct incident *target, struct incident *other, uint64_t now_usec,
		    unsigned int *target_bits, unsigned int *other_bits)
{
	int r;

	for (size_t i = 0; i < other->n_sightings; i++) {
		struct sighting *from = &other->sightings[i], *to;

		r = incident_ensure_sighting(target, from->source, from->first_usec, &to);
		if (r)
			return r;
		r = rangeset_add_set(&to->bad, &from->bad);
		if (r)
			return r;
		if (from->first_usec < to->first_usec)
			to->first_usec = from->first_usec;
		if (from->last_usec > to->last_usec)
			to->last_usec = from->last_usec;
		rangeset_clear(&from->bad);
	}
	r = rangeset_add_set(&target->lost, &other->lost);
	if (r)
		return r;

	if (other->state == INCIDENT_OPEN)
		reopen(target, target_bits);
	if (!other->acked)
		take_back_ack(target, target_bits);
	if (other->opened_usec < target->opened_usec)
		target->opened_usec = other->opened_usec;
	target->findings_stale = target->findings || target->located_usec;
	target->changed_usec = now_usec;
	*target_bits |= CHANGE_MERGED | CHANGE_GREW;

	other->state = INCIDENT_MERGED;
	other->merged_into = target->id;
	other->cleared_usec = 0;
	other->changed_usec = now_usec;
	*other_bits |= CHANGE_ABSORBED;
	return 0;
}

int casenews_admit(struct incident *incident, enum media_source source, const struct rangeset *news,
		   uint64_t now_usec, unsigned int *bits)
{
	CLEANUP(rangeset_deinit) struct rangeset before = RANGESET_NULL;
	CLEANUP(rangeset_deinit) struct rangeset after = RANGESET_NULL;
	uint64_t lost = rangeset_bytes(&incident->lost), held;
	unsigned int done = 0;
	struct sighting *sighting;
	bool heard = incident_sighting(incident, source), lost_grew;
	int r;

	r = incident_bad(incident, &before);
	if (r)
		return r;
	r = incident_ensure_sighting(incident, source, now_usec, &sighting);
	if (r)
		return r;
	held = rangeset_bytes(&sighting->bad);
	r = rangeset_add_set(&sighting->bad, news);
	if (r)
		return r;
	r = rangeset_add_set(&incident->lost, news);
	if (r)
		return r;
	r = incident_bad(incident, &after);
	if (r)
		return r;

	lost_grew = rangeset_bytes(&incident->lost) != lost;
	if (lost_grew || !rangeset_equal(&before, &after))
		done |= CHANGE_GREW;
	if (!heard || (!held && before.n) || (!done && rangeset_bytes(&sighting->bad) != held))
		done |= CHANGE_SOURCE;
	reopen(incident, &done);
	if (lost_grew || (done & CHANGE_REOPENED))
		take_back_ack(incident, &done);
	if (lost_grew)
		incident->findings_stale = incident->findings || incident->located_usec;

	if (now_usec > sighting->last_usec)
		sighting->last_usec = now_usec;
	if (done)
		incident->changed_usec = now_usec;
	*bits |= *bits & CHANGE_NEW ? 0 : done;
	return 0;
}

int casenews_relieve(struct incident *incident, int source, const struct rangeset *good,
		     enum clear_proof proof, uint64_t now_usec, unsigned int *bits)
{
	CLEANUP(rangeset_deinit) struct rangeset before = RANGESET_NULL;
	CLEANUP(rangeset_deinit) struct rangeset after = RANGESET_NULL;
	bool let_go = false;
	int r;

	r = incident_bad(incident, &before);
	if (r || !before.n)
		return r;
	for (size_t i = 0; i < incident->n_sightings; i++) {
		struct sighting *sighting = &incident->sightings[i];
		uint64_t held = rangeset_bytes(&sighting->bad);

		if (source < 0 ? sighting->source == SOURCE_DECLARED
			       : (int)sighting->source != source)
			continue;
		r = rangeset_subtract_set(&sighting->bad, good);
		if (r)
			return r;
		let_go |= rangeset_bytes(&sighting->bad) != held;
	}
	if (!let_go)
		return 0;
	r = incident_bad(incident, &after);
	if (r)
		return r;

	*bits |= rangeset_equal(&before, &after) ? CHANGE_SOURCE : CHANGE_SHRANK;
	if (!after.n && incident->state == INCIDENT_OPEN) {
		incident->state = INCIDENT_CLEARED;
		incident->cleared_usec = now_usec;
		incident->cleared_by = proof;
		*bits |= CHANGE_CLEARED;
	}
	incident->changed_usec = now_usec;
	return 0;
}
