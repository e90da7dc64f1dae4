/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Each step is told as it is done. One file that cannot be copied does not keep the others from it;
 * that it was not is the exit code.
 */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <string.h>
#include <sys/stat.h>
#include "cleanup.h"
#include "fd.h"
#include "jsonio.h"
#include "out_json.h"
#include "repair_run.h"
#include "repair_salvage.h"
#include "words.h"

struct salvaging {
	const struct ctl *ctl;
	const struct repair_look *look;
	const struct plan *plan;
	struct json_object *files; /* of the record, NULL: text */
	int fs, dir;
	bool failed,
		missed; /* a file was not copied; something in one could not be read though no list has it */
};

static void say_copy(const struct salvaging *s, uint32_t file, const struct repair_salvaged *done)
{
	FILE *out = s->ctl->out;

	words_file(out, s->plan->facts->f, file, 0);
	fputs("\n  copied to ", out);
	words_quoted(out, s->plan->facts->argument);
	fputc('/', out);
	words_quoted(out, done->name);
	fprintf(out, " (and .map): %" PRIu64 " B, %" PRIu64 " B lost and left as holes\n",
		done->copied, rangeset_bytes(&done->lost));
	if (done->unexpected)
		fprintf(out, "  %" PRIu64 " B of these are on no list, and could not be read\n",
			done->unexpected);
	if (done->changed)
		fputs("  It was written to meanwhile: the copy may be of no single moment.\n", out);
}

static int put_copy(const struct salvaging *s, uint32_t file, const struct repair_salvaged *done)
{
	struct json_object *entry = jsonio_append_object(s->files);
	int r;

	if (!entry)
		return -ENOMEM;
	if ((r = jsonio_put_u64(entry, "ino", s->plan->facts->f->files[file].ino)) ||
	    (r = jsonio_put_bytes(entry, "copy", done->name)) ||
	    (r = jsonio_put_u64(entry, "copied_bytes", done->copied)) ||
	    (r = jsonio_put_u64(entry, "unexpected_bytes", done->unexpected)) ||
	    (r = jsonio_put_bool(entry, "changed", done->changed)))
		return r;
	return jsonio_put_ranges(entry, "lost_in_file", &done->lost);
}

static int salvage_one(struct salvaging *s, uint32_t file)
{
	CLEANUP(repair_salvaged_deinit) struct repair_salvaged done = REPAIR_SALVAGED_NULL;
	const struct plan_facts *facts = s->plan->facts;
	int r = repair_salvage(s->look, facts, s->fs, file, s->dir, &done);

	if (r) {
		s->failed = true;
		ctl_error(s->ctl, "inode %" PRIu64 " was not copied: %s", facts->f->files[file].ino,
			  strerror(-r));
		return r == -ENOMEM ? r : 0;
	}
	s->missed = s->missed || done.unexpected || done.changed;
	if (s->files)
		return put_copy(s, file, &done);
	say_copy(s, file, &done);
	return 0;
}

static void warn_same_filesystem(const struct salvaging *s)
{
	struct stat dir, fs;

	if (!fstat(s->dir, &dir) && !fstat(s->fs, &fs) && dir.st_dev == fs.st_dev)
		ctl_error(s->ctl, "%s is on the damaged filesystem itself; another is safer",
			  s->plan->facts->argument);
}

static int salvage_all(struct salvaging *s)
{
	int r = 0;

	warn_same_filesystem(s);
	for (size_t i = 0; !r && i < s->plan->n_steps; i++) {
		if (s->plan->steps[i].action == PLAN_COPY_OUT)
			r = salvage_one(s, s->plan->steps[i].file);
	}
	return r;
}

static int put_head(struct json_object *record, const struct plan *plan)
{
	int r = jsonio_put_u64(record, "incident", (uint64_t)plan->facts->incident);

	return r ? r : jsonio_put_bytes(record, "directory", plan->facts->argument);
}

int repair_run_salvage(const struct ctl *ctl, const struct repair_look *look,
		       const struct plan *plan)
{
	CLEANUP(jsonio_freep) struct json_object *record = NULL;
	CLEANUP(fd_closep) int fs = -1, dir = -1;
	struct salvaging s = {.ctl = ctl, .look = look, .plan = plan};
	int r;

	dir = open(plan->facts->argument, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (dir < 0)
		return ctl_usage(ctl, "--salvage %s: %s", plan->facts->argument, strerror(errno));
	r = repair_open_fs(&ctl->root, look, &fs);
	if (r)
		return ctl_failed(ctl, "opening the filesystem", r);
	if (ctl->json) {
		record = out_json_record("salvage");
		s.files = record ? jsonio_add_array(record, "files") : NULL;
		if (!s.files || put_head(record, plan))
			return ctl_failed(ctl, "the record", -ENOMEM);
	}
	s.fs = fs;
	s.dir = dir;
	r = salvage_all(&s);
	if (!r && record)
		r = out_json(ctl, record);
	if (r)
		return ctl_failed(ctl, "the copies", r);
	return s.failed || s.missed ? CTL_INCOMPLETE : CTL_OK;
}
