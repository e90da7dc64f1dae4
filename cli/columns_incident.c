/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * One row an incident. LOST is what the last look found lost; "?" stands for
 * what nobody knows, never for nothing.
 */
#include <inttypes.h>
#include "cleanup.h"
#include "columns_incident.h"
#include "rangespec.h"
#include "timefmt.h"
#include "words.h"

#define RANGES_MAX 4

static const struct ctl_case *case_of(const void *row)
{
	return ((const struct incident_row *)row)->c;
}

static uint64_t now_of(const void *row)
{
	return ((const struct incident_row *)row)->now_usec;
}

static void id(const void *row, FILE *out)
{
	fprintf(out, "%" PRId64, case_of(row)->incident.id);
}

static void state(const void *row, FILE *out)
{
	const struct incident *incident = &case_of(row)->incident;

	fputs(incident_state_token(incident->state), out);
	if (incident->state == INCIDENT_MERGED)
		fprintf(out, " into %" PRId64, incident->merged_into);
}

static void since(const void *row, FILE *out)
{
	char buf[TIMEFMT_BUF];

	fputs(timefmt_since(case_of(row)->incident.opened_usec, now_of(row), buf), out);
}

static void changed(const void *row, FILE *out)
{
	char buf[TIMEFMT_BUF];

	fputs(timefmt_since(case_of(row)->incident.changed_usec, now_of(row), buf), out);
}

static void located(const void *row, FILE *out)
{
	char buf[TIMEFMT_BUF];

	fputs(timefmt_since(case_of(row)->incident.located_usec, now_of(row), buf), out);
}

static void device(const void *row, FILE *out)
{
	words_raw(out, case_of(row)->device.name);
}

static void identity(const void *row, FILE *out)
{
	char buf[DEVID_BUF];

	words_raw(out, devid_format(&case_of(row)->device, buf));
}

static void dimm(const void *row, FILE *out)
{
	words_raw(out, case_of(row)->dimms);
}

static void lost(const void *row, FILE *out)
{
	const struct findings_summary *s = &case_of(row)->summary;
	char buf[TIMEFMT_BUF];
	uint64_t bytes = s->data_bytes + s->metadata_bytes;

	if (case_of(row)->incident.state == INCIDENT_MERGED) {
		fputc('-', out);
		return;
	}
	if (bytes)
		fputs(sizefmt(bytes, buf), out);
	if (s->unknown_bytes)
		fputs(bytes ? " + ?" : "?", out);
	else if (!bytes)
		fputs("none", out);
}

static void bad(const void *row, FILE *out)
{
	CLEANUP(rangeset_deinit) struct rangeset set = RANGESET_NULL;
	char buf[TIMEFMT_BUF];

	if (incident_bad(&case_of(row)->incident, &set))
		fputc('?', out);
	else
		fputs(set.n ? sizefmt(rangeset_bytes(&set), buf) : "none", out);
}

static void ranges(const void *row, FILE *out)
{
	const struct rangeset *set = &case_of(row)->incident.lost;
	char buf[RANGESPEC_BUF];

	for (size_t i = 0; i < set->n && i < RANGES_MAX; i++)
		fprintf(out, "%s%s", i ? " " : "", rangespec_format(set->ranges[i], buf));
	if (set->n > RANGES_MAX)
		fprintf(out, " and %zu more", set->n - RANGES_MAX);
}

static void sources(const void *row, FILE *out)
{
	const struct incident *incident = &case_of(row)->incident;

	for (size_t i = 0; i < incident->n_sightings; i++)
		fprintf(out, "%s%s", i ? "," : "",
			media_source_token(incident->sightings[i].source));
}

static void note(const void *row, FILE *out)
{
	words_raw(out, case_of(row)->incident.ack_note);
}

static void ack(const void *row, FILE *out)
{
	fputs(case_of(row)->incident.acked ? "yes" : "no", out);
}

static void reasons(uint32_t mask, FILE *out)
{
	const char *before = " (";

	for (unsigned int i = 0; i < REASON_N; i++) {
		if (!(mask & 1u << i))
			continue;
		fprintf(out, "%s%s", before, reason_token((enum reason)i));
		before = ", ";
	}
	if (mask)
		fputc(')', out);
}

/* What was hit, and whatever else must not be overlooked on a single line. */
static void what(const void *row, FILE *out)
{
	const struct ctl_case *c = case_of(row);

	if (c->incident.state == INCIDENT_MERGED) {
		fprintf(out, "merged into %" PRId64, c->incident.merged_into);
		return;
	}
	fputs(c->what, out);
	if (c->looked && c->summary.worst == IMPACT_UNKNOWN)
		reasons(c->reasons, out);
	if (c->looked && c->reasons & 1u << REASON_NOT_LOCATED)
		fputs("; grew since the last look", out);
	if (c->incident.state == INCIDENT_CLEARED)
		fputs(c->incident.cleared_by == PROOF_RETRACTED ? "; retracted"
		      : c->incident.cleared_by == PROOF_SCRUB   ? "; found good by a scrub"
								: "; readable again",
		      out);
	if (c->incident.state == INCIDENT_REPAIRED)
		fputs("; repaired", out);
	if (c->incident.unreachable)
		fputs("; device absent", out);
	if (c->incident.acked && c->incident.ack_note) {
		fputs(" (acked: \"", out);
		words_raw(out, c->incident.ack_note);
		fputs("\")", out);
	} else if (c->incident.acked) {
		fputs(" (acked)", out);
	}
}

#define DEFAULT COLUMN_DEFAULT

const struct column columns_incident[] = {
	{"ID", "id", "number of the incident, never used twice", DEFAULT, 0, id},
	{"STATE", "state", "open, cleared (readable again), repaired, merged", 0, 0, state},
	{"SINCE", "opened_usec", "when it was first heard of", DEFAULT, 0, since},
	{"DEVICE", "device", "kernel name of the device, last seen", DEFAULT, 0, device},
	{"DIMM", "findings", "DIMM that holds it, or each that may; by default where one is known",
	 0, 0, dimm},
	{"LOST", "findings", "bytes lost; ? not known", DEFAULT, 0, lost},
	{"WHAT", "findings", "what was hit", DEFAULT | COLUMN_WIDE, 0, what},
	{"BAD", "bad", "bytes that are bad now", 0, 0, bad},
	{"RANGES", "lost", "where on the device", 0, 0, ranges},
	{"SOURCES", "sources", "who said so", 0, 0, sources},
	{"ACK", "acked", "acknowledged", 0, 0, ack},
	{"NOTE", "ack_note", "the note it was acknowledged with", 0, 0, note},
	{"CHANGED", "changed_usec", "when news of it last came in", 0, 0, changed},
	{"LOCATED", "located_usec", "when somebody last looked what it holds", 0, 0, located},
	{"IDENTITY", "", "what the device is known by over renames", 0, 0, identity},
	{0},
};

const char *columns_incident_usual(const struct cases *cases)
{
	for (size_t i = 0; i < cases->n; i++)
		if (cases->items[i].dimms)
			return "ID,SINCE,DEVICE,DIMM,LOST,WHAT";
	return NULL;
}
