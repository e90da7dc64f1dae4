/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The record is flat: devices, each with the names of those below and above it. */
#include <errno.h>
#include <string.h>

#include "cleanup.h"
#include "jsonio.h"
#include "out_json.h"
#include "out_topo.h"
#include "record.h"

static int put_names(const struct topo *topo, size_t node, const char *key, bool up,
		     struct json_object *object)
{
	struct json_object *names = NULL;

	for (size_t i = 0; i < topo->n_edges; i++) {
		const struct topo_edge *edge = &topo->edges[i];
		struct json_object *name;

		if ((up ? edge->below : edge->above) != node)
			continue;
		if (!names)
			names = jsonio_add_array(object, key);
		name = json_object_new_string(topo->nodes[up ? edge->above : edge->below].name);
		if (!names || !name || json_object_array_add(names, name)) {
			json_object_put(name);
			return -ENOMEM;
		}
	}
	return 0;
}

static int put_incidents(const struct topo_node *node, struct json_object *object)
{
	struct json_object *array;

	if (!node->n_incidents)
		return 0;
	array = jsonio_add_array(object, "incidents");
	for (size_t i = 0; array && i < node->n_incidents; i++) {
		struct json_object *id = json_object_new_int64(node->incidents[i]);

		if (!id || json_object_array_add(array, id)) {
			json_object_put(id);
			return -ENOMEM;
		}
	}
	return array ? 0 : -ENOMEM;
}

static int put_bad(const struct topo_node *node, struct json_object *object)
{
	int r;

	if (!node->bad.n)
		return 0;
	r = jsonio_put_u64(object, "badblock_count", rangeset_bytes(&node->bad) / SECTOR_SIZE);
	if (!r)
		r = jsonio_put_ranges(object, "badblocks", &node->bad);
	return r ? r : jsonio_put_flag(object, "cut", node->bad_cut);
}

static int put_device(const struct topo *topo, size_t i, struct json_object *object)
{
	const struct topo_node *node = &topo->nodes[i];
	const char *advice = topo_advice(node);
	int r;

	if (!object)
		return -ENOMEM;
	if ((r = jsonio_put_text(object, "dev", node->name)) ||
	    (r = jsonio_put_text(object, "type", topo_kind_token(node->kind))) ||
	    (*node->type && (r = jsonio_put_text(object, "subtype", node->type))) ||
	    (r = jsonio_put_bytes(object, "label", node->label)) ||
	    (node->size && (r = jsonio_put_u64(object, "size", node->size))) ||
	    (r = put_names(topo, i, "below", false, object)) ||
	    (r = put_names(topo, i, "above", true, object)))
		return r;
	if (node->kind >= TOPO_DAX &&
	    ((r = jsonio_put_text(object, "use", topo_use_token(node->use))) ||
	     (*node->holds && (r = jsonio_put_bytes(object, "holds", node->holds))) ||
	     (r = jsonio_put_bytes(object, "where", node->where)) ||
	     (advice && (r = jsonio_put_text(object, "advice", advice)))))
		return r;
	r = put_bad(node, object);
	return r ? r : put_incidents(node, object);
}

int out_topo_put(const struct topo *topo, struct json_object *record)
{
	struct json_object *devices;
	int r = record_put_reasons(record, topo->reasons);

	if (r)
		return r;
	devices = jsonio_add_array(record, "devices");
	for (size_t i = 0; devices && !r && i < topo->n_nodes; i++)
		r = put_device(topo, i, jsonio_append_object(devices));
	return devices ? r : -ENOMEM;
}
