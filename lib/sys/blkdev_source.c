/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Reads with O_DIRECT: XFS writes its metadata past the page cache of the
 * block device, which may hold something older. Each read is of whole logical blocks
 * and no more than was asked for needs, so that a bad sector costs what shares its block of
 * metadata, not the neighbours.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
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
	int r;

	r = blkdev_open_direct(dev, &source.fd);
	if (!r)
		r = blkdev_limits(source.fd, &source.sector, &source.size);
	if (r)
		return r;
	if (posix_memalign(&source.buffer, source.sector > ALIGNMENT ? source.sector : ALIGNMENT,
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

static int read_range(uint64_t offset, void *buffer, uint32_t len, void *data)
{
	const struct blkdev_source *source = data;
	struct byte_range whole;
	int r;

	if (len > READ_MAX || offset > source->size || len > source->size - offset)
		return -EIO;
	whole = range_round_out((struct byte_range){offset, len}, source->sector);
	r = blkdev_read(source->fd, source->buffer, whole);
	if (r)
		return r < 0 ? r : -EIO;
	memcpy(buffer, (const char *)source->buffer + (offset - whole.start), len);
	return 0;
}

struct xfsdisk_source blkdev_source_as(struct blkdev_source *source)
{
	return (struct xfsdisk_source){read_range, source, source->size};
}
