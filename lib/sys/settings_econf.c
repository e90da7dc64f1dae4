/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * From files to assignments: libeconf parses them, core/settings says what they
 * mean. Each file is read on its own and taken in one after the other, not
 * merged by libeconf: a merged one has forgotten which file a value came
 * from, and a message without file and line helps nobody. It also lets a
 * drop-in of the administrator's mask the vendor's of the same name, and the
 * names decide the order over both directories, as people know it from systemd.
 *
 * Facts of libeconf 0.5 (seen, and libeconf.h): a key that stands twice in one section keeps
 * its first value; indented lines continue a value; what follows " #" is a comment; sections
 * without keys are not listed; econf_errLocation() names the file read last.
 */
#include "settings_econf.h"

#include <dirent.h>
#include <errno.h>
#include <libeconf.h>
#include <libeconf_ext.h>
#include <limits.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "cleanup.h"

#define SETTINGS_NAME   "pmemras"
#define SETTINGS_SUFFIX "conf"

static void econf_filep(econf_file **file)
{
	if (*file)
		econf_freeFile(*file);
}

static void econf_arrayp(char ***array)
{
	if (*array)
		econf_freeArray(*array);
}

static void econf_valuep(econf_ext_value **value)
{
	if (*value)
		econf_freeExtValue(*value);
}

/* names of drop-ins, sorted; both directories' in one list */
struct dropins {
	struct {
		char *name;
		const char *dir; /* lent */
	} * items;
	size_t n;
};

static void dropins_deinit(struct dropins *dropins)
{
	for (size_t i = 0; i < dropins->n; i++)
		free(dropins->items[i].name);
	free(dropins->items);
}

static void closedirp(DIR **dir)
{
	if (*dir)
		closedir(*dir);
}

__attribute__((format(printf, 2, 3))) static void say(char **ret_message, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	if (vasprintf(ret_message, format, args) < 0)
		*ret_message = NULL;
	va_end(args);
}

/* libeconf's errors are those of a parser, save two */
static int econf_failed(econf_err e, const char *fallback_path, char **ret_message)
{
	CLEANUP(freep) char *path = NULL;
	uint64_t line = 0;

	if (e == ECONF_NOMEM)
		return -ENOMEM;
	if (e == ECONF_NOFILE) {
		say(ret_message, "%s: no such file", fallback_path);
		return -ENOENT;
	}
	econf_errLocation(&path, &line);
	say(ret_message, "%s: line %llu: %s; a line is [section], Key=value or # comment",
	    path ? path : fallback_path, (unsigned long long)line, econf_errString(e));
	return -EBADMSG;
}

static int take_key(econf_file *file, const char *path, const char *section, const char *key,
		    struct settings *settings, char **ret_message)
{
	CLEANUP(econf_valuep) econf_ext_value *ext = NULL;
	CLEANUP(freep) char *value = NULL;
	econf_err e;
	int r;

	e = econf_getExtValue(file, section, key, &ext);
	if (e)
		return econf_failed(e, path, ret_message);
	e = econf_getStringValue(file, section, key, &value);
	if (e && e != ECONF_EMPTYKEY && e != ECONF_KEY_HAS_NULL_VALUE)
		return econf_failed(e, path, ret_message);

	r = settings_set(settings, section, key, value);
	if (r <= 0)
		return r;
	say(ret_message, "%s: line %llu: %s: %s%s%s%s=%s; %s", path,
	    (unsigned long long)ext->line_number, settings_strerror(r), section ? "[" : "",
	    section ? section : "", section ? "] " : "", key, value ? value : "",
	    settings_expects(r, section, key));
	return -EBADMSG;
}

static int take_section(econf_file *file, const char *path, const char *section,
			struct settings *settings, char **ret_message)
{
	CLEANUP(econf_arrayp) char **keys = NULL;
	size_t n = 0;
	econf_err e;
	int r;

	e = econf_getKeys(file, section, &n, &keys);
	if (e == ECONF_NOKEY || e == ECONF_NOGROUP)
		return 0;
	if (e)
		return econf_failed(e, path, ret_message);
	for (size_t i = 0; i < n; i++) {
		r = take_key(file, path, section, keys[i], settings, ret_message);
		if (r)
			return r;
	}
	return 0;
}

static int take_file(econf_file *file, struct settings *settings, char **ret_message)
{
	CLEANUP(econf_arrayp) char **sections = NULL;
	CLEANUP(freep) char *path = econf_getPath(file);
	const char *name = path ? path : "configuration";
	size_t n = 0;
	econf_err e;
	int r;

	r = take_section(file, name, NULL, settings, ret_message); /* keys before any section */
	if (r)
		return r;
	e = econf_getGroups(file, &n, &sections);
	if (e == ECONF_NOGROUP)
		return 0;
	if (e)
		return econf_failed(e, name, ret_message);
	for (size_t i = 0; i < n; i++) {
		r = take_section(file, name, sections[i], settings, ret_message);
		if (r)
			return r;
	}
	return 0;
}

