/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Configuration is small on purpose: what can be found out is not asked for.
 * One table lists every key with what it takes; the parser, the messages and
 * the manual page follow it. A key or value that is not understood is an
 * error, never skipped: somebody who writes "Path=no" wants to hear of it.
 *
 * Every assignment is checked whole before anything of the old value goes, so
 * that a refused one leaves the settings as they were.
 */
#include "settings.h"

#include <errno.h>
#include <string.h>

#include "cleanup.h"

#define PATH_LIMIT    3968u /* PATH_MAX less room for the names in the directory */
#define PATTERN_LIMIT 63u   /* longest kernel name pmemras keeps */

struct settings_key {
	const char *section;
	const char *key;
	const char *expects;
	int (*set)(struct settings *settings, const char *value);
};

void settings_deinit(struct settings *settings)
{
	free(settings->state_dir);
	for (size_t i = 0; i < settings->n_ignore; i++)
		free(settings->ignore[i]);
	free(settings->ignore);
	*settings = SETTINGS_NULL;
}

int settings_copy(struct settings *settings, const struct settings *from)
{
	CLEANUP(settings_deinit) struct settings fresh = SETTINGS_NULL, old = *settings;
	bool failed = false;

	fresh.paths = from->paths;
	fresh.holders = from->holders;
	if (from->state_dir) {
		fresh.state_dir = strdup(from->state_dir);
		failed = !fresh.state_dir;
	}
	if (from->n_ignore) {
		fresh.ignore = calloc(from->n_ignore, sizeof(*fresh.ignore));
		failed = failed || !fresh.ignore;
	}
	while (!failed && fresh.n_ignore < from->n_ignore) {
		fresh.ignore[fresh.n_ignore] = strdup(from->ignore[fresh.n_ignore]);
		if (fresh.ignore[fresh.n_ignore])
			fresh.n_ignore++;
		else
			failed = true;
	}
	if (failed) {
		old = SETTINGS_NULL; /* still @settings' own */
		return -ENOMEM;
	}
	*settings = fresh;
	fresh = SETTINGS_NULL;
	return 0;
}

/* a path below / whose components are names: "..", which the store's place must not hang on, is not
 */
static bool path_is_plain(const char *path)
{
	if (path[0] != '/' || strlen(path) > PATH_LIMIT)
		return false;
	for (const char *p = path; p; p = strchr(p + 1, '/')) {
		if (!strcmp(p, "/..") || !strncmp(p, "/../", 4))
			return false;
	}
	return true;
}

static int set_state_dir(struct settings *settings, const char *value)
{
	char *copy;

	if (!path_is_plain(value))
		return SETTINGS_E_VALUE;
	copy = strdup(value);
	if (!copy)
		return -ENOMEM;
	free(settings->state_dir);
	settings->state_dir = copy;
	return 0;
}

static int set_bool(bool *to, const char *value)
{
	static const char *const words[][2] = {
		{"no", "yes"},
		{"false", "true"},
		{"off", "on"},
		{"0", "1"},
	};

	for (size_t i = 0; i < ARRAY_SIZE(words); i++) {
		for (int b = 0; b < 2; b++) {
			if (!strcmp(value, words[i][b])) {
				*to = b;
				return 0;
			}
		}
	}
	return SETTINGS_E_VALUE;
}

static int set_paths(struct settings *settings, const char *value)
{
	return set_bool(&settings->paths, value);
}

static int set_holders(struct settings *settings, const char *value)
{
	return set_bool(&settings->holders, value);
}

static bool pattern_ok(const char *word, size_t len)
{
	if (!len || len > PATTERN_LIMIT)
		return false;
	for (size_t i = 0; i < len; i++) {
		if (word[i] == '/' || (unsigned char)word[i] < 0x20 || word[i] == 0x7f)
			return false;
	}
	return true;
}

