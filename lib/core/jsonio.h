/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef PMEMRAS_JSONIO_H
#define PMEMRAS_JSONIO_H

/*
 * Members of JSON objects, written and read with the checks that outside data
 * needs. jsonio_put_*: 0 or -ENOMEM. jsonio_get_*: 0; -EBADMSG where the member
 * is missing (unless said otherwise), of another type, or out of range; results
 * untouched on failure.
 */
#include <json-c/json.h>
#include "rangeset.h"

void jsonio_freep(struct json_object **object); /* for CLEANUP() */

/* Takes over @value, also on failure; NULL is a failed allocation. */
int jsonio_put(struct json_object *object, const char *key, struct json_object *value);
int jsonio_put_u64(struct json_object *object, const char *key, uint64_t value);
int jsonio_put_text(struct json_object *object, const char *key, const char *value);
int jsonio_put_bool(struct json_object *object, const char *key, bool value);
int jsonio_put_flag(struct json_object *object, const char *key, bool value); /* left out if false */
/* Any bytes: as text, and exactly in KEY_base64 where the text lost something. NULL is left out. */
int jsonio_put_bytes(struct json_object *object, const char *key, const char *raw);
int jsonio_put_range(struct json_object *object, struct byte_range range); /* "offset", "length" */
/* An array of these. */
int jsonio_put_ranges(struct json_object *object, const char *key, const struct rangeset *set);

/* New children, which the parent owns. NULL: no memory. */
struct json_object *jsonio_add_object(struct json_object *object, const char *key);
struct json_object *jsonio_add_array(struct json_object *object, const char *key);
struct json_object *jsonio_append_object(struct json_object *array);

/* NULL where there is none or it is of another type; lent. */
struct json_object *jsonio_get(struct json_object *object, const char *key, enum json_type type);
bool jsonio_has(struct json_object *object, const char *key);
/* The @i-th member of an array, NULL unless it is an object; lent. */
struct json_object *jsonio_object_at(struct json_object *array, size_t i);
/* A string without NUL in it, lent; NULL otherwise. */
const char *jsonio_get_text(struct json_object *object, const char *key);
int jsonio_get_u64(struct json_object *object, const char *key, uint64_t max, uint64_t *ret);
int jsonio_get_u32(struct json_object *object, const char *key, uint32_t *ret);
/* Sets @flag in *@flags where true; left out means false. */
int jsonio_get_flag(struct json_object *object, const char *key, uint32_t flag, uint32_t *flags);
/* Counterpart of jsonio_put_bytes(): malloced, the caller's. -ENOENT where left out, -ENOMEM. */
int jsonio_get_bytes(struct json_object *object, const char *key, char **ret);
/* Not empty, and does not wrap; @object may be anything, NULL included. */
int jsonio_get_range(struct json_object *object, struct byte_range *ret);

/* @text as a whole; NULL ret untouched. 0, -EBADMSG (not strict JSON in UTF-8, or nested deeper
 * than @depth), -ENOMEM. @ret: the caller owns one reference. */
int jsonio_parse(const char *text, size_t len, int depth, struct json_object **ret);

#endif
