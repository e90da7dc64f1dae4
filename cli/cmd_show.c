/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * show: everything about one incident, in the order of the questions: what is it, where,
 * who said so and when; then the report on what was found, which is the same as
 * locate's; then what to type.
 */
#include <errno.h>
#include <inttypes.h>
#include "cases.h"
#include "cleanup.h"
#include "command.h"
#include "declared.h"
#include "fresh.h"
#include "idarg.h"
#include "jsonio.h"
#include "lost.h"
#include "out_findings.h"
#include "out_inside.h"
#include "out_json.h"
#include "paint.h"
#include "timefmt.h"
#include "words.h"

struct shown {
	int64_t asked_id;
	struct ctl_case c;
	struct declared declared;
	struct fresh fresh;
};

#define SHOWN_NULL ((struct shown){0})

static void shown_deinit(struct shown *shown)
{
	case_deinit(&shown->c);
	declared_deinit(&shown->declared);
	fresh_deinit(&shown->fresh);
}

static void say_headline(const struct shown *shown, const struct ctl *ctl)
{
	const struct incident *incident = &shown->c.incident;
	static const char *const states[] = {
		[INCIDENT_OPEN] = "OPEN",
		[INCIDENT_CLEARED] = "CLEARED",
		[INCIDENT_REPAIRED] = "REPAIRED",
		[INCIDENT_MERGED] = "MERGED",
	};
	enum impact worst = shown->c.summary.worst;

	if (shown->asked_id != incident->id)
		fprintf(ctl->out, "Incident %" PRId64 " was merged into %" PRId64 ".\n\n",
			shown->asked_id, incident->id);
	fprintf(ctl->out, "Incident %" PRId64 "   ", incident->id);
	paint_verdict(ctl, incident->acked ? IMPACT_NOTHING : worst, states[incident->state]);
	fputs("   ", ctl->out);
	words_loss(ctl->out, &shown->c.summary, shown->c.reasons);
	fputc('\n', ctl->out);
}

static void say_sighting(struct section *s, const struct sighting *sighting, uint64_t now)
{
	static const char *const sources[SOURCE_N] = {
		[SOURCE_DECLARED] = "declared bad",
		[SOURCE_BADBLOCKS] = "badblocks list",
		[SOURCE_MEMORY_FAILURE] = "memory failure",
		[SOURCE_XFS_HEALTH] = "XFS health monitor",
		[SOURCE_FANOTIFY] = "fanotify",
		[SOURCE_MCE] = "machine check",
		[SOURCE_CXL] = "CXL event",
	};
	uint64_t bytes = rangeset_bytes(&sighting->bad);
	char at[TIMEFMT_BUF];

	section_start_line(s);
	fprintf(s->out, "%s %s", timefmt_exact(sighting->first_usec, now, at),
		(unsigned int)sighting->source < SOURCE_N ? sources[sighting->source] : "?");
	if (bytes)
		fprintf(s->out, " (%" PRIu64 " sector%s)", bytes / SECTOR_SIZE,
			PLURAL(bytes / SECTOR_SIZE));
	else
		fputs(" (holds nothing of it bad any more)", s->out);
	if (sighting->last_usec > sighting->first_usec)
		fprintf(s->out, ", last %s", timefmt_exact(sighting->last_usec, now, at));
	fputc('\n', s->out);
}

static void say_notes(struct section *s, const struct declared *declared)
{
	for (size_t i = 0; i < declared->n; i++) {
		if (!declared->items[i].note)
			continue;
		section_start_line(s);
		fputs("  note: \"", s->out);
		words_raw(s->out, declared->items[i].note);
		fputs("\"\n", s->out);
	}
}

/* Taking back a declaration says nothing about whether the blocks can be read, and nobody has read
 * what a scrub cleared. */
static const char *cleared_words(const struct incident *incident)
{
	switch (incident->cleared_by) {
	case PROOF_SCRUB: return "found good";
	case PROOF_RETRACTED: return "not held bad any more";
	case PROOF_READ: break;
	}
	return "readable again";
}

static void say_state(struct section *s, const struct incident *incident, uint64_t now)
{
	char at[TIMEFMT_BUF], ago[TIMEFMT_BUF];

	if (incident->located_usec)
		section_line(s, "%s looked at (%s)", timefmt_exact(incident->located_usec, now, at),
			     timefmt_ago(incident->located_usec, now, ago));
	if (incident->cleared_usec)
		section_line(s, "%s %s (%s)%s", timefmt_exact(incident->cleared_usec, now, at),
			     cleared_words(incident), clear_proof_token(incident->cleared_by),
			     incident->state == INCIDENT_REPAIRED
				     ? "; since then repaired, and proved"
				     : ": what it held is not proved");
	if (incident->unreachable)
		section_line(s, "The device is absent now.");
	if (incident->acked) {
		section_start_line(s);
		fputs("Acknowledged", s->out);
		if (incident->ack_note) {
			fputs(": \"", s->out);
			words_raw(s->out, incident->ack_note);
			fputc('"', s->out);
		}
		fputc('\n', s->out);
	}
}

