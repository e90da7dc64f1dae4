/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef PMEMRAS_JSONSCHEMA_H
#define PMEMRAS_JSONSCHEMA_H

/*
 * A validator for the part of JSON Schema (draft 2020-12) that
 * doc/record-schema.json uses: type, const, enum, properties, required, items,
 * minItems, minimum, maximum, $ref into $defs, oneOf. A keyword it does not know is
 * an error, so that the schema cannot say more than is checked.
 *
 * Stricter than the standard: where a schema lists properties, there may be no others. Readers have
 * to put up with new members, what we write has to be in the schema.
 */
#include <json-c/json.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

struct jsonschema {
	struct json_object *root; /* the whole schema document */
	char error[1024];         /* the first thing that is wrong */
	char path[256];           /* where in the record */
};

__attribute__((format(printf, 2, 3))) static inline bool jsonschema_fail(struct jsonschema *s,
									 const char *format, ...)
{
	char what[256];
	va_list ap;

	if (s->error[0])
		return false;
	va_start(ap, format);
	vsnprintf(what, sizeof(what), format, ap);
	va_end(ap);
	snprintf(s->error, sizeof(s->error), "%s: %s", s->path[0] ? s->path : "/", what);
	return false;
}

static inline bool jsonschema_type_is(struct json_object *value, const char *type)
{
	switch (json_object_get_type(value)) {
	case json_type_null: return !strcmp(type, "null");
	case json_type_boolean: return !strcmp(type, "boolean");
	case json_type_double: return !strcmp(type, "number");
	case json_type_int: return !strcmp(type, "integer") || !strcmp(type, "number");
	case json_type_object: return !strcmp(type, "object");
	case json_type_array: return !strcmp(type, "array");
	case json_type_string: return !strcmp(type, "string");
	}
	return false;
}

static inline bool jsonschema_check(struct jsonschema *s, struct json_object *schema,
				    struct json_object *value);

/* "#/$defs/NAME" */
static inline bool jsonschema_ref(struct jsonschema *s, const char *ref, struct json_object *value)
{
	struct json_object *defs = NULL, *target = NULL;

	if (strncmp(ref, "#/$defs/", 8) || !json_object_object_get_ex(s->root, "$defs", &defs) ||
	    !json_object_object_get_ex(defs, ref + 8, &target))
		return jsonschema_fail(s, "the schema refers to %s, which it does not have", ref);
	return jsonschema_check(s, target, value);
}

/* Exactly one must hold. Of those that do not, the error of the one that got furthest is kept. */
static inline bool jsonschema_one_of(struct jsonschema *s, struct json_object *schemas,
				     struct json_object *value)
{
	struct jsonschema best = *s;
	size_t n = 0, depth = 0;

	for (size_t i = 0; i < json_object_array_length(schemas); i++) {
		struct jsonschema try = *s;
		size_t got;

		if (jsonschema_check(&try, json_object_array_get_idx(schemas, i), value)) {
			n++;
			continue;
		}
		/* "kind" is the first member of all: whoever fails there is of another kind */
		got = strstr(try.error, "/kind:") ? 1 : 2;
		if (got > depth) {
			depth = got;
			best = try;
		}
	}
	if (n == 1)
		return true;
	if (n > 1)
		return jsonschema_fail(s, "%zu alternatives hold, not one", n);
	memcpy(s->error, best.error, sizeof(s->error));
	return false;
}

static inline bool jsonschema_enum(struct jsonschema *s, struct json_object *allowed,
				   struct json_object *value)
{
	for (size_t i = 0; i < json_object_array_length(allowed); i++) {
		if (json_object_equal(json_object_array_get_idx(allowed, i), value))
			return true;
	}
	return jsonschema_fail(s, "%s is none of %s", json_object_to_json_string(value),
			       json_object_to_json_string(allowed));
}

static inline bool jsonschema_types(struct jsonschema *s, struct json_object *types,
				    struct json_object *value)
{
	if (json_object_is_type(types, json_type_string)) {
		if (jsonschema_type_is(value, json_object_get_string(types)))
			return true;
	} else {
		for (size_t i = 0; i < json_object_array_length(types); i++) {
			struct json_object *type = json_object_array_get_idx(types, i);

			if (jsonschema_type_is(value, json_object_get_string(type)))
				return true;
		}
	}
	return jsonschema_fail(s, "%s is no %s", json_object_to_json_string(value),
			       json_object_to_json_string(types));
}

static inline bool jsonschema_below(struct jsonschema *s, const char *name,
				    struct json_object *schema, struct json_object *value)
{
	size_t len = strlen(s->path);
	bool ok;

