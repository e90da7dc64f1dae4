/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef PMEMRASCTL_COMMAND_H
#define PMEMRASCTL_COMMAND_H

/*
 * A verb is a const descriptor in a file of its own, cmd_VERB.c. The
 * dispatcher knows nothing else of it; help, the manual page's check and the
 * shell's completion read the same descriptors.
 */
#include "args.h"
#include "columns.h"
#include "ctl.h"

struct ctl_command {
	const char *name;
	const char *arguments;             /* "DEVICE RANGE...", "" none */
	const char *summary;               /* one line of `pmemrasctl help` */
	const char *help;                  /* what it does and how to read it; whole lines */
	const char *example;               /* one command line with its arguments */
	const struct args_option *options; /* NULL none */
	const struct column *columns;      /* what -o may name; NULL: prints no table */
	/* Return: enum ctl_exit */
	int (*run)(struct ctl *ctl, const struct args *args);
};

extern const struct ctl_command ctl_status, ctl_list, ctl_show, ctl_watch, ctl_locate, ctl_declare,
	ctl_retract, ctl_ack, ctl_topology, ctl_repair, ctl_help, ctl_version;

/* The options every command has: indices into args.common_values. */
enum common_option {
	COMMON_JSON,
	COMMON_STATE_DIR,
	COMMON_ROOT,
	COMMON_COLOR,
	COMMON_HELP,
	COMMON_VERSION,
};
extern const struct args_option command_common_options[];

/* In the order help shows them; NULL at the end. */
const struct ctl_command *command_at(size_t index);
const struct ctl_command *command_find(const char *name);

/* Runs what @argv (without the program's name) asks for. @ctl: streams, clock and no_color are set.
 * Return: enum ctl_exit */
int command_main(struct ctl *ctl, int argc, char **argv);

/* The page of one command, or the overview (@command NULL). */
void command_print_help(FILE *out, const struct ctl_command *command);

#endif
