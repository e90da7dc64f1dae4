/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Block devices as sysfs shows them (Documentation/ABI/stable/sysfs-block).
 * A device is found by name below /sys/class/block, where partitions have
 * entries too; a recording may be leaner and carry /sys/block/DISK/PART only.
 * Sizes in sysfs are counted in 512-byte sectors whatever the device's blocks.
 *
 * A name that a person typed is followed through /dev to a device number and
 * from there back to the kernel's name, so that by-id links and renamed nodes
 * end at the same device. A recording usually cannot hold device nodes: there
 * the last part of the name, or of what the link points to, is looked up.
 */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include "badblocks.h"
#include "blkdev.h"
#include "blkdev_id.h"
#include "cleanup.h"
#include "fd.h"
#include "mounts.h"
#include "pmem.h"

void blkdev_deinit(struct blkdev *dev)
{
	free(dev->users);
	*dev = BLKDEV_NULL;
}

/* The kernel writes a '/' of a device's name as '!' in sysfs. */
char *blkdev_path(const struct blkdev *dev, char *buf)
{
	snprintf(buf, PATH_MAX, "/dev/%s", dev->name);
	for (char *c = strchr(buf, '!'); c; c = strchr(c, '!'))
		*c = '/';
	return buf;
}

static int read_number(const struct sysroot *root, const char *dir, const char *name, uint64_t *ret)
{
	CLEANUP(freep) char *text = NULL;
	unsigned long long value;
	char *end;
	int r;

	r = sysroot_readf(root, &text, "%s/%s", dir, name);
	if (r)
		return r;
	errno = 0;
	value = strtoull(text, &end, 10);
	if (errno || end == text || *end || *text == '-')
		return -EBADMSG;

	*ret = value;
	return 0;
}

static bool parse_devno(const char *text, dev_t *ret)
{
	unsigned int major, minor;
	int end = -1;

	if (sscanf(text, "%7u:%7u%n", &major, &minor, &end) != 2 || end < 0 || text[end])
		return false;
	*ret = makedev(major, minor);
	return true;
}

static int read_devno(const struct sysroot *root, const char *dir, dev_t *ret)
{
	CLEANUP(freep) char *text = NULL;
	int r;

	r = sysroot_readf(root, &text, "%s/dev", dir);
	if (r)
		return r;
	return parse_devno(text, ret) ? 0 : -EBADMSG;
}

/* ---- where a device lives in sysfs ---- */

struct dir_search {
	const struct sysroot *root;
	const char *name; /* to find, or NULL: by @devno */
	dev_t devno;
	char *dir; /* PATH_MAX */
};

static int search_disk(const char *disk, void *data)
{
	struct dir_search *search = data;
	dev_t devno;

	snprintf(search->dir, PATH_MAX, "/sys/block/%s/%s", disk, search->name);
	return read_devno(search->root, search->dir, &devno) == 0;
}

/* The directory of device @name in @dir (PATH_MAX). -ENOENT */
static int find_dir(const struct sysroot *root, const char *name, char *dir)
{
	struct dir_search search = {root, name, 0, dir};
	dev_t devno;
	int r;

	if (!*name || strchr(name, '/') || name[0] == '.' ||
	    strlen(name) >= sizeof(((struct blkdev *)NULL)->name))
		return -ENOENT;
	snprintf(dir, PATH_MAX, "/sys/class/block/%s", name);
	if (!read_devno(root, dir, &devno))
		return 0;
	snprintf(dir, PATH_MAX, "/sys/block/%s", name);
	if (!read_devno(root, dir, &devno))
		return 0;
	if (root->live)
		return -ENOENT;
	r = sysroot_each(root, "/sys/block", search_disk, &search);
	if (r < 0)
		return r;
	return r ? 0 : -ENOENT;
}

/* ---- what sits on it ---- */

struct users {
	const struct sysroot *root;
	const char *dir, *name;
	char *text;
};

static int users_add(struct users *users, const char *name)
{
	char *text;

	if (asprintf(&text, "%s%s%s", users->text ? users->text : "", users->text ? ", " : "",
		     name) < 0)
		return -ENOMEM;
	free(users->text);
	users->text = text;
	return 0;
}

static int users_partition(const char *name, void *data)
{
	struct users *users = data;
	CLEANUP(freep) char *number = NULL;
	int r;

	if (strncmp(name, users->name, strlen(users->name)))
		return 0; /* partitions are named after their disk */
	r = sysroot_readf(users->root, &number, "%s/%s/partition", users->dir, name);
	return r == -ENOMEM ? r : r ? 0 : users_add(users, name);
}

static int users_holder(const char *name, void *data)
{
	return users_add(data, name);
}

