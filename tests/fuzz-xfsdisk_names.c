/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Any bytes as an XFS whose directories are walked through: the walk ends, reads no more than the
 * filesystem has room for, and what it tells are names. Checksums are made right while reading.
 */
#include <string.h>
#include "xfsdisk_names.h"
#include "xfuzz.h"

static bool is_wanted(uint64_t ino, void *data)
{
	return true;
}

/* From the root, no part of it empty, "." or "..". */
static int check_name(uint64_t ino, const char *path, void *data)
{
	const struct xfsdisk *disk = data;
	uint64_t at;

	fuzz_require(ino == disk->root_ino || fsgeom_inode_byte(&disk->geom, ino, &at));
	fuzz_require(path[0] == '/');
	if (ino == disk->root_ino && !path[1])
		return 0;
	for (const char *part = path; *part;) {
		size_t len = strcspn(++part, "/");

		fuzz_require(len && len <= 255);
		fuzz_require(strncmp(part, ".", len) && (len != 2 || strncmp(part, "..", 2)));
		part += len;
	}
	return 0;
}

static int check_lost(uint64_t ino, void *data)
{
	return 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct xfuzz device = {.data = data, .size = size};
	const struct xfsdisk_source source = {xfuzz_read, &device, XFUZZ_DEVICE};
	struct xfsdisk disk;
	const struct xfsdisk_names_sink sink = {is_wanted, check_name, check_lost, NULL, &disk};

	if (xfsdisk_open(&source, &disk))
		return 0;
	device.reads = 0;
	fuzz_require(!xfsdisk_names_walk(&disk, &sink));
	/* of each inode itself, of its tree of extents, and of blocks of 512 bytes within the budget */
	fuzz_require(device.reads <= (XFUZZ_DEVICE / 512 + 1) * (XFUZZ_DEVICE / 512 + 2));
	return 0;
}
