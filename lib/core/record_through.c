/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* {"devices": "pmem0p1 > dm-0 (vg-lv)", "top": "dm-0", "map": [{"offset", "length", "upper_offset"}]} */
#include <errno.h>
#include <stdint.h>
#include "cleanup.h"
#include "findings_inside.h"
#include "jsonio.h"
#include "record.h"
#include "record_through.h"

static int put_through(const struct through *from, struct json_object *object)
{
	struct json_object *through = jsonio_add_object(object, "through"), *map;
	int r;

	if (!through)
		return -ENOMEM;
	r = jsonio_put_bytes(through, "devices", from->devices);
	if (!r)
		r = jsonio_put_bytes(through, "top", from->top);
	if (r)
		return r;
	map = jsonio_add_array(through, "map");
	if (!map)
		return -ENOMEM;
	for (size_t i = 0; i < from->n; i++) {
		struct json_object *piece = jsonio_append_object(map);

		if (!piece)
			return -ENOMEM;
		r = jsonio_put_range(piece, from->pieces[i].lower);
		if (!r)
			r = jsonio_put_u64(piece, "upper_offset", from->pieces[i].upper);
		if (r)
			return r;
	}
	return 0;
}

int record_put_through(const struct findings *f, struct json_object *object)
{
	return f->through ? put_through(f->through, object) : 0;
}

int record_put_inside(const struct findings *f, size_t limit, struct json_object *object)
{
	struct json_object *array;

	if (!f->n_inside)
		return 0;
	array = jsonio_add_array(object, "inside");
	for (size_t i = 0; array && i < f->n_inside; i++) {
		struct json_object *entry = jsonio_append_object(array), *found = NULL;
		int r = entry ? put_through(f->inside[i].from, entry) : -ENOMEM;

		if (!r)
			r = record_from_findings(f->inside[i].found, limit ? limit : SIZE_MAX,
						 &found);
		if (!r)
			r = jsonio_put(entry, "found", found);
		if (r)
			return r;
	}
	return array ? 0 : -ENOMEM;
}

static int parse_piece(struct json_object *object, struct through *through)
{
	struct through_piece piece;
	int r;

	if (!object)
		return -EBADMSG;
	r = jsonio_get_range(object, &piece.lower);
	if (!r)
		r = jsonio_get_u64(object, "upper_offset", UINT64_MAX, &piece.upper);
	if (!r)
		r = through_add(through, piece);
	return r == -ERANGE ? -EBADMSG : r;
}

static int parse_through(struct json_object *object, struct through **ret)
{
	CLEANUP(through_freep) struct through *through = NULL;
	CLEANUP(freep) char *devices = NULL;
	CLEANUP(freep) char *top = NULL;
	struct json_object *part, *map;
	int r;

	part = jsonio_get(object, "through", json_type_object);
	map = part ? jsonio_get(part, "map", json_type_array) : NULL;
	if (!map)
		return -EBADMSG;
	r = jsonio_get_bytes(part, "devices", &devices);
	if (!r)
		r = jsonio_get_bytes(part, "top", &top);
	if (!r)
		r = through_new(devices, top, &through);
	for (size_t i = 0; !r && i < json_object_array_length(map); i++)
		r = parse_piece(jsonio_object_at(map, i), through);
	if (r)
		return r == -ENOENT ? -EBADMSG : r;
	*ret = steal(through);
	return 0;
}

int record_parse_through(struct json_object *object, struct findings *f)
{
	return jsonio_has(object, "through") ? parse_through(object, &f->through) : 0;
}

/* The reader of the text has seen to it that this ends. */
int record_parse_inside(struct json_object *object, struct findings *f)
{
	struct json_object *array = jsonio_get(object, "inside", json_type_array);

	if (!array)
		return jsonio_has(object, "inside") ? -EBADMSG : 0;
	for (size_t i = 0; i < json_object_array_length(array); i++) {
		CLEANUP(through_freep) struct through *from = NULL;
		CLEANUP(findings_freep) struct findings *found = NULL;
		struct json_object *entry = jsonio_object_at(array, i);
		int r = entry ? parse_through(entry, &from) : -EBADMSG;

		if (!r)
			r = record_to_findings(jsonio_get(entry, "found", json_type_object),
					       &found);
		if (!r)
			r = findings_add_inside(f, &from, &found);
		if (r)
			return r;
	}
	return 0;
}
