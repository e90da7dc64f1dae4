/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * json-c builds the records; what it cannot do is print an object that is not
 * in memory as a whole. A findings record may have a million elements, so its head is printed
 * without the closing brace and the array is written behind it, element by element.
 */
#include <errno.h>
#include <string.h>
#include "cleanup.h"
#include "jsonio.h"
#include "out_json.h"
#include "record.h"

#define FLAGS (JSON_C_TO_STRING_PLAIN | JSON_C_TO_STRING_NOSLASHESCAPE)

int out_json(const struct ctl *ctl, struct json_object *record)
{
	const char *text = json_object_to_json_string_ext(record, FLAGS);

	if (!text)
		return -ENOMEM;
	fputs(text, ctl->out);
	fputc('\n', ctl->out);
	return 0;
}

int out_json_open(const struct ctl *ctl, struct json_object *head)
{
	size_t len = 0;
	const char *text = json_object_to_json_string_length(head, FLAGS, &len);

	if (!text)
		return -ENOMEM;
	fwrite(text, 1, len - 1, ctl->out);
	return 0;
}

int out_json_element(const struct ctl *ctl, const char *key, size_t index,
		     struct json_object *element)
{
	const char *text = json_object_to_json_string_ext(element, FLAGS);

	if (!text)
		return -ENOMEM;
	if (index)
		fputs(",\n", ctl->out);
	else
		fprintf(ctl->out, ",\"%s\":[\n", key);
	fputs(text, ctl->out);
	return 0;
}

/* The end of an array of @n elements. */
static void end_array(const struct ctl *ctl, const char *key, size_t n)
{
	if (n)
		fputs("\n]", ctl->out);
	else
		fprintf(ctl->out, ",\"%s\":[]", key);
}

void out_json_close(const struct ctl *ctl, const char *key, size_t n)
{
	end_array(ctl, key, n);
	fputs("}\n", ctl->out);
}

static int put_asked(const struct ctl *ctl, const struct rangeset *asked)
{
	int r = 0;

	for (size_t i = 0; !r && i < asked->n; i++) {
		CLEANUP(jsonio_freep) struct json_object *element = json_object_new_object();

		r = element ? jsonio_put_range(element, asked->ranges[i]) : -ENOMEM;
		if (!r)
			r = out_json_element(ctl, "asked", i, element);
	}
	end_array(ctl, "asked", asked->n);
	return r;
}

int out_json_findings(const struct ctl *ctl, const struct findings *f, struct json_object *head)
{
	int r = out_json_open(ctl, head);

	if (!r)
		r = put_asked(ctl, &f->asked);
	for (size_t i = 0; !r && i < f->n_items; i++) {
		CLEANUP(jsonio_freep) struct json_object *element = NULL;

		r = record_from_finding(f, i, &element);
		if (!r)
			r = out_json_element(ctl, "findings", i, element);
	}
	if (!r)
		out_json_close(ctl, "findings", f->n_items);
	return r;
}

struct json_object *out_json_record(const char *kind)
{
	CLEANUP(jsonio_freep) struct json_object *record = json_object_new_object();

	if (!record || jsonio_put_u64(record, "schema", RECORD_SCHEMA) ||
	    jsonio_put_text(record, "kind", kind))
		return NULL;
	return steal(record);
}
