/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * A process is told with all that is known of it wherever a finding names a file that it uses, so that
 * each finding can be read alone. What it has mapped is told of the file, the same in each
 * finding; how much of the finding that is ("overlap") is computed, and not read back.
 */
#include "record_holders.h"

#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "cleanup.h"
#include "jsonio.h"
#include "mapsline.h"

static void mapsp_free(struct found_map **maps)
{
	free(*maps);
}

/* By which of HOLDER_OPEN_*. */
static const struct {
	uint32_t flags;
	const char *token;
} opens[] = {
	{HOLDER_OPEN | HOLDER_OPEN_READ | HOLDER_OPEN_WRITE, "read-write"},
	{HOLDER_OPEN | HOLDER_OPEN_WRITE, "write"},
	{HOLDER_OPEN | HOLDER_OPEN_READ, "read"},
	{HOLDER_OPEN, "neither"},
};

#define OPEN_FLAGS (HOLDER_OPEN | HOLDER_OPEN_READ | HOLDER_OPEN_WRITE)

/* ---- where a process belongs ---- */

int record_put_home(const struct findings *f, uint32_t at, struct json_object *object)
{
	struct json_object *container;
	struct holder_home home;
	int r;

	findings_home(f, at, &home);
	if ((r = jsonio_put_bytes(object, "user", home.user)) ||
	    (r = jsonio_put_bytes(object, "unit", home.unit)) ||
	    (r = jsonio_put_bytes(object, "user_unit", home.user_unit)) ||
	    (r = jsonio_put_bytes(object, "slice", home.slice)))
		return r;
	if (!home.container)
		return 0;
	container = jsonio_add_object(object, "container");
	if (!container)
		return -ENOMEM;
	r = jsonio_put_text(container, "kind", cgroup_container_token(home.kind));
	return r ? r : jsonio_put_bytes(container, "id", home.container);
}

/* NULL where left out. */
static int get_text(struct json_object *object, const char *key, char **ret)
{
	int r = jsonio_get_bytes(object, key, ret);

	return r == -ENOENT ? 0 : r;
}

int record_parse_home(struct json_object *object, struct findings *f, uint32_t *ret)
{
	struct json_object *container = jsonio_get(object, "container", json_type_object);
	CLEANUP(freep)
	char *user = NULL, *unit = NULL, *user_unit = NULL, *slice = NULL, *id = NULL;
	struct holder_home home = {0};
	int r, kind;

	if ((r = get_text(object, "user", &user)) || (r = get_text(object, "unit", &unit)) ||
	    (r = get_text(object, "user_unit", &user_unit)) ||
	    (r = get_text(object, "slice", &slice)))
		return r;
	if (!container && jsonio_has(object, "container"))
		return -EBADMSG;
	if (container) {
		kind = cgroup_container_from_token(jsonio_get_text(container, "kind"));
		r = kind < 0 ? -EBADMSG : jsonio_get_bytes(container, "id", &id);
		if (r)
			return r == -ENOENT ? -EBADMSG : r;
		if (!*id)
			return -EBADMSG;
		home.kind = (enum cgroup_container)kind;
	}
	home.user = user;
	home.unit = unit;
	home.user_unit = user_unit;
	home.slice = slice;
	home.container = id;
	return findings_add_home(f, &home, ret);
}

/* ---- what it has mapped ---- */

static int put_maps(const struct findings *f, const struct found_holder *holder,
		    struct byte_range piece, struct json_object *object)
{
	struct json_object *array;
	const struct found_map *map;
	size_t n;
	int r;

	map = findings_holder_maps(f, holder, &n);
	if (!n)
		return 0;
	array = jsonio_add_array(object, "maps");
	if (!array)
		return -ENOMEM;
	for (; n; n--, map++) {
		struct json_object *entry = jsonio_append_object(array);

		if (!entry)
			return -ENOMEM;
		if ((r = jsonio_put_range(entry, map->range)) ||
		    (r = jsonio_put_bool(entry, "shared", map->perms & MAPSLINE_SHARED)) ||
		    (r = jsonio_put_flag(entry, "read", map->perms & MAPSLINE_READ)) ||
		    (r = jsonio_put_flag(entry, "write", map->perms & MAPSLINE_WRITE)) ||
		    (r = jsonio_put_flag(entry, "exec", map->perms & MAPSLINE_EXEC)))
			return r;
	}
	return piece.len ? jsonio_put_u64(object, "overlap",
					  findings_holder_overlap(f, holder, piece))
			 : 0;
}

