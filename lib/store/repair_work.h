/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef PMEMRAS_REPAIR_WORK_H
#define PMEMRAS_REPAIR_WORK_H

/*
 * What all parts of carrying out a repair work with. Each part returns 0, an error that ends the whole
 * (STORE_E_*, -ENOMEM), or REPAIR_REFUSED: this page is not gone on with, and work->why says why.
 */
#include "blkdev.h"
#include "fs_block.h"
#include "repair_execute.h"

#define REPAIR_REFUSED 1000 /* above every STORE_E_* */

struct repair_work {
	const struct sysroot *root;
	struct store *store;
	struct job *job;
	const struct repair_options *options;
	uint64_t now_usec;
	struct blkdev dev;
	int fs;               /* root directory of the filesystem */
	int dir;              /* the quarantine, locked */
	int device;           /* past the page cache, for reading */
	unsigned char *page;  /* PAGE_BYTES, aligned */
	unsigned char *other; /* likewise */
	char why[256];
};

#define REPAIR_WORK_NULL ((struct repair_work){.fs = -1, .dir = -1, .device = -1})
void repair_work_deinit(struct repair_work *w);

/*
 * Finds the device of w->job again and opens all that is needed. -ENODEV, -ENOENT not mounted, -ESTALE another
 * filesystem is there now, -EROFS, -EXDEV only a part of it is mounted, -EBUSY another repair; -errno.
 */
int repair_work_open(struct repair_work *w);

/* Returns REPAIR_REFUSED. */
int repair_refuse(struct repair_work *w, const char *format, ...)
	__attribute__((format(printf, 2, 3)));
/* Likewise, of @what that failed with @r; -ENOMEM and errors of the store are returned as they are. */
int repair_failed(struct repair_work *w, const char *what, int r);

/* The step's state, durably. DONE is never taken back. */
int repair_step_begun(struct repair_work *w, size_t index);
int repair_step_done(struct repair_work *w, size_t index, const char *note); /* @note may be NULL */

static inline struct job_step *repair_step(const struct repair_work *w, size_t index)
{
	return &w->job->steps[index];
}

/* The page's name in the quarantine. */
#define REPAIR_NAME 64
void repair_bad_name(uint64_t page, char buf[REPAIR_NAME]);
void repair_good_name(const struct job *job, uint64_t page, char buf[REPAIR_NAME]);

/* All of @len bytes. 0, -errno, -ENODATA: shorter. */
int repair_read(int fd, void *buffer, size_t len, uint64_t at);
int repair_write(int fd, const void *buffer, size_t len, uint64_t at);

#endif
