/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef PMEMRAS_CTL_RUN_H
#define PMEMRAS_CTL_RUN_H

/*
 * Runs pmemrasctl in this process, with a clock that stands still. What it
 * says on a record is checked against doc/record-schema.json each time.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "command.h"
#include "jsonschema.h"
#include "unit.h"

#define CTL_NOW_SEC 1763781247ull /* 2025-11-22 03:14:07 UTC */
#define CTL_NOW     (CTL_NOW_SEC * 1000000ull)

struct ctl_run {
	int exit;
	char *out, *err;
};

#define CTL_RUN_NULL ((struct ctl_run){-1, NULL, NULL})

static inline void ctl_run_deinit(struct ctl_run *run)
{
	free(run->out);
	free(run->err);
}

/* @words: split at spaces; '%' in them stands for a space, a leading "@" for @dir, "~" for @root. */
static inline void ctl_run(struct ctl_run *run, const char *words, const char *dir,
			   const char *root, bool colored)
{
	CLEANUP(ctl_deinit) struct ctl ctl = CTL_NULL;
	char *argv[32], store[32][160], copy[512], *save = NULL, *word;
	size_t out_len = 0, err_len = 0;
	int argc = 0;

	ctl_run_deinit(run);
	*run = CTL_RUN_NULL;
	assert_true(strlen(words) < sizeof(copy));
	strcpy(copy, words);
	for (word = strtok_r(copy, " ", &save); word; word = strtok_r(NULL, " ", &save)) {
		for (char *c = strchr(word, '%'); c; c = strchr(c, '%'))
			*c = ' ';
		assert_true(argc < 31);
		snprintf(store[argc], sizeof(store[0]), "%s%s",
			 word[0] == '@'   ? dir
			 : word[0] == '~' ? root
					  : "",
			 word[0] == '@' || word[0] == '~' ? word + 1 : word);
		argv[argc] = store[argc];
		argc++;
	}
	argv[argc] = NULL;

	ctl.out = open_memstream(&run->out, &out_len);
	ctl.err = open_memstream(&run->err, &err_len);
	assert_non_null(ctl.out);
	assert_non_null(ctl.err);
	ctl.out_is_terminal = colored;
	ctl.fixed_now_usec = CTL_NOW;
	run->exit = command_main(&ctl, argc, argv);
	assert_int_equal(fclose(ctl.out), 0);
	assert_int_equal(fclose(ctl.err), 0);
}

/* A file of the source tree; malloced. */
static inline char *ctl_read_source(const char *name)
{
	const char *srcdir = getenv("srcdir");
	char path[512], *text = NULL;
	size_t len = 0;
	FILE *file, *out;
	int c;

	snprintf(path, sizeof(path), "%s/%s", srcdir ? srcdir : ".", name);
	file = fopen(path, "re");
	if (!file)
		fail_msg("%s: cannot be read", path);
	out = open_memstream(&text, &len);
	while ((c = getc(file)) != EOF)
		putc(c, out);
	fclose(file);
	fclose(out);
	return text;
}

static inline struct json_object *ctl_parse(const char *text)
{
	enum json_tokener_error error;
	struct json_object *object = json_tokener_parse_verbose(text, &error);

	if (!object)
		fail_msg("not JSON: %s: %s", json_tokener_error_desc(error), text);
	return object;
}

static inline struct json_object *ctl_read_schema(void)
{
	char *text = ctl_read_source("doc/record-schema.json");
	struct json_object *schema = ctl_parse(text);

	free(text);
	return schema;
}

/* Fails the test where @text, one record, is not as the schema says. */
static inline void ctl_check_record(const char *text)
{
	struct jsonschema schema = {.root = ctl_read_schema()};
	struct json_object *record = ctl_parse(text);

	if (!jsonschema_valid(&schema, record))
		fail_msg("not as the schema says: %s\n%s", schema.error, text);
	json_object_put(record);
	json_object_put(schema.root);
}

#endif
