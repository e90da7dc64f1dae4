/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * locate: from device ranges to what they hold. Where the ranges come from (words, a list,
 * the device's own list) is settled here, the kernel is asked by lib/sys, the answer
 * is printed by out_located. From the file's side: file_side.
 */
#include <errno.h>
#include <string.h>
#include "cleanup.h"
#include "columns_finding.h"
#include "command.h"
#include "file_side.h"
#include "questions.h"
#include "spa_side.h"
#include "target.h"

enum {
	OPTION_RANGES,
	OPTION_BADBLOCKS,
	OPTION_FILE,
	OPTION_SPA,
	OPTION_NO_PATHS,
	OPTION_OFFLINE,
	OPTION_OUTPUT,
};

static const struct args_option options[] = {
	[OPTION_RANGES] = {"ranges", 0, "FILE", "ranges from FILE, - standard input, one a line"},
	[OPTION_BADBLOCKS] = {"badblocks", 0, NULL,
			      "the ranges of the device's own badblocks list"},
	[OPTION_FILE] = {"file", 0, "PATH", "from the file's side: where it lies, who shares it"},
	[OPTION_SPA] = {"spa", 0, "RANGE", "physical addresses (further ones: as words)"},
	[OPTION_NO_PATHS] = {"no-paths", 0, NULL, "do not look for file names"},
	[OPTION_OFFLINE] = {"offline", 0, NULL, "read the device itself, do not ask the kernel"},
	[OPTION_OUTPUT] = {"output", 'o', "COLS", "a table, with these columns"},
	{0},
};

static int from_badblocks(const struct ctl *ctl, const struct blkdev *dev, struct rangeset *bad,
			  bool *ret_cut)
{
	CLEANUP(rangeset_deinit) struct rangeset listed = RANGESET_NULL;
	int r = blkdev_badblocks(&ctl->root, dev, &listed, ret_cut);

	if (r == -ENOENT)
		return ctl_usage(ctl, "--badblocks: %s keeps no badblocks list; name the ranges",
				 dev->name);
	if (!r)
		r = rangeset_add_set(bad, &listed);
	return r ? ctl_failed(ctl, "--badblocks", r) : 0;
}

/* All that was asked for; an empty badblocks list is an answer, no ranges at all is a mistake. */
static int collect(const struct ctl *ctl, const struct args *args, const struct blkdev *dev,
		   struct rangeset *bad, bool *ret_cut)
{
	const char *list = args->values[OPTION_RANGES];
	int r;

	r = target_ranges(ctl, args->words + 1, args->n_words - 1, bad);
	if (!r && list)
		r = target_range_list(ctl, list, bad);
	if (!r && args->values[OPTION_BADBLOCKS])
		r = from_badblocks(ctl, dev, bad, ret_cut);
	if (r)
		return r;
	if (bad->n || args->values[OPTION_BADBLOCKS])
		return 0;
	if (list)
		return ctl_usage(ctl, "--ranges %s: no range in it", list);
	return ctl_usage(ctl, "which ranges? START+LENGTH..., --ranges FILE, or --badblocks");
}

/*
 * A device that is not there is an answer too: it may have gone, and a program that
 * asks wants to be told so in a record like any other.
 */
static int gone(const char *arg, const struct rangeset *bad, struct findings **ret)
{
	CLEANUP(findings_freep) struct findings *f = NULL;
	int r = findings_new(&f);

	if (r)
		return r;
	f->device = strdup(arg);
	if (!f->device)
		return -ENOMEM;
	r = rangeset_round_out(bad, SECTOR_SIZE, &f->asked);
	if (r)
		return r;
	findings_add_reason(f, REASON_DEVICE_GONE);
	*ret = steal(f);
	return 0;
}

static int from_device(struct ctl *ctl, const struct args *args, struct capture_options *capture)
{
	CLEANUP(questions_deinit) struct questions questions = QUESTIONS_NULL;
	CLEANUP(rangeset_deinit) struct rangeset bad = RANGESET_NULL;
	CLEANUP(findings_freep) struct findings *f = NULL;
	CLEANUP(blkdev_deinit) struct blkdev dev = BLKDEV_NULL;
	bool cut = false, is_gone;
	int r;

	is_gone = !args->values[OPTION_BADBLOCKS] && target_is_gone(ctl, args->words[0]);
	r = is_gone ? 0 : target_device(ctl, args->words[0], &dev);
	if (!r)
		r = collect(ctl, args, &dev, &bad, &cut);
	if (r)
		return r;
	r = is_gone ? gone(args->words[0], &bad, &f)
		    : questions_add(&questions, ctl, &dev, &bad, cut);
	if (r)
		return ctl_failed(ctl, args->words[0], r);
	if (is_gone)
		return questions_print(ctl, f, args->values[OPTION_OUTPUT]);
	return questions_answer(ctl, &questions, NULL, capture, args->values[OPTION_OUTPUT]);
}

static int from_address(struct ctl *ctl, const struct args *args, struct capture_options *capture)
{
	CLEANUP(rangeset_deinit) struct rangeset addresses = RANGESET_NULL;
	const char *list = args->values[OPTION_RANGES];
	int r;

	if (args->values[OPTION_FILE] || args->values[OPTION_BADBLOCKS])
		return ctl_usage(ctl, "--spa takes ranges of physical addresses alone");
	r = target_ranges(ctl, &args->values[OPTION_SPA], 1, &addresses);
	if (!r)
		r = target_ranges(ctl, args->words, args->n_words, &addresses);
	if (!r && list)
		r = target_range_list(ctl, list, &addresses);
	return r ? r : spa_side(ctl, &addresses, capture, args->values[OPTION_OUTPUT]);
}

static int from_file(struct ctl *ctl, const struct args *args,
		     const struct capture_options *capture)
{
	struct file_side_options asked = {.path = args->values[OPTION_FILE],
					  .columns = args->values[OPTION_OUTPUT],
					  .capture = *capture};
	int r = 0;

	if (args->values[OPTION_RANGES] || args->values[OPTION_BADBLOCKS])
		return ctl_usage(ctl,
				 "--file takes a RANGE of the file, no --ranges or --badblocks");
	if (capture->offline)
		return ctl_usage(ctl, "--file asks the kernel; --offline takes a DEVICE");
	if (args->n_words > 1)
		return ctl_usage(ctl, "%s: --file takes one RANGE at most", args->words[1]);
	if (args->n_words)
		r = target_range(ctl, args->words[0], &asked.range);
	return r ? r : file_side(ctl, &asked);
}

static int run(struct ctl *ctl, const struct args *args)
{
	struct capture_options capture = {
		.no_paths = args->values[OPTION_NO_PATHS],
		.offline = args->values[OPTION_OFFLINE],
	};

	if (ctl->json && args->values[OPTION_OUTPUT])
		return ctl_usage(ctl, "--output: a record is always whole; leave it or --json out");
	if (args->values[OPTION_SPA])
		return from_address(ctl, args, &capture);
	if (args->values[OPTION_FILE])
		return from_file(ctl, args, &capture);
	if (!args->n_words)
		return ctl_usage(ctl, "which device? DEVICE RANGE..., --file PATH, or --spa RANGE");
	return from_device(ctl, args, &capture);
}

const struct ctl_command ctl_locate = {
	.name = "locate",
	.arguments = "DEVICE RANGE... | --file PATH [RANGE] | --spa RANGE...",
	.summary = "which files and metadata a range of a device holds",
	.help = "Asks the mounted XFS who owns each block of the ranges: all reflink owners, "
		"every\n"
		"name of each file, metadata by kind. Counts the ranges as bad: exit code 1 means\n"
		"that something would be, or is, lost. An XFS that is not mounted, or has shut\n"
		"down, is read off its device. With --file: which ranges of which device a file\n"
		"occupies, with whom it shares them, and whether any of them is known to be bad\n"
		"(then 1). With --spa: of physical addresses in persistent memory, for each\n"
		"namespace. Ranges that lead to several filesystems get an answer for each.\n"
		"Changes nothing. Needs root to see who owns a block.\n",
	.example = "pmemrasctl locate /dev/pmem0 2048266s+1s 0x3e820000+4K",
	.options = options,
	.columns = columns_finding,
	.run = run,
};
