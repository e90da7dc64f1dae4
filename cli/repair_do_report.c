/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What came of a repair: each file, what its lost bytes hold now, where the bad blocks are, what was
 * not done and why, and how the incident stands. That zeros are no data is said each time.
 */
#include <errno.h>
#include <inttypes.h>
#include <string.h>
#include "cleanup.h"
#include "jsonio.h"
#include "out_json.h"
#include "repair_do.h"
#include "repair_page.h"
#include "section.h"
#include "words.h"

#define FILES_SAID 40

static int put_step(struct json_object *array, const struct job *job, size_t index)
{
	const struct job_step *step = &job->steps[index];
	struct json_object *entry = jsonio_append_object(array), *page;
	CLEANUP(rangeset_deinit) struct rangeset lost = RANGESET_NULL;
	int r;

	if (!entry)
		return -ENOMEM;
	if ((r = jsonio_put_u64(entry, "step", index + 1)) ||
	    (r = jsonio_put_text(entry, "action", plan_action_token(step->action))) ||
	    (r = jsonio_put_text(entry, "state", job_step_state_token(step->state))) ||
	    (step->note && (r = jsonio_put_bytes(entry, "note", step->note))))
		return r;
	if (step->action == PLAN_PROVE)
		return 0;
	page = jsonio_add_object(entry, "page");
	r = page ? jsonio_put_range(page, (struct byte_range){step->page, PAGE_BYTES}) : -ENOMEM;
	if (r || step->action != PLAN_REPLACE)
		return r;
	r = job_lost_in_file(step, &lost);
	if (r || (r = jsonio_put_u64(entry, "ino", step->ino)) ||
	    (r = jsonio_put_bytes(entry, "path", step->path)) ||
	    (r = jsonio_put_u64(entry, "file_offset", step->offset)) ||
	    (r = jsonio_put_u64(entry, "file_length", step->len)))
		return r;
	return jsonio_put_ranges(entry, "lost_in_file", &lost);
}

static int report_json(const struct ctl *ctl, const struct incident *incident,
		       const struct job *job, const struct repair_outcome *outcome)
{
	CLEANUP(jsonio_freep) struct json_object *record = out_json_record("repair");
	struct json_object *steps = record ? jsonio_add_array(record, "steps") : NULL;
	int r;

	if (!steps)
		return -ENOMEM;
	if ((r = jsonio_put_u64(record, "incident", (uint64_t)incident->id)) ||
	    (r = jsonio_put_text(record, "incident_state",
				 incident_state_token(incident->state))) ||
	    (r = jsonio_put_u64(record, "repair", (uint64_t)job->id)) ||
	    (r = jsonio_put_text(record, "choice", plan_choice_token(job->choice))) ||
	    (r = jsonio_put_text(record, "hash", job->hash)) ||
	    (r = jsonio_put_text(record, "state", job_state_token(job->state))) ||
	    (r = jsonio_put_u64(record, "pages", outcome->pages)) ||
	    (r = jsonio_put_u64(record, "skipped", outcome->skipped)) ||
	    (r = jsonio_put_u64(record, "stuck", outcome->stuck)) ||
	    (r = jsonio_put_u64(record, "quarantined", outcome->quarantined)) ||
	    (*outcome->why && (r = jsonio_put_bytes(record, "why", outcome->why))))
		return r;
	for (size_t i = 0; !r && i < job->n_steps; i++)
		r = put_step(steps, job, i);
	return r ? r : out_json(ctl, record);
}

static int say_file(struct section *s, const struct job *job, const struct job_step *step)
{
	CLEANUP(rangeset_deinit) struct rangeset lost = RANGESET_NULL;
	int r = job_lost_in_file(step, &lost);

	section_start_line(s);
	if (step->path)
		words_quoted(s->out, step->path);
	else
		fprintf(s->out, "inode %" PRIu64, step->ino);
	if (step->note) {
		fprintf(s->out, ": %s\n", step->note);
		return r;
	}
	for (size_t i = 0; i < lost.n; i++)
		fprintf(s->out, ", bytes %" PRIu64 "-%" PRIu64, lost.ranges[i].start,
			range_end(lost.ranges[i]) - 1);
	fputs(job->choice == PLAN_RESTORE ? ": from the backup now\n"
					  : ": zeros now, on record as lost\n",
	      s->out);
	return r;
}

static int say_files(struct section *s, const struct job *job)
{
	size_t said = 0, more = 0;
	int r = 0;

	section_begin(s, "Done", true);
	for (size_t i = 0; !r && i < job->n_steps; i++) {
		const struct job_step *step = &job->steps[i];

		if (step->action != PLAN_REPLACE || step->state != JOB_STEP_DONE)
			continue;
		if (said++ < FILES_SAID)
			r = say_file(s, job, step);
		else
			more++;
	}
	if (more)
		section_line(s, "and %zu more; --json has them all", more);
	return r;
}

static void say_blocks(struct section *s, const struct job *job, const struct repair_outcome *o)
{
	size_t cleared = o->pages - o->quarantined;

	section_begin(s, "Blocks", true);
	if (cleared)
		section_line(s, "%zu cleared: written whole, read back, on no list any more",
			     cleared);
	if (o->quarantined)
		section_say(
			s, 0,
			"%zu in quarantine (" PLAN_QUARANTINE_DIR " at the top of the "
			"filesystem), not cleared: %s",
			o->quarantined,
			job->choice == PLAN_QUARANTINE
				? "as was asked for. Deleting those files makes them free space."
				: "declared ones stay bad until retracted, others did not "
				  "become good by writing to them. Deleting those files makes "
				  "them free space.");
}

static void say_incident(struct section *s, const struct job *job, const struct incident *incident,
			 const struct repair_outcome *o)
{
	section_begin(s, "Proof", true);
	if (job->state == JOB_DONE)
		section_say(s, 0,
			    "Every file was read back, by itself and from the device, past "
			    "all caches; the lists were read %s.",
			    "again");
	section_begin(s, "Not done", true);
	if (o->skipped)
		section_line(s, "%zu pages, left as they were", o->skipped);
	if (o->stuck)
		section_line(s, "%zu pages, changed in part: run it again to go on", o->stuck);
	if (*o->why) {
		section_start_line(s);
		words_raw(s->out, o->why);
		fputc('\n', s->out);
	}
	section_begin(s, "Incident", false);
	section_line(s, "%" PRId64 " is %s%s", incident->id, incident_state_token(incident->state),
		     incident->state == INCIDENT_OPEN && job->state == JOB_DONE && !o->skipped
			     ? ": no file has the bad blocks any more, but they are still bad"
			     : "");
}

static int report_text(const struct ctl *ctl, const struct incident *incident,
		       const struct job *job, const struct repair_outcome *outcome)
{
	struct section s = {.out = ctl->out, .any = true};
	int r = say_files(&s, job);

	if (r)
		return r;
	say_blocks(&s, job, outcome);
	say_incident(&s, job, incident, outcome);
	return 0;
}

int repair_report(const struct ctl *ctl, struct store *store, const struct job *job,
		  const struct repair_outcome *outcome)
{
	CLEANUP(incident_deinit) struct incident incident = INCIDENT_NULL;
	int r = store_incident(store, job->incident, true, &incident, NULL);

	if (r)
		return r;
	return ctl->json ? report_json(ctl, &incident, job, outcome)
			 : report_text(ctl, &incident, job, outcome);
}
