/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * A filesystem may be mounted for a container alone: the device is in use, and our mount table does
 * not have it. Each process shows its own table (/proc/PID/mountinfo) and leads into its own tree
 * (/proc/PID/root, proc(5)), so nobody has to enter a namespace.
 *
 * Most namespaces are those of services and hold what ours holds. So a namespace is parsed only where it
 * has a block device that ours has not, and then taken as a whole, as its other mounts tell
 * what is covered.
 */
#include "nsmounts.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/sysmacros.h>

#include "cleanup.h"
#include "procinfo.h"

struct space {
	char *name; /* "mnt:[4026531841]" */
	pid_t pid;  /* lowest */
};

struct spaces {
	const struct sysroot *root;
	struct space *items;
	size_t n, allocated;
};

static void spaces_deinit(struct spaces *spaces)
{
	for (size_t i = 0; i < spaces->n; i++)
		free(spaces->items[i].name);
	free(spaces->items);
}

static int add_process(const char *name, void *data)
{
	struct spaces *spaces = data;
	CLEANUP(freep) char *space = NULL;
	char path[64], *end;
	struct space *more;
	long pid;
	int r;

	pid = strtol(name, &end, 10);
	if (*end || pid <= 0 || pid > INT32_MAX)
		return 0;
	snprintf(path, sizeof(path), "/proc/%ld/ns/mnt", pid);
	r = sysroot_readlink(spaces->root, path, &space);
	if (r)
		return r == -ENOMEM ? r : 0; /* gone, or not to be seen */
	for (size_t i = 0; i < spaces->n; i++) {
		struct space *known = &spaces->items[i];

		if (strcmp(known->name, space))
			continue;
		if (pid < known->pid)
			known->pid = (pid_t)pid;
		return 0;
	}
	if (spaces->n == spaces->allocated) {
		spaces->allocated = spaces->allocated ? 2 * spaces->allocated : 32;
		more = reallocarray(spaces->items, spaces->allocated, sizeof(*more));
		if (!more)
			return -ENOMEM;
		spaces->items = more;
	}
	spaces->items[spaces->n++] = (struct space){steal(space), (pid_t)pid};
	return 0;
}

/* Lines of mountinfo: "ID PARENT MAJOR:MINOR …". Filesystems without a device have major 0. */
static bool has_news(const char *text, const struct mounts *own)
{
	for (const char *line = text; line; line = strchr(line, '\n')) {
		unsigned int major, minor;

		line += *line == '\n';
		if (sscanf(line, "%*u %*u %u:%u ", &major, &minor) == 2 && major &&
		    !mounts_find(own, makedev(major, minor)))
			return true;
	}
	return false;
}

static int compare(const void *left, const void *right)
{
	const struct space *a = left, *b = right;

	return (a->pid > b->pid) - (a->pid < b->pid);
}

int nsmounts_add(const struct sysroot *root, struct mounts *mounts)
{
	CLEANUP(spaces_deinit) struct spaces spaces = {.root = root};
	CLEANUP(mounts_deinit) struct mounts others = MOUNTS_NULL;
	CLEANUP(freep) char *own = NULL;
	int r;

	r = sysroot_readlink(root, "/proc/self/ns/mnt", &own);
	if (!r)
		r = sysroot_each(root, "/proc", add_process, &spaces);
	if (r)
		return r == -ENOMEM ? r : 0;
	if (spaces.n)
		qsort(spaces.items, spaces.n, sizeof(*spaces.items), compare);
	for (size_t i = 0; i < spaces.n; i++) {
		CLEANUP(mounts_deinit) struct mounts its = MOUNTS_NULL;
		CLEANUP(freep) char *text = NULL;
		pid_t pid = spaces.items[i].pid;

		if (!strcmp(spaces.items[i].name, own))
			continue;
		r = sysroot_readf(root, &text, "/proc/%d/mountinfo", (int)pid);
		if (!r && has_news(text, mounts))
			r = mounts_read_of(root, pid, &its);
		if (!r)
			r = mounts_append(&others, &its);
		if (r == -ENOMEM)
			return r;
	}
	return mounts_append(mounts, &others);
}

int nsmounts_read(const struct sysroot *root, dev_t devno, struct mounts *ret)
{
	CLEANUP(mounts_deinit) struct mounts mounts = MOUNTS_NULL;
	int r;

	r = mounts_read(root, &mounts);
	if (!r && !mounts_find(&mounts, devno))
		r = nsmounts_add(root, &mounts);
	if (r)
		return r;

	*ret = mounts;
	mounts = MOUNTS_NULL;
	return 0;
}

int nsmounts_elsewhere(const struct sysroot *root, const struct mount *mount,
		       struct elsewhere **ret)
{
	struct procinfo_users users = {0};
	struct elsewhere it = {0};
	struct procinfo info;

	*ret = NULL;
	if (!mount->pid)
		return 0;
	procinfo_read(root, mount->pid, &users, &info);
	it.pid = mount->pid;
	memcpy(it.comm, info.comm, sizeof(it.comm));
	it.path = mount->target + mount->prefix_len;
	it.unit = info.place.unit;
	it.container = info.place.container;
	it.kind = info.place.kind;
	return elsewhere_new(&it, ret);
}
