/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Superblock, AGF and inode: what is read, what is refused and as what. */
#include "unit.h"
#include <errno.h>
#include <string.h>
#include "xfsdisk.h"
#include "ximage.h"

static struct ximage image;

static int setup(void **state)
{
	ximage_init(&image);
	return 0;
}

static void geometry(void **state)
{
	struct xfsdisk disk;

	assert_int_equal(ximage_open(&image, &disk), 0);
	assert_int_equal(disk.geom.block_size, 1024);
	assert_int_equal(disk.geom.sector_size, 512);
	assert_int_equal(disk.geom.inode_size, 512);
	assert_int_equal(disk.geom.ag_blocks, 64);
	assert_int_equal(disk.geom.ag_count, 2);
	assert_int_equal(disk.geom.data_blocks, 128);
	assert_int_equal(disk.geom.log.start, 104 * 1024);
	assert_int_equal(disk.geom.log.len, 8 * 1024);
	assert_int_equal(disk.geom.features,
			 FSGEOM_RMAPBT | FSGEOM_REFLINK | FSGEOM_PARENT | FSGEOM_SPARSE_INODES);
	assert_memory_equal(disk.geom.uuid, XIMAGE_UUID, 16);
	assert_memory_equal(disk.meta_uuid, XIMAGE_UUID, 16);
}

/* One field of the superblock, changed. */
static const struct {
	const char *what;
	unsigned int at, bytes;
	uint64_t value;
	int r;
} superblocks[] = {
	{"no magic", 0, 4, 0x58465343, XFSDISK_E_NOT_XFS},
	{"version 4", 100, 2, 0xb4a4, XFSDISK_E_UNSUPPORTED},
	{"needs repair", 216, 4, 0x1b, XFSDISK_E_UNSUPPORTED},
	{"metadata directory", 216, 4, 0x10b, XFSDISK_E_UNSUPPORTED},
	{"zoned", 216, 4, 0x20b, XFSDISK_E_UNSUPPORTED},
	{"of the future", 216, 4, 0x8000000b, XFSDISK_E_UNSUPPORTED},
	{"read-only compatible with the future", 212, 4, 0xff, 0},
	{"no reverse map", 212, 4, 0, 0},
	{"block size 0", 4, 4, 0, XFSDISK_E_DAMAGED},
	{"block size odd", 4, 4, 1000, XFSDISK_E_DAMAGED},
	{"block size huge", 4, 4, 1u << 31, XFSDISK_E_DAMAGED},
	{"sector size 0", 102, 2, 0, XFSDISK_E_DAMAGED},
	{"sector size huge", 102, 2, 0xffff, XFSDISK_E_DAMAGED},
	{"inode size 0", 104, 2, 0, XFSDISK_E_DAMAGED},
	{"inodes in a block", 106, 2, 3, XFSDISK_E_DAMAGED},
	{"group too small", 84, 4, 63, XFSDISK_E_DAMAGED},
	{"group too large", 84, 4, UINT32_MAX, XFSDISK_E_DAMAGED},
	{"bits of a group", 124, 1, 7, XFSDISK_E_DAMAGED},
	{"no groups", 88, 4, 0, XFSDISK_E_DAMAGED},
	{"too many groups", 88, 4, 3, XFSDISK_E_DAMAGED},
	{"too many blocks", 8, 8, 129, XFSDISK_E_DAMAGED},
	{"last group shorter", 8, 8, 120, 0},
	{"being made", 126, 1, 1, XFSDISK_E_DAMAGED},
	{"log outside", 48, 8, 2 * 64, XFSDISK_E_DAMAGED},
	{"log nowhere", 48, 8, UINT64_MAX, XFSDISK_E_DAMAGED},
	{"log too long", 96, 4, 25, XFSDISK_E_DAMAGED},
	{"log huge", 96, 4, UINT32_MAX, XFSDISK_E_DAMAGED},
	{"log elsewhere", 48, 8, 0, 0},
};

static void superblock_fields(void **state)
{
	for (size_t i = 0; i < ARRAY_SIZE(superblocks); i++) {
		struct xfsdisk disk = {.meta_uuid = "untouched"};

		UNIT_ROW(superblocks, i, superblocks[i].what);
		ximage_init(&image);
		ximage_put(image.bytes + superblocks[i].at, superblocks[i].value,
			   superblocks[i].bytes);
		ximage_seal_sb(&image);
		assert_int_equal(ximage_open(&image, &disk), superblocks[i].r);
		if (superblocks[i].r)
			assert_string_equal((char *)disk.meta_uuid, "untouched");
	}
}

