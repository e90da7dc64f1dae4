/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * help: everything it prints comes from the descriptors, so that it cannot
 * tell of an option that does not exist, or be silent about one that does.
 */
#include <string.h>
#include "command.h"

static void print_options(FILE *out, const struct args_option *options)
{
	for (size_t i = 0; options && options[i].name; i++) {
		char left[64];

		snprintf(left, sizeof(left), "%c%c%s --%s%s%s", options[i].letter ? '-' : ' ',
			 options[i].letter ? options[i].letter : ' ', options[i].letter ? "," : " ",
			 options[i].name, options[i].argument ? " " : "",
			 options[i].argument ? options[i].argument : "");
		fprintf(out, "  %-22s %s\n", left, options[i].help);
	}
}

static void print_overview(FILE *out)
{
	const struct ctl_command *command;

	fputs("Usage: pmemrasctl COMMAND [OPTION...] [ARGUMENT...]\n"
	      "Which files and metadata bad blocks hit, and what became of them.\n"
	      "\n"
	      "Commands:\n",
	      out);
	for (size_t i = 0; (command = command_at(i)); i++)
		fprintf(out, "  %-8s %s\n", command->name, command->summary);
	fputs("\nOptions of every command:\n", out);
	print_options(out, command_common_options);
	fputs("\n"
	      "A RANGE is START+LENGTH: bytes, or with K M G T (powers of 1024), or s (512-byte\n"
	      "sectors); 0x for hexadecimal: 2048266s+1s, 0x3e820000+4K.\n"
	      "\n"
	      "Exit code: 0 answered, nothing lost; 1 loss or unrepaired damage; 2 usage; 3 the\n"
	      "answer is incomplete and no loss is known. list and show: 0 when they could "
	      "print.\n",
	      out);
}

static void print_columns(FILE *out, const struct column *columns)
{
	fputs("\nColumns of --output (* shown unless told otherwise; +NAME adds to them):\n", out);
	for (size_t i = 0; columns[i].name; i++)
		fprintf(out, "  %-10s%c %s%s%s%s\n", columns[i].name,
			columns[i].flags & COLUMN_DEFAULT ? '*' : ' ', columns[i].help,
			columns[i].json[0] ? " (JSON: " : "", columns[i].json,
			columns[i].json[0] ? ")" : "");
}

void command_print_help(FILE *out, const struct ctl_command *command)
{
	if (!command)
		return print_overview(out);

	fprintf(out, "Usage: pmemrasctl %s%s%s\n%s\n", command->name,
		command->arguments[0] ? " " : "", command->arguments, command->help);
	fprintf(out, "Example:  %s\n", command->example);
	if (command->options) {
		fputs("\nOptions:\n", out);
		print_options(out, command->options);
	}
	if (command->columns)
		print_columns(out, command->columns);
	fputs("\nOptions of every command:\n", out);
	print_options(out, command_common_options);
}

static int run(struct ctl *ctl, const struct args *args)
{
	const struct ctl_command *command = NULL;

	if (args->n_words > 1)
		return ctl_usage(ctl, "%s: one command at a time", args->words[1]);
	if (args->n_words) {
		command = command_find(args->words[0]);
		if (!command)
			return ctl_usage(ctl, "%s: no such command", args->words[0]);
	}
	command_print_help(ctl->out, command);
	return CTL_OK;
}

const struct ctl_command ctl_help = {
	.name = "help",
	.arguments = "[COMMAND]",
	.summary = "this overview, or help on one command",
	.help = "Tells what a command does, its options and the columns of its table.\n",
	.example = "pmemrasctl help locate",
	.run = run,
};
