/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef PMEMRAS_SYSROOT_H
#define PMEMRAS_SYSROOT_H

/*
 * The machine as a file tree: /sys, /proc and /dev below a root directory, so
 * that a recorded or made-up machine can be read like the real one (--root).
 */
#include <stdbool.h>
#include <stddef.h>

struct sysroot {
	int fd;	   /* O_PATH|O_DIRECTORY of the root, -1 absent */
	bool live; /* the root is "/": ioctls and block devices are real */
	char *path;
};

#define SYSROOT_NULL ((struct sysroot){-1, false, NULL})

/* NULL or "/" is the live machine. -errno of the open. */
int sysroot_open(struct sysroot *root, const char *path);
void sysroot_deinit(struct sysroot *root);

/* Absolute or relative @path is taken below the root, symbolic links too (openat2 RESOLVE_IN_ROOT). */
int sysroot_open_file(const struct sysroot *root, const char *path, int flags, int *ret_fd);
/* Whole small file, NUL added, at most 1 MiB (-EFBIG); malloced, the caller's. @ret_len may be NULL. */
int sysroot_read(const struct sysroot *root, const char *path, char **ret, size_t *ret_len);
/* As above, one trailing newline removed. */
int sysroot_read_line(const struct sysroot *root, const char *path, char **ret);
int sysroot_readf(const struct sysroot *root, char **ret, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

/* Where a symbolic link points to, as written; malloced, the caller's. -EINVAL: not a link. */
int sysroot_readlink(const struct sysroot *root, const char *path, char **ret);

/* Names in a directory, sorted, without . and ..; 0 continues, nonzero stops and comes back. */
int sysroot_each(const struct sysroot *root, const char *dir,
		 int (*fn)(const char *name, void *data), void *data);

#endif