static void superblock_unreadable(void **state)
{
	struct xfsdisk_source tiny = {ximage_read, &image, XIMAGE_BYTES - 1};
	struct xfsdisk disk;

	image.bytes[300] ^= 1;
	assert_int_equal(ximage_open(&image, &disk), XFSDISK_E_DAMAGED);
	image.bytes[300] ^= 1;
	assert_int_equal(xfsdisk_open(&tiny, &disk), XFSDISK_E_DAMAGED);
	tiny.size = 511;
	assert_int_equal(xfsdisk_open(&tiny, &disk), XFSDISK_E_NOT_XFS);
	image.bad = (struct byte_range){0, 1};
	assert_int_equal(ximage_open(&image, &disk), -EIO);
}

static void other_uuid(void **state)
{
	struct xfsdisk disk;
	struct xfsdisk_agf agf;

	ximage_put(image.bytes + 216, 0xef, 4);
	memcpy(image.bytes + 248, XIMAGE_UUID, 16);
	memset(image.bytes + 32, 7, 16);
	ximage_seal_sb(&image);
	assert_int_equal(ximage_open(&image, &disk), 0);
	assert_int_equal(disk.geom.uuid[0], 7);
	assert_int_equal(xfsdisk_agf(&disk, 1, &agf), 0);
}

static const struct {
	const char *what;
	unsigned int at;
	uint32_t value;
} headers[] = {
	{"magic", 0, 0},          {"version", 4, 2},   {"number", 8, 0},     {"length", 12, 65},
	{"root outside", 24, 64}, {"no level", 36, 0}, {"too deep", 36, 10}, {"UUID", 64, 0},
};

static void group_headers(void **state)
{
	uint8_t *bytes = ximage_block(&image, 1, 0) + 512;
	struct xfsdisk_agf agf;
	struct xfsdisk disk;

	assert_int_equal(ximage_open(&image, &disk), 0);
	ximage_agf(&image, 1, 9, 3);
	assert_int_equal(xfsdisk_agf(&disk, 1, &agf), 0);
	assert_int_equal(agf.agno, 1);
	assert_int_equal(agf.blocks, 64);
	assert_int_equal(agf.rmap_root, 9);
	assert_int_equal(agf.rmap_levels, 3);

	for (size_t i = 0; i < ARRAY_SIZE(headers); i++) {
		UNIT_ROW(headers, i, headers[i].what);
		ximage_agf(&image, 1, 9, 3);
		ximage_put(bytes + headers[i].at, headers[i].value, 4);
		assert_int_equal(xfsdisk_agf(&disk, 1, &agf), XFSDISK_E_DAMAGED);
		ximage_seal(bytes, 512, 216);
		assert_int_equal(xfsdisk_agf(&disk, 1, &agf), XFSDISK_E_DAMAGED);
	}
	image.bad = (struct byte_range){65 * 1024 - 1, 1};
	assert_int_equal(xfsdisk_agf(&disk, 1, &agf), -EIO);
}

static void inodes(void **state)
{
	uint8_t *inode = ximage_inode(&image, 128 + 21, 0100644);
	struct found_file file = {0};
	struct xfsdisk disk;

	assert_int_equal(ximage_open(&image, &disk), 0);
	assert_int_equal(xfsdisk_inode(&disk, 149, &file), 0);
	assert_int_equal(file.ino, 149);
	assert_int_equal(file.mode, 0100644);
	assert_int_equal(file.size, 123456);
	assert_int_equal(file.gen, 0xfeedbeef);
	assert_int_equal(file.nlink, 2);
	assert_int_equal(file.flags, 0);

	ximage_inode(&image, 65, 0100000);
	assert_int_equal(xfsdisk_inode(&disk, 65, &file), 0);
	assert_int_equal(file.flags, FOUND_FILE_INTERNAL);
	ximage_inode(&image, 66, 0);
	assert_int_equal(xfsdisk_inode(&disk, 66, &file), XFSDISK_E_UNUSED);
	assert_int_equal(xfsdisk_inode(&disk, 67, &file), XFSDISK_E_DAMAGED);
	assert_int_equal(xfsdisk_inode(&disk, 256, &file), XFSDISK_E_DAMAGED);
	assert_int_equal(xfsdisk_inode(&disk, UINT64_MAX, &file), XFSDISK_E_DAMAGED);

	inode[200] ^= 1;
	assert_int_equal(xfsdisk_inode(&disk, 149, &file), XFSDISK_E_DAMAGED);
	inode[200] ^= 1;
	ximage_put(inode + 152, 148, 8); /* another's */
	ximage_seal(inode, 512, 100);
	assert_int_equal(xfsdisk_inode(&disk, 149, &file), XFSDISK_E_DAMAGED);
	image.bad = (struct byte_range){64 * 1024 + 21 * 512, 512};
	assert_int_equal(xfsdisk_inode(&disk, 149, &file), -EIO);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(geometry, setup),
		cmocka_unit_test_setup(superblock_fields, setup),
		cmocka_unit_test_setup(superblock_unreadable, setup),
		cmocka_unit_test_setup(other_uuid, setup),
		cmocka_unit_test_setup(group_headers, setup),
		cmocka_unit_test_setup(inodes, setup),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
