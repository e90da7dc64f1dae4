/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef PMEMRAS_FS_FILE_H
#define PMEMRAS_FS_FILE_H

/* A file of a mounted XFS by number and generation: no name that somebody could swap. */
#include "plan.h"

/**
 * fs_file_open() - open a regular file by its inode
 * @fs_fd: anything on the filesystem, opened at the mount to work through
 * @flags: as open(2); O_CLOEXEC and O_NONBLOCK are added
 *
 * Return: 0; -ESTALE: there is no such inode, or it is another generation; -EISDIR, -EINVAL: not a
 * regular file; -EROFS, -EPERM …: -errno of open_by_handle_at(2).
 */
int fs_file_open(int fs_fd, uint64_t ino, uint32_t gen, int flags, int *ret_fd);

/*
 * A regular file or a directory, nothing else can be opened so; for looking only, as nothing is looked at again.
 * Return: 0; -ESTALE: it is no more, or the number has been given to another; -EAGAIN: somebody
 * has a lease on it; -EPERM without CAP_DAC_READ_SEARCH; another -errno of open_by_handle_at(2).
 */
int fs_file_open_any(int fs_fd, uint64_t ino, uint32_t gen, int flags, int *ret_fd);

/* What a plan remembers of it. -errno of fstat(2). */
int fs_file_look(int fd, struct plan_inode *ret);

#endif
