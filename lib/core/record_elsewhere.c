/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Unit and container are told as they are of a process that uses a file (record_holders.h).
 */
#include "record_elsewhere.h"

#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "cleanup.h"
#include "jsonio.h"

int record_put_elsewhere(const struct elsewhere *elsewhere, struct json_object *filesystem)
{
	struct json_object *object, *container;
	int r;

	if (!elsewhere)
		return 0;
	object = jsonio_add_object(filesystem, "elsewhere");
	if (!object)
		return -ENOMEM;
	if ((r = jsonio_put_u64(object, "pid", (uint64_t)elsewhere->pid)) ||
	    (r = jsonio_put_bytes(object, "comm", elsewhere->comm)) ||
	    (r = jsonio_put_bytes(object, "path", elsewhere->path)) ||
	    (r = jsonio_put_bytes(object, "unit", elsewhere->unit)))
		return r;
	if (!elsewhere->container)
		return 0;
	container = jsonio_add_object(object, "container");
	if (!container)
		return -ENOMEM;
	r = jsonio_put_text(container, "kind", cgroup_container_token(elsewhere->kind));
	return r ? r : jsonio_put_bytes(container, "id", elsewhere->container);
}

/* What has to be there, or with @optional may be left out. */
static int get_text(struct json_object *object, const char *key, bool optional, char **ret)
{
	int r = jsonio_get_bytes(object, key, ret);

	if (r == -ENOENT)
		return optional ? 0 : -EBADMSG;
	return r;
}

int record_parse_elsewhere(struct json_object *filesystem, struct elsewhere **ret)
{
	struct json_object *object = jsonio_get(filesystem, "elsewhere", json_type_object);
	CLEANUP(freep) char *comm = NULL, *path = NULL, *unit = NULL, *id = NULL;
	struct json_object *container;
	struct elsewhere got = {0};
	uint64_t pid;
	int r, kind;

	*ret = NULL;
	if (!object)
		return jsonio_has(filesystem, "elsewhere") ? -EBADMSG : 0;
	if ((r = jsonio_get_u64(object, "pid", INT_MAX, &pid)) ||
	    (r = get_text(object, "comm", false, &comm)) ||
	    (r = get_text(object, "path", false, &path)) ||
	    (r = get_text(object, "unit", true, &unit)))
		return r == -ENOENT ? -EBADMSG : r;
	container = jsonio_get(object, "container", json_type_object);
	if ((!container && jsonio_has(object, "container")) || strlen(comm) >= sizeof(got.comm))
		return -EBADMSG;
	if (container) {
		kind = cgroup_container_from_token(jsonio_get_text(container, "kind"));
		r = kind < 0 ? -EBADMSG : get_text(container, "id", false, &id);
		if (r)
			return r;
		got.kind = (enum cgroup_container)kind;
	}
	got.pid = (pid_t)pid;
	memcpy(got.comm, comm, strlen(comm));
	got.path = path;
	got.unit = unit;
	got.container = id;
	return elsewhere_new(&got, ret);
}
