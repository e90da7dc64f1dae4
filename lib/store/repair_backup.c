/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * That a backup's bytes are those that were lost cannot be proved: they are gone. What can be
 * told is whether it is a file of the same size, whether what is around the lost bytes is the same in
 * both, and which of them was written to later. A reflink copy is no backup: it has the very
 * blocks that are bad.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include "cleanup.h"
#include "fd.h"
#include "fs_file.h"
#include "fs_map.h"
#include "repair_backup.h"

struct comparison {
	const struct plan_inode *file;
	int file_fd, backup_fd;
	unsigned char *a, *b; /* PAGE_BYTES, aligned */
	struct plan_backup *result;
};

static void comparison_deinit(struct comparison *c)
{
	fd_closep(&c->file_fd);
	fd_closep(&c->backup_fd);
	free(c->a);
	free(c->b);
}

static int open_both(struct comparison *c, int fs_fd, const struct found_file *found)
{
	const struct plan_backup *backup = c->result;
	void *a, *b;
	struct stat st;
	int r;

	r = fs_file_open(fs_fd, found->ino, found->gen, O_RDONLY | O_DIRECT | O_NOATIME,
			 &c->file_fd);
	if (r)
		return r;
	c->backup_fd = open(backup->path, O_RDONLY | O_CLOEXEC);
	if (c->backup_fd < 0 || fstat(c->backup_fd, &st))
		return -errno;
	if (st.st_dev != backup->dev || st.st_ino != backup->ino)
		return -ESTALE;
	if (posix_memalign(&a, PAGE_BYTES, PAGE_BYTES))
		return -ENOMEM;
	c->a = a;
	if (posix_memalign(&b, PAGE_BYTES, PAGE_BYTES))
		return -ENOMEM;
	c->b = b;
	return 0;
}

/* Does the backup have a block of the device's @pages where the file lost something? */
static int look_for_same(struct comparison *c, const struct rangeset *in_file,
			 const struct rangeset *pages)
{
	struct stat file, backup;
	int r = 0;

	if (fstat(c->file_fd, &file) || fstat(c->backup_fd, &backup))
		return -errno;
	if (file.st_dev != backup.st_dev)
		return 0;
	for (size_t i = 0; !r && i < in_file->n; i++) {
		CLEANUP(rangeset_deinit) struct rangeset map = RANGESET_NULL;

		r = fs_map_file(c->backup_fd, in_file->ranges[i], &map);
		for (size_t k = 0; !r && k < map.n; k++)
			if (rangeset_overlaps(pages, map.ranges[k]))
				c->result->obstacles |= 1u << PLAN_OBSTACLE_BACKUP_SHARES;
	}
	return r;
}

static ssize_t read_page(int fd, void *buffer, uint64_t at)
{
	ssize_t n;

	do
		n = pread(fd, buffer, PAGE_BYTES, (off_t)at);
	while (n < 0 && errno == EINTR);
	return n;
}

/* What is there in both; a page that cannot be read is not compared. */
static void compare_page(struct comparison *c, uint64_t at)
{
	ssize_t n = read_page(c->file_fd, c->a, at), m = read_page(c->backup_fd, c->b, at);
	size_t both = n < m ? (size_t)(n < 0 ? 0 : n) : (size_t)(m < 0 ? 0 : m);

	c->result->compared += both;
	for (size_t i = 0; i < both; i++)
		c->result->different += c->a[i] != c->b[i];
}

/* @bad: pages of the file that cannot be read */
static int compare_around(struct comparison *c, const struct rangeset *bad)
{
	CLEANUP(rangeset_deinit) struct rangeset around = RANGESET_NULL;
	int r = 0;

	for (size_t i = 0; !r && i < bad->n; i++) {
		struct byte_range one = bad->ranges[i];
		uint64_t before =
			one.start < REPAIR_BACKUP_AROUND ? one.start : REPAIR_BACKUP_AROUND;

		one.start -= before;
		one.len += before + REPAIR_BACKUP_AROUND;
		r = rangeset_add(&around, one);
	}
	if (!r)
		r = rangeset_subtract_set(&around, bad);
	for (size_t i = 0; !r && i < around.n; i++)
		for (uint64_t at = around.ranges[i].start;
		     at < range_end(around.ranges[i]) && at < c->file->size; at += PAGE_BYTES)
			compare_page(c, at);
	return r;
}

static int compare(struct comparison *c, const struct plan *plan)
{
	CLEANUP(rangeset_deinit) struct rangeset bad = RANGESET_NULL;
	CLEANUP(rangeset_deinit) struct rangeset lost = RANGESET_NULL;
	int r = plan_unreadable(plan->facts, plan->restore_file, &bad, &lost);

	for (size_t i = 0; !r && i < lost.n; i++) {
		uint64_t end = range_end(lost.ranges[i]);

		if ((end < c->file->size ? end : c->file->size) > c->result->size)
			c->result->obstacles |= 1u << PLAN_OBSTACLE_BACKUP_SHORT;
	}
	if (!r)
		r = look_for_same(c, &bad, &plan->repaired);
	return r || c->result->obstacles ? r : compare_around(c, &bad);
}

int repair_backup_look(const struct sysroot *root, const struct repair_look *look,
		       const struct plan *plan, struct plan_backup *ret)
{
	CLEANUP(comparison_deinit)
	struct comparison c = {.file_fd = -1, .backup_fd = -1, .result = ret};
	CLEANUP(fd_closep) int fs = -1;
	const struct found_file *found;
	int r;

	ret->obstacles = 0;
	ret->compared = ret->different = 0;
	ret->doubtful = false;
	if (plan->restore_file >= plan->facts->f->n_files)
		return 0;
	found = &plan->facts->f->files[plan->restore_file];
	c.file = plan_inode(plan->facts, found->ino);
	if (!c.file)
		return -ESTALE;
	r = repair_open_fs(root, look, &fs);
	if (!r)
		r = open_both(&c, fs, found);
	if (!r)
		r = compare(&c, plan);
	ret->doubtful = ret->different || ret->size != c.file->size ||
			ret->modified_nsec < c.file->modified_nsec;
	return r;
}
