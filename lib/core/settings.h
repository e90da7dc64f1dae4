/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef PMEMRAS_SETTINGS_H
#define PMEMRAS_SETTINGS_H

/*
 * The configuration by value, and what may stand in it. Files are read
 * elsewhere (lib/sys/settings_econf); this decides what a section, a key and a
 * value mean, and says what would have been right.
 *
 *   [daemon]  StateDirectory=  absolute path
 *   [locate]  Paths=           yes or no: look for the names of files that lost something
 *             Holders=         yes or no: look for the processes that use them
 *   [watch]   Ignore=          kernel names of devices, * and ? allowed, separated by blanks
 */
#include <stdbool.h>
#include <stddef.h>

struct settings {
	char *state_dir; /* NULL: not set, the caller's default holds */
	bool paths;
	bool holders;
	char **ignore; /* patterns for kernel names */
	size_t n_ignore;
};

/* Settings that say nothing: all defaults. */
#define SETTINGS_NULL ((struct settings){NULL, true, true, NULL, 0})
void settings_deinit(struct settings *settings);
/* @settings = @from. -ENOMEM, unchanged then. */
int settings_copy(struct settings *settings, const struct settings *from);

enum settings_error {
	SETTINGS_E_SECTION = 1, /* no such section, or a key outside of any */
	SETTINGS_E_KEY,         /* the section has no such key */
	SETTINGS_E_VALUE,       /* the key does not take this value */
};

/* "unknown section", "unknown key", "bad value"; never NULL */
const char *settings_strerror(enum settings_error e);

/*
 * What would have been right: the sections there are, the keys of @section, or
 * what @section's @key takes. Never NULL.
 */
const char *settings_expects(enum settings_error e, const char *section, const char *key);

/**
 * settings_set() - take one assignment in; a later one replaces an earlier one
 * @section: NULL where the key stands before any section
 * @value:   NULL or "" for a key with nothing behind the "="
 *
 * Return: 0, positive SETTINGS_E_*, -ENOMEM; @settings is unchanged on failure.
 */
int settings_set(struct settings *settings, const char *section, const char *key,
		 const char *value);

/* Does a pattern of Ignore= match the kernel name? */
bool settings_ignores(const struct settings *settings, const char *name);

#endif
