/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Assignments as a configuration file makes them: lines of [section], Key=value. A refusal changes
 * nothing, what is taken keeps the promises of settings.h, and doing all again
 * changes nothing more. The last line is also tried as the name of a device.
 */
#include <ctype.h>
#include "fuzz.h"
#include "settings.h"

/* Everything the settings say, as text; free(). */
static char *describe(const struct settings *settings)
{
	char *text = NULL;
	size_t size = 0;
	FILE *stream = open_memstream(&text, &size);

	fuzz_require(stream);
	fprintf(stream, "%s|%d|%d", settings->state_dir ? settings->state_dir : "-",
		settings->paths, settings->holders);
	for (size_t i = 0; i < settings->n_ignore; i++)
		fprintf(stream, "|%s", settings->ignore[i]);
	fuzz_require(!fclose(stream));
	return text;
}

static void require_sound(const struct settings *settings)
{
	const char *dir = settings->state_dir;

	fuzz_require(!dir || (dir[0] == '/' && !strstr(dir, "/../")));
	for (size_t i = 0; i < settings->n_ignore; i++) {
		const char *pattern = settings->ignore[i];

		fuzz_require(*pattern && strlen(pattern) < 64 && !strchr(pattern, '/'));
		for (const char *p = pattern; *p; p++)
			fuzz_require(!isspace((unsigned char)*p) && !iscntrl((unsigned char)*p));
		/* a pattern without a wildcard means itself, and any pattern matches its own text
		 */
		fuzz_require(settings_ignores(settings, pattern));
	}
}

/* The definition of * and ?, as slow as it is plain; both are short. */
static bool matches(const char *pattern, const char *name)
{
	if (!*pattern)
		return !*name;
	if (*pattern == '*')
		return matches(pattern + 1, name) || (*name && matches(pattern, name + 1));
	return *name && (*pattern == '?' || *pattern == *name) && matches(pattern + 1, name + 1);
}

static void check_name(const struct settings *settings, const char *name)
{
	bool ignored = false;
	size_t stars = 0;

	if (strlen(name) > 24)
		return;
	for (size_t i = 0; i < settings->n_ignore; i++) {
		for (const char *p = settings->ignore[i]; *p; p++)
			stars += *p == '*';
		if (stars > 5)
			return; /* the plain definition would take ages */
		ignored |= matches(settings->ignore[i], name);
	}
	fuzz_require(settings_ignores(settings, name) == ignored);
}

static void assign(struct settings *settings, const char *section, char *line)
{
	char *value = strchr(line, '=');
	CLEANUP(freep) char *before = describe(settings), *after = NULL, *again = NULL;
	int r;

	if (value)
		*value++ = '\0';
	r = settings_set(settings, section, line, value);
	after = describe(settings);
	require_sound(settings);
	if (r) {
		fuzz_require(r >= SETTINGS_E_SECTION && r <= SETTINGS_E_VALUE);
		fuzz_require(*settings_strerror(r) && *settings_expects(r, section, line));
		fuzz_require(!strcmp(before, after));
		return;
	}
	fuzz_require(!settings_set(settings, section, line, value));
	again = describe(settings);
	fuzz_require(!strcmp(after, again));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	CLEANUP(settings_deinit) struct settings settings = SETTINGS_NULL;
	CLEANUP(freep) char *text = fuzz_text(data, size);
	const char *section = NULL, *last = "";
	char *rest = text;

	while (rest) {
		char *line = strsep(&rest, "\n");
		size_t len = strlen(line);

		last = line;
		if (len >= 2 && line[0] == '[' && line[len - 1] == ']') {
			line[len - 1] = '\0';
			section = line + 1;
		} else if (len && line[0] != '#') {
			assign(&settings, section, line);
		}
	}
	check_name(&settings, last);
	return 0;
}
