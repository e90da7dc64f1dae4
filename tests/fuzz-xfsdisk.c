/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Any bytes as an XFS: whatever they say, nothing outside of the device is read, every walk ends,
 * and what is told lies in the group asked about. Checksums are made right while reading, or
 * nothing would ever get past them. Behind the input the device is zeros.
 */
#include <errno.h>
#include "xfsdisk_rmap.h"
#include "xfuzz.h"

#define GROUPS_MAX 4u

struct image {
	struct xfuzz device;
	struct byte_range group;
};

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
	struct image image = {.device = {.data = data, .size = size}};
	const struct xfsdisk_source source = {xfuzz_read, &image.device, XFUZZ_DEVICE};
	const struct xfsdisk_rmap_sink sink = {check_record, take_lost, &image};
	struct xfsdisk disk;
	uint64_t bytes;
	int r;

	r = xfsdisk_open(&source, &disk);
	fuzz_require(r >= 0);
	if (r)
		return 0;
	bytes = fsgeom_bytes(&disk.geom);
	fuzz_require(bytes <= XFUZZ_DEVICE);
	for (uint32_t agno = 0; agno < disk.geom.ag_count && agno < GROUPS_MAX; agno++) {
		CLEANUP(xfsdisk_rmap_deinit) struct xfsdisk_rmap map = XFSDISK_RMAP_NULL;

		if (xfsdisk_rmap_init(&disk, agno, &map))
			continue;
		image.group = (struct byte_range){
			fsgeom_ag_start(&disk.geom, agno),
			(uint64_t)map.agf.blocks * disk.geom.block_size,
		};
		image.device.reads = 0;
		fuzz_require(
			!xfsdisk_rmap_query(&map, (struct byte_range){0, XFUZZ_DEVICE}, &sink));
		fuzz_require(!xfsdisk_rmap_query(
			&map, (struct byte_range){image.group.start + 5000, 3000}, &sink));
		/* a block is entered once a query; a pointer to one that is not costs a read */
		fuzz_require(image.device.reads <= 2 * (XFUZZ_DEVICE / 1024 + 1) * 1500u);
	}
	for (uint64_t ino = 0; ino < 600; ino += 7) {
		struct found_file file = {0};

		r = xfsdisk_inode(&disk, ino, &file);
		fuzz_require(r >= 0);
		fuzz_require(r || (file.ino == ino && file.mode));
	}
	return 0;
}