static void replace(struct settings *to, struct settings *with)
{
	settings_deinit(to);
	*to = *with;
	*with = SETTINGS_NULL;
}

static int take_path(const char *path, struct settings *settings, char **ret_message)
{
	CLEANUP(econf_filep) econf_file *file = NULL;
	econf_err e;
	int r;

	/* libeconf has one word for every failed open */
	if (access(path, R_OK) < 0) {
		r = -errno;
		say(ret_message, "%s: %s", path, strerror(-r));
		return r;
	}
	e = econf_readFile(&file, path, "=", "#");
	if (e)
		return econf_failed(e, path, ret_message);
	return take_file(file, settings, ret_message);
}

int settings_econf_read_file(const char *path, struct settings *ret, char **ret_message)
{
	CLEANUP(settings_deinit) struct settings settings = SETTINGS_NULL;
	int r;

	*ret_message = NULL;
	r = take_path(path, &settings, ret_message);
	if (r)
		return r;
	replace(ret, &settings);
	return 0;
}

/* a name that is there already, from the directory that goes before, hides this one */
static int dropins_add(struct dropins *dropins, const char *dir, const char *name)
{
	__typeof__(dropins->items) more;
	size_t at = 0;
	char *copy;

	while (at < dropins->n && strcmp(dropins->items[at].name, name) < 0)
		at++;
	if (at < dropins->n && !strcmp(dropins->items[at].name, name))
		return 0;
	copy = strdup(name);
	if (!copy)
		return -ENOMEM;
	more = realloc(dropins->items, (dropins->n + 1) * sizeof(*more));
	if (!more) {
		free(copy);
		return -ENOMEM;
	}
	dropins->items = more;
	memmove(more + at + 1, more + at, (dropins->n - at) * sizeof(*more));
	more[at].name = copy;
	more[at].dir = dir;
	dropins->n++;
	return 0;
}

static int dropins_scan(struct dropins *dropins, const char *dir, char **ret_message)
{
	static const char suffix[] = "." SETTINGS_SUFFIX;
	CLEANUP(closedirp) DIR *stream = NULL;
	char path[PATH_MAX];
	struct dirent *entry;
	int r;

	snprintf(path, sizeof(path), "%s/" SETTINGS_NAME "." SETTINGS_SUFFIX ".d", dir);
	stream = opendir(path);
	if (!stream) {
		if (errno == ENOENT || errno == ENOTDIR)
			return 0;
		r = -errno;
		say(ret_message, "%s: %s", path, strerror(-r));
		return r;
	}
	while ((entry = readdir(stream))) {
		size_t len = strlen(entry->d_name);

		if (entry->d_name[0] == '.' || len < sizeof(suffix) ||
		    strcmp(entry->d_name + len - strlen(suffix), suffix))
			continue;
		r = dropins_add(dropins, dir, entry->d_name);
		if (r)
			return r;
	}
	return 0;
}

int settings_econf_read_dirs(const char *vendor_dir, const char *etc_dir, struct settings *ret,
			     char **ret_message)
{
	CLEANUP(settings_deinit) struct settings settings = SETTINGS_NULL;
	CLEANUP(dropins_deinit) struct dropins dropins = {NULL, 0};
	const char *const dirs[] = {etc_dir, vendor_dir};
	char path[PATH_MAX];
	int r;

	*ret_message = NULL;
	for (size_t i = 0; i < ARRAY_SIZE(dirs); i++) {
		snprintf(path, sizeof(path), "%s/" SETTINGS_NAME "." SETTINGS_SUFFIX, dirs[i]);
		if (access(path, F_OK) < 0 && (errno == ENOENT || errno == ENOTDIR))
			continue;
		r = take_path(path, &settings, ret_message);
		if (r)
			return r;
		break;
	}

	for (size_t i = 0; i < ARRAY_SIZE(dirs); i++) {
		r = dropins_scan(&dropins, dirs[i], ret_message);
		if (r)
			return r;
	}
	for (size_t i = 0; i < dropins.n; i++) {
		snprintf(path, sizeof(path), "%s/" SETTINGS_NAME "." SETTINGS_SUFFIX ".d/%s",
			 dropins.items[i].dir, dropins.items[i].name);
		r = take_path(path, &settings, ret_message);
		if (r)
			return r;
	}
	replace(ret, &settings);
	return 0;
}

int settings_econf_read(struct settings *ret, char **ret_message)
{
	return settings_econf_read_dirs(VENDOR_CONF_DIR, "/etc/pmemras", ret, ret_message);
}
