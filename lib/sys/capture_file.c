/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The other way round: a file's bytes to those of its device, and then the
 * question that everybody asks, who else is on them. Holes lie nowhere.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include "capture.h"
#include "cleanup.h"
#include "fd.h"
#include "fs_map.h"
#include "xfs_compat.h"

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
	fd = open(path, O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	if (fstat(fd, &st) || fstatfs(fd, &fs))
		return -errno;
	if (!S_ISREG(st.st_mode) || fs.f_type != XFS_SUPER_MAGIC)
		return -EINVAL;
	/* data of a realtime file lie on another device, which nothing here can name */
	if (!ioctl(fd, FS_IOC_FSGETXATTR, &attributes) && attributes.fsx_xflags & FS_XFLAG_REALTIME)
		return -ENOTBLK;

	*ret_fd = fd_steal(&fd);
	*ret_dev = st.st_dev;
	return 0;
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
	int r;

	if (!root->live)
		return -EOPNOTSUPP;
	r = open_file(path, &fd, &devno);
	if (r)
		return r;
	r = blkdev_from_devno(root, devno, &dev);
	if (r)
		return r == -ENOENT ? -ENOTBLK : r;
	r = fs_map_file(fd, range, &map);
	if (r)
		return r;
	fd_closep(&fd);
	r = capture_locate(root, &dev, &map, options, &findings);
	if (r)
		return r;

	*ret_dev = dev;
	dev = BLKDEV_NULL;
	if (ret_map)
		rangeset_move(ret_map, &map);
	*ret = steal(findings);
	return 0;
}
