/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The last section of a report: what to type. Only commands that exist, with
 * the names filled in, and none that destroys: a damaged file is moved
 * aside, not overwritten, as it alone keeps its bad block from being
 * handed to the next file.
 */
#include <inttypes.h>
#include "cleanup.h"
#include "out_findings.h"
#include "rangespec.h"
#include "words.h"

#define FILES_MAX  4
#define RANGES_MAX 4

/* "pmemrasctl declare loop0 8s+8s"; many ranges do not fit on a line: "RANGE..." */
static void say_ranges(struct section *s, const char *verb, const struct out_findings_case *about,
		       const struct rangeset *ranges)
{
	char buf[RANGESPEC_BUF];

	section_start_line(s);
	fprintf(s->out, "  pmemrasctl %s ", verb);
	words_quoted(s->out, about->device);
	for (size_t i = 0; i < ranges->n && ranges->n <= RANGES_MAX; i++)
		fprintf(s->out, " %s", rangespec_format(ranges->ranges[i], buf));
	fputs(ranges->n > RANGES_MAX ? " RANGE..." : "", s->out);
	ctl_print_options(about->ctl, s->out);
	fputc('\n', s->out);
}

/* The shell's braces spare a line of a long path three times. */
static void say_move(struct section *s, const char *path)
{
	section_start_line(s);
	fputs("  mv -- ", s->out);
	words_quoted(s->out, path);
	fputs("{,.damaged} && cp -p BACKUP ", s->out);
	words_quoted(s->out, path);
	fputc('\n', s->out);
}

/* A file without a name lives as long as somebody has it open. */
static void say_deleted(struct section *s, const struct findings *f, uint32_t file)
{
	size_t n = 0;
	const struct found_holder *holder = findings_holders(f, file, &n);

	if (!n)
		return;
	section_say(s, 0,
		    "What is left of a deleted file can be copied while it is open; it is among:");
	section_line(s, "  ls -l /proc/%d/fd", (int)holder->pid);
}

/* Files that lost data, by the names they have. */
static void say_restore(struct section *s, const struct findings *f, const struct hits *hits)
{
	size_t said = 0;

	for (size_t i = 0; i < hits->n && said < FILES_MAX; i++) {
		const struct hit *hit = &hits->items[i];
		uint32_t cursor = 0;
		const char *path;

		if (hit->impact != IMPACT_DATA || hit->file >= f->n_files)
			continue;
		path = findings_path_next(f, &f->files[hit->file], &cursor);
		if (!path && f->files[hit->file].flags & FOUND_FILE_DELETED)
			say_deleted(s, f, hit->file);
		if (!path)
			continue;
		if (!said)
			section_say(
				s, 0,
				"Restore from a backup beside the damaged file, and keep that: it "
				"holds on to the bad block. Stop who uses it first.");
		say_move(s, path);
		said++;
	}
	if (said < hits->n_impact[IMPACT_DATA] && said)
		section_line(s, "  and the same for the others");
}

static void say_record(struct section *s, const struct findings_summary *summary,
		       const struct out_findings_case *about)
{
	bool nothing = summary->worst == IMPACT_NOTHING;

	if (!about->incident) {
		section_say(s, 0, "To keep it on record, if it is not yet:");
		say_ranges(s, "declare", about, about->asked);
		return;
	}
	if (!about->acked) {
		section_say(s, 0,
			    nothing ? "Nothing has to be done now. To note that you know:"
				    : "Once it is dealt with:");
		section_start_line(s);
		fprintf(s->out, "  pmemrasctl ack %" PRId64 " --note TEXT", about->incident);
		ctl_print_options(about->ctl, s->out);
		fputc('\n', s->out);
	}
	if (about->declared && about->declared->n) {
		section_say(s, 0, "Once the device is good again, take back what was declared:");
		say_ranges(s, "retract", about, about->declared);
	}
}

int out_findings_next(struct section *s, const struct findings *f,
		      const struct findings_summary *summary, const struct out_findings_case *about)
{
	CLEANUP(hits_deinit) struct hits hits = HITS_NULL;
	int r;

	if (about->over)
		return 0;
	section_begin(s, "Next", true);
	if (!f) {
		section_say(s, 0,
			    about->absent ? "When the device is back, look what is there:"
					  : "Look what is there:");
		say_ranges(s, "locate", about, about->asked);
		return 0;
	}

	r = hits_group(f, &hits);
	if (r)
		return r;
	/* an offline answer's names are nothing to type */
	if (!about->replaced && (f->mountpoint || !f->offline))
		say_restore(s, f, &hits);
	if (summary->metadata_bytes) {
		section_say(s, 0, "For the metadata, with the filesystem unmounted, look first:");
		section_start_line(s);
		fputs("  xfs_repair -n /dev/", s->out);
		words_quoted(s->out, f->through ? f->through->top : about->device);
		fputc('\n', s->out);
	}
	say_record(s, summary, about);
	return 0;
}
