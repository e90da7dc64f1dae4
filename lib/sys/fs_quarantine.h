/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef PMEMRAS_FS_QUARANTINE_H
#define PMEMRAS_FS_QUARANTINE_H

/*
 * The directory at the top of a filesystem where bad blocks are kept from becoming free space, and good pages
 * wait until all have them. Root's, 0700; its files are root's, 0600.
 */
#include <stdbool.h>

/**
 * fs_quarantine_open() - the directory, for one at a time
 * @fs_fd: the filesystem's root directory
 * @make:  where there is none
 *
 * Locked until it is closed. Return: 0; -ENOENT: there is none; -EXDEV: @fs_fd is not the root directory;
 * -EBUSY: another repair works on this filesystem; -EPERM: what is there is not as it should be; -errno.
 */
int fs_quarantine_open(int fs_fd, bool make, int *ret_fd);
void fs_quarantine_remove_if_empty(int fs_fd);

/* A new file, mapped straight onto the medium or not. -EEXIST; -EOPNOTSUPP: it cannot be made so; -errno. */
int fs_quarantine_create(int dir, const char *name, bool dax, int *ret_fd);
/* One that is there, for writing unless it is sealed. -ENOENT; -EPERM: not one of ours; -errno. */
int fs_quarantine_find(int dir, const char *name, int *ret_fd);
/* Durably; one that is gone already is fine. */
int fs_quarantine_unlink(int dir, const char *name);
/* Immutable and left out by dumps. */
int fs_quarantine_seal(int fd);
bool fs_quarantine_is_sealed(int fd);
/* @fd: of the file @name; open for writing afterwards, sealed or not before */
int fs_quarantine_unseal(int dir, const char *name, int *fd);

#endif
