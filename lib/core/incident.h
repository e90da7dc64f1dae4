/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef PMEMRAS_INCIDENT_H
#define PMEMRAS_INCIDENT_H

/*
 * One incident: what is remembered of damage to one place of one device. How
 * news changes incidents is casebook.h.
 *
 * - lost only ever grows: what was lost outlives what is bad.
 * - Each source keeps its own set of what it holds bad now; bad is their union.
 * - bad empty: OPEN → CLEARED (readable again, contents unproven) → REPAIRED (proved).
 */
#include "rangeset.h"

enum incident_state { INCIDENT_OPEN, INCIDENT_CLEARED, INCIDENT_REPAIRED, INCIDENT_MERGED };
const char *incident_state_token(enum incident_state state); /* "open", "cleared", … */
int incident_state_from_token(const char *token); /* -1 where it names none, NULL included */

enum media_source {
	SOURCE_DECLARED,
	SOURCE_BADBLOCKS,
	SOURCE_MEMORY_FAILURE,
	SOURCE_XFS_HEALTH,
	SOURCE_FANOTIFY,
	SOURCE_MCE,
	SOURCE_CXL,
	SOURCE_N,
};
const char *media_source_token(enum media_source source); /* "declared", "badblocks" … */
int media_source_from_token(const char *token); /* as above */

/* How a range became good again. */
enum clear_proof { PROOF_READ, PROOF_SCRUB, PROOF_RETRACTED };
const char *clear_proof_token(enum clear_proof proof); /* "read", "scrub", "retracted" */
int clear_proof_from_token(const char *token); /* as above */

struct sighting {
	enum media_source source;
	uint64_t first_usec, last_usec; /* CLOCK_REALTIME */
	struct rangeset bad;		/* what this source holds bad now; device bytes */
};

struct incident {
	int64_t id;	    /* 0 until the store gave one */
	int64_t merged_into; /* MERGED: the id that took it in */
	enum incident_state state;
	/*
	 * Somebody has taken note of it. Covers what was known then: more loss, or the same range bad
	 * again, takes it back (the note is kept).
	 */
	bool acked;
	char *ack_note;		/* may be NULL */
	bool unreachable;	/* the device is absent */
	uint64_t opened_usec, changed_usec;
	uint64_t cleared_usec;	/* nonzero in CLEARED and REPAIRED only */
	enum clear_proof cleared_by; /* means something where cleared_usec does: proof for the last bad byte */
	struct rangeset lost; /* device bytes, whole sectors */
	struct sighting *sightings; /* by source, one each; what let go of everything stays, with bad empty */
	size_t n_sightings;
	char *findings; /* JSON record of the last look, NULL: nobody has looked yet */
	uint64_t located_usec; /* of that look, 0 none */
	bool findings_stale;   /* that look was at less than what is lost by now */
};

#define INCIDENT_NULL ((struct incident){0})
void incident_deinit(struct incident *incident); /* for CLEANUP() */
void incident_free(struct incident *incident); /* a malloced one, NULL included */
void incident_freep(struct incident **incident);

/* NULL where @source never said anything */
struct sighting *incident_sighting(const struct incident *incident, enum media_source source);
/* That sighting, made empty at @now_usec where there is none. -ENOMEM. */
int incident_ensure_sighting(struct incident *incident, enum media_source source,
			     uint64_t now_usec, struct sighting **ret);
/* @ret (initialised, content replaced) = union of the sightings' bad sets. -ENOMEM. */
int incident_bad(const struct incident *incident, struct rangeset *ret);

#endif
