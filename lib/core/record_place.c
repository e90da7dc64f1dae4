/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * One address is written, that of the first byte asked about, as it is what somebody compares with
 * the kernel's and ndctl's words; that of the device's first byte follows from it. Which
 * DIMM holds which range is not kept: the record is of one incident by then.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include "cleanup.h"
#include "jsonio.h"
#include "record_place.h"

static int put_dimms(const struct place *place, struct json_object *object)
{
	const char *names[PLACE_DIMMS_MAX];
	size_t n = place_dimms(place, names);
	struct json_object *array;

	if (!n)
		return 0;
	array = jsonio_add_array(object, "dimms");
	if (!array)
		return -ENOMEM;
	for (size_t i = 0; i < n; i++) {
		struct json_object *name = json_object_new_string(names[i]);

		if (!name)
			return -ENOMEM;
		if (json_object_array_add(array, name)) {
			json_object_put(name);
			return -ENOMEM;
		}
	}
	return 0;
}

int record_put_place(const struct findings *f, struct json_object *object)
{
	const struct place *place = f->place;
	uint64_t address;
	int r;

	if (!place)
		return 0;
	if ((*place->ns && (r = jsonio_put_text(object, "namespace", place->ns))) ||
	    (r = jsonio_put_text(object, "region", place->region)))
		return r;
	if (f->asked.n && place_address(place, f->asked.ranges[0].start, &address)) {
		r = jsonio_put_u64(object, "physical_address", address);
		if (r)
			return r;
	}
	return put_dimms(place, object);
}

static int get_name(struct json_object *object, const char *key, char ret[32])
{
	const char *name = jsonio_get_text(object, key);

	if (!name || !*name || strlen(name) >= 32)
		return -EBADMSG;
	strcpy(ret, name);
	return 0;
}

static int parse_dimms(struct json_object *object, struct place *place)
{
	struct json_object *array = jsonio_get(object, "dimms", json_type_array);
	const struct byte_range all = {0, UINT64_MAX};
	size_t n = array ? json_object_array_length(array) : 0;

	if ((!array && jsonio_has(object, "dimms")) || n > PLACE_DIMMS_MAX)
		return -EBADMSG;
	for (size_t i = 0; i < n; i++) {
		struct json_object *name = json_object_array_get_idx(array, i);
		size_t len;

		if (!json_object_is_type(name, json_type_string))
			return -EBADMSG;
		len = (size_t)json_object_get_string_len(name);
		if (!len || len >= sizeof(place->dimms[0].name) ||
		    strlen(json_object_get_string(name)) != len)
			return -EBADMSG;
		place->dimms[place->n_dimms].range = all;
		strcpy(place->dimms[place->n_dimms++].name, json_object_get_string(name));
	}
	return 0;
}

int record_parse_place(struct json_object *object, struct findings *f)
{
	CLEANUP(freep) struct place *place = NULL;
	uint64_t address;
	int r;

	if (!jsonio_has(object, "region"))
		return 0;
	place = calloc(1, sizeof(*place));
	if (!place)
		return -ENOMEM;
	r = get_name(object, "region", place->region);
	if (!r && jsonio_has(object, "namespace"))
		r = get_name(object, "namespace", place->ns);
	if (!r)
		r = parse_dimms(object, place);
	if (r)
		return r;
	if (jsonio_has(object, "physical_address")) {
		r = jsonio_get_u64(object, "physical_address", UINT64_MAX, &address);
		if (r || !f->asked.n || address < f->asked.ranges[0].start)
			return -EBADMSG;
		place->has_address = true;
		place->address = address - f->asked.ranges[0].start;
	}

	f->place = steal(place);
	return 0;
}
