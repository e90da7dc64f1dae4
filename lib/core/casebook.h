/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef PMEMRAS_CASEBOOK_H
#define PMEMRAS_CASEBOOK_H

/*
 * The incidents of one device, and how news changes them. Pure: time is an
 * argument, ids come from the store.
 *
 * - News joins an incident (OPEN or CLEARED, the latter reopens) where it overlaps or touches a page
 *   (4 KiB) of its lost set, or its own page overlaps or touches that set: whichever of two
 *   neighbours is heard of first, the outcome is the same.
 * - News that joins several merges them into the lowest id.
 * - Absence from a list closes nothing. A range leaves the bad set when it was *read*, a scrub
 *   completed without it, or (declared) it was retracted. bad empty: OPEN → CLEARED.
 * - REPAIRED (contents proved) ends an incident; later news there is a new one.
 */
#include "incident.h"

/* All incidents of one device that are OPEN or CLEARED (others may be in it and are left alone). */
struct casebook {
	struct incident **incidents; /* by id ascending, new ones (id 0) last */
	size_t n, allocated;
};

#define CASEBOOK_NULL ((struct casebook){0})
void casebook_deinit(struct casebook *book); /* for CLEANUP() */
/* Takes ownership (malloced) on success. -EINVAL out of order, -ENOMEM. */
int casebook_add(struct casebook *book, struct incident *incident);

enum incident_change {
	CHANGE_NEW = 0x1,
	CHANGE_GREW = 0x2,   /* lost or bad set larger: look again */
	CHANGE_SHRANK = 0x4, /* bad set smaller */
	CHANGE_CLEARED = 0x8,
	CHANGE_REOPENED = 0x10,
	CHANGE_MERGED = 0x20,       /* took others in */
	CHANGE_ABSORBED = 0x40,     /* was taken in: state MERGED */
	CHANGE_SOURCE = 0x80,       /* which sources say so changed: one more, or one fewer */
	CHANGE_UNREACHABLE = 0x100, /* its device has gone */
	CHANGE_REACHABLE = 0x200,   /* its device is back */
	CHANGE_UNACKED = 0x400,     /* an acknowledgement was taken back by this news */
	CHANGE_REPAIRED = 0x800,    /* its contents were put right, and that was proved */
};

/*
 * What calls did: change bits per incident of the book, in its order. Initialise with {0}; several
 * calls on one book may add to the same one.
 */
struct casebook_changes {
	struct casebook_change {
		struct incident *incident; /* owned by the book */
		unsigned int bits;         /* CHANGE_*, nonzero */
	} * items;
	size_t n, allocated;
};
void casebook_changes_deinit(struct casebook_changes *changes); /* for CLEANUP() */

/**
 * casebook_report() - @source holds @bad bad, in addition to what it held before
 * @bad: device bytes; rounded out to sectors. Repeating known news changes nothing but last_usec.
 *
 * Each separate range that joins no incident opens one, but ranges of one
 * report that touch each other's pages share one. A new incident that is taken in before it
 * got an id ends as MERGED with id 0: never to be stored.
 *
 * Return: 0; -ERANGE beyond 2^63 bytes (nothing changed); -ENOMEM (the book may have taken in
 * part of the news: throw it away and reload).
 */
int casebook_report(struct casebook *book, enum media_source source, const struct rangeset *bad,
		    uint64_t now_usec, struct casebook_changes *ret);

/**
 * casebook_clear() - @good is not bad any more
 * @source: whose sighting shrinks; -1 all but SOURCE_DECLARED (a read proves
 *          nothing to somebody who declared it bad: that is retracted, with SOURCE_DECLARED)
 * @good:   device bytes; only sectors that lie in it whole count
 * @proof:  PROOF_RETRACTED with SOURCE_DECLARED, and with nothing else
 *
 * A range leaves bad when no sighting holds it.
 *
 * Return: 0, -EINVAL (@proof and @source do not go together), -ENOMEM as above.
 */
int casebook_clear(struct casebook *book, int source, const struct rangeset *good,
		   enum clear_proof proof, uint64_t now_usec, struct casebook_changes *ret);

/**
 * casebook_scrubbed() - what a scrub of the medium proves of a device that nobody can read
 * @listed:     what its list holds bad, read whole and after the scrub's end
 * @begun_usec: the scrub began after this moment. A sighting that is not older was perhaps heard
 *              behind the scrub's back, and stays
 *
 * Lists and memory failures let go of what is not in @listed (PROOF_SCRUB). Nobody else does: a scrub
 * proves nothing to somebody who declared it bad.
 *
 * Return: 0, -ENOMEM as above.
 */
int casebook_scrubbed(struct casebook *book, const struct rangeset *listed, uint64_t begun_usec,
		      uint64_t now_usec, struct casebook_changes *ret);

/* @ret (initialised, content replaced) = what @source holds bad now, over all incidents of the book */
int casebook_source_bad(const struct casebook *book, enum media_source source,
			struct rangeset *ret);

#endif
