/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * One daemon per directory, and the trace it leaves of its rounds.
 *
 * The lock belongs to the open file description (F_OFD_SETLK), so it cannot
 * be lost by closing another descriptor of the file, and it goes with the
 * process however that ends. The pid in the file is for people: whether the lock
 * is held decides.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include "cleanup.h"
#include "fd.h"
#include "store_priv.h"

/* 0 where it is not there, as between taking the lock and writing it */
static int read_pid(int fd)
{
	char text[16];
	ssize_t n = pread(fd, text, sizeof(text) - 1, 0);
	long pid;
	char *end;

	if (n <= 0)
		return 0;
	text[n] = '\0';
	pid = strtol(text, &end, 10);
	return *end == '\n' && pid > 0 && pid < INT32_MAX ? (int)pid : 0;
}

int store_lock_daemon(const char *dir, int *ret_fd, int *ret_pid)
{
	CLEANUP(fd_closep) int dir_fd = -1, fd = -1;
	struct flock lock = {.l_type = F_WRLCK, .l_whence = SEEK_SET};
	char text[16];
	int r, len;

	r = store_dir_open(dir, true, &dir_fd);
	if (r)
		return r;
	fd = openat(dir_fd, STORE_FILE_LOCK, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (fd < 0)
		return store_dir_error(-errno);
	if (fcntl(fd, F_OFD_SETLK, &lock) < 0) {
		if (errno != EAGAIN && errno != EACCES)
			return -errno;
		*ret_pid = read_pid(fd);
		return -EBUSY;
	}

	/* on a full medium the lock holds without the number */
	len = snprintf(text, sizeof(text), "%d\n", getpid());
	if (fchmod(fd, 0600) < 0 || ftruncate(fd, 0) < 0)
		return store_dir_error(-errno);
	if (pwrite(fd, text, (size_t)len, 0) != len && ftruncate(fd, 0) < 0)
		return store_dir_error(-errno);

	*ret_fd = fd_steal(&fd);
	return 0;
}

int store_daemon_pid(const char *dir, int *ret_pid)
{
	CLEANUP(fd_closep) int dir_fd = -1, fd = -1;
	struct flock lock = {.l_type = F_WRLCK, .l_whence = SEEK_SET};
	int r;

	r = store_dir_open(dir, false, &dir_fd);
	if (r)
		return r;
	fd = openat(dir_fd, STORE_FILE_LOCK, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
	if (fd < 0)
		return -errno;
	if (fcntl(fd, F_OFD_GETLK, &lock) < 0)
		return -errno;
	if (lock.l_type == F_UNLCK)
		return -ENOENT;

	*ret_pid = read_pid(fd);
	return 0;
}

int store_set_reconciled(struct store *store, uint64_t now_usec)
{
	struct timespec times[2];
	CLEANUP(fd_closep) int fd = -1;

	fd = openat(store->dir_fd, STORE_FILE_RECONCILED,
		    O_WRONLY | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (fd < 0)
		return store_dir_error(-errno);
	times[0].tv_sec = times[1].tv_sec = (time_t)(now_usec / 1000000);
	times[0].tv_nsec = times[1].tv_nsec = (long)(now_usec % 1000000) * 1000;
	return futimens(fd, times) < 0 ? store_dir_error(-errno) : 0;
}

int store_reconciled(struct store *store, uint64_t *ret_usec)
{
	struct stat st;

	if (fstatat(store->dir_fd, STORE_FILE_RECONCILED, &st, AT_SYMLINK_NOFOLLOW) < 0)
		return -errno;
	*ret_usec = (uint64_t)st.st_mtim.tv_sec * 1000000 + (uint64_t)st.st_mtim.tv_nsec / 1000;
	return 0;
}
