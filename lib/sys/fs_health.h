/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef PMEMRAS_FS_HEALTH_H
#define PMEMRAS_FS_HEALTH_H

/*
 * Descriptors that a mounted filesystem reports its own troubles on. Neither of
 * them keeps it from being unmounted; the descriptor of a directory that they are
 * got through is the caller's, and is to be closed at once.
 */

/**
 * fs_health_open() - XFS's health monitor (ioctl_xfs_health_monitor(2), Linux 7.0)
 * @fd:     of the filesystem's root directory
 * @ret_fd: non-blocking; records as in fshealth.h; end of file after the unmount
 *
 * Return: 0; -EBUSY: somebody else has it, there is one a filesystem; -EOPNOTSUPP: the kernel has
 * none; -EPERM; another -errno.
 */
int fs_health_open(int fd, int *ret_fd);

/**
 * fs_health_mark() - fanotify FAN_FS_ERROR (fanotify(7), Linux 5.16) for a whole filesystem
 * @fd:    anything in it
 * @group: -1: a new group is made, its descriptor comes back; else it is marked again, which is needed
 *         where it may have been unmounted and mounted meanwhile
 *
 * Return: 0; -EOPNOTSUPP: the kernel has none; -EPERM; another -errno.
 */
int fs_health_mark(int fd, int *group);

#endif
