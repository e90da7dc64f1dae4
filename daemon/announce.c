/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What an administrator reads at night, and what a program greps for. The
 * sentence names the incident, the device, what is lost and the first file; the
 * fields carry all of it: PMEMRAS_FILE and PMEMRAS_INODE once for each file,
 * PMEMRAS_RANGE once for each lost range as "offset+length" in bytes. Journal
 * fields may hold any byte, so paths go in as they are; the sentence is for
 * terminals, so there they are escaped.
 *
 * A block may have a million owners. What is left out beyond the limits is
 * counted, never just dropped: PMEMRAS_FILES is the whole number.
 */
#include "announce.h"

#include <stdio.h>
#include <string.h>

#include "cleanup.h"
#include "escape.h"
#include "record.h"
#include "store.h"

#define MAX_FILES  64u
#define MAX_RANGES 128u

static const struct {
	unsigned int bit;
	const char *token, *says;
} changes[] = {
	{CHANGE_NEW, "new", NULL},
	{CHANGE_REOPENED, "reopened", "it went bad again"},
	{CHANGE_GREW, "grew", "more is lost"},
	{CHANGE_SHRANK, "shrank", "part of it is not bad any more"},
	{CHANGE_CLEARED, "cleared", NULL},
	{CHANGE_MERGED, "merged", "took in others that touch it"},
	{CHANGE_ABSORBED, "absorbed", NULL},
	{CHANGE_SOURCE, "source", "who says so changed"},
	{CHANGE_UNREACHABLE, "unreachable", "its device has gone"},
	{CHANGE_REACHABLE, "reachable", "its device is back"},
	{CHANGE_UNACKED, "unacknowledged", "its acknowledgement does not cover this"},
	{CHANGE_REPAIRED, "repaired", NULL},
	{STORE_CHANGE_ACKED, "acknowledged", NULL},
	{STORE_CHANGE_LOCATED, "located", NULL},
};

static void add_ranges(struct journal_entry *entry, const char *name, const struct rangeset *set)
{
	char text[64];

	for (size_t i = 0; i < set->n && i < MAX_RANGES; i++) {
		snprintf(text, sizeof(text), "%llu+%llu", (unsigned long long)set->ranges[i].start,
			 (unsigned long long)set->ranges[i].len);
		journal_entry_text(entry, name, text);
	}
}

static void add_files(struct journal_entry *entry, const struct findings *findings)
{
	for (size_t i = 0; i < findings->n_files && i < MAX_FILES; i++) {
		const struct found_file *file = &findings->files[i];
		uint32_t cursor = 0;
		const char *path;

		journal_entry_number(entry, "PMEMRAS_INODE", file->ino);
		while ((path = findings_path_next(findings, file, &cursor)))
			journal_entry_text(entry, "PMEMRAS_FILE", path);
	}
	journal_entry_number(entry, "PMEMRAS_FILES", findings->n_files);
}

static void add_findings(struct journal_entry *entry, const struct findings *findings)
{
	struct findings_summary summary;

	findings_summarise(findings, &summary);
	journal_entry_text(entry, "PMEMRAS_IMPACT", impact_token(summary.worst));
	if (findings->mountpoint)
		journal_entry_text(entry, "PMEMRAS_MOUNTPOINT", findings->mountpoint);
	for (int reason = 0; reason < REASON_N; reason++) {
		if (findings->reasons & (1u << reason))
			journal_entry_text(entry, "PMEMRAS_REASON", reason_token(reason));
	}
	add_files(entry, findings);
}

