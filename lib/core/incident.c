/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * An incident as a value: its tokens, its memory, its sightings. A sighting
 * is what one source says, kept apart from what the others say, because each
 * can only take back its own word: a person retracts a declaration, a
 * successful read refutes a badblocks list, and neither speaks for the other.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include "cleanup.h"
#include "incident.h"
#include "token.h"

static const char *const states[] = {
	[INCIDENT_OPEN] = "open",
	[INCIDENT_CLEARED] = "cleared",
	[INCIDENT_REPAIRED] = "repaired",
	[INCIDENT_MERGED] = "merged",
};

static const char *const sources[SOURCE_N] = {
	[SOURCE_DECLARED] = "declared",
	[SOURCE_BADBLOCKS] = "badblocks",
	[SOURCE_MEMORY_FAILURE] = "memory-failure",
	[SOURCE_XFS_HEALTH] = "xfs-health",
	[SOURCE_FANOTIFY] = "fanotify",
	[SOURCE_MCE] = "mce",
	[SOURCE_CXL] = "cxl",
};

static const char *const proofs[] = {
	[PROOF_READ] = "read",
	[PROOF_SCRUB] = "scrub",
	[PROOF_RETRACTED] = "retracted",
};

const char *incident_state_token(enum incident_state state)
{
	return (size_t)state < ARRAY_SIZE(states) ? states[state] : "unknown";
}

int incident_state_from_token(const char *token)
{
	return token_find(states, ARRAY_SIZE(states), token);
}

const char *media_source_token(enum media_source source)
{
	return (size_t)source < ARRAY_SIZE(sources) ? sources[source] : "unknown";
}

int media_source_from_token(const char *token)
{
	return token_find(sources, ARRAY_SIZE(sources), token);
}

const char *clear_proof_token(enum clear_proof proof)
{
	return (size_t)proof < ARRAY_SIZE(proofs) ? proofs[proof] : "unknown";
}

int clear_proof_from_token(const char *token)
{
	return token_find(proofs, ARRAY_SIZE(proofs), token);
}

void incident_deinit(struct incident *incident)
{
	for (size_t i = 0; i < incident->n_sightings; i++)
		rangeset_deinit(&incident->sightings[i].bad);
	free(incident->sightings);
	rangeset_deinit(&incident->lost);
	free(incident->ack_note);
	free(incident->findings);
	*incident = INCIDENT_NULL;
}

void incident_free(struct incident *incident)
{
	if (!incident)
		return;
	incident_deinit(incident);
	free(incident);
}

void incident_freep(struct incident **incident)
{
	incident_free(*incident);
}

struct sighting *incident_sighting(const struct incident *incident, enum media_source source)
{
	for (size_t i = 0; i < incident->n_sightings; i++)
		if (incident->sightings[i].source == source)
			return &incident->sightings[i];
	return NULL;
}

int incident_ensure_sighting(struct incident *incident, enum media_source source, uint64_t now_usec,
			     struct sighting **ret)
{
	struct sighting *sighting = incident_sighting(incident, source);
	size_t at = 0;

	if (!sighting) {
		sighting = reallocarray(incident->sightings, incident->n_sightings + 1,
					sizeof(*sighting));
		if (!sighting)
			return -ENOMEM;
		incident->sightings = sighting;

		while (at < incident->n_sightings && sighting[at].source < source)
			at++;
		memmove(&sighting[at + 1], &sighting[at],
			(incident->n_sightings - at) * sizeof(*sighting));
		incident->n_sightings++;
		sighting = &sighting[at];
		*sighting = (struct sighting){
			.source = source, .first_usec = now_usec, .last_usec = now_usec};
	}

	*ret = sighting;
	return 0;
}

int incident_bad(const struct incident *incident, struct rangeset *ret)
{
	CLEANUP(rangeset_deinit) struct rangeset bad = RANGESET_NULL;

	for (size_t i = 0; i < incident->n_sightings; i++) {
		int r = rangeset_add_set(&bad, &incident->sightings[i].bad);

		if (r)
			return r;
	}

	rangeset_move(ret, &bad);
	return 0;
}
