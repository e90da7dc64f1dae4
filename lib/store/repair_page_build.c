/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * BUILD: what can be read of the page, past the page cache and never the lost sectors, and zeros or the
 * backup's bytes for those. It is on the medium, in a file of ours, before any file is changed.
 */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include "cleanup.h"
#include "digest.h"
#include "fd.h"
#include "fs_file.h"
#include "fs_quarantine.h"
#include "repair_look.h"
#include "repair_page.h"

#define GOOD_TRIES 8

static int read_good(struct repair_page *p)
{
	const struct job_step *step = repair_step(p->w, p->build);
	CLEANUP(rangeset_deinit) struct rangeset rest = RANGESET_NULL;
	int r = rangeset_add(&rest, repair_page_range(p));

	if (!r)
		r = rangeset_subtract_set(&rest, &step->lost);
	memset(p->w->page, 0, PAGE_BYTES);
	for (size_t i = 0; !r && i < rest.n; i++) {
		unsigned char *to = p->w->page + (rest.ranges[i].start - p->at);

		r = blkdev_read(p->w->device, to, rest.ranges[i]);
		if (r == 1)
			return repair_refuse(p->w, "more of the page cannot be read than is "
						   "known to be bad: declare it and plan again");
	}
	return repair_failed(p->w, "reading the rest of the page", r);
}

static int read_backup(struct repair_page *p)
{
	const struct plan_backup *backup = p->w->options->backup;
	const struct job_step *step = repair_step(p->w, p->build);
	CLEANUP(rangeset_deinit) struct rangeset lost = RANGESET_NULL;
	CLEANUP(fd_closep) int fd = -1;
	struct plan_inode now;
	struct stat st;
	int r;

	if (!backup)
		return repair_refuse(p->w, "interrupted before the backup's bytes were saved");
	fd = open(backup->path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return repair_failed(p->w, "the backup", -errno);
	if (fstat(fd, &st))
		return repair_failed(p->w, "the backup", -errno);
	r = fs_file_look(fd, &now);
	if (!r && (st.st_dev != backup->dev || now.ino != backup->ino || now.size != backup->size ||
		   now.modified_nsec != backup->modified_nsec))
		return repair_refuse(p->w, "the backup has changed since the plan");
	if (!r)
		r = job_lost_in_file(step, &lost);
	for (size_t i = 0; !r && i < lost.n; i++)
		r = repair_read(fd, p->w->page + (lost.ranges[i].start - step->offset),
				lost.ranges[i].len, lost.ranges[i].start);
	return repair_failed(p->w, "the backup", r);
}

/* The allocator knows nothing of bad blocks: a page that is to be good must not lie on one. */
static int is_on_good_block(struct repair_page *p, const struct rangeset *known_bad, bool *ret)
{
	uint64_t at = 0;
	int r = fs_block_where(p->good, &at);

	if (r)
		return r;
	*ret = !rangeset_overlaps(known_bad, (struct byte_range){at, PAGE_BYTES}) &&
	       !blkdev_read(p->w->device, p->w->other, (struct byte_range){at, PAGE_BYTES}) &&
	       !memcmp(p->w->other, p->w->page, p->good.len);
	return 0;
}

static int write_once(struct repair_page *p, bool dax, const struct rangeset *known_bad, bool *ret)
{
	int r = fs_quarantine_unlink(p->w->dir, p->good_name);

	*ret = false;
	if (!r)
		r = fs_quarantine_create(p->w->dir, p->good_name, dax, &p->good.fd);
	if (!r)
		r = repair_write(p->good.fd, p->w->page, p->good.len, 0);
	if (!r && fsync(p->good.fd))
		r = -errno;
	return r ? r : is_on_good_block(p, known_bad, ret);
}

/* Blocks that are no good are kept until one is, so that the next is another. */
static int write_good(struct repair_page *p, bool dax, const struct rangeset *known_bad)
{
	int refused[GOOD_TRIES], n = 0, r = 0;
	bool good = false;

	while (!r && !good && n < GOOD_TRIES) {
		r = write_once(p, dax, known_bad, &good);
		if (!good)
			refused[n++] = fd_steal(&p->good.fd);
	}
	while (n)
		fd_closep(&refused[--n]);
	if (!r && fsync(p->w->dir))
		r = -errno;
	return r || good ? r : -EIO;
}

static int build_anew(struct repair_page *p)
{
	CLEANUP(rangeset_deinit) struct rangeset listed = RANGESET_NULL;
	CLEANUP(rangeset_deinit) struct rangeset known_bad = RANGESET_NULL;
	struct repair_work *w = p->w;
	char digest[DIGEST_TEXT];
	bool dax = false;
	int r;

	r = repair_step_begun(w, p->build);
	if (!r)
		r = read_good(p);
	if (!r && w->job->choice == PLAN_RESTORE)
		r = read_backup(p);
	if (r)
		return r;
	r = repair_listed(w->root, w->store, &w->dev, w->job->device, &listed);
	if (!r)
		r = repair_known_bad(w->store, w->job->device, &listed, &known_bad);
	if (!r)
		r = fs_block_is_dax(p->bad.fd, &dax);
	if (!r)
		r = write_good(p, dax, &known_bad);
	if (!r)
		r = digest_text(w->page, p->good.len, digest);
	return r ? repair_failed(w, "building the good page", r)
		 : repair_step_done(w, p->build, digest);
}

int repair_page_find_good(struct repair_page *p)
{
	const struct job_step *step = repair_step(p->w, p->build);
	char digest[DIGEST_TEXT];
	int r;

	r = fs_quarantine_find(p->w->dir, p->good_name, &p->good.fd);
	if (!r)
		r = repair_read(p->good.fd, p->w->page, p->good.len, 0);
	if (!r)
		r = digest_text(p->w->page, p->good.len, digest);
	if (r)
		return repair_failed(p->w, "the good page that was built", r);
	return step->note && !strcmp(digest, step->note)
		       ? 0
		       : repair_refuse(p->w, "the good page is not what was built");
}

int repair_page_build(struct repair_page *p)
{
	if (repair_step(p->w, p->build)->state == JOB_STEP_DONE)
		return repair_page_find_good(p);
	return build_anew(p);
}
