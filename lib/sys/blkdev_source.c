/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Reads with O_DIRECT: XFS writes its metadata past the page cache of the
 * block device, which may hold something older. Each read is of whole logical blocks
 * and no more than was asked for needs, so that a bad sector costs what shares its block of
 * metadata, not the neighbours.
 */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/fs.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>
#include "blkdev_source.h"
#include "cleanup.h"
#include "fd.h"

#define ALIGNMENT   4096u
#define READ_MAX    (64u * 1024u)
#define SECTOR_MAX  (64u * 1024u)
#define BUFFER_SIZE (READ_MAX + 2 * SECTOR_MAX)

int blkdev_source_init(const struct blkdev *dev, struct blkdev_source *ret)
{
	CLEANUP(blkdev_source_deinit) struct blkdev_source source = BLKDEV_SOURCE_NULL;
	char path[PATH_MAX];
	struct stat st;
	int sector;

	source.fd = open(blkdev_path(dev, path), O_RDONLY | O_DIRECT | O_NONBLOCK | O_CLOEXEC);
	if (source.fd < 0 || fstat(source.fd, &st))
		return -errno;
	if (!S_ISBLK(st.st_mode) || st.st_rdev != dev->devno)
		return -ENODEV;
	if (ioctl(source.fd, BLKSSZGET, &sector) || ioctl(source.fd, BLKGETSIZE64, &source.size))
		return -errno;
	if (sector < (int)SECTOR_SIZE || sector > (int)SECTOR_MAX || sector & (sector - 1))
		return -EINVAL;
	source.sector = (uint32_t)sector;
	if (posix_memalign(&source.buffer, sector > (int)ALIGNMENT ? (size_t)sector : ALIGNMENT,
			   BUFFER_SIZE)) {
		source.buffer = NULL;
		return -ENOMEM;
	}

	*ret = source;
	source = BLKDEV_SOURCE_NULL;
	return 0;
}

void blkdev_source_deinit(struct blkdev_source *source)
{
	fd_closep(&source->fd);
	free(source->buffer);
	*source = BLKDEV_SOURCE_NULL;
}

static int read_whole(const struct blkdev_source *source, struct byte_range whole)
{
	size_t done = 0;

	while (done < whole.len) {
		ssize_t got = pread(source->fd, (char *)source->buffer + done, whole.len - done,
				    (off_t)(whole.start + done));

		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0 && (errno == ENXIO || errno == ENODEV || errno == ENOMEM))
			return -errno;
		if (got <= 0)
			return -EIO; /* of this kind are EREMOTEIO, ENODATA, EILSEQ … as well */
		done += (size_t)got;
	}
	return 0;
}

static int read_range(uint64_t offset, void *buffer, uint32_t len, void *data)
{
	const struct blkdev_source *source = data;
	struct byte_range whole;
	int r;

	if (len > READ_MAX || offset > source->size || len > source->size - offset)
		return -EIO;
	whole = range_round_out((struct byte_range){offset, len}, source->sector);
	r = read_whole(source, whole);
	if (r)
		return r;
	memcpy(buffer, (const char *)source->buffer + (offset - whole.start), len);
	return 0;
}

struct xfsdisk_source blkdev_source_as(struct blkdev_source *source)
{
	return (struct xfsdisk_source){read_range, source, source->size};
}
