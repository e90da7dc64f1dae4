/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * While the good page's own file exists, nobody writes to that block in place: who has it has
 * what was built, or the medium is not telling the truth. Who has another block has been
 * written to since, and is nobody's business here.
 *
 * An incident is repaired where all that it lost has been dealt with and nothing of it is bad any more.
 * A declared range is bad until it is retracted, whatever can be read there: its incident stays open, with
 * a note that it has been seen to.
 */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>
#include "casework_priv.h"
#include "cleanup.h"
#include "fd.h"
#include "fs_file.h"
#include "repair_page.h"
#include "repair_prove.h"

#define QUARANTINE_NOTE "repaired: no file has the bad blocks any more, they are in quarantine"

static bool was_replaced(const struct job_step *step)
{
	return step->action == PLAN_REPLACE && step->state == JOB_STEP_DONE && !step->note;
}

static int read_file(int fd, void *buffer, size_t need, uint64_t at)
{
	ssize_t n;

	do
		n = pread(fd, buffer, PAGE_BYTES, (off_t)at);
	while (n < 0 && errno == EINTR);
	return n < 0 ? -errno : (size_t)n < need ? -ENODATA : 0;
}

/* w->page has what it should be */
static int prove_owner(const struct repair_page *p, const struct job_step *step, uint64_t good_at)
{
	CLEANUP(fd_closep) int fd = -1;
	struct repair_work *w = p->w;
	uint64_t at = 0;
	int r;

	r = fs_file_open(w->fs, step->ino, step->gen, O_RDONLY | O_DIRECT | O_NOATIME, &fd);
	if (r == -ESTALE)
		return 0;
	if (!r)
		r = fs_block_where((struct fs_block){fd, step->offset, step->len}, &at);
	if (r == -ENODATA || (!r && at != good_at))
		return 0;
	if (!r)
		r = read_file(fd, w->other, step->len, step->offset);
	if (!r && memcmp(w->page, w->other, step->len))
		r = -EIO;
	return repair_failed(w, step->path ? step->path : "reading a file back", r);
}

static int prove_page(struct repair_work *w, size_t first)
{
	CLEANUP(repair_page_deinit) struct repair_page p = repair_page_of(w, first);
	uint64_t at = 0;
	int r = 0;

	if (repair_step(w, p.hold)->state == JOB_STEP_SKIPPED)
		return 0;
	r = repair_page_find_good(&p);
	if (r)
		return r;
	r = fs_block_where(p.good, &at);
	if (!r)
		r = blkdev_read(w->device, w->other, (struct byte_range){at, PAGE_BYTES});
	if (r == 1 || (!r && memcmp(w->page, w->other, p.good.len)))
		r = -EIO;
	if (r)
		return repair_failed(w, "reading the good page back from the device", r);
	for (size_t i = p.build + 1; !r && i < p.last; i++)
		if (was_replaced(repair_step(w, i)))
			r = prove_owner(&p, repair_step(w, i), at);
	return r;
}

int repair_prove(struct repair_work *w)
{
	int r = 0;

	for (size_t i = 0; !r && i < w->job->n_steps; i += job_page_steps(w->job, i))
		if (repair_step(w, i)->action == PLAN_BUILD)
			r = prove_page(w, i);
	return r;
}

/* ---- on record ---- */

/*
 * @ret: pages all of whose owners were dealt with, now or, where they are in quarantine since, earlier;
 * @ret_cleared: of these, good again
 */
static int gather_done(struct store *store, const struct job *job, struct rangeset *ret,
		       struct rangeset *ret_cleared)
{
	int r = store_repair_kept(store, job->device, ret);

	for (size_t i = 0; !r && i < job->n_steps; i++) {
		const struct job_step *step = &job->steps[i];
		const struct byte_range page = {step->page, PAGE_BYTES};

		if ((step->action != PLAN_CLEAR && step->action != PLAN_KEEP) ||
		    step->state != JOB_STEP_DONE)
			continue;
		r = rangeset_add(ret, page);
		if (!r && !strcmp(step->note ?: "", REPAIR_CLEARED))
			r = rangeset_add(ret_cleared, page);
	}
	return r;
}

static int record_losses(struct repair_work *w)
{
	int r = 0;

	for (size_t i = 0; !r && i < w->job->n_steps; i++) {
		CLEANUP(rangeset_deinit) struct rangeset lost = RANGESET_NULL;
		const struct job_step *step = repair_step(w, i);

		if (!was_replaced(step))
			continue;
		r = job_lost_in_file(step, &lost);
		if (!r)
			r = store_loss_add(w->store, w->job, step, &lost, w->now_usec);
	}
	return r;
}

static bool is_dealt_with(const struct incident *incident, const struct rangeset *done)
{
	for (size_t i = 0; i < incident->lost.n; i++)
		if (!rangeset_contains(done, incident->lost.ranges[i]))
			return false;
	return true;
}

static int settle(struct repair_work *w, const struct rangeset *done,
		  const struct rangeset *cleared, struct casework_news *news, bool *ret_over)
{
	CLEANUP(casebook_deinit) struct casebook book = CASEBOOK_NULL;
	CLEANUP(casebook_changes_deinit) struct casebook_changes changes = {0};
	CLEANUP(incident_deinit) struct incident incident = INCIDENT_NULL;
	int64_t row;
	int r;

	r = store_casebook(w->store, w->job->device, &book);
	if (!r)
		r = casebook_clear(&book, -1, cleared, PROOF_READ, w->now_usec, &changes);
	if (!r)
		r = casework_save(w->store, w->job->device, &changes, w->now_usec, news);
	if (!r)
		r = store_incident(w->store, w->job->incident, true, &incident, &row);
	if (r)
		return r;
	*ret_over = incident.state == INCIDENT_REPAIRED;
	if (!is_dealt_with(&incident, done))
		return 0;
	if (incident.state == INCIDENT_OPEN) /* still bad, but no file is hit any more */
		return incident.acked ? 0
				      : store_ack(w->store, incident.id, true, QUARANTINE_NOTE,
						  w->now_usec);
	if (incident.state != INCIDENT_CLEARED)
		return 0;
	incident.state = INCIDENT_REPAIRED;
	incident.changed_usec = w->now_usec;
	r = store_save_incident(w->store, row, &incident, CHANGE_REPAIRED, w->now_usec);
	if (!r)
		r = casework_news_add(news, incident.id, CHANGE_REPAIRED);
	*ret_over = !r;
	return r;
}

int repair_record(struct repair_work *w, size_t index, bool *ret_over)
{
	CLEANUP(casework_news_deinit) struct casework_news news = {0};
	CLEANUP(rangeset_deinit) struct rangeset done = RANGESET_NULL;
	CLEANUP(rangeset_deinit) struct rangeset cleared = RANGESET_NULL;
	int r;

	r = gather_done(w->store, w->job, &done, &cleared);
	if (!r)
		r = store_begin(w->store);
	if (r)
		return r;
	r = record_losses(w);
	if (!r)
		r = settle(w, &done, &cleared, &news, ret_over);
	if (!r)
		r = repair_step_done(w, index, NULL);
	if (!r)
		r = store_repair_state(w->store, w->job, JOB_PROVED, w->now_usec);
	return casework_finish(w->store, r, &news, w->options->observer);
}