static int parse_maps(struct json_object *object, struct found_map **ret, size_t *ret_n)
{
	struct json_object *array = jsonio_get(object, "maps", json_type_array);
	CLEANUP(mapsp_free) struct found_map *maps = NULL;
	size_t n = array ? json_object_array_length(array) : 0;
	int r;

	if (!array && jsonio_has(object, "maps"))
		return -EBADMSG;
	maps = calloc(n + 1, sizeof(*maps));
	if (!maps)
		return -ENOMEM;
	for (size_t i = 0; i < n; i++) {
		struct json_object *entry = jsonio_object_at(array, i);
		struct json_object *shared =
			entry ? jsonio_get(entry, "shared", json_type_boolean) : NULL;
		uint32_t *perms = &maps[i].perms;

		if (!shared || jsonio_get_range(entry, &maps[i].range))
			return -EBADMSG;
		*perms = json_object_get_boolean(shared) ? MAPSLINE_SHARED : 0;
		if ((r = jsonio_get_flag(entry, "read", MAPSLINE_READ, perms)) ||
		    (r = jsonio_get_flag(entry, "write", MAPSLINE_WRITE, perms)) ||
		    (r = jsonio_get_flag(entry, "exec", MAPSLINE_EXEC, perms)))
			return r;
	}

	*ret = steal(maps);
	*ret_n = n;
	return 0;
}

/* ---- holders ---- */

static int put_flags(const struct found_holder *holder, struct json_object *object)
{
	int r = 0;

	for (size_t i = 0; !r && i < ARRAY_SIZE(opens); i++) {
		if ((holder->flags & OPEN_FLAGS) == opens[i].flags)
			r = jsonio_put_text(object, "open", opens[i].token);
	}
	if (!r && holder->flags & HOLDER_UID)
		r = jsonio_put_u64(object, "uid", holder->uid);
	if (!r && holder->flags & HOLDER_EARLY_KNOWN)
		r = jsonio_put_bool(object, "early_kill", holder->flags & HOLDER_EARLY);
	return r;
}

int record_put_holders(const struct findings *f, uint32_t file, struct byte_range piece,
		       struct json_object *object)
{
	size_t n;
	const struct found_holder *holder = findings_holders(f, file, &n);
	struct json_object *array;
	int r;

	if (!n)
		return 0;
	array = jsonio_add_array(object, "holders");
	if (!array)
		return -ENOMEM;
	for (; n; n--, holder++) {
		struct json_object *entry = jsonio_append_object(array);

		if (!entry)
			return -ENOMEM;
		if ((r = jsonio_put_u64(entry, "pid", (uint64_t)holder->pid)) ||
		    (r = jsonio_put_bytes(entry, "comm", holder->comm)) ||
		    (r = jsonio_put_bool(entry, "mapped", holder->mapped)) ||
		    (r = put_flags(holder, entry)) ||
		    (r = record_put_home(f, holder->home, entry)) ||
		    (r = put_maps(f, holder, piece, entry)))
			return r;
	}
	return 0;
}

static int parse_flags(struct json_object *entry, struct found_holder *holder)
{
	const char *open = jsonio_get_text(entry, "open");
	struct json_object *early = jsonio_get(entry, "early_kill", json_type_boolean);
	bool known = false;

	for (size_t i = 0; open && i < ARRAY_SIZE(opens); i++) {
		if (strcmp(open, opens[i].token))
			continue;
		holder->flags |= opens[i].flags;
		known = true;
	}
	if (jsonio_has(entry, "open") && !known)
		return -EBADMSG;
	if (early)
		holder->flags |=
			HOLDER_EARLY_KNOWN | (json_object_get_boolean(early) ? HOLDER_EARLY : 0);
	else if (jsonio_has(entry, "early_kill"))
		return -EBADMSG;
	if (!jsonio_has(entry, "uid"))
		return 0;
	holder->flags |= HOLDER_UID;
	return jsonio_get_u32(entry, "uid", &holder->uid);
}

static int parse_holder(struct json_object *entry, struct findings *f, uint32_t file)
{
	CLEANUP(mapsp_free) struct found_map *maps = NULL;
	CLEANUP(freep) char *comm = NULL;
	struct json_object *mapped = jsonio_get(entry, "mapped", json_type_boolean);
	struct found_holder holder = {.file = file};
	size_t n_maps;
	uint64_t pid;
	int r;

	if ((r = jsonio_get_u64(entry, "pid", INT_MAX, &pid)) ||
	    (r = jsonio_get_bytes(entry, "comm", &comm)))
		return r == -ENOENT ? -EBADMSG : r;
	if (!mapped || strlen(comm) >= sizeof(holder.comm))
		return -EBADMSG;
	holder.pid = (pid_t)pid;
	holder.mapped = json_object_get_boolean(mapped);
	memcpy(holder.comm, comm, strlen(comm));
	if ((r = parse_flags(entry, &holder)) || (r = parse_maps(entry, &maps, &n_maps)) ||
	    (r = record_parse_home(entry, f, &holder.home)))
		return r;
	return findings_add_holder_maps(f, &holder, maps, n_maps);
}

int record_parse_holders(struct json_object *object, struct findings *f, uint32_t file)
{
	struct json_object *holders = jsonio_get(object, "holders", json_type_array);

	if (!holders)
		return jsonio_has(object, "holders") ? -EBADMSG : 0;
	for (size_t i = 0; i < json_object_array_length(holders); i++) {
		struct json_object *entry = jsonio_object_at(holders, i);
		int r = entry ? parse_holder(entry, f, file) : -EBADMSG;

		if (r)
			return r;
	}
	return 0;
}
