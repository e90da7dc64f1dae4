/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Opening by handle. XFS's handles (name_to_handle_at(2) shows them) hold the inode number, 64 bits,
 * and the generation, 32 bits, in the machine's byte order; the type says so. Before a file is touched,
 * what the kernel makes of it is looked at again: number, type, and the filesystem it is on.
 */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include "cleanup.h"
#include "fd.h"
#include "fs_file.h"

#define HANDLE_INO64_GEN 0x81 /* 1: inode and generation, 0x80: 64-bit inode number */
#define HANDLE_BYTES     12

int fs_file_open_any(int fs_fd, uint64_t ino, uint32_t gen, int flags, int *ret_fd)
{
	union {
		struct file_handle handle;
		unsigned char space[sizeof(struct file_handle) + HANDLE_BYTES];
	} u = {.handle = {.handle_bytes = HANDLE_BYTES, .handle_type = HANDLE_INO64_GEN}};
	int fd;

	memcpy(u.space + sizeof(struct file_handle), &ino, sizeof(ino));
	memcpy(u.space + sizeof(struct file_handle) + sizeof(ino), &gen, sizeof(gen));
	fd = open_by_handle_at(fs_fd, &u.handle, flags | O_CLOEXEC | O_NONBLOCK);
	if (fd < 0)
		return -errno;

	*ret_fd = fd;
	return 0;
}

int fs_file_open(int fs_fd, uint64_t ino, uint32_t gen, int flags, int *ret_fd)
{
	CLEANUP(fd_closep) int fd = -1;
	struct stat st, fs;
	int r;

	r = fs_file_open_any(fs_fd, ino, gen, flags, &fd);
	if (r)
		return r;
	if (fstat(fd, &st) || fstat(fs_fd, &fs))
		return -errno;
	if (st.st_ino != ino || st.st_dev != fs.st_dev)
		return -ESTALE;
	if (!S_ISREG(st.st_mode))
		return -EINVAL;

	*ret_fd = fd_steal(&fd);
	return 0;
}

static uint64_t nsec(struct timespec ts)
{
	return (uint64_t)ts.tv_sec * 1000000000 + (uint64_t)ts.tv_nsec;
}

int fs_file_look(int fd, struct plan_inode *ret)
{
	struct stat st;

	if (fstat(fd, &st))
		return -errno;
	*ret = (struct plan_inode){
		.ino = st.st_ino,
		.size = (uint64_t)st.st_size,
		.changed_nsec = nsec(st.st_ctim),
		.modified_nsec = nsec(st.st_mtim),
	};
	return 0;
}
