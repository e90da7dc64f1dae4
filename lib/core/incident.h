/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef PMEMRAS_INCIDENT_H
#define PMEMRAS_INCIDENT_H

/*
 * Incidents: what is remembered of damage to one device, and how news changes
 * it. Pure: time is an argument, ids come from the store.
 *
 * - lost only ever grows: what was lost outlives what is bad.
 * - Each source keeps its own set of what it holds bad now; bad is their union.
 * - News that overlaps or touches a page (4 KiB) of an incident's lost set joins it (OPEN and
 *   CLEARED ones; the latter reopens). News that joins several merges them into the lowest id.
 * - Absence from a list closes nothing. A range leaves the bad set when it was *read*, a scrub
 *   completed without it, or (declared) it was retracted. bad empty: OPEN → CLEARED.
 * - REPAIRED (contents proved) ends an incident; later news there is a new one.
 */
#include "rangeset.h"

enum incident_state { INCIDENT_OPEN, INCIDENT_CLEARED, INCIDENT_REPAIRED, INCIDENT_MERGED };
const char *incident_state_token(enum incident_state state); /* "open", "cleared", … */
int incident_state_from_token(const char *token);

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
int media_source_from_token(const char *token);

/* How a range became good again. */
enum clear_proof { PROOF_READ, PROOF_SCRUB, PROOF_RETRACTED };
const char *clear_proof_token(enum clear_proof proof);

struct sighting {
	enum media_source source;
	uint64_t first_usec, last_usec; /* CLOCK_REALTIME */
	struct rangeset bad;		/* what this source holds bad now; device bytes */
};

struct incident {
	int64_t id;	    /* 0 until the store gave one */
	int64_t merged_into; /* MERGED: the id that took it in */
	enum incident_state state;
	bool acked;
	char *ack_note;		/* may be NULL */
	bool unreachable;	/* the device is absent */
	uint64_t opened_usec, changed_usec, cleared_usec;
	struct rangeset lost; /* device bytes, whole sectors */
	struct sighting *sightings;
	size_t n_sightings;
	char *findings; /* JSON record of the last look, NULL: nobody has looked yet */
	uint64_t located_usec;
};

#define INCIDENT_NULL ((struct incident){0})
void incident_deinit(struct incident *incident);
/* @ret (initialised) = union of the sightings' bad sets */
int incident_bad(const struct incident *incident, struct rangeset *ret);

/* All incidents of one device that are OPEN or CLEARED (others may be in it and are left alone). */
struct casebook {
	struct incident **incidents; /* by id ascending, new ones (id 0) last */
	size_t n, allocated;
};

#define CASEBOOK_NULL ((struct casebook){0})
void casebook_deinit(struct casebook *book);
int casebook_add(struct casebook *book, struct incident *incident); /* takes ownership on success */

enum incident_change {
	CHANGE_NEW = 0x1,
	CHANGE_GREW = 0x2,	 /* lost or bad set larger: look again */
	CHANGE_SHRANK = 0x4,	 /* bad set smaller */
	CHANGE_CLEARED = 0x8,
	CHANGE_REOPENED = 0x10,
	CHANGE_MERGED = 0x20,	 /* took others in */
	CHANGE_ABSORBED = 0x40,	 /* was taken in: state MERGED */
	CHANGE_SOURCE = 0x80,	 /* another source says so too */
};

/* What a call did: change bits per incident of the book, in its order. Initialise with {0}. */
struct casebook_changes {
	struct {
		struct incident *incident; /* owned by the book */
		unsigned int bits;	   /* CHANGE_*, nonzero */
	} *items;
	size_t n, allocated;
};
void casebook_changes_deinit(struct casebook_changes *changes);

/**
 * casebook_report() - @source holds @bad bad, in addition to what it held before
 * @bad: device bytes; rounded out to sectors. Repeating known news changes nothing but last_usec.
 *
 * Each separate range that joins no incident opens one, but ranges of one
 * report that touch each other's pages share one.
 *
 * Return: 0, -ENOMEM (the book may have taken in part of the news: throw it away and reload).
 */
int casebook_report(struct casebook *book, enum media_source source, const struct rangeset *bad,
		    uint64_t now_usec, struct casebook_changes *ret);

/**
 * casebook_clear() - @good is not bad any more
 * @source: whose sighting shrinks; -1 all but SOURCE_DECLARED (a read proves
 *          nothing to somebody who declared it bad: that is retracted, with SOURCE_DECLARED)
 *
 * A range leaves bad when no sighting holds it. Return as above.
 */
int casebook_clear(struct casebook *book, int source, const struct rangeset *good,
		   enum clear_proof proof, uint64_t now_usec, struct casebook_changes *ret);

/* @ret (initialised) = what @source holds bad now, over all incidents of the book */
int casebook_source_bad(const struct casebook *book, enum media_source source,
			struct rangeset *ret);

#endif
