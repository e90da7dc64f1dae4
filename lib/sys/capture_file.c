/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The other way round: a file's bytes to those of its device, and then the
 * question that everybody asks, who else is on them. Holes lie nowhere.
 *
 * Where a file lies, other filesystems on a block device can tell too (ext4); who else is
 * there they cannot. Where the file itself cannot be asked (its filesystem is shut down, or we
 * may not), its device is asked about no bytes at all. Either way what stands in the way
 * comes back as a reason, just as from the device's side.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include "capture.h"
#include "cleanup.h"
#include "fd.h"
#include "fs_map.h"
#include "xfs_compat.h"

struct file {
	int fd;  /* -1: cannot be opened */
	int why; /* then -errno of that */
	dev_t devno;
	bool on_xfs;
};

static void file_deinit(struct file *file)
{
	fd_closep(&file->fd);
}

static int open_file(const char *path, struct file *ret)
{
	CLEANUP(fd_closep) int fd = -1;
	struct fsxattr attributes = {0};
	struct statfs fs;
	struct stat st;
	bool on_xfs;

	/* looked at before it is opened: opening a fifo or a device has effects */
	if (stat(path, &st) || statfs(path, &fs))
		return -errno;
	if (!S_ISREG(st.st_mode))
		return -EINVAL;
	on_xfs = fs.f_type == XFS_SUPER_MAGIC;
	fd = open(path, O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
	if (fd < 0 && errno != EACCES && errno != EPERM)
		return -errno;
	if (fd < 0) {
		*ret = (struct file){-1, -errno, st.st_dev, on_xfs};
		return 0;
	}
	if (fstat(fd, &st) || fstatfs(fd, &fs))
		return -errno;
	if (!S_ISREG(st.st_mode))
		return -EINVAL;
	on_xfs = fs.f_type == XFS_SUPER_MAGIC;
	/* data of a realtime file lie on another device, which nothing here can name */
	if (on_xfs && !ioctl(fd, FS_IOC_FSGETXATTR, &attributes) &&
	    attributes.fsx_xflags & FS_XFLAG_REALTIME)
		return -ENOTBLK;

	*ret = (struct file){fd_steal(&fd), 0, st.st_dev, on_xfs};
	return 0;
}

/* The deepest directory on the way to @path, or @path itself, that can be looked up. */
static int open_reachable(const char *path, int *ret_fd)
{
	CLEANUP(freep) char *copy = strdup(path);
	char *slash;

	if (!copy)
		return -ENOMEM;
	for (;;) {
		int fd = open(*copy ? copy : *path == '/' ? "/" : ".", O_PATH | O_CLOEXEC);

		if (fd >= 0) {
			*ret_fd = fd;
			return 0;
		}
		if (errno != EIO || !*copy)
			return -errno;
		slash = strrchr(copy, '/');
		*(slash ? slash : copy) = '\0';
	}
}

/*
 * A shut-down XFS answers EIO even to stat(2), and looks no name up any more. Its mount is known
 * all the same: fdinfo names the mount of a descriptor, the mount table its device.
 */
static int open_shut_down(const struct sysroot *root, const char *path, struct file *ret)
{
	CLEANUP(mounts_deinit) struct mounts mounts = MOUNTS_NULL;
	CLEANUP(freep) char *info = NULL;
	CLEANUP(fd_closep) int fd = -1;
	const char *line;
	char name[64];
	int id, r;

	r = open_reachable(path, &fd);
	if (r)
		return r;
	snprintf(name, sizeof(name), "/proc/self/fdinfo/%d", fd);
	r = sysroot_read(root, name, &info, NULL);
	if (!r)
		r = mounts_read(root, &mounts);
	if (r)
		return r;
	line = strstr(info, "mnt_id:");
	if (!line || sscanf(line, "mnt_id: %d", &id) != 1)
		return -EIO;
	for (size_t i = 0; i < mounts.n; i++) {
		if (mounts.items[i].id == id && !strcmp(mounts.items[i].fs_type, "xfs")) {
			*ret = (struct file){-1, -EIO, mounts.items[i].devno, true};
			return 0;
		}
	}
	return -EIO;
}

static int map_file(struct file *file, struct byte_range range, struct rangeset *ret)
{
	int r;

	if (file->fd < 0)
		return 0;
	r = fs_map_file(file->fd, range, ret);
	fd_closep(&file->fd); /* or we would be found as a holder of the file */
	if (r == -ENOMEM || r == -EINVAL)
		return r;
	if (file->on_xfs) /* elsewhere that it is not XFS says enough */
		file->why = r;
	return 0;
}

/* Why the file could not be asked, where its device had nothing to say to that. */
static void explain(struct findings *findings, int why)
{
	if (why == -EACCES || why == -EPERM)
		findings_add_reason(findings, REASON_NOT_PERMITTED);
	else if (why && !findings->reasons)
		findings_add_reason(findings, REASON_IO_ERROR);
}

int capture_locate_file(const struct sysroot *root, const char *path, struct byte_range range,
			const struct capture_options *options, struct blkdev *ret_dev,
			struct rangeset *ret_map, struct findings **ret)
{
	CLEANUP(file_deinit) struct file file = {.fd = -1};
	struct capture_options own = options ? *options : (struct capture_options){0};
	CLEANUP(rangeset_deinit) struct rangeset map = RANGESET_NULL;
	CLEANUP(blkdev_deinit) struct blkdev dev = BLKDEV_NULL;
	CLEANUP(findings_freep) struct findings *findings = NULL;
	int r;

	if (!root->live)
		return -EOPNOTSUPP;
	r = open_file(path, &file);
	if (r == -EIO)
		r = open_shut_down(root, path, &file);
	if (r)
		return r;
	r = blkdev_from_devno(root, file.devno, &dev);
	if (r)
		return r == -ENOENT ? -ENOTBLK : r;
	own.no_inside = true; /* all of an image is a long story that nobody asked for */
	r = map_file(&file, range, &map);
	if (!r)
		r = capture_locate(root, &dev, &map, &own, &findings);
	if (r)
		return r;
	explain(findings, file.why);

	*ret_dev = dev;
	dev = BLKDEV_NULL;
	if (ret_map)
		rangeset_move(ret_map, &map);
	*ret = steal(findings);
	return 0;
}