static void add_incident(struct journal_entry *entry, const struct devid *device,
			 const struct incident *incident, unsigned int bits)
{
	CLEANUP(rangeset_deinit) struct rangeset bad = RANGESET_NULL;
	char id[DEVID_BUF];

	journal_entry_number(entry, "PMEMRAS_INCIDENT", (uint64_t)incident->id);
	journal_entry_text(entry, "PMEMRAS_STATE", incident_state_token(incident->state));
	journal_entry_text(entry, "PMEMRAS_DEVICE", device->name);
	journal_entry_text(entry, "PMEMRAS_DEVICE_ID", devid_format(device, id));
	journal_entry_number(entry, "PMEMRAS_LOST_BYTES", rangeset_bytes(&incident->lost));
	add_ranges(entry, "PMEMRAS_RANGE", &incident->lost);
	if (!incident_bad(incident, &bad))
		add_ranges(entry, "PMEMRAS_BAD", &bad);
	for (size_t i = 0; i < incident->n_sightings; i++)
		journal_entry_text(entry, "PMEMRAS_SOURCE",
				   media_source_token(incident->sightings[i].source));
	if (incident->state == INCIDENT_MERGED)
		journal_entry_number(entry, "PMEMRAS_MERGED_INTO", (uint64_t)incident->merged_into);
	for (size_t i = 0; i < ARRAY_SIZE(changes); i++) {
		if (bits & changes[i].bit)
			journal_entry_text(entry, "PMEMRAS_CHANGE", changes[i].token);
	}
}

/* "/srv/db/orders.ibd and 1 more", escaped; NULL where no name is known */
static char *name_files(const struct findings *findings)
{
	CLEANUP(freep) char *first = NULL;
	char *text = NULL;

	for (size_t i = 0; i < findings->n_files && !first; i++) {
		uint32_t cursor = 0;
		const char *path = findings_path_next(findings, &findings->files[i], &cursor);

		if (path && escape_terminal(path, &first))
			return NULL;
	}
	if (!first)
		return NULL;
	if (findings->n_files == 1)
		return steal(first);
	if (asprintf(&text, "%s and %zu more", first, findings->n_files - 1) < 0)
		return NULL;
	return text;
}

/* What the findings come to, malloced; NULL without memory. */
static char *say_findings(const struct findings *findings)
{
	CLEANUP(freep) char *files = name_files(findings);
	struct findings_summary sum;
	char *text = NULL;
	int n;

	findings_summarise(findings, &sum);
	switch (sum.worst) {
	case IMPACT_DATA:
		n = asprintf(&text, "%llu bytes of file data lost%s%s",
			     (unsigned long long)sum.data_bytes, files ? ": " : "",
			     files ? files : "");
		break;
	case IMPACT_METADATA:
		n = asprintf(&text, "%llu bytes of metadata and %llu bytes of file data lost%s%s",
			     (unsigned long long)sum.metadata_bytes,
			     (unsigned long long)sum.data_bytes, files ? ": " : "",
			     files ? files : "");
		break;
	case IMPACT_NOTHING: n = asprintf(&text, "nothing stored was lost"); break;
	default:
		n = asprintf(&text, "what %llu bytes held cannot be told",
			     (unsigned long long)sum.unknown_bytes);
		break;
	}
	return n < 0 ? NULL : text;
}

static int urgency(const struct findings *findings)
{
	struct findings_summary sum;

	if (!findings)
		return LOG_ERR;
	findings_summarise(findings, &sum);
	switch (sum.worst) {
	case IMPACT_DATA:
	case IMPACT_METADATA: return LOG_CRIT;
	case IMPACT_NOTHING: return LOG_WARNING;
	default: return LOG_ERR;
	}
}

static void send(const struct journal *journal, int priority, const char *id,
		 const struct devid *device, const struct incident *incident, unsigned int bits,
		 const struct findings *findings, const char *what)
{
	CLEANUP(journal_entry_deinit) struct journal_entry entry = JOURNAL_ENTRY_NULL;
	CLEANUP(freep) char *lost = findings ? say_findings(findings) : NULL;
	CLEANUP(freep) char *name = NULL;
	char message[4096];

	add_incident(&entry, device, incident, bits);
	if (findings)
		add_findings(&entry, findings);
	(void)escape_terminal(device->name, &name);
	snprintf(message, sizeof(message),
		 "Incident %lld %s: %s, %llu bytes in %zu range%s from %llu%s%s%s",
		 (long long)incident->id, what, name ? name : "?",
		 (unsigned long long)rangeset_bytes(&incident->lost), incident->lost.n,
		 incident->lost.n == 1 ? "" : "s",
		 incident->lost.n ? (unsigned long long)incident->lost.ranges[0].start : 0ull,
		 lost ? "; " : "", lost && incident->findings_stale ? "so far known: " : "",
		 lost ? lost : "");
	journal_send(journal, priority, id, &entry, message);
}

