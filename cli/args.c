/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * getopt_long() would do, but it keeps its state in globals, speaks for itself
 * ("unrecognized option") and accepts abbreviations. This is the part of it
 * that pmemrasctl uses, driven by the same tables as the help.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include "args.h"

void args_deinit(struct args *args)
{
	free(args->words);
	*args = ARGS_NULL;
}

const char *args_strerror(enum args_error e)
{
	switch (e) {
	case ARGS_E_UNKNOWN: return "no such option";
	case ARGS_E_MISSING: return "its argument is missing";
	case ARGS_E_UNWANTED: return "it takes no argument";
	case ARGS_E_TWICE: return "given twice";
	}
	return "wrong option";
}

/* Where the option called @name (@len bytes) or @letter keeps its value. */
static const struct args_option *find(const struct args_option *table, const char *name, size_t len,
				      char letter, const char **values, const char ***ret_slot)
{
	for (size_t i = 0; table && table[i].name && i < ARGS_MAX; i++) {
		if (name ? strlen(table[i].name) == len && !memcmp(table[i].name, name, len)
			 : table[i].letter && table[i].letter == letter) {
			*ret_slot = &values[i];
			return &table[i];
		}
	}
	return NULL;
}

static int add_word(struct args *args, const char *word)
{
	const char **words = reallocarray(args->words, args->n_words + 1, sizeof(*words));

	if (!words)
		return -ENOMEM;
	words[args->n_words++] = word;
	args->words = words;
	return 0;
}

/* @word is an option. @next is the word behind it or NULL; @ret_used_next: it was its value. */
static int take_option(const char *word, const char *next, const struct args_option *own,
		       const struct args_option *common, struct args *args, bool *ret_used_next)
{
	bool is_long = word[1] == '-';
	const char *name = is_long ? word + 2 : NULL;
	size_t len = is_long ? strcspn(name, "=") : 0;
	const char *inside =
		is_long ? (name[len] ? name + len + 1 : NULL) : (word[2] ? word + 2 : NULL);
	const struct args_option *option;
	const char **slot = NULL;

	option = find(own, name, len, word[1], args->values, &slot);
	if (!option)
		option = find(common, name, len, word[1], args->common_values, &slot);
	if (!option)
		return ARGS_E_UNKNOWN;
	if (*slot)
		return ARGS_E_TWICE;

	*ret_used_next = false;
	if (!option->argument) {
		if (inside)
			return ARGS_E_UNWANTED;
		*slot = "";
	} else if (inside) {
		*slot = inside;
	} else if (next) {
		*slot = next;
		*ret_used_next = true;
	} else {
		return ARGS_E_MISSING;
	}
	return 0;
}

int args_parse(int argc, char **argv, const struct args_option *own,
	       const struct args_option *common, bool first_only, struct args *ret, int *ret_at)
{
	bool options_over = false;
	int r = 0, i;

	for (i = 0; i < argc; i++) {
		const char *word = argv[i];
		bool used_next = false;

		if (!options_over && !strcmp(word, "--")) {
			options_over = true;
			continue;
		}
		if (options_over || word[0] != '-' || !word[1]) {
			if (first_only)
				break;
			r = add_word(ret, word);
		} else {
			r = take_option(word, i + 1 < argc ? argv[i + 1] : NULL, own, common, ret,
					&used_next);
		}
		if (r)
			break;
		i += used_next;
	}

	*ret_at = i;
	return r;
}
