/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* {"devices": "pmem0p1 > dm-0 (vg-lv)", "top": "dm-0", "map": [{"offset", "length", "upper_offset"}]} */
#include <errno.h>
#include "cleanup.h"
#include "jsonio.h"
#include "record_through.h"

int record_put_through(const struct findings *f, struct json_object *object)
{
	struct json_object *through, *map;
	int r;

	if (!f->through)
		return 0;
	through = jsonio_add_object(object, "through");
	if (!through)
		return -ENOMEM;
	r = jsonio_put_bytes(through, "devices", f->through->devices);
	if (!r)
		r = jsonio_put_bytes(through, "top", f->through->top);
	if (r)
		return r;
	map = jsonio_add_array(through, "map");
	if (!map)
		return -ENOMEM;
	for (size_t i = 0; i < f->through->n; i++) {
		struct json_object *piece = jsonio_append_object(map);

		if (!piece)
			return -ENOMEM;
		r = jsonio_put_range(piece, f->through->pieces[i].lower);
		if (!r)
			r = jsonio_put_u64(piece, "upper_offset", f->through->pieces[i].upper);
		if (r)
			return r;
	}
	return 0;
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

int record_parse_through(struct json_object *object, struct findings *f)
{
	CLEANUP(through_freep) struct through *through = NULL;
	CLEANUP(freep) char *devices = NULL;
	CLEANUP(freep) char *top = NULL;
	struct json_object *part, *map;
	int r;

	if (!jsonio_has(object, "through"))
		return 0;
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
	f->through = steal(through);
	return 0;
}
