/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * A path of groups is read from the root: slices first, then a unit, and what lies below
 * that belongs to the unit. A user's manager repeats the pattern below its own unit. Names
 * with a leading underscore are escaped (systemd does that where the kernel would take
 * a name for one of its files).
 *
 * A container is known by the shape of one name: a prefix and 64 hexadecimal digits
 * (docker, podman, containerd, cri-o), or a name below a group that only LXC makes. What
 * merely looks similar is none: a wrong container is worse than none.
 *
 *	docker	/docker/ID, …/docker-ID.scope
 *	podman	…/libpod-ID.scope[/container], /libpod_parent/libpod-ID
 *	containerd …/cri-containerd-ID.scope, …:cri-containerd:ID, nerdctl-ID.scope
 *	cri-o	…/crio-ID[.scope], …:crio:ID
 *	kubernetes /kubepods/[CLASS/]podUID/ID
 *	LXC	/lxc/NAME, /lxc.payload/NAME, /lxc.payload.NAME
 *	nspawn	…/systemd-nspawn@NAME.service, …/machine-NAME.scope
 */
#include "cgroup.h"

#include <stdbool.h>
#include <string.h>

#include "cleanup.h"

#define ID_LEN 64 /* digits of a container's id */

/* A piece of the text; not NUL-terminated. */
struct piece {
	const char *at;
	size_t len;
};

static const char *const tokens[CGROUP_CONTAINER_N] = {
	"", "docker", "podman", "containerd", "cri-o", "kubernetes", "lxc", "nspawn", "machine",
};

const char *cgroup_container_token(enum cgroup_container kind)
{
	return (unsigned int)kind < CGROUP_CONTAINER_N ? tokens[kind] : "";
}

int cgroup_container_from_token(const char *token)
{
	for (int i = CGROUP_NO_CONTAINER + 1; token && i < CGROUP_CONTAINER_N; i++)
		if (!strcmp(tokens[i], token))
			return i;
	return -1;
}

/* ---- pieces ---- */

static bool cut_prefix(struct piece *p, const char *prefix)
{
	size_t len = strlen(prefix);

	if (p->len < len || memcmp(p->at, prefix, len))
		return false;
	p->at += len;
	p->len -= len;
	return true;
}

static bool cut_suffix(struct piece *p, const char *suffix)
{
	size_t len = strlen(suffix);

	if (p->len < len || memcmp(p->at + p->len - len, suffix, len))
		return false;
	p->len -= len;
	return true;
}

static bool ends_in(struct piece p, const char *suffix)
{
	return cut_suffix(&p, suffix) && p.len;
}

static bool is(struct piece p, const char *text)
{
	return cut_prefix(&p, text) && !p.len;
}

/* What comes before the next @separator; @rest moves behind it. False at the end. */
static bool next(struct piece *rest, char separator, struct piece *ret)
{
	const char *end;

	if (!rest->len)
		return false;
	end = memchr(rest->at, separator, rest->len);
	ret->at = rest->at;
	ret->len = end ? (size_t)(end - rest->at) : rest->len;
	rest->at += ret->len + (end != NULL);
	rest->len -= ret->len + (end != NULL);
	return true;
}

/* The next name of a path; empty ones are passed over. */
static bool next_name(struct piece *path, struct piece *ret)
{
	while (next(path, '/', ret))
		if (ret->len)
			return true;
	return false;
}

static void keep(struct piece p, char ret[CGROUP_NAME_MAX])
{
	if (p.len >= CGROUP_NAME_MAX || memchr(p.at, '\0', p.len))
		return;
	memcpy(ret, p.at, p.len);
	ret[p.len] = '\0';
}

/* ---- units ---- */

static bool is_unit(struct piece name)
{
	static const char *const suffixes[] = {".service", ".scope", ".socket", ".mount", ".swap"};

	for (size_t i = 0; i < ARRAY_SIZE(suffixes); i++)
		if (ends_in(name, suffixes[i]))
			return true;
	return false;
}

/* Slices, then a unit. @slice: may be NULL. False where no unit follows; @path is then used up. */
static bool take_unit(struct piece *path, char slice[CGROUP_NAME_MAX], struct piece *ret)
{
	struct piece in = {"-.slice", 7}, name;
	bool outside = false; /* of what our own namespace shows: the slices are not all there */

	while (next_name(path, &name)) {
		cut_prefix(&name, "_");
		if (is(name, "..")) {
			outside = true;
			in.len = 0;
		} else if (ends_in(name, ".slice")) {
			in = name;
		} else {
			if (!is_unit(name))
				return false;
			if (slice && (!outside || in.len))
				keep(in, slice);
			*ret = name;
			return true;
		}
	}
	return false;
}

static void find_unit(struct piece path, struct cgroup_place *ret)
{
	struct piece unit, name;

	if (!take_unit(&path, ret->slice, &unit))
		return;
	keep(unit, ret->unit);
	if (!cut_prefix(&unit, "user@") || !cut_suffix(&unit, ".service"))
		return;
	if (take_unit(&path, NULL, &name))
		keep(name, ret->user_unit);
}

/* ---- containers ---- */

static bool is_id(struct piece p)
{
	if (p.len != ID_LEN)
		return false;
	for (size_t i = 0; i < p.len; i++)
		if (!memchr("0123456789abcdef", p.at[i], 16))
			return false;
	return true;
}

static int hex(char c)
{
	const char *digits = "0123456789abcdef", *at = c ? strchr(digits, c) : NULL;

	return at ? (int)(at - digits) : -1;
}

