/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * sysfs has the file's name as whoever reads it sees the tree, which in another mount namespace may
 * be another file's. The ioctl has device and inode, but needs the device opened.
 */
#include "loops.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/loop.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>

#include "cleanup.h"
#include "fd.h"

void loop_deinit(struct loop *loop)
{
	free(loop->file);
	*loop = LOOP_NULL;
}

/* sysfs: bytes, in decimal */
static uint64_t number(const struct sysroot *root, const char *name, const char *attribute)
{
	CLEANUP(freep) char *text = NULL;

	if (sysroot_readf(root, &text, "/sys/block/%s/loop/%s", name, attribute))
		return 0;
	return strtoull(text, NULL, 10);
}

/* 0: the kernel told all of it */
static int ask(const char *name, struct loop *loop)
{
	struct loop_info64 info = {0};
	CLEANUP(fd_closep) int fd = -1;
	char path[96];

	snprintf(path, sizeof(path), "/dev/%s", name);
	fd = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	if (ioctl(fd, LOOP_GET_STATUS64, &info))
		return -errno;
	/* both are encoded as the kernel encodes new dev_t, and so does glibc below 2^12 majors */
	loop->dev = (dev_t)info.lo_device;
	loop->ino = info.lo_inode;
	loop->rdev = (dev_t)info.lo_rdevice;
	loop->offset = info.lo_offset;
	loop->limit = info.lo_sizelimit;
	return 0;
}

/* @exactly: what the ioctl says; else what the name says has to do */
static int read_loop(const struct sysroot *root, const char *name, bool exactly, struct loop *ret)
{
	CLEANUP(loop_deinit) struct loop loop = LOOP_NULL;
	struct stat st;
	int r;

	r = sysroot_readf(root, &loop.file, "/sys/block/%s/loop/backing_file", name);
	if (r)
		return r == -ENOMEM ? r : -ENOENT;
	snprintf(loop.name, sizeof(loop.name), "%s", name);
	loop.offset = number(root, name, "offset");
	loop.limit = number(root, name, "sizelimit");
	r = root->live ? ask(name, &loop) : -EPERM;
	if (r && exactly)
		return r == -ENXIO || r == -ENOENT || r == -ENODEV ? -ENOENT : -EPERM;
	if (r && root->live && !stat(loop.file, &st)) {
		loop.dev = st.st_dev;
		loop.ino = st.st_ino;
		loop.rdev = S_ISBLK(st.st_mode) ? st.st_rdev : 0;
	}
	*ret = loop;
	loop = LOOP_NULL;
	return 0;
}

int loop_read(const struct sysroot *root, const char *name, struct loop *ret)
{
	return read_loop(root, name, false, ret);
}

int loop_read_exact(const struct sysroot *root, const char *name, struct loop *ret)
{
	return read_loop(root, name, true, ret);
}

struct each {
	const struct sysroot *root;
	int (*fn)(const struct loop *loop, void *data);
	void *data;
};

static int each_name(const char *name, void *data)
{
	CLEANUP(loop_deinit) struct loop loop = LOOP_NULL;
	struct each *each = data;
	int r;

	if (strncmp(name, "loop", 4) != 0)
		return 0;
	r = loop_read(each->root, name, &loop);
	if (r)
		return r == -ENOMEM ? r : 0;
	return each->fn(&loop, each->data);
}

int loop_each(const struct sysroot *root, int (*fn)(const struct loop *loop, void *data),
	      void *data)
{
	struct each each = {root, fn, data};
	int r = sysroot_each(root, "/sys/block", each_name, &each);

	return r == -ENOENT ? 0 : r;
}
