/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * usage: xfsmap DEVICE [MOUNTPOINT]
 *
 * Prints the reverse map of a whole XFS, a record a line, for tests that compare: as read from the
 * device, or as GETFSMAP gives it where a mount point is given. What either cannot tell is left
 * out: that something is shared, and which record is the last.
 */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include "blkdev.h"
#include "blkdev_source.h"
#include "cleanup.h"
#include "fd.h"
#include "fs_map.h"
#include "xfsdisk_rmap.h"

static int print_record(const struct fsmap_rec *rec, void *data)
{
	(void)data;
	printf("%" PRIu64 " %" PRIu64 " %s%" PRIx64 " %" PRIu64 "%s%s%s\n", rec->phys.start,
	       rec->phys.len, rec->flags & FSMAP_SPECIAL ? "special " : "", rec->owner, rec->offset,
	       rec->flags & FSMAP_ATTR_FORK ? " attr" : "",
	       rec->flags & FSMAP_EXTENT_MAP ? " map" : "",
	       rec->flags & FSMAP_PREALLOC ? " unwritten" : "");
	return 0;
}

static int print_lost(struct byte_range range, void *data)
{
	(void)data;
	printf("%" PRIu64 " %" PRIu64 " lost\n", range.start, range.len);
	return 0;
}

static int print_live(const struct blkdev *dev, const char *mountpoint)
{
	CLEANUP(fs_map_deinit) struct fs_map map = FS_MAP_NULL;
	CLEANUP(fd_closep) int fd = open(mountpoint, O_RDONLY | O_CLOEXEC);
	int r;

	if (fd < 0)
		return -errno;
	r = fs_map_init(&map, fd, dev->devno);
	if (r)
		return r;
	return fs_map_query(&map, (struct byte_range){0, INT64_MAX}, print_record, NULL);
}

static int print_disk(const struct blkdev *dev)
{
	static const struct xfsdisk_rmap_sink sink = {print_record, print_lost, NULL};
	CLEANUP(blkdev_source_deinit) struct blkdev_source source = BLKDEV_SOURCE_NULL;
	struct xfsdisk_source as;
	struct xfsdisk disk;
	int r;

	r = blkdev_source_init(dev, &source);
	if (r)
		return r;
	as = blkdev_source_as(&source);
	r = xfsdisk_open(&as, &disk);
	if (r)
		return r;
	for (uint32_t agno = 0; agno < disk.geom.ag_count; agno++) {
		CLEANUP(xfsdisk_rmap_deinit) struct xfsdisk_rmap map = XFSDISK_RMAP_NULL;

		r = xfsdisk_rmap_init(&disk, agno, &map);
		if (!r)
			r = xfsdisk_rmap_query(
				&map, (struct byte_range){0, fsgeom_bytes(&disk.geom)}, &sink);
		if (r < 0 && r != -EIO)
			return r;
		if (r)
			printf("group %" PRIu32 " lost\n", agno);
	}
	return 0;
}

int main(int argc, char **argv)
{
	CLEANUP(blkdev_deinit) struct blkdev dev = BLKDEV_NULL;
	CLEANUP(sysroot_deinit) struct sysroot root = SYSROOT_NULL;
	int r;

	if (argc < 2 || argc > 3) {
		fprintf(stderr, "usage: xfsmap DEVICE [MOUNTPOINT]\n");
		return 2;
	}
	r = sysroot_open(&root, NULL);
	if (!r)
		r = blkdev_resolve(&root, argv[1], &dev);
	if (!r)
		r = argc == 3 ? print_live(&dev, argv[2]) : print_disk(&dev);
	if (r)
		fprintf(stderr, "xfsmap: %s: %s\n", argv[1],
			r < 0 ? strerror(-r) : "no XFS that can be read");
	return r != 0;
}
