/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * From words to a verb's run(). What every command has in common is settled
 * here (output form, machine, store), so that a verb sees only its own
 * options and words.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include "cleanup.h"
#include "command.h"
#include "store.h"

const struct args_option command_common_options[] = {
	[COMMON_JSON] = {"json", 0, NULL, "print records instead of text (doc/record-schema.json)"},
	[COMMON_STATE_DIR] = {"state-dir", 0, "DIR", "the store (default " STORE_DIR_DEFAULT ")"},
	[COMMON_ROOT] = {"root", 0, "DIR", "look at the machine recorded below DIR"},
	[COMMON_COLOR] = {"color", 0, "WHEN",
			  "auto, always or never (auto: terminal, no NO_COLOR)"},
	[COMMON_HELP] = {"help", 'h', NULL, "help on the command"},
	[COMMON_VERSION] = {"version", 'V', NULL, "the version"},
	{0},
};

static const struct ctl_command *const commands[] = {
	&ctl_status,  &ctl_list,    &ctl_show, &ctl_watch,  &ctl_locate, &ctl_topology,
	&ctl_declare, &ctl_retract, &ctl_ack,  &ctl_repair, &ctl_help,   &ctl_version,
};

const struct ctl_command *command_at(size_t index)
{
	return index < ARRAY_SIZE(commands) ? commands[index] : NULL;
}

const struct ctl_command *command_find(const char *name)
{
	for (size_t i = 0; i < ARRAY_SIZE(commands); i++) {
		if (!strcmp(commands[i]->name, name))
			return commands[i];
	}
	return NULL;
}

static int parse(struct ctl *ctl, int argc, char **argv, const struct args_option *own,
		 bool first_only, struct args *args, int *ret_at)
{
	int r = args_parse(argc, argv, own, command_common_options, first_only, args, ret_at);

	if (r < 0)
		return ctl_failed(ctl, "reading the command line", r);
	if (r > 0)
		return ctl_usage(ctl, "%s: %s", argv[*ret_at], args_strerror((enum args_error)r));
	return 0;
}

static int set_color(struct ctl *ctl, const char *when)
{
	static const char *const names[] = {
		[COLOR_AUTO] = "auto", [COLOR_ALWAYS] = "always", [COLOR_NEVER] = "never"};

	for (size_t i = 0; when && i < ARRAY_SIZE(names); i++) {
		if (!strcmp(when, names[i])) {
			ctl->color = (enum ctl_color)i;
			return 0;
		}
	}
	return when ? ctl_usage(ctl, "--color %s: auto, always or never", when) : 0;
}

/* A recorded machine has its own store, where it would be on the machine itself. */
static int set_state_dir(struct ctl *ctl, const char *dir, const char *root)
{
	if (!dir && ctl->root.live) {
		ctl->state_dir = STORE_DIR_DEFAULT;
	} else if (!dir) {
		if (asprintf(&ctl->state_dir_buf, "%s%s", root, STORE_DIR_DEFAULT) < 0) {
			ctl->state_dir_buf = NULL;
			return ctl_failed(ctl, "--root", -ENOMEM);
		}
		ctl->state_dir = ctl->state_dir_buf;
	} else if (!dir[0]) {
		return ctl_usage(ctl, "--state-dir: the name is empty");
	} else {
		ctl->state_dir = dir;
		ctl->state_dir_given = true;
	}
	return 0;
}

static int settle(struct ctl *ctl, const struct args *args)
{
	const char *const *v = args->common_values;
	int r;

	ctl->json = v[COMMON_JSON];
	r = set_color(ctl, v[COMMON_COLOR]);
	if (r)
		return r;
	r = sysroot_open(&ctl->root, v[COMMON_ROOT]);
	if (r)
		return ctl_usage(ctl, "--root %s: %s", v[COMMON_ROOT] ? v[COMMON_ROOT] : "/",
				 strerror(-r));
	return set_state_dir(ctl, v[COMMON_STATE_DIR], v[COMMON_ROOT]);
}

int command_main(struct ctl *ctl, int argc, char **argv)
{
	CLEANUP(args_deinit) struct args args = ARGS_NULL;
	const struct ctl_command *command = NULL;
	int at = 0, r;

	r = parse(ctl, argc, argv, NULL, true, &args, &at);
	if (r)
		return r;
	if (at < argc) {
		command = command_find(argv[at]);
		if (!command)
			return ctl_usage(ctl, "%s: no such command", argv[at]);
		ctl->verb = command->name;
		r = parse(ctl, argc - at - 1, argv + at + 1, command->options, false, &args, &at);
		if (r)
			return r;
	}
	if (args.common_values[COMMON_VERSION])
		command = &ctl_version;
	else if (args.common_values[COMMON_HELP])
		return command_print_help(ctl->out, command), CTL_OK;
	else if (!command)
		return command_print_help(ctl->err, NULL), CTL_USAGE;

	r = settle(ctl, &args);
	if (!r)
		r = command->run(ctl, &args);
	if (fflush(ctl->out) || ferror(ctl->out)) {
		ctl_failed(ctl, "writing the answer", -errno);
		r = r == CTL_OK ? CTL_INCOMPLETE : r;
	}
	return r;
}
