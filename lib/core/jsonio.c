/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Members of JSON objects.
 *
 * Two things are easy to get wrong with json-c and are got right here once:
 * an object handed to a container that fails to take it is still ours, and a
 * number that is asked for as another type is converted instead of refused.
 *
 * Bytes from outside (paths, names of processes) are not always UTF-8, JSON
 * strings always are. Such a name is written twice: readable, with U+FFFD for
 * what is not UTF-8, and exactly, in base64 under KEY_base64.
 */
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "cleanup.h"
#include "escape.h"
#include "jsonio.h"

void jsonio_freep(struct json_object **object)
{
	json_object_put(*object);
	*object = NULL;
}

/* Takes over @value; NULL is a failed allocation. */
int jsonio_put(struct json_object *object, const char *key, struct json_object *value)
{
	if (!value)
		return -ENOMEM;
	if (json_object_object_add(object, key, value)) {
		json_object_put(value);
		return -ENOMEM;
	}
	return 0;
}

int jsonio_put_u64(struct json_object *object, const char *key, uint64_t value)
{
	return jsonio_put(object, key, json_object_new_uint64(value));
}

int jsonio_put_text(struct json_object *object, const char *key, const char *value)
{
	return jsonio_put(object, key, json_object_new_string(value));
}

/* Left out where false. */
int jsonio_put_flag(struct json_object *object, const char *key, bool value)
{
	return value ? jsonio_put(object, key, json_object_new_boolean(1)) : 0;
}

int jsonio_put_bool(struct json_object *object, const char *key, bool value)
{
	return jsonio_put(object, key, json_object_new_boolean(value));
}

/* Any bytes: as text, and exactly in base64 where the text lost something. NULL is left out. */
int jsonio_put_bytes(struct json_object *object, const char *key, const char *raw)
{
	CLEANUP(freep) char *text = NULL, *exact = NULL;
	char exact_key[48];
	size_t len;
	int r;

	if (!raw)
		return 0;
	len = strlen(raw);
	if (utf8_valid(raw, len))
		return jsonio_put_text(object, key, raw);

	r = utf8_replace(raw, len, &text);
	if (r)
		return r;
	r = base64_encode(raw, len, &exact);
	if (r)
		return r;
	snprintf(exact_key, sizeof(exact_key), "%s_base64", key);
	r = jsonio_put_text(object, key, text);
	return r ? r : jsonio_put_text(object, exact_key, exact);
}

int jsonio_put_range(struct json_object *object, struct byte_range range)
{
	int r = jsonio_put_u64(object, "offset", range.start);

	return r ? r : jsonio_put_u64(object, "length", range.len);
}

/* A new member of @array, which keeps the reference. NULL: no memory. */
struct json_object *jsonio_append_object(struct json_object *array)
{
	struct json_object *object = json_object_new_object();

	if (object && json_object_array_add(array, object)) {
		json_object_put(object);
		return NULL;
	}
	return object;
}

/* As jsonio_append_object(), for a member of an object. */
struct json_object *jsonio_add_object(struct json_object *object, const char *key)
{
	struct json_object *child = json_object_new_object();

	return jsonio_put(object, key, child) ? NULL : child;
}

struct json_object *jsonio_add_array(struct json_object *object, const char *key)
{
	struct json_object *child = json_object_new_array();

	return jsonio_put(object, key, child) ? NULL : child;
}

int jsonio_put_ranges(struct json_object *object, const char *key, const struct rangeset *set)
{
	struct json_object *array = jsonio_add_array(object, key);

	if (!array)
		return -ENOMEM;
	for (size_t i = 0; i < set->n; i++) {
		struct json_object *entry = jsonio_append_object(array);
		int r = entry ? jsonio_put_range(entry, set->ranges[i]) : -ENOMEM;

		if (r)
			return r;
	}
	return 0;
}

/* NULL where there is none or it is of another type. */
struct json_object *jsonio_get(struct json_object *object, const char *key, enum json_type type)
{
	struct json_object *value;

	if (!json_object_object_get_ex(object, key, &value) || !json_object_is_type(value, type))
		return NULL;
	return value;
}