	snprintf(s->path + len, sizeof(s->path) - len, "/%s", name);
	ok = jsonschema_check(s, schema, value);
	s->path[len] = '\0';
	return ok;
}

static inline bool jsonschema_members(struct jsonschema *s, struct json_object *schema,
				      struct json_object *value)
{
	struct json_object *properties = NULL, *required = NULL, *member;

	if (!json_object_is_type(value, json_type_object))
		return true; /* "type" says what is wrong */
	json_object_object_get_ex(schema, "properties", &properties);
	json_object_object_get_ex(schema, "required", &required);
	for (size_t i = 0; required && i < json_object_array_length(required); i++) {
		const char *key = json_object_get_string(json_object_array_get_idx(required, i));

		if (!json_object_object_get_ex(value, key, NULL))
			return jsonschema_fail(s, "\"%s\" is missing", key);
	}
	json_object_object_foreach(value, key, child)
	{
		if (properties && json_object_object_get_ex(properties, key, &member)) {
			if (!jsonschema_below(s, key, member, child))
				return false;
		} else if (properties) {
			return jsonschema_fail(s, "\"%s\" is not in the schema", key);
		}
	}
	return true;
}

static inline bool jsonschema_items(struct jsonschema *s, struct json_object *items,
				    struct json_object *value)
{
	if (!json_object_is_type(value, json_type_array))
		return true;
	for (size_t i = 0; i < json_object_array_length(value); i++) {
		char name[24];

		snprintf(name, sizeof(name), "%zu", i);
		if (!jsonschema_below(s, name, items, json_object_array_get_idx(value, i)))
			return false;
	}
	return true;
}

static inline bool jsonschema_limit(struct jsonschema *s, bool is_minimum,
				    struct json_object *limit, struct json_object *value)
{
	int64_t bound = json_object_get_int64(limit), number;

	if (!json_object_is_type(value, json_type_int))
		return true;
	number = json_object_get_int64(value); /* saturates */
	if (is_minimum ? number >= bound : number <= bound)
		return true;
	return jsonschema_fail(s, "%s is %s %s", json_object_to_json_string(value),
			       is_minimum ? "below" : "above", json_object_to_json_string(limit));
}

static inline bool jsonschema_keyword(struct jsonschema *s, struct json_object *schema,
				      const char *key, struct json_object *argument,
				      struct json_object *value)
{
	static const char *const silent[] = {"$schema", "$id",         "$defs",      "$comment",
					     "title",   "description", "properties", "required"};

	for (size_t i = 0; i < sizeof(silent) / sizeof(silent[0]); i++) {
		if (!strcmp(key, silent[i]))
			return true; /* for people, or done by jsonschema_members() */
	}
	if (!strcmp(key, "type"))
		return jsonschema_types(s, argument, value);
	if (!strcmp(key, "$ref"))
		return jsonschema_ref(s, json_object_get_string(argument), value);
	if (!strcmp(key, "oneOf"))
		return jsonschema_one_of(s, argument, value);
	if (!strcmp(key, "enum"))
		return jsonschema_enum(s, argument, value);
	if (!strcmp(key, "const"))
		return json_object_equal(argument, value) ||
		       jsonschema_fail(s, "%s is not %s", json_object_to_json_string(value),
				       json_object_to_json_string(argument));
	if (!strcmp(key, "items"))
		return jsonschema_items(s, argument, value);
	if (!strcmp(key, "minItems"))
		return !json_object_is_type(value, json_type_array) ||
		       (int64_t)json_object_array_length(value) >=
			       json_object_get_int64(argument) ||
		       jsonschema_fail(s, "too few members");
	if (!strcmp(key, "minimum") || !strcmp(key, "maximum"))
		return jsonschema_limit(s, key[1] == 'i' && key[2] == 'n', argument, value);
	return jsonschema_fail(s, "the schema uses \"%s\", which nobody checks", key);
}

static inline bool jsonschema_check(struct jsonschema *s, struct json_object *schema,
				    struct json_object *value)
{
	json_object_object_foreach(schema, key, argument)
	{
		if (!jsonschema_keyword(s, schema, key, argument, value))
			return false;
	}
	return jsonschema_members(s, schema, value);
}

/* True where @value is as the schema says; else s->error tells what is not. */
static inline bool jsonschema_valid(struct jsonschema *s, struct json_object *value)
{
	s->error[0] = s->path[0] = '\0';
	return jsonschema_check(s, s->root, value);
}

#endif