/* The sentence's verb for a change that neither opens nor closes. */
static void say_change(const struct incident *incident, unsigned int bits, char buf[64])
{
	const char *why = NULL;

	for (size_t i = 0; i < ARRAY_SIZE(changes) && !why; i++) {
		if (bits & changes[i].bit)
			why = changes[i].says;
	}
	if (why)
		snprintf(buf, 64, "changed (%s)", why);
	else if (bits & STORE_CHANGE_ACKED)
		snprintf(buf, 64, "%s",
			 incident->acked ? "was acknowledged" : "is not acknowledged any more");
	else
		snprintf(buf, 64, "changed");
}

void announce_incident(const struct journal *journal, const struct devid *device,
		       const struct incident *incident, unsigned int bits)
{
	CLEANUP(findings_freep) struct findings *findings = NULL;
	bool closed = bits & (CHANGE_CLEARED | CHANGE_ABSORBED | CHANGE_REPAIRED) &&
		      incident->state != INCIDENT_OPEN;
	char said[64];

	if (incident->findings &&
	    record_parse_findings(incident->findings, strlen(incident->findings), &findings))
		findings = NULL; /* kept by another version: the facts of the incident remain */

	if (bits & CHANGE_NEW)
		send(journal, urgency(findings), JOURNAL_ID_INCIDENT_NEW, device, incident, bits,
		     findings, "opened");
	if (closed && incident->state == INCIDENT_MERGED) {
		snprintf(said, sizeof(said), "is part of incident %lld now",
			 (long long)incident->merged_into);
		send(journal, LOG_NOTICE, JOURNAL_ID_INCIDENT_CLOSED, device, incident, bits,
		     findings, said);
	} else if (closed) {
		send(journal, LOG_NOTICE, JOURNAL_ID_INCIDENT_CLOSED, device, incident, bits,
		     findings,
		     incident->state == INCIDENT_REPAIRED ? "closed, repaired"
		     : incident->cleared_by == PROOF_RETRACTED
			     ? "closed, what was declared was retracted (nothing was read)"
		     : incident->cleared_by == PROOF_SCRUB
			     ? "closed, a scrub found it good (what it held is not proved)"
			     : "closed, readable again (what it held is not proved)");
	} else if (!(bits & CHANGE_NEW) && bits == STORE_CHANGE_LOCATED) {
		send(journal, urgency(findings), JOURNAL_ID_INCIDENT_LOCATED, device, incident,
		     bits, findings, "was looked up");
	} else if (!(bits & CHANGE_NEW)) {
		say_change(incident, bits, said);
		send(journal,
		     bits & (CHANGE_GREW | CHANGE_REOPENED) ? urgency(findings) : LOG_NOTICE,
		     JOURNAL_ID_INCIDENT_CHANGED, device, incident, bits, findings, said);
	}
}

void announce_unsaved(const struct journal *journal, const char *device, const struct rangeset *bad,
		      const char *trouble)
{
	CLEANUP(journal_entry_deinit) struct journal_entry entry = JOURNAL_ENTRY_NULL;
	CLEANUP(freep) char *name = NULL;
	char message[1024];

	journal_entry_text(&entry, "PMEMRAS_DEVICE", device);
	add_ranges(&entry, "PMEMRAS_RANGE", bad);
	(void)escape_terminal(device, &name);
	snprintf(message, sizeof(message),
		 "%s: %llu bad bytes in %zu ranges from %llu CANNOT BE RECORDED: %s",
		 name ? name : "?", (unsigned long long)rangeset_bytes(bad), bad->n,
		 bad->n ? (unsigned long long)bad->ranges[0].start : 0ull, trouble);
	journal_send(journal, LOG_CRIT, JOURNAL_ID_UNSAVED, &entry, message);
}
