/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * People read a few findings victim by victim; ten thousand they want counted,
 * and then as a table to search in. Either way the first line is the answer.
 */
#include <inttypes.h>
#include "cleanup.h"
#include "columns_finding.h"
#include "out_findings.h"
#include "out_inside.h"
#include "out_located.h"
#include "out_table.h"
#include "paint.h"
#include "timefmt.h"
#include "words.h"

#define REPORT_MAX 48 /* findings: more make a table */

int out_located_table(const struct ctl *ctl, const struct findings *f, const char *columns)
{
	CLEANUP(out_table_deinit) struct out_table table = OUT_TABLE_NULL;
	int r;

	r = out_table_init_by_name(&table, ctl, f->n_items, columns_finding, columns);
	if (r)
		return r;
	for (size_t i = 0; !r && i < f->n_items; i++) {
		struct finding_row row = {f, i};

		r = out_table_add(&table, &row);
	}
	if (!r)
		r = out_table_finish(&table);
	return r ? ctl_failed(ctl, "the table", r) : 0;
}

static void say_headline(const struct ctl *ctl, const struct findings *f,
			 const struct findings_summary *summary)
{
	enum impact worst = summary->worst;

	if (worst == IMPACT_NOTHING && f->reasons)
		worst = IMPACT_UNKNOWN;
	paint_verdict(ctl, worst, words_verdict(summary, f->reasons));
	fputs("   ", ctl->out);
	words_raw(ctl->out, f->device);
	fputs(": ", ctl->out);
	words_loss(ctl->out, summary, f->reasons);
	fputc('\n', ctl->out);
}

static void say_where(const struct ctl *ctl, struct section *s, const struct findings *f)
{
	char at[TIMEFMT_BUF];
	uint64_t now = ctl_now(ctl);

	section_begin(s, "Where", true);
	if (f->asked.n)
		out_findings_where(s, f->device, &f->asked, f->place);
	else
		section_line(s, "nothing of what was asked lies on the device");
	out_findings_place(s, f->place);
	out_findings_filesystem(s, f);
	section_line(s, "looked at %s, just now", timefmt_since(now, now, at));
}

static int print_report(const struct ctl *ctl, const struct findings *f,
			const struct findings_summary *summary)
{
	struct out_findings_case about = {.ctl = ctl, .device = f->device, .asked = &f->asked};
	struct section s = {.out = ctl->out, .any = true};
	int r;

	say_where(ctl, &s, f);
	r = out_findings_body(&s, f, summary, f->reasons);
	if (!r)
		r = out_findings_careful(&s, f, summary);
	if (!r)
		r = out_inside(&s, f);
	if (!r && summary->worst != IMPACT_NOTHING)
		r = out_findings_next(&s, f, summary, &about);
	return r ? ctl_failed(ctl, "the report", r) : 0;
}

static void say_counts(struct section *s, const struct findings *f,
		       const struct findings_summary *summary)
{
	section_begin(s, "Lost", true);
	if (summary->data_bytes)
		section_line(s, "%" PRIu64 " bytes of %" PRIu64 " file%s", summary->data_bytes,
			     summary->n_data_files, PLURAL(summary->n_data_files));
	if (summary->metadata_bytes)
		section_line(s, "%" PRIu64 " bytes of metadata", summary->metadata_bytes);
	if (summary->n_metadata_files)
		section_line(s, "  of these, names, attributes or maps of %" PRIu64 " file%s",
			     summary->n_metadata_files, PLURAL(summary->n_metadata_files));
	if (summary->n_lost_inodes)
		section_line(s, "  of these, %" PRIu64 " inode%s in use", summary->n_lost_inodes,
			     PLURAL(summary->n_lost_inodes));
	if (summary->worst == IMPACT_NOTHING && !f->reasons)
		section_line(s, "nothing");
	section_begin(s, "Not lost", false);
	if (summary->nothing_bytes)
		section_line(s, "%" PRIu64 " bytes that hold nothing, at risk when they are used",
			     summary->nothing_bytes);
	section_begin(s, "Unknown", false);
	if (summary->unknown_bytes)
		section_line(s, "%" PRIu64 " bytes: what they held is not known",
			     summary->unknown_bytes);
	out_findings_reasons(s, f->reasons, f->detail);
}

int out_located(const struct ctl *ctl, const struct findings *f,
		const struct findings_summary *summary, const char *columns)
{
	struct section s = {.out = ctl->out, .any = true};
	int r;

	if (columns)
		return out_located_table(ctl, f, columns);
	say_headline(ctl, f, summary);
	if (f->n_items <= REPORT_MAX)
		return print_report(ctl, f, summary);

	say_where(ctl, &s, f);
	say_counts(&s, f, summary);
	r = out_inside(&s, f);
	if (r)
		return ctl_failed(ctl, "the report", r);
	fputc('\n', ctl->out);
	return out_located_table(ctl, f, NULL);
}
