/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The table of what is watched. The daemon writes the facts, the text is made
 * here: what it does not watch is said plainly, "no", "unreadable" and
 * "ignored" being different answers. Its notes become footnotes, each text once.
 */
#include <errno.h>
#include <string.h>
#include "cleanup.h"
#include "jsonio.h"
#include "out_table.h"
#include "watched.h"
#include "words.h"

#define NOTES_MAX   32
#define NESTING_MAX 8
#define SCHEMA      1

struct notes {
	const char *texts[NOTES_MAX];
	size_t n;
};

struct watched_row {
	struct json_object *device;
	struct notes *notes;
};

int watched_read(struct store *store, struct json_object **ret)
{
	CLEANUP(jsonio_freep) struct json_object *watched = NULL;
	CLEANUP(freep) char *text = NULL;
	int r;

	r = store_get_text(store, "daemon.watch", &text);
	if (!r)
		r = jsonio_parse(text, strlen(text), NESTING_MAX, &watched);
	if (r)
		return r;
	if (watched_number(watched, "schema") != SCHEMA ||
	    !jsonio_get(watched, "devices", json_type_array))
		return -EBADMSG;
	*ret = steal(watched);
	return 0;
}

uint64_t watched_number(struct json_object *watched, const char *key)
{
	uint64_t number = 0;

	jsonio_get_u64(watched, key, UINT64_MAX, &number);
	return number;
}

static struct json_object *devices_of(struct json_object *watched)
{
	return jsonio_get(watched, "devices", json_type_array);
}

size_t watched_n_devices(struct json_object *watched)
{
	return json_object_array_length(devices_of(watched));
}

static struct json_object *object_of(const void *row)
{
	return ((const struct watched_row *)row)->device;
}

static void say(const void *row, const char *key, FILE *out)
{
	const char *text = jsonio_get_text(object_of(row), key);

	words_raw(out, text ? text : "no");
}

static void device(const void *row, FILE *out)
{
	const char *fs_type = jsonio_get_text(object_of(row), "fs_type");
	const char *mountpoint = jsonio_get_text(object_of(row), "mountpoint");

	words_raw(out, jsonio_get_text(object_of(row), "device"));
	if (fs_type) {
		fputs("  ", out);
		words_raw(out, fs_type);
	}
	if (mountpoint) {
		fputc(' ', out);
		words_raw(out, mountpoint);
	}
}

static void badblocks(const void *row, FILE *out)
{
	say(row, "badblocks", out);
}

static void memory_failure(const void *row, FILE *out)
{
	say(row, "memory_failure", out);
}

static size_t footnote(struct notes *notes, const char *text)
{
	for (size_t i = 0; i < notes->n; i++) {
		if (!strcmp(notes->texts[i], text))
			return i + 1;
	}
	if (notes->n == NOTES_MAX)
		return 0;
	notes->texts[notes->n++] = text;
	return notes->n;
}

static void filesystem(const void *row, FILE *out)
{
	struct notes *footnotes = ((const struct watched_row *)row)->notes;
	struct json_object *notes = jsonio_get(object_of(row), "notes", json_type_array);
	size_t n = notes ? json_object_array_length(notes) : 0;

	say(row, "filesystem", out);
	for (size_t i = 0; i < n; i++) {
		const char *text = json_object_get_string(json_object_array_get_idx(notes, i));
		size_t number = text ? footnote(footnotes, text) : 0;

		if (number)
			fprintf(out, " (%zu)", number);
	}
}

static const struct column columns[] = {
	{"WATCHED", "device", "device, filesystem, mount point", COLUMN_DEFAULT, 0, device},
	{"BADBLOCKS", "badblocks", "its badblocks list", COLUMN_DEFAULT, 0, badblocks},
	{"MEMORY FAILURE", "memory_failure", "failures the kernel reports", COLUMN_DEFAULT, 0,
	 memory_failure},
	{"FILESYSTEM", "filesystem", "what the filesystem reports", COLUMN_DEFAULT, 0, filesystem},
	{0},
};

/* What concerns no device in particular. */
static void say_machine_notes(const struct ctl *ctl, struct json_object *watched)
{
	struct json_object *notes = jsonio_get(watched, "notes", json_type_array);
	size_t n = notes ? json_object_array_length(notes) : 0;

	for (size_t i = 0; i < n; i++) {
		const char *text = json_object_get_string(json_object_array_get_idx(notes, i));

		if (!text)
			continue;
		fputc('\n', ctl->out);
		words_raw(ctl->out, text);
		fputc('\n', ctl->out);
	}
}

static int say_devices(const struct ctl *ctl, struct json_object *watched, struct notes *notes)
{
	CLEANUP(out_table_deinit) struct out_table table = OUT_TABLE_NULL;
	int r;

	if (!watched_n_devices(watched))
		return 0;
	fputc('\n', ctl->out);
	r = out_table_init_by_name(&table, ctl, watched_n_devices(watched), columns, NULL);
	for (size_t i = 0; !r && i < watched_n_devices(watched); i++) {
		struct watched_row row = {json_object_array_get_idx(devices_of(watched), i), notes};

		r = out_table_add(&table, &row);
	}
	return r ? r : out_table_finish(&table);
}

int watched_print(const struct ctl *ctl, struct json_object *watched)
{
	struct notes notes = {.n = 0};
	int r;

	r = say_devices(ctl, watched, &notes);
	if (!r)
		say_machine_notes(ctl, watched);
	for (size_t i = 0; !r && i < notes.n; i++) {
		fprintf(ctl->out, "%s(%zu) ", i ? "" : "\n", i + 1);
		words_raw(ctl->out, notes.texts[i]);
		fputc('\n', ctl->out);
	}
	return r ? ctl_failed(ctl, "the table", r) : 0;
}
