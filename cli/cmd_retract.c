/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * retract: what was declared holds no more. It clears; it does not bring
 * anything back, so the incident keeps what was lost. The device may be long
 * gone (that is often why), so it is looked for on record as well.
 */
#include <errno.h>
#include <inttypes.h>
#include <string.h>
#include "casework.h"
#include "changed.h"
#include "cleanup.h"
#include "command.h"
#include "declared.h"
#include "jsonio.h"
#include "opened.h"
#include "out_json.h"
#include "rangespec.h"
#include "target.h"
#include "words.h"

enum { OPTION_ALL, OPTION_RANGES };

static const struct args_option options[] = {
	[OPTION_ALL] = {"all", 0, NULL, "all that was declared (on DEVICE, or anywhere)"},
	[OPTION_RANGES] = {"ranges", 0, "FILE", "ranges from FILE, - standard input, one a line"},
	{0},
};

struct retraction {
	struct rangeset asked;
	struct rangeset gone;  /* what was declared and is not any more */
	struct rangeset never; /* asked for, but never declared */
	struct changed changed;
};

#define RETRACTION_NULL ((struct retraction){0})

static void retraction_deinit(struct retraction *t)
{
	rangeset_deinit(&t->asked);
	rangeset_deinit(&t->gone);
	rangeset_deinit(&t->never);
	changed_deinit(&t->changed);
}

/* The device on record that @arg names: one that is here, or, by its last name, one that is not. */
static int find_device(const struct ctl *ctl, struct store *store, const char *arg,
		       struct store_device *ret)
{
	CLEANUP(blkdev_deinit) struct blkdev dev = BLKDEV_NULL;
	CLEANUP(freep) struct store_device *devices = NULL;
	const char *name = strncmp(arg, "/dev/", 5) ? arg : arg + 5;
	const struct store_device *found = NULL;
	int64_t row = -1;
	size_t n = 0;
	int r;

	if (!blkdev_resolve(&ctl->root, arg, &dev)) {
		r = store_device_find(store, &dev.id, &row);
		if (r && r != -ENOENT)
			return opened_failed(ctl, r);
	}
	r = store_devices(store, &devices, &n);
	if (r)
		return opened_failed(ctl, r);
	for (size_t i = 0; i < n; i++) {
		if (row >= 0 ? devices[i].row != row : strcmp(devices[i].id.name, name) != 0)
			continue;
		if (found)
			return ctl_usage(
				ctl, "%s: several devices on record had this name; use --all", arg);
		found = &devices[i];
	}
	if (!found)
		return ctl_usage(ctl, "%s: nothing was declared on it", arg);
	*ret = *found;
	return 0;
}

static int take_back(const struct ctl *ctl, struct store *store, const struct store_device *device,
		     const struct rangeset *ranges, struct retraction *t)
{
	struct casework_observer observer = changed_observer(&t->changed);
	CLEANUP(rangeset_deinit) struct rangeset gone = RANGESET_NULL;
	int r = casework_retract(store, &device->id, ranges, ctl_now(ctl), &observer, &gone);

	if (!r)
		r = rangeset_add_set(&t->gone, &gone);
	return r ? opened_failed(ctl, r) : 0;
}

static int take_all_back(const struct ctl *ctl, struct store *store,
			 const struct store_device *device, struct retraction *t)
{
	CLEANUP(declared_deinit) struct declared declared = DECLARED_NULL;
	int r = declared_load(store, device->row, NULL, &declared);

	if (r)
		return opened_failed(ctl, r);
	return declared.n ? take_back(ctl, store, device, &declared.ranges, t) : 0;
}

static int everywhere(const struct ctl *ctl, struct store *store, struct retraction *t)
{
	CLEANUP(freep) struct store_device *devices = NULL;
	size_t n = 0;
	int r = store_devices(store, &devices, &n);

	if (r)
		return opened_failed(ctl, r);
	for (size_t i = 0; !r && i < n; i++)
		r = take_all_back(ctl, store, &devices[i], t);
	return r;
}

