/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The plan as commands, for somebody who wants to do it by hand or to know what it is. They do what
 * the steps do, with xfs_io, dd and coreutils; what pmemrasctl verifies between two
 * steps is there as a comment, as commands cannot.
 */
#include <errno.h>
#include <inttypes.h>
#include "cleanup.h"
#include "repair_text.h"
#include "words.h"

struct writer {
	FILE *out;
	const struct plan *plan;
};

/* The file's first path; one without a name cannot be typed. */
static const char *path_of(const struct plan *plan, uint32_t file)
{
	const struct findings *f = plan->facts->f;
	uint32_t cursor = 0;

	return file < f->n_files ? findings_path_next(f, &f->files[file], &cursor) : NULL;
}

static void put_path(const struct writer *w, uint32_t file)
{
	const char *path = path_of(w->plan, file);

	if (path)
		words_quoted(w->out, path);
	else
		fprintf(w->out, "\"$INODE_%" PRIu64 "\"", w->plan->facts->f->files[file].ino);
}

/* xfs_io splits its commands at blanks, so the source is a descriptor, not a name. */
static void put_reflink(const struct writer *w, uint64_t from, uint64_t to, uint32_t len)
{
	fprintf(w->out, " -c 'reflink /dev/fd/9 %" PRIu64 " %" PRIu64 " %" PRIu32 "' ", from, to,
		len);
}

static void put_dd(const struct writer *w, struct byte_range range, uint64_t page)
{
	fputs("dd status=none iflag=direct conv=notrunc bs=512", w->out);
	fprintf(w->out, " if=/dev/");
	words_quoted(w->out, w->plan->facts->f->device);
	fprintf(w->out, " of=\"$good\" skip=%" PRIu64 " count=%" PRIu64 " seek=%" PRIu64 "\n",
		range.start / SECTOR_SIZE, range.len / SECTOR_SIZE,
		(range.start - page) / SECTOR_SIZE);
}

static void put_backup(const struct writer *w, struct byte_range lost, const struct plan_step *step)
{
	fputs("dd status=none conv=notrunc bs=512 if=", w->out);
	words_quoted(w->out, w->plan->facts->backup.path);
	fprintf(w->out, " of=\"$good\" skip=%" PRIu64 " count=%" PRIu64 " seek=%" PRIu64 "\n",
		(step->offset + lost.start - step->page) / SECTOR_SIZE, lost.len / SECTOR_SIZE,
		(lost.start - step->page) / SECTOR_SIZE);
}

static int put_build(const struct writer *w, const struct plan_step *step)
{
	CLEANUP(rangeset_deinit) struct rangeset lost = RANGESET_NULL;
	CLEANUP(rangeset_deinit) struct rangeset rest = RANGESET_NULL;
	int r = plan_lost_of_page(w->plan->facts, step->page, &lost);

	if (!r)
		r = rangeset_add(&rest, (struct byte_range){step->page, PAGE_BYTES});
	if (!r)
		r = rangeset_subtract_set(&rest, &lost);
	if (r)
		return r;
	fprintf(w->out, "truncate -s 0 \"$good\" && truncate -s %u \"$good\"\n", PAGE_BYTES);
	for (size_t i = 0; i < rest.n; i++)
		put_dd(w, rest.ranges[i], step->page);
	for (size_t i = 0; w->plan->facts->choice == PLAN_RESTORE && i < lost.n; i++)
		put_backup(w, lost.ranges[i], step);
	if (step->len < PAGE_BYTES)
		fprintf(w->out, "truncate -s %" PRIu32 " \"$good\"\n", step->len);
	fputs("sync \"$good\"\n", w->out);
	return 0;
}

static void put_hold(const struct writer *w, const struct plan_step *step)
{
	fputs("xfs_io -f", w->out);
	put_reflink(w, step->offset, 0, step->len);
	fprintf(w->out, "\"$q\"/%" PRIu64 ".bad 9< ", step->page);
	put_path(w, step->file);
	fprintf(w->out, "; sync \"$q\"/%" PRIu64 ".bad\n", step->page);
}

static void put_replace(const struct writer *w, const struct plan_step *step)
{
	fputs("xfs_io", w->out);
	put_reflink(w, 0, step->offset, step->len);
	put_path(w, step->file);
	fputs(" 9< \"$good\"; sync ", w->out);
	put_path(w, step->file);
	fputc('\n', w->out);
}

static int put_step(const struct writer *w, size_t index)
{
	const struct plan_step *step = &w->plan->steps[index];
	int r = 0;

	fprintf(w->out, "# %zu %s; only if: %s; undo: %s\n", index + 1,
		plan_action_token(step->action),
		*plan_only_if(step->action) ? plan_only_if(step->action) : "-",
		plan_can_undo(step->action) ? "yes" : "no");
	switch (step->action) {
	case PLAN_HOLD: put_hold(w, step); break;
	case PLAN_BUILD: r = put_build(w, step); break;
	case PLAN_REPLACE: put_replace(w, step); break;
	case PLAN_CLEAR:
		fprintf(w->out, "xfs_io -c \"fsmap -d %" PRIu64 " %" PRIu64 "\" \"$q\"\n",
			step->page / SECTOR_SIZE, (step->page + PAGE_BYTES) / SECTOR_SIZE - 1);
		fprintf(w->out,
			"held=\"$q\"/%" PRIu64 ".bad\n"
			"xfs_io -d -c 'pwrite -S 0 0 %u' -c fsync \"$held\" && rm \"$held\"\n",
			step->page, PAGE_BYTES);
		break;
	case PLAN_KEEP:
		fprintf(w->out, "xfs_io -c 'chattr +id' \"$q\"/%" PRIu64 ".bad\n", step->page);
		break;
	case PLAN_COPY_OUT:
		fputs("ddrescue --sparse ", w->out);
		put_path(w, step->file);
		fputc(' ', w->out);
		words_quoted(w->out, w->plan->facts->argument);
		fprintf(w->out, "/%" PRIu64 "{,.map}   # reads the bad sectors too\n",
			w->plan->facts->f->files[step->file].ino);
		break;
	case PLAN_RUN:
		fprintf(w->out, "pmemrasctl show --json %" PRId64 " | ", w->plan->facts->incident);
		words_quoted(w->out, w->plan->facts->argument);
		fputc('\n', w->out);
		break;
	default:
		fputs("cat /sys/block/", w->out);
		words_quoted(w->out, w->plan->facts->f->device);
		fputs("/badblocks 2>/dev/null || true\n", w->out);
		break;
	}
	return r;
}

int repair_commands(const struct ctl *ctl, const struct plan *plan, const char *hash)
{
	const struct writer w = {ctl->out, plan};
	const char *mountpoint = plan->facts->f->mountpoint;
	int r = 0;

	fprintf(ctl->out, "# PLAN %s for incident %" PRId64 "; for bash, as root\nset -e\n", hash,
		plan->facts->incident);
	if (plan->n_pages && mountpoint) {
		fputs("q=", ctl->out);
		words_quoted(ctl->out, mountpoint);
		fputs("/" PLAN_QUARANTINE_DIR "; mkdir -p -m 0700 \"$q\"; umask 077\n"
		      "good=$(mktemp -p \"$q\")\n",
		      ctl->out);
	}
	for (size_t i = 0; !r && i < plan->n_steps; i++)
		r = put_step(&w, i);
	if (plan->n_pages && mountpoint)
		fputs("rm \"$good\"\n", ctl->out);
	return r;
}
