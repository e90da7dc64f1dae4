/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * shapes small DIR FILES DIRS | extents DIR EXTENTS FILES | sharers DIR OWNERS
 * fills DIR with what the benchmarks map:
 *   small    FILES files of 4 KiB, spread over DIRS directories
 *   extents  FILES files that have EXTENTS extents together, one block each
 *   sharers  one block with OWNERS owners
 */
#include <err.h>
#include <fcntl.h>
#include <linux/falloc.h>
#include <linux/fs.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>

#define BLOCK 4096

static char block[BLOCK];

static int create(const char *path)
{
	int fd = open(path, O_CREAT | O_TRUNC | O_RDWR | O_CLOEXEC, 0644);

	if (fd < 0)
		err(1, "%s", path);
	return fd;
}

static void fill(int fd, off_t offset)
{
	if (pwrite(fd, block, BLOCK, offset) != BLOCK)
		err(1, "write");
}

static void small(const char *dir, long files, long dirs)
{
	char path[4096];

	for (long i = 0; i < files; i++) {
		long d = i % dirs;
		int fd;

		if (i < dirs) {
			snprintf(path, sizeof(path), "%s/d%05ld", dir, d);
			if (mkdir(path, 0755))
				err(1, "%s", path);
		}
		snprintf(path, sizeof(path), "%s/d%05ld/f%07ld", dir, d, i);
		fd = create(path);
		memcpy(block, &i, sizeof(i));
		fill(fd, 0);
		close(fd);
	}
}

/* Every other block of a preallocated file, punched: what is left are extents of one block. */
static void extents(const char *dir, long n_extents, long files)
{
	for (long f = 0; f < files; f++) {
		long each = n_extents / files;
		char path[4096];
		int fd;

		snprintf(path, sizeof(path), "%s/extents%ld", dir, f);
		fd = create(path);
		for (long i = 0; i < 2 * each; i += 256) {
			static char big[256 * BLOCK];

			memset(big, (int)i, sizeof(big));
			if (pwrite(fd, big, sizeof(big), i * (off_t)BLOCK) != sizeof(big))
				err(1, "%s", path);
		}
		if (fsync(fd))
			err(1, "%s", path);
		for (long i = 0; i < 2 * each; i += 2)
			if (fallocate(fd, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE,
				      i * (off_t)BLOCK, BLOCK))
				err(1, "%s: punch", path);
		close(fd);
	}
}

static void sharers(const char *dir, long owners)
{
	char path[4096];
	int source;

	snprintf(path, sizeof(path), "%s/shared0000", dir);
	source = create(path);
	fill(source, 0);
	if (fsync(source))
		err(1, "%s", path);
	for (long i = 1; i < owners; i++) {
		int fd;

		snprintf(path, sizeof(path), "%s/shared%04ld", dir, i);
		fd = create(path);
		if (ioctl(fd, FICLONE, source))
			err(1, "%s: clone", path);
		close(fd);
	}
	close(source);
}

int main(int argc, char **argv)
{
	memset(block, 0x5a, sizeof(block));
	if (argc == 5 && !strcmp(argv[1], "small"))
		small(argv[2], atol(argv[3]), atol(argv[4]));
	else if (argc == 5 && !strcmp(argv[1], "extents"))
		extents(argv[2], atol(argv[3]), atol(argv[4]));
	else if (argc == 4 && !strcmp(argv[1], "sharers"))
		sharers(argv[2], atol(argv[3]));
	else
		errx(2, "usage: shapes small DIR FILES DIRS | extents DIR EXTENTS FILES | sharers DIR OWNERS");
	sync();
	return 0;
}
