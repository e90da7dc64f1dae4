/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Any bytes as an XFS of which all is asked who owns it: the sweep ends, in a bounded number of reads, and
 * what it tells lies on the filesystem. Checksums are made right while reading.
 */
#include "xfsdisk_sweep.h"
#include "xfuzz.h"

static int check_record(const struct fsmap_rec *rec, void *data)
{
	const struct xfsdisk *disk = data;
	uint64_t end = fsgeom_bytes(&disk->geom);

	fuzz_require(rec->phys.len && rec->phys.len <= end &&
		     rec->phys.start <= end - rec->phys.len);
	return 0;
}

static int check_lost(void *data)
{
	return 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct xfuzz device = {.data = data, .size = size};
	const struct xfsdisk_source source = {xfuzz_read, &device, XFUZZ_DEVICE};
	struct xfsdisk disk;
	const struct xfsdisk_sweep_sink sink = {check_record, check_lost, NULL, &disk};
	uint64_t blocks;

	if (xfsdisk_open(&source, &disk))
		return 0;
	device.inode_size = disk.geom.inode_size;
	device.reads = 0;
	fuzz_require(!xfsdisk_sweep(&disk, &sink));
	/* of each inode two trees, of each group six, and in none of them a block twice */
	blocks = XFUZZ_DEVICE / disk.geom.block_size + 1;
	fuzz_require(device.reads <=
		     (2 * XFUZZ_DEVICE / disk.geom.inode_size + 6 * disk.geom.ag_count) * blocks *
			     XFSDISK_LEVELS);
	return 0;
}
