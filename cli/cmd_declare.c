/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * declare: some other tool knows of damage (a SMART self-test, a RAID
 * controller, a log). It goes on record first; then the blocks are looked at, by the
 * daemon where one runs, else here, so that the answer is "what it hit".
 */
#include <errno.h>
#include <inttypes.h>
#include <time.h>
#include "casework.h"
#include "changed.h"
#include "cleanup.h"
#include "command.h"
#include "jsonio.h"
#include "opened.h"
#include "out_json.h"
#include "progress.h"
#include "target.h"
#include "words.h"

#define WAIT_MSEC 3000 /* for the daemon's look */
#define NAP_MSEC  50

enum { OPTION_NOTE, OPTION_RANGES };

static const struct args_option options[] = {
	[OPTION_NOTE] = {"note", 0, "TEXT", "who says so; kept with it"},
	[OPTION_RANGES] = {"ranges", 0, "FILE", "ranges from FILE, - standard input, one a line"},
	{0},
};

struct declaration {
	struct blkdev dev;
	struct rangeset bad;
	struct changed changed;
	int daemon_pid; /* 0: none runs */
	bool looked;    /* all incidents have been looked at */
};

#define DECLARATION_NULL ((struct declaration){0})

static void declaration_deinit(struct declaration *d)
{
	blkdev_deinit(&d->dev);
	rangeset_deinit(&d->bad);
	changed_deinit(&d->changed);
}

static int read_words(const struct ctl *ctl, const struct args *args, struct declaration *d)
{
	const char *list = args->values[OPTION_RANGES];
	int r;

	if (!args->n_words || (args->n_words == 1 && !list))
		return ctl_usage(ctl, "which blocks? DEVICE RANGE..., as in: declare /dev/pmem0 "
				      "2048266s+1s");
	r = target_device(ctl, args->words[0], &d->dev);
	if (!r)
		r = target_ranges(ctl, args->words + 1, args->n_words - 1, &d->bad);
	if (!r && list)
		r = target_range_list(ctl, list, &d->bad);
	if (!r && !d->bad.n)
		r = ctl_usage(ctl, "--ranges %s: no range in it", list);
	return r ? r : target_within(ctl, &d->dev, &d->bad);
}

/* Declared before: nothing changes, and the incidents they are part of are the answer. */
static int find_known(struct store *store, struct declaration *d)
{
	CLEANUP(casebook_deinit) struct casebook book = CASEBOOK_NULL;
	int64_t row = 0;
	int r;

	r = store_device_find(store, &d->dev.id, &row);
	if (!r)
		r = store_casebook(store, row, &book);
	for (size_t i = 0; !r && i < book.n; i++) {
		const struct incident *incident = book.incidents[i];

		for (size_t j = 0; !r && j < d->bad.n; j++) {
			if (rangeset_overlaps(&incident->lost, d->bad.ranges[j]))
				r = changed_add(&d->changed, incident->id);
		}
	}
	return r == -ENOENT ? 0 : r;
}

static bool pending(struct store *store, const struct changed *changed)
{
	CLEANUP(freep) int64_t *ids = NULL;
	size_t n = 0;

	if (casework_pending(store, &ids, &n))
		return true;
	for (size_t i = 0; i < n; i++) {
		for (size_t j = 0; j < changed->n; j++) {
			if (ids[i] == changed->ids[j])
				return true;
		}
	}
	return false;
}

static void await_daemon(struct store *store, struct declaration *d)
{
	const struct timespec nap = {.tv_nsec = NAP_MSEC * 1000000L};

	for (unsigned int waited = 0; waited < WAIT_MSEC; waited += NAP_MSEC) {
		d->looked = !pending(store, &d->changed);
		if (d->looked)
			return;
		nanosleep(&nap, NULL);
	}
}

