/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef PMEMRAS_LOOPS_H
#define PMEMRAS_LOOPS_H

/* Loop devices (loop(4)): which part of which file each one shows. */
#include <sys/types.h>
#include "range.h"
#include "sysroot.h"

struct loop {
	char name[64];   /* "loop0" */
	char *file;      /* as the kernel names it, raw bytes; " (deleted)" behind it where it is */
	dev_t dev;       /* st_dev of the file; 0 not known */
	uint64_t ino;    /* 0 not known */
	dev_t rdev;      /* the file is this block device; 0: it is a file, or not known */
	uint64_t offset; /* bytes, where in the file the device begins */
	uint64_t limit;  /* bytes of it at most; 0: up to its end */
};

#define LOOP_NULL ((struct loop){.file = NULL})
void loop_deinit(struct loop *loop);

/**
 * loop_read() - what is behind a loop device
 * @name: kernel name of a block device
 *
 * Who may not open the device gets @ret->dev and @ret->ino by the file's name, which may be another
 * file by now; not of a recorded machine.
 *
 * Return: 0; -ENOENT: no loop device, or nothing behind it; -ENOMEM.
 */
int loop_read(const struct sysroot *root, const char *name, struct loop *ret);
/* Likewise, for certain: 0 only where the kernel itself told device and inode. -EPERM. */
int loop_read_exact(const struct sysroot *root, const char *name, struct loop *ret);
/* All that have something behind them; @loop is lent. 0 continues, nonzero stops and comes back; -ENOMEM. */
int loop_each(const struct sysroot *root, int (*fn)(const struct loop *loop, void *data),
	      void *data);

#endif
