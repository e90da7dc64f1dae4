/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Any bytes as an XFS: whatever they say, nothing outside of the device is read, every walk ends,
 * and what is told lies in the group asked about. Checksums are made right while reading, or
 * nothing would ever get past them. Behind the input the device is zeros.
 */
#include <errno.h>
#include "crc32c.h"
#include "fuzz.h"
#include "xfsdisk_rmap.h"

#define DEVICE     (256u * 1024u)
#define GROUPS_MAX 4u

struct image {
	const uint8_t *data;
	size_t size;
	uint64_t reads;
	struct byte_range group;
};

static void seal(uint8_t *block, uint32_t len)
{
	static const struct {
		const char *magic;
		size_t n;
		uint32_t crc_at;
	} kinds[] = {{"XFSB", 4, 224}, {"XAGF", 4, 216}, {"RMB3", 4, 52}, {"IN", 2, 100}};
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

	image->reads++;
	fuzz_require(len && len <= DEVICE && offset <= DEVICE - len);
	memset(buffer, 0, len);
	if (offset < image->size)
		memcpy(buffer, image->data + offset,
		       len < image->size - offset ? len : image->size - offset);
	seal(buffer, len);
	return 0;
}

static int take_lost(struct byte_range range, void *data)
{
	const struct image *image = data;

	fuzz_require(range.len && range.start >= image->group.start);
	fuzz_require(range_end(range) <= range_end(image->group));
	return 0;
}

static int check_record(const struct fsmap_rec *rec, void *data)
{
	const struct image *image = data;

	fuzz_require(rec->phys.len && rec->phys.start >= image->group.start);
	fuzz_require(range_end(rec->phys) <= range_end(image->group));
	return 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct image image = {.data = data, .size = size};
	const struct xfsdisk_source source = {read_image, &image, DEVICE};
	const struct xfsdisk_rmap_sink sink = {check_record, take_lost, &image};
	struct xfsdisk disk;
	uint64_t bytes;
	int r;

	r = xfsdisk_open(&source, &disk);
	fuzz_require(r >= 0);
	if (r)
		return 0;
	bytes = fsgeom_bytes(&disk.geom);
	fuzz_require(bytes <= DEVICE);
	for (uint32_t agno = 0; agno < disk.geom.ag_count && agno < GROUPS_MAX; agno++) {
		CLEANUP(xfsdisk_rmap_deinit) struct xfsdisk_rmap map = XFSDISK_RMAP_NULL;

		if (xfsdisk_rmap_init(&disk, agno, &map))
			continue;
		image.group = (struct byte_range){
			fsgeom_ag_start(&disk.geom, agno),
			(uint64_t)map.agf.blocks * disk.geom.block_size,
		};
		image.reads = 0;
		fuzz_require(!xfsdisk_rmap_query(&map, (struct byte_range){0, DEVICE}, &sink));
		fuzz_require(!xfsdisk_rmap_query(
			&map, (struct byte_range){image.group.start + 5000, 3000}, &sink));
		/* a block is entered once a query; a pointer to one that is not costs a read */
		fuzz_require(image.reads <= 2 * (DEVICE / 1024 + 1) * 1500u);
	}
	for (uint64_t ino = 0; ino < 600; ino += 7) {
		struct found_file file = {0};

		r = xfsdisk_inode(&disk, ino, &file);
		fuzz_require(r >= 0);
		fuzz_require(r || (file.ino == ino && file.mode));
	}
	return 0;
}