static int read_users(const struct sysroot *root, const char *dir, const char *name, char **ret)
{
	struct users users = {root, dir, name, NULL};
	char holders[PATH_MAX];
	int r;

	snprintf(holders, sizeof(holders), "%.*s/holders", PATH_MAX - 16, dir);
	r = sysroot_each(root, dir, users_partition, &users);
	if (!r)
		r = sysroot_each(root, holders, users_holder, &users);
	if (r == -ENOMEM) {
		free(users.text);
		return r;
	}
	*ret = users.text;
	return 0;
}

/* ---- one device ---- */

/*
 * A disk whose driver keeps no list shows an empty line where the kernel shows
 * the file at all (block/genhd.c); an empty list is an empty text.
 */
static int read_badblocks(const struct sysroot *root, const char *dir, char **ret, size_t *ret_len)
{
	CLEANUP(freep) char *text = NULL;
	char path[PATH_MAX];
	size_t len;
	int r;

	snprintf(path, sizeof(path), "%.*s/badblocks", PATH_MAX - 16, dir);
	r = sysroot_read(root, path, &text, &len);
	if (r)
		return r;
	if (!strcmp(text, "\n"))
		return -ENOENT;

	*ret = steal(text);
	*ret_len = len;
	return 0;
}

static int fill(const struct sysroot *root, const struct mounts *mounts, const char *name,
		struct blkdev *ret)
{
	CLEANUP(blkdev_deinit) struct blkdev dev = BLKDEV_NULL;
	CLEANUP(freep) char *list = NULL;
	char dir[PATH_MAX];
	uint64_t sectors;
	size_t len;
	int r;

	r = find_dir(root, name, dir);
	if (r)
		return r;
	snprintf(dev.name, sizeof(dev.name), "%s", name);
	r = read_devno(root, dir, &dev.devno);
	if (r)
		return r;
	r = read_number(root, dir, "size", &sectors);
	if (r && r != -ENOENT)
		return r;
	if (!r && sectors <= UINT64_MAX / SECTOR_SIZE)
		dev.size = sectors * SECTOR_SIZE;
	r = read_users(root, dir, name, &dev.users);
	if (r)
		return r;
	r = read_badblocks(root, dir, &list, &len);
	dev.has_badblocks = r == 0;
	if (r == -ENOMEM)
		return r;
	r = blkdev_identify(root, mounts, dir, &dev);
	if (r)
		return r;

	*ret = dev;
	dev = BLKDEV_NULL;
	return 0;
}

static int fill_alone(const struct sysroot *root, const char *name, struct blkdev *ret)
{
	CLEANUP(mounts_deinit) struct mounts mounts = MOUNTS_NULL;

	if (mounts_read(root, &mounts) == -ENOMEM)
		return -ENOMEM;
	return fill(root, &mounts, name, ret);
}

/* ---- all of them ---- */

struct each {
	const struct sysroot *root;
	const struct mounts *mounts;
	int (*fn)(const struct blkdev *dev, void *data);
	void *data;
	const char *disk; /* whose partitions are being looked at */
};

static int each_name(const char *name, void *data)
{
	CLEANUP(blkdev_deinit) struct blkdev dev = BLKDEV_NULL;
	struct each *each = data;
	int r;

	r = fill(each->root, each->mounts, name, &dev);
	if (r == -ENOMEM)
		return r;
	return r ? 0 : each->fn(&dev, each->data); /* gone meanwhile: not there */
}

static int each_partition(const char *name, void *data)
{
	CLEANUP(freep) char *number = NULL;
	struct each *each = data;

	if (sysroot_readf(each->root, &number, "/sys/block/%s/%s/partition", each->disk, name))
		return 0;
	return each_name(name, each);
}

static int each_disk(const char *name, void *data)
{
	struct each *each = data;
	char dir[PATH_MAX];
	int r;

	r = each_name(name, each);
	if (r)
		return r;
	each->disk = name;
	snprintf(dir, sizeof(dir), "/sys/block/%s", name);
	r = sysroot_each(each->root, dir, each_partition, each);
	return r == -ENOENT || r == -ENOTDIR ? 0 : r;
}

int blkdev_each(const struct sysroot *root, int (*fn)(const struct blkdev *dev, void *data),
		void *data)
{
	CLEANUP(mounts_deinit) struct mounts mounts = MOUNTS_NULL;
	struct each each = {root, &mounts, fn, data, NULL};
	CLEANUP(fd_closep) int fd = -1;

	if (mounts_read(root, &mounts) == -ENOMEM)
		return -ENOMEM;
	if (!sysroot_open_file(root, "/sys/class/block", O_PATH | O_DIRECTORY, &fd))
		return sysroot_each(root, "/sys/class/block", each_name, &each);
	return sysroot_each(root, "/sys/block", each_disk, &each);
}