static void say_ranges(FILE *out, const char *before, const struct rangeset *ranges)
{
	char buf[RANGESPEC_BUF];

	if (!ranges->n)
		return;
	fputs(before, out);
	for (size_t i = 0; i < ranges->n && i < 8; i++)
		fprintf(out, " %s", rangespec_format(ranges->ranges[i], buf));
	if (ranges->n > 8)
		fprintf(out, " and %zu more", ranges->n - 8);
	fputc('\n', out);
}

static int on_device(const struct ctl *ctl, struct store *store, const struct args *args,
		     struct retraction *t)
{
	struct store_device device;
	const char *list = args->values[OPTION_RANGES];
	int r;

	r = find_device(ctl, store, args->words[0], &device);
	if (r)
		return r;
	if (args->values[OPTION_ALL])
		return take_all_back(ctl, store, &device, t);

	r = target_ranges(ctl, args->words + 1, args->n_words - 1, &t->asked);
	if (!r && list)
		r = target_range_list(ctl, list, &t->asked);
	if (!r)
		r = take_back(ctl, store, &device, &t->asked, t);
	if (r)
		return r;
	r = rangeset_diff(&t->asked, &t->gone, &t->never);
	if (r)
		return ctl_failed(ctl, "the ranges", r);
	if (!t->gone.n) {
		CLEANUP(declared_deinit) struct declared declared = DECLARED_NULL;

		r = ctl_usage(ctl, "%s: nothing of that was declared", args->words[0]);
		if (!declared_load(store, device.row, NULL, &declared))
			say_ranges(ctl->err, "Declared there:", &declared.ranges);
	}
	return r;
}

static int print_record(const struct ctl *ctl, struct store *store, const struct retraction *t)
{
	CLEANUP(jsonio_freep) struct json_object *record = out_json_record("retract");
	int r;

	if (!record)
		return ctl_failed(ctl, "the record", -ENOMEM);
	if (!(r = jsonio_put_u64(record, "now_usec", ctl_now(ctl))) &&
	    !(r = jsonio_put_ranges(record, "retracted", &t->gone)) &&
	    !(r = jsonio_put_ranges(record, "not_declared", &t->never)))
		r = changed_put(&t->changed, store, record);
	if (r)
		return opened_failed(ctl, r);
	r = out_json(ctl, record);
	return r ? ctl_failed(ctl, "the record", r) : CTL_OK;
}

static int say(const struct ctl *ctl, struct store *store, const struct retraction *t)
{
	int r;

	if (!t->gone.n)
		fputs("Nothing was declared.\n", ctl->out);
	say_ranges(ctl->out, "Retracted:", &t->gone);
	say_ranges(ctl->out, "Never declared, so left alone:", &t->never);
	r = changed_say(&t->changed, ctl, store);
	return r ? opened_failed(ctl, r) : CTL_OK;
}

static int run(struct ctl *ctl, const struct args *args)
{
	CLEANUP(retraction_deinit) struct retraction t = RETRACTION_NULL;
	CLEANUP(store_freep) struct store *store = NULL;
	bool all = args->values[OPTION_ALL], ranges = args->values[OPTION_RANGES];
	int r;

	if (all && (args->n_words > 1 || ranges))
		return ctl_usage(ctl, "--all: takes no ranges");
	if (!all && (!args->n_words || (args->n_words == 1 && !ranges)))
		return ctl_usage(ctl, "what? DEVICE RANGE..., DEVICE --all, or --all");
	r = opened_for_change(ctl, false, &store);
	if (r)
		return r;

	r = args->n_words ? on_device(ctl, store, args, &t) : everywhere(ctl, store, &t);
	if (r)
		return r;
	return ctl->json ? print_record(ctl, store, &t) : say(ctl, store, &t);
}

const struct ctl_command ctl_retract = {
	.name = "retract",
	.arguments = "DEVICE RANGE... | [DEVICE] --all",
	.summary = "take back what was declared",
	.help = "Ends a declaration: where nothing else holds the range bad, its incident is\n"
		"cleared. What was lost stays on record: readable again is not restored. The "
		"device may\n"
		"be gone; it is then known by the name it had. Needs root. Exit code 0 when "
		"anything\n"
		"was retracted, 2 when nothing of what was named had been declared.\n",
	.example = "pmemrasctl retract /dev/sda 2048266s+1s",
	.options = options,
	.run = run,
};