/* systemd escapes names of units: "\x2d" is a dash (systemd.unit(5)). */
static void keep_unescaped(struct piece p, char ret[CGROUP_NAME_MAX])
{
	char name[CGROUP_NAME_MAX];
	size_t n = 0;

	if (p.len >= sizeof(name))
		return;
	for (size_t i = 0; i < p.len; i++) {
		if (p.at[i] == '\\' && p.len - i >= 4 && p.at[i + 1] == 'x' &&
		    hex(p.at[i + 2]) >= 0 && hex(p.at[i + 3]) >= 0) {
			name[n++] = (char)(hex(p.at[i + 2]) << 4 | hex(p.at[i + 3]));
			i += 3;
		} else {
			name[n++] = p.at[i];
		}
	}
	keep((struct piece){name, n}, ret);
}

/* By the shape of this name alone. */
static bool by_name(struct piece name, struct cgroup_place *ret)
{
	static const struct {
		const char *prefix;
		enum cgroup_container kind;
	} shapes[] =
		{
			{"docker-", CGROUP_DOCKER},
			{"libpod-", CGROUP_PODMAN},
			{"cri-containerd-", CGROUP_CONTAINERD},
			{"nerdctl-", CGROUP_CONTAINERD},
			{"crio-", CGROUP_CRIO},
		},
	  joined[] = {
		  {":docker:", CGROUP_DOCKER},      {":cri-containerd:", CGROUP_CONTAINERD},
		  {":nerdctl:", CGROUP_CONTAINERD}, {":crio:", CGROUP_CRIO},
		  {":libpod:", CGROUP_PODMAN},
	  };
	struct piece id = name;

	cut_suffix(&id, ".scope");
	for (size_t i = 0; i < ARRAY_SIZE(shapes); i++) {
		struct piece rest = id;

		if (cut_prefix(&rest, shapes[i].prefix) && is_id(rest)) {
			ret->kind = shapes[i].kind;
			keep(rest, ret->container);
			return true;
		}
	}
	/* systemd's "SLICE:PREFIX:ID" taken for the name of a group */
	if (name.len <= ID_LEN)
		return false;
	id = (struct piece){name.at + name.len - ID_LEN, ID_LEN};
	name.len -= ID_LEN;
	for (size_t i = 0; i < ARRAY_SIZE(joined); i++) {
		if (cut_suffix(&name, joined[i].prefix) && is_id(id)) {
			ret->kind = joined[i].kind;
			keep(id, ret->container);
			return true;
		}
	}
	return false;
}

static bool by_machine(struct piece name, struct cgroup_place *ret)
{
	if (cut_prefix(&name, "systemd-nspawn@") && cut_suffix(&name, ".service")) {
		ret->kind = CGROUP_NSPAWN;
	} else if (cut_prefix(&name, "machine-") && cut_suffix(&name, ".scope")) {
		struct piece vm = name; /* libvirt's: what is in there runs on the machine itself */

		if (cut_prefix(&vm, "qemu"))
			return false;
		ret->kind = CGROUP_MACHINE;
	} else {
		return false;
	}
	keep_unescaped(name, ret->container);
	if (!*ret->container)
		ret->kind = CGROUP_NO_CONTAINER;
	return ret->kind != CGROUP_NO_CONTAINER;
}

static bool by_lxc(struct piece name, struct piece before, struct cgroup_place *ret)
{
	if (!is(before, "lxc") && !is(before, "lxc.payload") &&
	    !(cut_prefix(&name, "lxc.payload.") && name.len))
		return false;
	keep(name, ret->container);
	ret->kind = *ret->container ? CGROUP_LXC : CGROUP_NO_CONTAINER;
	return ret->kind != CGROUP_NO_CONTAINER;
}

/* "/docker/ID", "/kubepods/burstable/podUID/ID": nothing but the id. */
static bool by_parent(struct piece name, struct piece before, bool kubernetes,
		      struct cgroup_place *ret)
{
	if (!is_id(name))
		return false;
	if (is(before, "docker"))
		ret->kind = CGROUP_DOCKER;
	else if (kubernetes && cut_prefix(&before, "pod") && before.len)
		ret->kind = CGROUP_KUBERNETES;
	else
		return false;
	keep(name, ret->container);
	return true;
}

static void find_container(struct piece path, struct cgroup_place *ret)
{
	struct piece name, before = {"", 0}, rest, below;
	bool kubernetes = false;

	while (next_name(&path, &name)) {
		if (by_name(name, ret) || by_lxc(name, before, ret) ||
		    by_parent(name, before, kubernetes, ret))
			return;
		/* beside the container's own processes there is who set it up */
		rest = path;
		if (by_machine(name, ret)) {
			if (!next_name(&rest, &below) || !is(below, "supervisor"))
				return;
			*ret->container = '\0';
			ret->kind = CGROUP_NO_CONTAINER;
			return;
		}
		kubernetes = kubernetes || is(name, "kubepods");
		before = name;
	}
}

/* ---- the file ---- */

void cgroup_parse(const char *text, size_t len, struct cgroup_place *ret)
{
	struct piece rest = {text, len}, line, unified = {"", 0}, systemd = {"", 0};

	memset(ret, 0, sizeof(*ret));
	while (next(&rest, '\n', &line)) {
		struct piece id, controllers;

		/* "ID:CONTROLLERS:PATH"; the path may hold colons */
		if (!next(&line, ':', &id) || !next(&line, ':', &controllers) || !line.len)
			continue;
		cut_suffix(&line, " (deleted)");
		if (is(controllers, "name=systemd"))
			systemd = line;
		else if (is(id, "0") && !controllers.len)
			unified = line;
		if (ret->kind == CGROUP_NO_CONTAINER)
			find_container(line, ret);
	}
	find_unit(systemd, ret);
	if (!*ret->unit)
		find_unit(unified, ret);
}
