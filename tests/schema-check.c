/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * schema-check SCHEMA < RECORDS: are these, one after the other, as the schema says?
 * Prints how many of which kind; exit code 1 where one is not, 2 where it is not JSON.
 */
#include <stdlib.h>
#include "jsonschema.h"

static struct json_object *next_record(struct json_tokener *tokener, FILE *in)
{
	struct json_object *record = NULL;
	char c;
	int next;

	while ((next = getc(in)) != EOF) {
		c = (char)next;
		record = json_tokener_parse_ex(tokener, &c, 1);
		if (record)
			return record;
		if (json_tokener_get_error(tokener) != json_tokener_continue) {
			fprintf(stderr, "not JSON: %s\n",
				json_tokener_error_desc(json_tokener_get_error(tokener)));
			exit(2);
		}
	}
	return NULL;
}

int main(int argc, char **argv)
{
	struct jsonschema schema = {.root = argc == 2 ? json_object_from_file(argv[1]) : NULL};
	struct json_tokener *tokener = json_tokener_new_ex(64);
	struct json_object *record;
	int r = 0;

	if (!schema.root || !tokener) {
		fprintf(stderr, "usage: %s SCHEMA < RECORDS\n", argv[0]);
		return 2;
	}
	while ((record = next_record(tokener, stdin))) {
		struct json_object *kind = NULL;

		json_object_object_get_ex(record, "kind", &kind);
		if (jsonschema_valid(&schema, record)) {
			printf("%s\n", json_object_get_string(kind));
		} else {
			fprintf(stderr, "%s\n%.300s\n", schema.error,
				json_object_to_json_string(record));
			r = 1;
		}
		json_object_put(record);
	}
	json_tokener_free(tokener);
	json_object_put(schema.root);
	return r;
}
