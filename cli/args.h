/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef PMEMRASCTL_ARGS_H
#define PMEMRASCTL_ARGS_H

/*
 * Command-line words, by a table of options: the table is also what help
 * prints and the shell completes. --name VALUE, --name=VALUE, -n VALUE, -nVALUE, "--" ends options;
 * options and words may come in any order. Names are not abbreviated, so that a
 * script does not break when an option is added.
 */
#include <stdbool.h>
#include <stddef.h>

struct args_option {
	const char *name;     /* "ranges", NULL ends a table */
	char letter;          /* 'o', or 0 */
	const char *argument; /* "FILE", NULL where it takes none */
	const char *help;     /* one line */
};

#define ARGS_MAX 16 /* options a table may hold */

struct args {
	const char *values[ARGS_MAX]; /* of the command's table; NULL not given, "" a given flag */
	const char *common_values[ARGS_MAX]; /* of the common table */
	const char **words;                  /* the rest, in order */
	size_t n_words;
};

#define ARGS_NULL ((struct args){0})
void args_deinit(struct args *args);

enum args_error {
	ARGS_E_UNKNOWN = 1, /* no such option */
	ARGS_E_MISSING,     /* its argument is missing */
	ARGS_E_UNWANTED,    /* it takes no argument */
	ARGS_E_TWICE,       /* given twice */
};
const char *args_strerror(enum args_error e);

/**
 * args_parse() - sort words into options and the rest
 * @argv:    @argc words, borrowed for as long as @ret lives
 * @own:     the command's options, NULL none
 * @common:  options every command has
 * @first_only: stop before the first word that is no option (to find the verb)
 * @ret:     initialised; added to, so that options before and behind the verb count together
 * @ret_at:  index of the word that stopped it: on an error the one that is wrong, else argc or
 *           (first_only) the verb's
 *
 * Return: 0, a positive ARGS_E_*, -ENOMEM.
 */
int args_parse(int argc, char **argv, const struct args_option *own,
	       const struct args_option *common, bool first_only, struct args *ret, int *ret_at);

#endif