/* ---- from what was typed ---- */

static int search_devno(const struct blkdev *dev, void *data)
{
	struct dir_search *search = data;

	if (dev->devno != search->devno)
		return 0;
	snprintf(search->dir, PATH_MAX, "%s", dev->name);
	return 1;
}

int blkdev_from_devno(const struct sysroot *root, dev_t devno, struct blkdev *ret)
{
	CLEANUP(blkdev_deinit) struct blkdev dev = BLKDEV_NULL;
	CLEANUP(freep) char *target = NULL;
	char path[PATH_MAX];
	int r;

	snprintf(path, sizeof(path), "/sys/dev/block/%u:%u", major(devno), minor(devno));
	r = sysroot_readlink(root, path, &target);
	if (!r) {
		const char *slash = strrchr(target, '/');

		r = fill_alone(root, slash ? slash + 1 : target, &dev);
		if (!r && dev.devno != devno)
			r = -ENOENT;
	} else if (!root->live) {
		struct dir_search search = {root, NULL, devno, path};

		r = blkdev_each(root, search_devno, &search);
		if (r >= 0)
			r = r ? fill_alone(root, path, &dev) : -ENOENT;
	}
	if (r)
		return r;

	*ret = dev;
	dev = BLKDEV_NULL;
	return 0;
}

/* "mapper/x" below /dev is a name with '/', the kernel's own names write it as '!' */
static int resolve_name(const struct sysroot *root, const char *name, struct blkdev *ret)
{
	char kernel_name[sizeof(ret->name)];

	if (strlen(name) >= sizeof(kernel_name))
		return -ENOENT;
	snprintf(kernel_name, sizeof(kernel_name), "%s", name);
	for (char *c = strchr(kernel_name, '/'); c; c = strchr(c, '/'))
		*c = '!';
	return fill_alone(root, kernel_name, ret);
}

/* A link below a recording's /dev whose node was not recorded. */
static int resolve_link(const struct sysroot *root, const char *path, struct blkdev *ret)
{
	CLEANUP(freep) char *target = NULL;
	const char *slash;
	int r;

	r = sysroot_readlink(root, path, &target);
	if (r)
		return r;
	slash = strrchr(target, '/');
	return resolve_name(root, slash ? slash + 1 : target, ret);
}

static int stat_arg(const struct sysroot *root, const char *arg, struct stat *ret)
{
	CLEANUP(fd_closep) int fd = -1;
	int r;

	if (root->live) /* relative names are the caller's */
		return stat(arg, ret) ? -errno : 0;
	r = sysroot_open_file(root, arg, O_PATH, &fd);
	if (r)
		return r;
	return fstat(fd, ret) ? -errno : 0;
}

int blkdev_resolve(const struct sysroot *root, const char *arg, struct blkdev *ret)
{
	bool in_dev = !strncmp(arg, "/dev/", 5);
	struct stat st;
	dev_t devno;
	int r, r_stat;

	if (parse_devno(arg, &devno))
		return blkdev_from_devno(root, devno, ret);
	if (!strchr(arg, '/')) {
		r = resolve_name(root, arg, ret);
		if (r == -ENOENT)
			r = pmem_find(root, arg, ret);
		if (r != -ENOENT)
			return r;
	}

	r_stat = stat_arg(root, arg, &st);
	if (!r_stat && S_ISBLK(st.st_mode))
		return blkdev_from_devno(root, st.st_rdev, ret);
	if (in_dev && (r_stat || !root->live)) { /* no node, sysfs may know it all the same */
		r = resolve_name(root, arg + 5, ret);
		if (r == -ENOENT && !root->live)
			r = resolve_link(root, arg, ret);
		if (!r || r == -ENOMEM)
			return r;
	}
	return r_stat ? r_stat : -ENOTBLK;
}

int blkdev_badblocks(const struct sysroot *root, const struct blkdev *dev, struct rangeset *ret,
		     bool *ret_cut)
{
	CLEANUP(freep) char *text = NULL;
	char dir[PATH_MAX];
	dev_t devno;
	size_t len;
	int r;

	if (dev->pmem)
		return pmem_badblocks(root, dev, ret, ret_cut);
	r = find_dir(root, dev->name, dir);
	if (r)
		return r == -ENOENT ? -ENODEV : r;
	r = read_devno(root, dir, &devno);
	if (r || devno != dev->devno)
		return -ENODEV; /* the name belongs to another device by now */
	r = read_badblocks(root, dir, &text, &len);
	if (r)
		return r;
	r = badblocks_parse(text, len, ret, ret_cut, NULL);
	return r == -EINVAL || r == -ERANGE ? -EBADMSG : r;
}
