/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The question from the other side: is this file of mine hit? The file's
 * device ranges are compared with all that is known to be bad: the
 * device's badblocks list as it is now, and the open incidents on record. The
 * findings that come back are those of the ranges, not of losses: the same
 * records, with another exit code.
 */
#include <errno.h>
#include <inttypes.h>
#include <string.h>
#include "cleanup.h"
#include "file_side.h"
#include "fresh.h"
#include "jsonio.h"
#include "out_findings.h"
#include "out_json.h"
#include "out_located.h"
#include "progress.h"
#include "record.h"
#include "timefmt.h"
#include "words.h"

#define FILE_COLUMNS "RANGE,LENGTH,FILE-OFFSET,OWNER,INODE,FLAGS,PATH"

struct file_side {
	struct blkdev dev;
	struct rangeset map; /* device bytes of the part asked for */
	struct findings *f;
	struct findings_summary summary;
	struct rangeset bad; /* of the map: listed now, or bad on record */
	bool has_list, list_cut;
	uint32_t unchecked; /* reasons why the comparison is incomplete */
};

#define FILE_SIDE_NULL ((struct file_side){0})

static void file_side_deinit(struct file_side *side)
{
	blkdev_deinit(&side->dev);
	rangeset_deinit(&side->map);
	rangeset_deinit(&side->bad);
	findings_free(side->f);
}

static int add_listed(const struct ctl *ctl, struct file_side *side)
{
	CLEANUP(rangeset_deinit) struct rangeset listed = RANGESET_NULL;
	int r;

	if (!side->dev.has_badblocks)
		return 0;
	r = blkdev_badblocks(&ctl->root, &side->dev, &listed, &side->list_cut);
	if (r == -ENOMEM)
		return r;
	if (r == -ENOENT)
		return 0;
	side->has_list = true;
	if (r)
		side->unchecked |= 1u << REASON_IO_ERROR;
	else if (side->list_cut)
		side->unchecked |= 1u << REASON_LIST_CUT;
	return rangeset_add_set(&side->bad, &listed);
}

static int add_on_record(const struct ctl *ctl, struct file_side *side)
{
	CLEANUP(casebook_deinit) struct casebook book = CASEBOOK_NULL;
	CLEANUP(fresh_deinit) struct fresh fresh = FRESH_NULL;
	int64_t row = 0;
	int r;

	fresh_open(&fresh, ctl);
	side->unchecked |= fresh_reasons(&fresh);
	r = fresh.store ? store_device_find(fresh.store, &side->dev.id, &row) : -ENOENT;
	if (!r)
		r = store_casebook(fresh.store, row, &book);
	for (size_t i = 0; !r && i < book.n; i++) {
		CLEANUP(rangeset_deinit) struct rangeset bad = RANGESET_NULL;

		r = incident_bad(book.incidents[i], &bad);
		if (!r)
			r = rangeset_add_set(&side->bad, &bad);
	}
	if (r > 0)
		side->unchecked |= 1u << REASON_IO_ERROR;
	return r == -ENOMEM ? r : 0;
}

static int explain(const struct ctl *ctl, const char *path, int r)
{
	switch (r) {
	case -EINVAL: return ctl_usage(ctl, "%s: not a regular file", path);
	case -ENOTBLK:
		return ctl_usage(ctl, "%s: does not lie on a block device; df -T shows on what",
				 path);
	case -ENOENT:
	case -ENOTDIR: return ctl_usage(ctl, "%s: no such file", path);
	case -EACCES:
	case -EPERM:
		ctl_error(ctl, "%s: not permitted; run this as root", path);
		return CTL_INCOMPLETE;
	default: return ctl_failed(ctl, path, r);
	}
}

static int gather(struct ctl *ctl, const struct file_side_options *options, struct file_side *side)
{
	struct capture_options capture = options->capture;
	struct progress progress;
	int r;

	progress_init(&progress, ctl, &capture);
	r = capture_locate_file(&ctl->root, options->path, options->range, &capture, &side->dev,
				&side->map, &side->f);
	progress_deinit(&progress);
	if (r)
		return explain(ctl, options->path, r);
	findings_sort(side->f);
	r = findings_summarise(side->f, &side->summary);
	if (!r)
		r = add_listed(ctl, side);
	if (!r)
		r = add_on_record(ctl, side);
	if (!r)
		r = rangeset_intersect(&side->bad, &side->map, &side->bad);
	return r ? ctl_failed(ctl, options->path, r) : 0;
}