static int set_ignore(struct settings *settings, const char *value)
{
	static const char blanks[] = " \t\r\n";
	CLEANUP(settings_deinit) struct settings fresh = SETTINGS_NULL;
	char **old = settings->ignore;
	size_t n_old = settings->n_ignore;

	for (const char *p = value + strspn(value, blanks); *p; p += strspn(p, blanks)) {
		size_t len = strcspn(p, blanks);
		char **more, *word;

		if (!pattern_ok(p, len))
			return SETTINGS_E_VALUE;
		more = realloc(fresh.ignore, (fresh.n_ignore + 1) * sizeof(*more));
		if (!more)
			return -ENOMEM;
		fresh.ignore = more;
		word = strndup(p, len);
		if (!word)
			return -ENOMEM;
		fresh.ignore[fresh.n_ignore++] = word;
		p += len;
	}

	settings->ignore = fresh.ignore;
	settings->n_ignore = fresh.n_ignore;
	fresh.ignore = old; /* the old list goes with @fresh */
	fresh.n_ignore = n_old;
	return 0;
}

static const struct settings_key keys[] = {
	{"daemon", "StateDirectory", "StateDirectory= takes an absolute path without \"..\"",
	 set_state_dir},
	{"locate", "Paths", "Paths= takes yes or no", set_paths},
	{"locate", "Holders", "Holders= takes yes or no", set_holders},
	{"watch", "Ignore",
	 "Ignore= takes kernel names of devices such as \"loop* sr0\", not paths, * and ? allowed",
	 set_ignore},
};

static const struct settings_key *find_key(const char *section, const char *key)
{
	for (size_t i = 0; i < ARRAY_SIZE(keys); i++) {
		if (!strcmp(keys[i].section, section) && !strcmp(keys[i].key, key))
			return &keys[i];
	}
	return NULL;
}

static bool section_known(const char *section)
{
	for (size_t i = 0; i < ARRAY_SIZE(keys); i++) {
		if (!strcmp(keys[i].section, section))
			return true;
	}
	return false;
}

int settings_set(struct settings *settings, const char *section, const char *key, const char *value)
{
	const struct settings_key *known;

	if (!section || !section_known(section))
		return SETTINGS_E_SECTION;
	known = find_key(section, key);
	if (!known)
		return SETTINGS_E_KEY;
	return known->set(settings, value ? value : "");
}

const char *settings_strerror(enum settings_error e)
{
	switch (e) {
	case SETTINGS_E_SECTION: return "unknown section";
	case SETTINGS_E_KEY: return "unknown key";
	case SETTINGS_E_VALUE: return "bad value";
	}
	return "unknown error";
}

const char *settings_expects(enum settings_error e, const char *section, const char *key)
{
	const struct settings_key *known;

	if (e == SETTINGS_E_KEY && section) {
		if (!strcmp(section, "daemon"))
			return "[daemon] has StateDirectory=";
		if (!strcmp(section, "locate"))
			return "[locate] has Paths= and Holders=";
		if (!strcmp(section, "watch"))
			return "[watch] has Ignore=";
	}
	if (e == SETTINGS_E_VALUE && section && key) {
		known = find_key(section, key);
		if (known)
			return known->expects;
	}
	return "the sections are [daemon], [locate] and [watch]";
}

/* Shell pattern with * and ? only; at most one step back for each character, so never exponential.
 */
static bool pattern_matches(const char *pattern, const char *name)
{
	const char *star = NULL, *resume = NULL;

	while (*name) {
		if (*pattern == '*') {
			star = pattern++;
			resume = name;
		} else if (*pattern == '?' || *pattern == *name) {
			pattern++;
			name++;
		} else if (star) {
			pattern = star + 1;
			name = ++resume;
		} else {
			return false;
		}
	}
	while (*pattern == '*')
		pattern++;
	return !*pattern;
}

bool settings_ignores(const struct settings *settings, const char *name)
{
	for (size_t i = 0; i < settings->n_ignore; i++) {
		if (pattern_matches(settings->ignore[i], name))
			return true;
	}
	return false;
}
