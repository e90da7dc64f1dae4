/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Any bytes as an XFS whose inodes are walked through: every walk ends, in as many reads as the device has
 * blocks at most, and what is told lies on the filesystem. Checksums are made right while
 * reading. Behind the input the device is zeros.
 */
#include <errno.h>
#include "xfsdisk_fork.h"
#include "xfsdisk_inobt.h"
#include "xfuzz.h"

#define GROUPS_MAX 4u

struct image {
	struct xfuzz device;
	const struct xfsdisk *disk;
	unsigned int forks;
};

static int check_extent(const struct fsmap_rec *rec, void *data)
{
	const struct image *image = data;

	fuzz_require(rec->phys.len && rec->phys.len <= fsgeom_bytes(&image->disk->geom));
	fuzz_require(rec->phys.start <= fsgeom_bytes(&image->disk->geom) - rec->phys.len);
	fuzz_require(!(rec->flags & FSMAP_EXTENT_MAP) || !rec->offset);
	return 0;
}

static int check_part(struct byte_range part, void *data)
{
	fuzz_require(part.len && part.len <= UINT64_MAX - part.start);
	return 0;
}

static int check_inode(const struct found_file *inode, const uint8_t *bytes, bool mapped,
		       void *data)
{
	struct image *image = data;
	const struct xfsdisk_fork_sink sink = {check_extent, check_part, image};
	const uint8_t *local;
	uint32_t len;
	uint64_t at;

	fuzz_require(inode->mode && fsgeom_inode_byte(&image->disk->geom, inode->ino, &at));
	for (int fork = 0; fork < 2; fork++) {
		if (xfsdisk_fork_local(image->disk, bytes, fork, &local, &len))
			fuzz_require(len && local > bytes &&
				     local + len <= bytes + image->disk->geom.inode_size);
		if (image->forks++ < 8) /* each may read the whole device */
			fuzz_require(xfsdisk_fork_walk(image->disk, inode->ino, bytes, fork,
						       &sink) >= 0);
	}
	return 0;
}

static int check_lost(uint64_t first, uint64_t count, void *data)
{
	fuzz_require(count && count <= UINT64_MAX - first);
	return 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct image image = {.device = {.data = data, .size = size}};
	const struct xfsdisk_source source = {xfuzz_read, &image.device, XFUZZ_DEVICE};
	const struct xfsdisk_inode_sink sink = {
		.inode = check_inode, .lost = check_lost, .data = &image};
	struct xfsdisk disk;

	if (xfsdisk_open(&source, &disk))
		return 0;
	image.disk = &disk;
	image.device.inode_size = disk.geom.inode_size;
	for (uint32_t agno = 0; agno < disk.geom.ag_count && agno < GROUPS_MAX; agno++)
		fuzz_require(xfsdisk_inobt_inodes(&disk, agno, &sink) >= 0);
	/* a block is entered once a walk; a pointer to one that is not costs a read */
	fuzz_require(image.device.reads <= (GROUPS_MAX + 8) * (XFUZZ_DEVICE / 512 + 1) * 512u);
	return 0;
}