/* The file could not be asked at all: then "0 bytes, nothing bad" would be no answer but a lie. */
static bool could_not_be_mapped(const struct file_side *side)
{
	return !side->map.n &&
	       side->f->reasons &
		       (1u << REASON_NOT_XFS | 1u << REASON_SHUTDOWN | 1u << REASON_NOT_PERMITTED |
			1u << REASON_IO_ERROR | 1u << REASON_NOT_MOUNTED);
}

static void say_bad(const struct ctl *ctl, const struct file_side *side)
{
	struct section s = {.out = ctl->out, .any = true};

	section_begin(&s, "Bad", true);
	if (could_not_be_mapped(side))
		section_line(&s, "not known");
	else if (side->bad.n)
		out_findings_where(&s, side->dev.name, &side->bad, side->f->place);
	else if (side->unchecked)
		section_line(&s, "nothing that is known");
	else
		section_line(&s, "nothing: %s, and no open incident is here",
			     side->has_list ? "not in the device's badblocks list"
					    : "the device keeps no badblocks list");
	section_begin(&s, "Unknown", false);
	out_findings_reasons(&s, side->f->reasons | side->unchecked, side->f->detail);
	if (!side->bad.n)
		return;
	section_begin(&s, "Next", true);
	section_start_line(&s);
	fputs("pmemrasctl status", ctl->out);
	ctl_print_options(ctl, ctl->out);
	fputc('\n', ctl->out);
}

static int print(struct ctl *ctl, const struct file_side_options *options,
		 const struct file_side *side)
{
	char at[TIMEFMT_BUF], size[TIMEFMT_BUF];
	uint64_t now = ctl_now(ctl);
	int r;

	if (options->columns)
		return out_located_table(ctl, side->f, options->columns);
	words_raw(ctl->out, options->path);
	if (could_not_be_mapped(side)) {
		fprintf(ctl->out, ": where on %s it lies cannot be told\n", side->dev.name);
		say_bad(ctl, side);
		return CTL_OK;
	}
	fprintf(ctl->out, ": %s on %s in %zu piece%s", sizefmt(rangeset_bytes(&side->map), size),
		side->dev.name, side->map.n, PLURAL(side->map.n));
	if (side->f->mountpoint) {
		fputs(", xfs on ", ctl->out);
		words_raw(ctl->out, side->f->mountpoint);
	}
	fprintf(ctl->out,
		"\nLooked at %s, just now. Owners of the same range share its blocks.\n\n",
		timefmt_since(now, now, at));
	r = out_located_table(ctl, side->f, FILE_COLUMNS);
	if (!r)
		say_bad(ctl, side);
	return r;
}

static int print_record(struct ctl *ctl, const struct file_side_options *options,
			const struct file_side *side)
{
	CLEANUP(jsonio_freep) struct json_object *head = NULL;
	struct json_object *file;
	int r;

	side->f->reasons |= side->unchecked;
	r = record_from_findings(side->f, 0, &head);
	if (r)
		return r;
	if ((r = jsonio_put_u64(head, "now_usec", ctl_now(ctl))))
		return r;
	file = jsonio_add_object(head, "file");
	if (!file)
		return -ENOMEM;
	if ((r = jsonio_put_bytes(file, "path", options->path)) ||
	    (options->range.len && (r = jsonio_put_range(file, options->range))) ||
	    (r = jsonio_put_ranges(file, "on_device", &side->map)) ||
	    (r = jsonio_put_ranges(file, "bad", &side->bad)))
		return r;
	return out_json_findings(ctl, side->f, head);
}

int file_side(struct ctl *ctl, const struct file_side_options *options)
{
	CLEANUP(file_side_deinit) struct file_side side = FILE_SIDE_NULL;
	int r;

	r = gather(ctl, options, &side);
	if (r)
		return r;
	if (ctl->json) {
		r = print_record(ctl, options, &side);
		r = r ? ctl_failed(ctl, "the record", r) : 0;
	} else {
		r = print(ctl, options, &side);
	}
	if (r)
		return r;
	if (side.bad.n)
		return CTL_LOSS;
	return side.f->reasons | side.unchecked ? CTL_INCOMPLETE : CTL_OK;
}