static int look(struct ctl *ctl, struct store *store, struct declaration *d)
{
	CLEANUP(freep) int *outcomes = NULL;
	struct capture_options capture = {0};
	struct progress progress;
	int r;

	if (!store_daemon_pid(ctl->state_dir, &d->daemon_pid)) {
		await_daemon(store, d);
		return 0;
	}
	d->daemon_pid = 0;
	outcomes = calloc(d->changed.n + 1, sizeof(*outcomes));
	if (!outcomes)
		return -ENOMEM;
	progress_init(&progress, ctl, &capture);
	r = casework_investigate_many(&ctl->root, store, d->changed.ids, d->changed.n, &capture,
				      ctl_now(ctl), NULL, outcomes);
	progress_deinit(&progress);
	d->looked = !r;
	for (size_t i = 0; i < d->changed.n; i++) {
		d->looked = d->looked && !outcomes[i];
		/* -ESTALE: it changed meanwhile, whoever did that looks again */
		if (!r && outcomes[i] != -ESTALE)
			r = outcomes[i];
	}
	return r;
}

static int say(const struct ctl *ctl, struct store *store, const struct declaration *d)
{
	int r = changed_say(&d->changed, ctl, store);

	if (r)
		return opened_failed(ctl, r);
	if (d->daemon_pid && !d->looked)
		fprintf(ctl->out, "pmemrasd (pid %d) is looking at what it hit.\n", d->daemon_pid);
	for (size_t i = 0; i < d->changed.n; i++) {
		fprintf(ctl->out, "%s  pmemrasctl show %" PRId64,
			i ? "     " : "\nNext:", d->changed.ids[i]);
		ctl_print_options(ctl, ctl->out);
		fputc('\n', ctl->out);
	}
	return CTL_OK;
}

static int print_record(const struct ctl *ctl, struct store *store, const struct declaration *d)
{
	CLEANUP(jsonio_freep) struct json_object *record = out_json_record("declare");
	int r;

	if (!record)
		return ctl_failed(ctl, "the record", -ENOMEM);
	if (!(r = jsonio_put_u64(record, "now_usec", ctl_now(ctl))) &&
	    !(r = jsonio_put_bytes(record, "device", d->dev.name)) &&
	    !(r = jsonio_put_ranges(record, "declared", &d->bad)) &&
	    !(r = jsonio_put_bool(record, "looked", d->looked)))
		r = changed_put(&d->changed, store, record);
	if (r)
		return opened_failed(ctl, r);
	r = out_json(ctl, record);
	return r ? ctl_failed(ctl, "the record", r) : CTL_OK;
}

static int run(struct ctl *ctl, const struct args *args)
{
	CLEANUP(declaration_deinit) struct declaration d = DECLARATION_NULL;
	CLEANUP(store_freep) struct store *store = NULL;
	struct casework_observer observer = changed_observer(&d.changed);
	int r;

	r = read_words(ctl, args, &d);
	if (!r)
		r = opened_for_change(ctl, true, &store);
	if (r)
		return r;
	/* who is there: the daemon knows, without it a renamed device would look like a new one */
	if (store_daemon_pid(ctl->state_dir, &d.daemon_pid))
		r = casework_roll_call(&ctl->root, store, ctl_now(ctl), NULL);
	if (!r)
		r = casework_declare(store, &d.dev.id, &d.bad, args->values[OPTION_NOTE],
				     ctl_now(ctl), &observer);
	if (r)
		return opened_failed(ctl, r);
	r = d.changed.n ? 0 : find_known(store, &d);
	if (!r)
		r = look(ctl, store, &d);
	if (r) /* on record it is: that is what was asked for */
		ctl_error(ctl, "recorded, but not looked at: %s", store_strerror(r));
	return ctl->json ? print_record(ctl, store, &d) : say(ctl, store, &d);
}

const struct ctl_command ctl_declare = {
	.name = "declare",
	.arguments = "DEVICE RANGE...",
	.summary = "put damage on record that another tool knows of",
	.help = "Holds the ranges bad until they are retracted, as an incident: what they held is\n"
		"looked up at once, by pmemrasd where it runs. For what a SMART self-test, a RAID\n"
		"controller or a log says. Sectors that are hit in part count as a whole. Needs "
		"root.\n"
		"Exit code 0 when it is on record, whatever it hit: see status.\n",
	.example = "pmemrasctl declare /dev/sda 2048266s+1s --note \"SMART self-test of May 3\"",
	.options = options,
	.run = run,
};