static void say_heard(struct section *s, const struct shown *shown, uint64_t now)
{
	const struct incident *incident = &shown->c.incident;
	char at[TIMEFMT_BUF];

	section_begin(s, "Heard", false);
	for (size_t i = 0; i < incident->n_sightings; i++) {
		say_sighting(s, &incident->sightings[i], now);
		if (incident->sightings[i].source == SOURCE_DECLARED)
			say_notes(s, &shown->declared);
	}
	say_state(s, incident, now);
	if (shown->fresh.daemon == DAEMON_ABSENT && shown->fresh.as_of_usec)
		section_line(s, "pmemrasd is not running; this is as of %s.",
			     timefmt_since(shown->fresh.as_of_usec, now, at));
	else if (shown->fresh.daemon == DAEMON_ABSENT)
		section_line(s, "pmemrasd is not running.");
}

static int print(const struct shown *shown, const struct ctl *ctl)
{
	const struct ctl_case *c = &shown->c;
	struct out_findings_case about = {
		.ctl = ctl,
		.device = c->device.name,
		.incident = c->incident.id,
		.acked = c->incident.acked,
		.over = c->incident.state == INCIDENT_REPAIRED,
		.absent = c->incident.unreachable,
		.asked = &c->incident.lost,
		.declared = &shown->declared.ranges,
	};
	struct section s = {.out = ctl->out, .any = true};
	int r = 0;

	say_headline(shown, ctl);
	section_begin(&s, "Where", true);
	out_findings_where(&s, c->device.name, &c->incident.lost,
			   c->findings ? c->findings->place : NULL);
	if (c->findings) {
		out_findings_place(&s, c->findings->place);
		out_findings_filesystem(&s, c->findings);
	}
	say_heard(&s, shown, ctl_now(ctl));
	if (c->findings) {
		r = out_findings_body(&s, c->findings, &c->summary, c->reasons);
		if (!r)
			r = lost_say(ctl, shown->fresh.store, c->incident.id, &s, &about.replaced);
		if (!r && !about.replaced)
			r = out_findings_careful(&s, c->findings, &c->summary);
		if (!r)
			r = out_inside(&s, c->findings);
	} else {
		section_begin(&s, "Unknown", true);
		out_findings_reasons(&s, c->reasons, NULL);
	}
	if (!r)
		r = out_findings_next(&s, c->findings, &c->summary, &about);
	return r;
}

static int put_declared(const struct declared *declared, struct json_object *record)
{
	struct json_object *array = jsonio_add_array(record, "declared");

	if (!array)
		return -ENOMEM;
	for (size_t i = 0; i < declared->n; i++) {
		struct json_object *entry = jsonio_append_object(array);
		int r;

		if (!entry)
			return -ENOMEM;
		if ((r = jsonio_put_range(entry, declared->items[i].range)) ||
		    (r = jsonio_put_u64(entry, "at_usec", declared->items[i].at_usec)) ||
		    (r = jsonio_put_bytes(entry, "note", declared->items[i].note)))
			return r;
	}
	return 0;
}

static int print_record(const struct shown *shown, const struct ctl *ctl)
{
	CLEANUP(jsonio_freep) struct json_object *record = NULL;
	int r = case_record(&shown->c, &record);

	if (r)
		return r;
	if ((r = fresh_put(&shown->fresh, ctl, record)) ||
	    (r = put_declared(&shown->declared, record)))
		return r;
	return out_json(ctl, record);
}

static int gather(const struct ctl *ctl, struct shown *shown)
{
	int r;

	fresh_open(&shown->fresh, ctl);
	if (fresh_complain(&shown->fresh, ctl))
		return CTL_INCOMPLETE;
	r = shown->fresh.store ? case_load(shown->fresh.store, shown->asked_id, &shown->c)
			       : -ENOENT;
	if (r == -ENOENT)
		return ctl_usage(ctl,
				 "%" PRId64 ": no such incident on record in %s; list --all "
				 "shows what there is",
				 shown->asked_id, ctl->state_dir);
	if (!r)
		r = declared_load(shown->fresh.store, shown->c.device_row, &shown->c.incident.lost,
				  &shown->declared);
	if (r) {
		ctl_error(ctl, "%s: %s", ctl->state_dir, store_strerror(r));
		return CTL_INCOMPLETE;
	}
	return 0;
}

static int run(struct ctl *ctl, const struct args *args)
{
	CLEANUP(shown_deinit) struct shown shown = SHOWN_NULL;
	int r;

	if (args->n_words != 1)
		return ctl_usage(ctl, "which incident? one ID, as in: show 17");
	r = idarg_parse(ctl, args->words[0], &shown.asked_id);
	if (!r)
		r = gather(ctl, &shown);
	if (r)
		return r;

	r = ctl->json ? print_record(&shown, ctl) : print(&shown, ctl);
	return r ? ctl_failed(ctl, "the report", r) : CTL_OK;
}

const struct ctl_command ctl_show = {
	.name = "show",
	.arguments = "ID",
	.summary = "everything about one incident",
	.help = "Shows where the damage is, who reported it, what is lost and what is not, who "
		"uses\n"
		"it, what to be careful of and what to type next. An incident that was merged "
		"into\n"
		"another shows that one. Exit code 0 when it could be printed.\n",
	.example = "pmemrasctl show 17",
	.run = run,
};
