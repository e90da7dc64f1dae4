/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * One question, one findings record, as ever. Several are printed one after the other: sections for
 * people, and for programs one record that holds them all, so that whoever reads one record
 * from locate still does.
 */
#include "questions.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "cleanup.h"
#include "jsonio.h"
#include "layers.h"
#include "out_json.h"
#include "out_located.h"
#include "progress.h"
#include "record.h"
#include "verdict.h"

void questions_deinit(struct questions *questions)
{
	for (size_t i = 0; i < questions->n; i++) {
		blkdev_deinit(&questions->items[i].dev);
		rangeset_deinit(&questions->items[i].bad);
	}
	free(questions->items);
	*questions = QUESTIONS_NULL;
}

/* Takes @bad over. */
static int add_one(struct questions *questions, const struct blkdev *dev, struct rangeset *bad,
		   bool cut)
{
	struct question *more = reallocarray(questions->items, questions->n + 1, sizeof(*more));
	struct question question = {.dev = *dev, .cut = cut};

	if (!more)
		return -ENOMEM;
	questions->items = more;
	if (dev->users) {
		question.dev.users = strdup(dev->users);
		if (!question.dev.users)
			return -ENOMEM;
	}
	rangeset_move(&question.bad, bad);
	more[questions->n++] = question;
	return 0;
}

int questions_add(struct questions *questions, const struct ctl *ctl, const struct blkdev *dev,
		  const struct rangeset *bad, bool cut)
{
	CLEANUP(layers_parts_deinit) struct layers_parts parts = LAYERS_PARTS_NULL;
	CLEANUP(rangeset_deinit) struct rangeset whole = RANGESET_NULL;
	int r;

	r = rangeset_round_out(bad, SECTOR_SIZE, &whole);
	if (!r && !dev->pmem)
		r = layers_split(&ctl->root, dev, &whole, &parts);
	if (!r && !parts.n) /* no bytes at all are a question too, or it is no block device */
		return add_one(questions, dev, &whole, cut);
	for (size_t i = 0; !r && i < parts.n; i++)
		r = add_one(questions, dev, &parts.items[i], cut);
	return r;
}

/* ---- answers ---- */

static int print_record(const struct ctl *ctl, const struct findings *f)
{
	CLEANUP(jsonio_freep) struct json_object *head = NULL;
	int r = record_from_findings(f, 0, &head);

	if (!r)
		r = jsonio_put_u64(head, "now_usec", ctl_now(ctl));
	if (!r)
		r = out_json_findings(ctl, f, head);
	return r ? ctl_failed(ctl, "the record", r) : 0;
}

static int print_element(const struct ctl *ctl, const struct findings *f, size_t index)
{
	CLEANUP(jsonio_freep) struct json_object *record = NULL;
	int r = record_from_findings(f, SIZE_MAX, &record);

	if (!r)
		r = out_json_element(ctl, "parts", index, record);
	return r ? ctl_failed(ctl, "the record", r) : 0;
}

int questions_print(struct ctl *ctl, const struct findings *f, const char *columns)
{
	struct findings_summary summary = {0};
	int r = findings_summarise(f, &summary);

	if (r)
		return ctl_failed(ctl, f->device, r);
	r = ctl->json ? print_record(ctl, f) : out_located(ctl, f, &summary, columns);
	return r ? r : (int)verdict_exit(summary.worst, f->reasons);
}

static int ask(struct ctl *ctl, const struct question *question, struct capture_options *capture,
	       struct findings **ret)
{
	struct progress progress;
	int r;

	progress_init(&progress, ctl, capture);
	r = capture_locate(&ctl->root, &question->dev, &question->bad, capture, ret);
	progress_deinit(&progress);
	if (r)
		return r;
	findings_sort(*ret);
	if (question->cut)
		findings_add_reason(*ret, REASON_LIST_CUT);
	return 0;
}

static int answer_all(struct ctl *ctl, const struct questions *questions, bool in_one,
		      struct capture_options *capture, const char *columns)
{
	enum ctl_exit exit = CTL_OK;

	for (size_t i = 0; i < questions->n; i++) {
		CLEANUP(findings_freep) struct findings *f = NULL;
		struct findings_summary summary = {0};
		int r = ask(ctl, &questions->items[i], capture, &f);

		if (!r)
			r = findings_summarise(f, &summary);
		if (r)
			return ctl_failed(ctl, questions->items[i].dev.name, r);
		if (i && !in_one)
			fputc('\n', ctl->out);
		exit = verdict_worse(exit, verdict_exit(summary.worst, f->reasons));
		r = in_one ? print_element(ctl, f, i) : 0;
		if (r)
			return r;
		if (!in_one)
			exit = verdict_worse(exit, (enum ctl_exit)questions_print(ctl, f, columns));
	}
	return (int)exit;
}

int questions_answer(struct ctl *ctl, const struct questions *questions, struct json_object *head,
		     struct capture_options *capture, const char *columns)
{
	CLEANUP(jsonio_freep) struct json_object *own = NULL;
	bool in_one = ctl->json && (head || questions->n > 1);
	int r = 0;

	if (in_one && !head) {
		own = head = out_json_record("parts");
		r = head ? jsonio_put_u64(head, "now_usec", ctl_now(ctl)) : -ENOMEM;
	}
	if (!r && in_one)
		r = out_json_open(ctl, head);
	if (r)
		return ctl_failed(ctl, "the record", r);
	r = answer_all(ctl, questions, in_one, capture, columns);
	if (in_one)
		out_json_close(ctl, "parts", questions->n);
	return r;
}
