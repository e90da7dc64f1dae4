/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The mount table, by value. libmount knows how mountinfo escapes names
 * (proc(5)) and which fields are optional; we keep what the locator needs.
 *
 * The same filesystem may be mounted several times, some of these showing a
 * subtree only (bind mounts), some covered by another mount. The table is in
 * the order of mounting, so of two mounts at one place the later one is seen.
 */
#include <errno.h>
#include <fcntl.h>
#include <libmount.h>
#include <stdio.h>
#include <string.h>
#include "cleanup.h"
#include "fd.h"
#include "mounts.h"

static void table_unrefp(struct libmnt_table **table)
{
	mnt_unref_table(*table);
}

static void iter_freep(struct libmnt_iter **iter)
{
	mnt_free_iter(*iter);
}

static void file_closep(FILE **file)
{
	if (*file)
		fclose(*file);
}

static void mount_deinit(struct mount *mount)
{
	free(mount->source);
	free(mount->target);
	free(mount->root);
	free(mount->fs_type);
	free(mount->options);
}

void mounts_deinit(struct mounts *mounts)
{
	for (size_t i = 0; i < mounts->n; i++)
		mount_deinit(&mounts->items[i]);
	free(mounts->items);
	*mounts = MOUNTS_NULL;
}

static char *copy(const char *text)
{
	return strdup(text ? text : "");
}

/* A line that libmount cannot make sense of is left out: one odd mount must not hide the others. */
static int skip_line(struct libmnt_table *table, const char *name, int line)
{
	return 1;
}

static int add(struct mounts *mounts, struct libmnt_fs *fs, pid_t pid)
{
	struct mount *mount = &mounts->items[mounts->n];
	const char *target = mnt_fs_get_target(fs);
	char prefix[64] = "";

	if (pid)
		snprintf(prefix, sizeof(prefix), "/proc/%d/root", (int)pid);
	*mount = (struct mount){
		.pid = pid,
		.prefix_len = strlen(prefix),
		.id = mnt_fs_get_id(fs),
		.devno = mnt_fs_get_devno(fs),
		.source = copy(mnt_fs_get_source(fs)),
		.root = copy(mnt_fs_get_root(fs)),
		.fs_type = copy(mnt_fs_get_fstype(fs)),
		.options = copy(mnt_fs_get_fs_options(fs)),
	};
	if (asprintf(&mount->target, "%s%s", prefix, target ? target : "") < 0)
		mount->target = NULL;
	if (!mount->source || !mount->target || !mount->root || !mount->fs_type ||
	    !mount->options) {
		mount_deinit(mount);
		return -ENOMEM;
	}
	mounts->n++;
	return 0;
}

static int read_table(const struct sysroot *root, const char *name, pid_t pid, struct mounts *ret)
{
	CLEANUP(table_unrefp) struct libmnt_table *table = NULL;
	CLEANUP(iter_freep) struct libmnt_iter *iter = NULL;
	CLEANUP(mounts_deinit) struct mounts mounts = MOUNTS_NULL;
	CLEANUP(file_closep) FILE *file = NULL;
	CLEANUP(fd_closep) int fd = -1;
	struct libmnt_fs *fs;
	int n, r;

	r = sysroot_open_file(root, name, O_RDONLY, &fd);
	if (r)
		return r;
	file = fdopen(fd, "r");
	if (!file)
		return -errno;
	fd = -1; /* fclose() closes it */

	table = mnt_new_table();
	iter = mnt_new_iter(MNT_ITER_FORWARD);
	if (!table || !iter)
		return -ENOMEM;
	mnt_table_set_parser_errcb(table, skip_line);
	r = mnt_table_parse_stream(table, file, "mountinfo");
	if (r < 0)
		return r;

	n = mnt_table_get_nents(table);
	mounts.items = calloc(n > 0 ? (size_t)n : 1, sizeof(*mounts.items));
	if (!mounts.items)
		return -ENOMEM;
	while (mounts.n < (size_t)n && !mnt_table_next_fs(table, iter, &fs)) {
		r = add(&mounts, fs, pid);
		if (r)
			return r;
	}

	*ret = mounts;
	mounts = MOUNTS_NULL;
	return 0;
}

int mounts_read(const struct sysroot *root, struct mounts *ret)
{
	return read_table(root, "/proc/self/mountinfo", 0, ret);
}

int mounts_read_of(const struct sysroot *root, pid_t pid, struct mounts *ret)
{
	char name[64];

	snprintf(name, sizeof(name), "/proc/%d/mountinfo", (int)pid);
	return read_table(root, name, pid, ret);
}

int mounts_append(struct mounts *mounts, struct mounts *more)
{
	struct mount *items;

	if (!more->n)
		return 0;
	items = reallocarray(mounts->items, mounts->n + more->n, sizeof(*items));
	if (!items)
		return -ENOMEM;
	memcpy(items + mounts->n, more->items, more->n * sizeof(*items));
	mounts->items = items;
	mounts->n += more->n;
	more->n = 0;
	return 0;
}

const struct mount *mounts_find(const struct mounts *mounts, dev_t devno)
{
	const struct mount *found = NULL;

	for (size_t i = 0; i < mounts->n; i++) {
		const struct mount *mount = &mounts->items[i];

		if (mount->devno != devno)
			continue;
		if (found && mount->pid && !found->pid)
			break; /* ours come first */
		if (!strcmp(mount->root, "/"))
			return mount;
		if (!found)
			found = mount;
	}
	return found;
}

bool mounts_has_option(const struct mount *mount, const char *name)
{
	char *value = NULL;
	size_t len = 0;

	return mount->options && !mnt_optstr_get_option(mount->options, name, &value, &len) &&
	       !value;
}

char *mounts_option_value(const struct mount *mount, const char *name)
{
	char *value = NULL;
	size_t len = 0;

	if (!mount->options || mnt_optstr_get_option(mount->options, name, &value, &len) || !value)
		return NULL;
	return strndup(value, len);
}
