/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef PMEMRAS_BLKDEV_H
#define PMEMRAS_BLKDEV_H

/*
 * Block devices: from what a person typed, or from sysfs, to number, size and
 * identity; their badblocks lists; what sits on them.
 */
#include <sys/types.h>
#include "devid.h"
#include "rangeset.h"
#include "sysroot.h"

struct blkdev {
	dev_t devno;
	char name[64]; /* kernel name */
	uint64_t size; /* bytes */
	struct devid id;
	bool has_badblocks; /* has a list in sysfs */
	bool pmem; /* no block device but one of pmem.h's: no number, nothing can be read from it */
	char *users; /* what sits directly on it, comma-separated: partitions and holders ("pmem0p1, dm-0"); NULL none */
};

#define BLKDEV_NULL ((struct blkdev){0})
void blkdev_deinit(struct blkdev *dev);

/**
 * blkdev_resolve() - "/dev/pmem0", "pmem0", "/dev/disk/by-id/…", "8:1"
 *
 * "dax0.0", "namespace0.0" and "region0" are found as well (@ret->pmem).
 *
 * Return: 0; -ENOENT no such device; -ENOTBLK it is something else (a directory or a mounted file: for
 * these the message should point to `locate --file`); other -errno. @ret untouched on failure.
 */
int blkdev_resolve(const struct sysroot *root, const char *arg, struct blkdev *ret);
int blkdev_from_devno(const struct sysroot *root, dev_t devno, struct blkdev *ret);
/* The path to open it by: /dev/NAME. @buf holds PATH_MAX. */
char *blkdev_path(const struct blkdev *dev, char *buf);

/* All block devices, by name; @dev is only lent. 0 continues, nonzero stops and comes back. */
int blkdev_each(const struct sysroot *root, int (*fn)(const struct blkdev *dev, void *data),
		void *data);

/* The sysfs list. @ret replaced; -ENOENT: has none; -ENODEV: went away; -EBADMSG: not a list. */
int blkdev_badblocks(const struct sysroot *root, const struct blkdev *dev, struct rangeset *ret,
		     bool *ret_cut);

/* Past the page cache, whose answer may be older or better than the medium's. -ENODEV: another device now. */
int blkdev_open_direct(const struct blkdev *dev, int *ret_fd);
/* Logical block, at most 64 KiB, and size in bytes of what was opened so. -EINVAL: odd ones. */
int blkdev_limits(int fd, uint32_t *ret_block, uint64_t *ret_size);
/*
 * All of @range, whole blocks, into @buffer, which is aligned. 0; 1: it cannot be read; -errno: the device is
 * gone, -ENOMEM.
 */
int blkdev_read(int fd, void *buffer, struct byte_range range);

/**
 * blkdev_read_ok() - which bytes of @want can be read from the device
 *
 * O_DIRECT reads in small steps past the page cache; bytes that fail, or of devices where
 * a read proves nothing, are left out. @ret is replaced. -errno where nothing could be tried.
 */
int blkdev_read_ok(const struct blkdev *dev, const struct rangeset *want, struct rangeset *ret);

#endif
