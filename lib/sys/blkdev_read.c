/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Is it readable again? A range is read from the device itself: O_DIRECT, as
 * the page cache would answer from memory what the medium has lost. Steps of
 * 64 KiB; a step that fails is tried again in logical blocks, so that one bad
 * sector does not take its neighbours along.
 *
 * What it proves: the CPU could load each byte. On persistent memory the pmem
 * driver refuses sectors of its badblocks list before it touches them, and
 * real poison trips its machine-check-safe copy: EIO both times. What it does
 * not prove: that a page which memory_failure() has marked can be mapped again.
 * The mark is the kernel's, outlives the poison until a write clears it or the
 * machine restarts, and no read sees it; it still keeps nobody from reading. A
 * loop device reads through to its file, whose medium is then what is tested.
 *
 * The step that fails costs a device's retries. The caller has asked for ranges
 * that are suspected bad, so they are few and small.
 */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/fs.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>
#include "blkdev.h"
#include "cleanup.h"
#include "fd.h"

#define STEP (64 * 1024)

int blkdev_open_direct(const struct blkdev *dev, int *ret_fd)
{
	CLEANUP(fd_closep) int fd = -1;
	char path[PATH_MAX];
	struct stat st;

	fd = open(blkdev_path(dev, path), O_RDONLY | O_DIRECT | O_NONBLOCK | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	if (fstat(fd, &st))
		return -errno;
	if (!S_ISBLK(st.st_mode) || st.st_rdev != dev->devno)
		return -ENODEV;

	*ret_fd = fd_steal(&fd);
	return 0;
}

int blkdev_limits(int fd, uint32_t *ret_block, uint64_t *ret_size)
{
	uint64_t size;
	int block;

	if (ioctl(fd, BLKSSZGET, &block) || ioctl(fd, BLKGETSIZE64, &size))
		return -errno;
	if (block < (int)SECTOR_SIZE || block > STEP || block & (block - 1))
		return -EINVAL;

	*ret_block = (uint32_t)block;
	*ret_size = size;
	return 0;
}

int blkdev_read(int fd, void *buffer, struct byte_range r)
{
	char *at = buffer;

	while (r.len) {
		ssize_t got = pread(fd, at, r.len, (off_t)r.start);

		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0 && (errno == ENXIO || errno == ENODEV || errno == ENOMEM))
			return -errno;
		if (got <= 0)
			return 1; /* EIO, and of its kind: EREMOTEIO, ENODATA, EILSEQ … */
		at += got;
		r.start += (uint64_t)got;
		r.len -= (uint64_t)got;
	}
	return 0;
}

static int read_step(int fd, void *buffer, struct byte_range step, unsigned int block,
		     struct rangeset *good)
{
	int r = blkdev_read(fd, buffer, step);

	if (r < 0)
		return r;
	if (!r)
		return rangeset_add(good, step);
	if (step.len <= block)
		return 0;

	for (uint64_t at = step.start; at < range_end(step); at += block) {
		struct byte_range one = {at, block};

		r = blkdev_read(fd, buffer, one);
		if (!r)
			r = rangeset_add(good, one);
		if (r < 0)
			return r;
	}
	return 0;
}

int blkdev_read_ok(const struct blkdev *dev, const struct rangeset *want, struct rangeset *ret)
{
	CLEANUP(rangeset_deinit) struct rangeset good = RANGESET_NULL;
	CLEANUP(rangeset_deinit) struct rangeset blocks = RANGESET_NULL;
	CLEANUP(rangeset_deinit) struct rangeset proved = RANGESET_NULL;
	CLEANUP(freep) void *buffer = NULL;
	CLEANUP(fd_closep) int fd = -1;
	uint64_t size = 0;
	uint32_t block = 0;
	int r;

	if (dev->pmem)
		return -EOPNOTSUPP;
	r = blkdev_open_direct(dev, &fd);
	if (!r)
		r = blkdev_limits(fd, &block, &size);
	if (r)
		return r;
	if (posix_memalign(&buffer, STEP, STEP))
		return -ENOMEM;
	r = rangeset_round_out(want, block, &blocks);
	if (r)
		return r;

	for (size_t i = 0; i < blocks.n; i++) {
		struct byte_range all =
			range_intersect(blocks.ranges[i], (struct byte_range){0, size});

		for (uint64_t at = all.start; at < range_end(all);) {
			uint64_t left = range_end(all) - at;
			struct byte_range step = {at, left < STEP ? left : STEP};

			r = read_step(fd, buffer, step, block, &good);
			if (r)
				return r;
			at += step.len;
		}
	}

	r = rangeset_intersect(want, &good, &proved);
	if (r)
		return r;
	rangeset_move(ret, &proved);
	return 0;
}
