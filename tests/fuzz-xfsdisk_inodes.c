/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Any bytes as an XFS whose inodes are walked through: every walk ends, in as many reads as the device has
 * blocks at most, and what is told lies on the filesystem. Checksums are made right while
 * reading. Behind the input the device is zeros.
 */
#include <errno.h>
#include "crc32c.h"
#include "fuzz.h"
#include "xfsdisk_fork.h"
#include "xfsdisk_inobt.h"

#define DEVICE     (256u * 1024u)
#define GROUPS_MAX 4u

struct image {
	const uint8_t *data;
	size_t size;
	uint64_t reads;
	const struct xfsdisk *disk;
	unsigned int forks;
};

static void seal(uint8_t *block, uint32_t len)
{
	static const struct {
		const char *magic;
		size_t n;
		uint32_t crc_at;
	} kinds[] = {{"XFSB", 4, 224},
		     {"XAGI", 4, 312},
		     {"IAB3", 4, 52},
		     {"BMA3", 4, 64},
		     {"IN", 2, 100}};
	uint32_t crc;

	for (size_t i = 0; i < ARRAY_SIZE(kinds); i++) {
		uint8_t *at = block + kinds[i].crc_at;

		if (memcmp(block, kinds[i].magic, kinds[i].n) != 0)
			continue;
		memset(at, 0, 4);
		crc = crc32c(0, block, len);
		for (unsigned int k = 0; k < 4; k++)
			at[k] = (uint8_t)(crc >> 8 * k);
		return;
	}
}

static int read_image(uint64_t offset, void *buffer, uint32_t len, void *data)
{
	struct image *image = data;
	uint8_t *bytes = buffer;

	image->reads++;
	fuzz_require(len && len <= DEVICE && offset <= DEVICE - len);
	memset(buffer, 0, len);
	if (offset < image->size)
		memcpy(buffer, image->data + offset,
		       len < image->size - offset ? len : image->size - offset);
	if (bytes[0] == 'I' && bytes[1] == 'N')
		for (uint32_t at = 0; image->disk && at < len; at += image->disk->geom.inode_size)
			seal(bytes + at, image->disk->geom.inode_size);
	else
		seal(buffer, len);
	return 0;
}

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
	struct image image = {.data = data, .size = size};
	const struct xfsdisk_source source = {read_image, &image, DEVICE};
	const struct xfsdisk_inode_sink sink = {check_inode, check_lost, &image};
	struct xfsdisk disk;

	if (xfsdisk_open(&source, &disk))
		return 0;
	image.disk = &disk;
	for (uint32_t agno = 0; agno < disk.geom.ag_count && agno < GROUPS_MAX; agno++)
		fuzz_require(xfsdisk_inobt_inodes(&disk, agno, &sink) >= 0);
	/* a block is entered once a walk; a pointer to one that is not costs a read */
	fuzz_require(image.reads <= (GROUPS_MAX + 8) * (DEVICE / 512 + 1) * 512u);
	return 0;
}
