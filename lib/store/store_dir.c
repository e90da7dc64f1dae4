/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The directory that holds the store: made for root alone, locked while the
 * file in it is used or exchanged.
 *
 * The lock is flock() on the directory itself. SQLite's own locks are on the
 * database file and die with its name when it is renamed; without this one
 * a short writer could commit into a file that has just been set aside, and
 * its news would be lost although it was told that all is well.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>
#include "cleanup.h"
#include "fd.h"
#include "store_priv.h"

#define LOCK_WAIT_MSEC 10000

int store_dir_error(int error)
{
	switch (-error) {
	case ENOSPC:
	case EDQUOT:
	case EFBIG: return STORE_E_FULL;
	case EROFS: return STORE_E_READ_ONLY;
	default: return error;
	}
}

/* One directory, 0700 whatever the umask; one that exists is left as it is. */
static int make_one(const char *path)
{
	if (mkdir(path, 0700) < 0)
		return errno == EEXIST ? 0 : -errno;
	if (chmod(path, 0700) < 0)
		return -errno;
	return 0;
}

static int make_all(const char *dir)
{
	CLEANUP(freep) char *path = strdup(dir);

	if (!path)
		return -ENOMEM;
	for (char *slash = strchr(path + 1, '/'); *path && slash; slash = strchr(slash + 1, '/')) {
		struct stat st;
		int r;

		*slash = '\0';
		r = stat(path, &st) == 0 ? 0 : make_one(path);
		if (r)
			return r;
		*slash = '/';
	}
	return make_one(path);
}

int store_dir_open(const char *dir, bool make, int *ret_fd)
{
	int fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	if (fd < 0 && errno == ENOENT && make) {
		int r = make_all(dir);

		if (r)
			return store_dir_error(r);
		fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	}
	if (fd < 0)
		return -errno;

	*ret_fd = fd;
	return 0;
}

int store_dir_replace(int dir_fd, const char *name, const char *text)
{
	CLEANUP(fd_closep) int fd = -1;
	char beside[64];
	size_t len = strlen(text);
	ssize_t n;

	snprintf(beside, sizeof(beside), "%s.new", name);
	fd = openat(dir_fd, beside, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (fd < 0)
		return -errno;
	if (fchmod(fd, 0600) < 0)
		return -errno;
	n = write(fd, text, len);
	if (n < 0)
		return -errno;
	if ((size_t)n != len)
		return -ENOSPC;
	if (fsync(fd) < 0)
		return -errno;
	if (renameat(dir_fd, beside, dir_fd, name) < 0)
		return -errno;
	if (fsync(dir_fd) < 0)
		return -errno;
	return 0;
}

int store_dir_lock(int dir_fd, bool alone)
{
	const struct timespec pause = {.tv_nsec = 10 * 1000 * 1000};

	for (unsigned int waited = 0; flock(dir_fd, (alone ? LOCK_EX : LOCK_SH) | LOCK_NB) < 0;
	     waited += 10) {
		if (errno != EWOULDBLOCK && errno != EINTR)
			return -errno;
		if (waited >= LOCK_WAIT_MSEC)
			return STORE_E_BUSY;
		nanosleep(&pause, NULL);
	}
	return 0;
}

void store_dir_unlock(int dir_fd)
{
	flock(dir_fd, LOCK_UN);
}