bool jsonio_has(struct json_object *object, const char *key)
{
	return json_object_object_get_ex(object, key, NULL);
}

int jsonio_get_u64(struct json_object *object, const char *key, uint64_t max, uint64_t *ret)
{
	struct json_object *value = jsonio_get(object, key, json_type_int);
	uint64_t number;

	if (!value || json_object_get_int64(value) < 0)
		return -EBADMSG;
	number = json_object_get_uint64(value);
	if (number > max)
		return -EBADMSG;

	*ret = number;
	return 0;
}

int jsonio_get_u32(struct json_object *object, const char *key, uint32_t *ret)
{
	uint64_t number;
	int r = jsonio_get_u64(object, key, UINT32_MAX, &number);

	if (!r)
		*ret = (uint32_t)number;
	return r;
}

/* Left out means false. */
int jsonio_get_flag(struct json_object *object, const char *key, uint32_t flag, uint32_t *flags)
{
	struct json_object *value = jsonio_get(object, key, json_type_boolean);

	if (!value)
		return jsonio_has(object, key) ? -EBADMSG : 0;
	if (json_object_get_boolean(value))
		*flags |= flag;
	return 0;
}

/* A string without NUL; NULL where there is none. */
const char *jsonio_get_text(struct json_object *object, const char *key)
{
	struct json_object *value = jsonio_get(object, key, json_type_string);
	const char *text = value ? json_object_get_string(value) : NULL;

	if (!text || strlen(text) != (size_t)json_object_get_string_len(value))
		return NULL;
	return text;
}

/* The counterpart of jsonio_put_bytes(): -ENOENT where there is none. */
int jsonio_get_bytes(struct json_object *object, const char *key, char **ret)
{
	CLEANUP(freep) void *exact = NULL;
	const char *text = jsonio_get_text(object, key), *base64;
	char exact_key[48];
	size_t len;
	int r;

	if (!text)
		return jsonio_has(object, key) ? -EBADMSG : -ENOENT;
	snprintf(exact_key, sizeof(exact_key), "%s_base64", key);
	base64 = jsonio_get_text(object, exact_key);
	if (!base64) {
		if (jsonio_has(object, exact_key))
			return -EBADMSG;
		*ret = strdup(text);
		return *ret ? 0 : -ENOMEM;
	}

	r = base64_decode(base64, strlen(base64), &exact, &len);
	if (r)
		return r;
	if (memchr(exact, '\0', len))
		return -EBADMSG;
	*ret = steal(exact);
	return 0;
}

int jsonio_get_range(struct json_object *object, struct byte_range *ret)
{
	uint64_t start, len;
	int r;

	if (!json_object_is_type(object, json_type_object))
		return -EBADMSG;
	if ((r = jsonio_get_u64(object, "offset", UINT64_MAX, &start)) ||
	    (r = jsonio_get_u64(object, "length", UINT64_MAX - start, &len)))
		return r;
	if (!len)
		return -EBADMSG;

	*ret = (struct byte_range){start, len};
	return 0;
}

/* The @i-th member of an array, NULL unless it is an object. */
struct json_object *jsonio_object_at(struct json_object *array, size_t i)
{
	struct json_object *member = json_object_array_get_idx(array, i);

	return json_object_is_type(member, json_type_object) ? member : NULL;
}

static void tokener_freep(struct json_tokener **tokener)
{
	if (*tokener)
		json_tokener_free(*tokener);
}

int jsonio_parse(const char *text, size_t len, int depth, struct json_object **ret)
{
	CLEANUP(tokener_freep) struct json_tokener *tokener = NULL;
	struct json_object *object;

	if (len > INT_MAX)
		return -EBADMSG;
	tokener = json_tokener_new_ex(depth);
	if (!tokener)
		return -ENOMEM;
	json_tokener_set_flags(tokener, JSON_TOKENER_STRICT | JSON_TOKENER_VALIDATE_UTF8);
	object = json_tokener_parse_ex(tokener, text, (int)len);
	if (!object)
		return -EBADMSG;

	*ret = object;
	return 0;
}
