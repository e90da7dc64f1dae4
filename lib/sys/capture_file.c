/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The other way round: a file's bytes to those of its device, and then the
 * question that everybody asks, who else is on them. Holes lie nowhere.
 *
 * Where the file itself cannot be asked (its filesystem is none of ours, is shut
 * down, or we may not), its device is asked about no bytes at all: what stands in
 * the way comes back as a reason, just as from the device's side.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>
#include "capture.h"
#include "cleanup.h"
#include "fd.h"
#include "fs_map.h"
#include "xfs_compat.h"

/* -EMEDIUMTYPE: not on XFS. @ret_dev is set as soon as it is known, also on failure. */
static int open_file(const char *path, int *ret_fd, dev_t *ret_dev)
{
	CLEANUP(fd_closep) int fd = -1;
	struct fsxattr attributes = {0};
	struct statfs fs;
	struct stat st;

	/* looked at before it is opened: opening a fifo or a device has effects */
	if (stat(path, &st))
		return -errno;
	if (!S_ISREG(st.st_mode))
		return -EINVAL;
	*ret_dev = st.st_dev;
	fd = open(path, O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	if (fstat(fd, &st) || fstatfs(fd, &fs))
		return -errno;
	if (!S_ISREG(st.st_mode))
		return -EINVAL;
	*ret_dev = st.st_dev;
	if (fs.f_type != XFS_SUPER_MAGIC)
		return -EMEDIUMTYPE;
	/* data of a realtime file lie on another device, which nothing here can name */
	if (!ioctl(fd, FS_IOC_FSGETXATTR, &attributes) && attributes.fsx_xflags & FS_XFLAG_REALTIME)
		return -ENOTBLK;

	*ret_fd = fd_steal(&fd);
	return 0;
}

static bool is_below(const char *path, const char *dir)
{
	size_t len = strlen(dir);

	if (len == 1)
		return true;
	return !strncmp(path, dir, len) && (path[len] == '/' || !path[len]);
}

/* After a shutdown not even stat() answers: the mount table does, by the name alone. 0: none. */
static int device_by_name(const struct sysroot *root, const char *path, dev_t *ret)
{
	CLEANUP(mounts_deinit) struct mounts mounts = MOUNTS_NULL;
	CLEANUP(freep) char *here = NULL;
	CLEANUP(freep) char *absolute = NULL;
	const struct mount *best = NULL;
	int r;

	if (*path != '/') {
		here = getcwd(NULL, 0);
		if (!here)
			return -errno;
	}
	if (asprintf(&absolute, "%s/%s", here ? here : "", *path == '/' ? path + 1 : path) < 0) {
		absolute = NULL;
		return -ENOMEM;
	}
	r = mounts_read(root, &mounts);
	if (r)
		return r;
	for (size_t i = 0; i < mounts.n; i++)
		if (is_below(absolute, mounts.items[i].target) &&
		    (!best || strlen(mounts.items[i].target) >= strlen(best->target)))
			best = &mounts.items[i];

	*ret = best && !strcmp(best->fs_type, "xfs") ? best->devno : 0;
	return 0;
}

/* Why the file could not be asked, where its device had nothing to say to that. */
static void explain(struct findings *findings, int r)
{
	if (r == -EACCES || r == -EPERM)
		findings_add_reason(findings, REASON_NOT_PERMITTED);
	else if (r && !findings->reasons)
		findings_add_reason(findings, REASON_IO_ERROR);
}

int capture_locate_file(const struct sysroot *root, const char *path, struct byte_range range,
			const struct capture_options *options, struct blkdev *ret_dev,
			struct rangeset *ret_map, struct findings **ret)
{
	CLEANUP(rangeset_deinit) struct rangeset map = RANGESET_NULL;
	CLEANUP(blkdev_deinit) struct blkdev dev = BLKDEV_NULL;
	CLEANUP(findings_freep) struct findings *findings = NULL;
	CLEANUP(fd_closep) int fd = -1;
	dev_t devno = 0;
	int r, opened;

	if (!root->live)
		return -EOPNOTSUPP;
	opened = open_file(path, &fd, &devno);
	if (opened == -EIO && !devno && device_by_name(root, path, &devno))
		return opened;
	if (opened && (!devno || (opened != -EMEDIUMTYPE && opened != -EIO && opened != -EACCES &&
				  opened != -EPERM)))
		return opened;
	r = blkdev_from_devno(root, devno, &dev);
	if (r)
		return r == -ENOENT ? -ENOTBLK : r;
	if (!opened)
		opened = fs_map_file(fd, range, &map);
	if (opened == -ENOMEM || opened == -EINVAL)
		return opened;
	fd_closep(&fd);
	r = capture_locate(root, &dev, &map, options, &findings);
	if (r)
		return r;
	explain(findings, opened);

	*ret_dev = dev;
	dev = BLKDEV_NULL;
	if (ret_map)
		rangeset_move(ret_map, &map);
	*ret = steal(findings);
	return 0;
}
