/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The monitor tells more (which bytes of the device), but has one reader a
 * filesystem; fanotify tells any number of readers that something failed.
 */
#include "fs_health.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/fanotify.h>
#include <sys/ioctl.h>

#include "cleanup.h"
#include "fd.h"
#include "xfs_compat.h"

int fs_health_open(int fd, int *ret_fd)
{
	struct xfs_compat_health_monitor request = {.format = XFS_COMPAT_HEALTH_FORMAT};
	CLEANUP(fd_closep) int monitor = -1;
	int flags;

	monitor = ioctl(fd, XFS_COMPAT_IOC_HEALTH_MONITOR, &request);
	if (monitor < 0)
		return errno == EEXIST ? -EBUSY : errno == ENOTTY ? -EOPNOTSUPP : -errno;
	flags = fcntl(monitor, F_GETFL);
	if (flags < 0 || fcntl(monitor, F_SETFL, flags | O_NONBLOCK) ||
	    fcntl(monitor, F_SETFD, FD_CLOEXEC))
		return -errno;
	*ret_fd = fd_steal(&monitor);
	return 0;
}

int fs_health_mark(int fd, int *group)
{
	CLEANUP(fd_closep) int fresh = -1;

	if (*group < 0) {
		fresh = fanotify_init(FAN_CLASS_NOTIF | FAN_REPORT_FID | FAN_CLOEXEC | FAN_NONBLOCK,
				      O_RDONLY | O_CLOEXEC);
		if (fresh < 0)
			return errno == EINVAL || errno == ENOSYS ? -EOPNOTSUPP : -errno;
	}
	if (fanotify_mark(*group < 0 ? fresh : *group, FAN_MARK_ADD | FAN_MARK_FILESYSTEM,
			  FAN_FS_ERROR, fd, NULL))
		return errno == EINVAL || errno == ENOSYS ? -EOPNOTSUPP : -errno;
	if (*group < 0)
		*group = fd_steal(&fresh);
	return 0;
}
