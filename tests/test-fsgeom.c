/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * XFS arithmetic, with vectors worked out by hand for block sizes of 1 and 4
 * KiB, sectors of 512 and 4096 bytes, and AGs whose size is not a power of two.
 */
#include "unit.h"
#include <errno.h>
#include "fsgeom.h"

/* 1 KiB blocks, 512 B sectors: 2 inodes a block; 81920 blocks need 17 bits. Headers: 2 blocks. */
static const struct fsgeom small = {
	.block_size = 1024,
	.sector_size = 512,
	.inode_size = 512,
	.ag_blocks = 81920,
	.ag_count = 4,
	.data_blocks = 3 * 81920 + 5000,
};

/* 4 KiB blocks, 512 B sectors: 8 inodes a block; 16384 blocks need 14 bits. Headers: half a block.
 */
static const struct fsgeom usual = {
	.block_size = 4096,
	.sector_size = 512,
	.inode_size = 512,
	.ag_blocks = 16384,
	.ag_count = 4,
	.data_blocks = 65536,
};

/* 4 KiB sectors: 4 header blocks, no padding; 65529 blocks need 16 bits; 2 KiB inodes, 2 a block.
 */
static const struct fsgeom large = {
	.block_size = 4096,
	.sector_size = 4096,
	.inode_size = 2048,
	.ag_blocks = 65529,
	.ag_count = 16,
	.data_blocks = 16 * 65529 - 1,
};

/* 512 B blocks and sectors, 256 B inodes, one AG of a single block more than a power of two. */
static const struct fsgeom tiny = {
	.block_size = 512,
	.sector_size = 512,
	.inode_size = 256,
	.ag_blocks = 32769,
	.ag_count = 2,
	.data_blocks = 65538,
};

static const struct {
	const char *what;
	size_t field; /* offset of the field that is changed */
	size_t width;
	uint64_t value;
	int r;
} checks[] = {
#define FIELD(name) offsetof(struct fsgeom, name), sizeof(((struct fsgeom *)0)->name)
	{"as it is", FIELD(block_size), 4096, 0},
	{"block size 0", FIELD(block_size), 0, -EINVAL},
	{"block size 3000", FIELD(block_size), 3000, -EINVAL},
	{"block size 256", FIELD(block_size), 256, -EINVAL},
	{"block size 128 KiB", FIELD(block_size), 131072, -EINVAL},
	{"sector size 0", FIELD(sector_size), 0, -EINVAL},
	{"sector size 256", FIELD(sector_size), 256, -EINVAL},
	{"sector size 520", FIELD(sector_size), 520, -EINVAL},
	{"sector above block", FIELD(sector_size), 8192, -EINVAL},
	{"sector as block", FIELD(sector_size), 4096, 0},
	{"inode size 0", FIELD(inode_size), 0, -EINVAL},
	{"inode size 128", FIELD(inode_size), 128, -EINVAL},
	{"inode size 768", FIELD(inode_size), 768, -EINVAL},
	{"inode above block", FIELD(inode_size), 8192, -EINVAL},
	{"no blocks in an AG", FIELD(ag_blocks), 0, -EINVAL},
	{"no AG", FIELD(ag_count), 0, -EINVAL},
	{"AG missing", FIELD(ag_count), 3, -EINVAL},
	{"AG empty", FIELD(ag_count), 5, -EINVAL},
	{"last AG of one block", FIELD(data_blocks), 3 * 16384 + 1, 0},
	{"last AG empty", FIELD(data_blocks), 3 * 16384, -EINVAL},
	{"no blocks", FIELD(data_blocks), 0, -EINVAL},
	{"more blocks than AGs hold", FIELD(data_blocks), 65537, -EINVAL},
	{"log at the very end", FIELD(log.start), (65536 - 10) * 4096ull, 0},
	{"log over the end", FIELD(log.start), (65536 - 9) * 4096ull, -EINVAL},
	{"log beyond the end", FIELD(log.start), UINT64_MAX, -EINVAL},
	{"log longer than the device", FIELD(log.len), 65537 * 4096ull, -EINVAL},
#undef FIELD
};

static void test_validate(void **state)
{
	struct fsgeom huge = usual;

	for (size_t i = 0; i < ARRAY_SIZE(checks); i++) {
		struct fsgeom geom = usual;
		void *field = (char *)&geom + checks[i].field;

		UNIT_ROW(checks, i, checks[i].what);
		geom.log.len = 10 * 4096;
		if (checks[i].width == sizeof(uint32_t))
			*(uint32_t *)field = (uint32_t)checks[i].value;
		else
			*(uint64_t *)field = checks[i].value;
		assert_int_equal(fsgeom_validate(&geom), checks[i].r);
	}

	assert_int_equal(fsgeom_validate(&small), 0);
	assert_int_equal(fsgeom_validate(&large), 0);
	assert_int_equal(fsgeom_validate(&tiny), 0);
	/* 2^64 bytes must not come out as few */
	huge.ag_blocks = UINT32_MAX;
	huge.ag_count = UINT32_MAX;
	huge.data_blocks = (uint64_t)UINT32_MAX * UINT32_MAX;
	assert_int_equal(fsgeom_validate(&huge), -EINVAL);
}

static const struct {
	const struct fsgeom *geom;
	uint64_t byte;
	uint32_t agno;
} agnos[] = {
	{&small, 0, 0},           {&small, 83886079, 0},
	{&small, 83886080, 1},    {&small, 3 * 83886080ull, 3},
	{&small, 256778239, 3},   {&small, 256778240, 3}, /* the end, and behind it */
	{&small, 1ull << 40, 3},  {&usual, 67108863, 0},
	{&usual, 67108864, 1},    {&large, 268406783, 0},
	{&large, 268406784, 1},   {&large, 15 * 268406784ull, 15},
	{&large, UINT64_MAX, 15},
};

static void test_agno(void **state)
{
	for (size_t i = 0; i < ARRAY_SIZE(agnos); i++) {
		UNIT_ROW(agnos, i, NULL);
		assert_int_equal(fsgeom_agno(agnos[i].geom, agnos[i].byte), agnos[i].agno);
	}
	assert_int_equal(fsgeom_bytes(&small), 256778240);
	assert_int_equal(fsgeom_bytes(&usual), 268435456);
	assert_int_equal(fsgeom_bytes(&large), 4294504448);
	assert_int_equal(fsgeom_ag_start(&small, 3), 251658240);
	assert_int_equal(fsgeom_ag_start(&large, 15), 4026101760);
}

static const struct {
	const struct fsgeom *geom;
	uint64_t byte;
	enum fs_owner_kind kind;
	uint64_t end;
} headers[] = {
	/* 512 B sectors, 4 KiB blocks: the block's second half is padding */
	{&usual, 0, FS_OWNER_SUPERBLOCK, 512},
	{&usual, 511, FS_OWNER_SUPERBLOCK, 512},
	{&usual, 512, FS_OWNER_AGF, 1024},
	{&usual, 1024, FS_OWNER_AGI, 1536},
	{&usual, 1536, FS_OWNER_AGFL, 2048},
	{&usual, 2047, FS_OWNER_AGFL, 2048},
	{&usual, 2048, FS_OWNER_AG_PADDING, 4096},
	{&usual, 4095, FS_OWNER_AG_PADDING, 4096},
	{&usual, 4096, FS_OWNER_FS, 67108864},
	{&usual, 67108863, FS_OWNER_FS, 67108864},
	{&usual, 67108864, FS_OWNER_SUPERBLOCK, 67109376},
	{&usual, 2 * 67108864ull + 600, FS_OWNER_AGF, 2 * 67108864ull + 1024},
	{&usual, 268435455, FS_OWNER_FS, 268435456},
	{&usual, 268435456, FS_OWNER_FS, UINT64_MAX},
	/* 512 B sectors, 1 KiB blocks: two whole blocks, no padding */
	{&small, 1024, FS_OWNER_AGI, 1536},
	{&small, 2047, FS_OWNER_AGFL, 2048},
	{&small, 2048, FS_OWNER_FS, 83886080},
	{&small, 83886080 + 1536, FS_OWNER_AGFL, 83886080 + 2048},
	{&small, 3 * 83886080ull + 4096, FS_OWNER_FS, 256778240},
	/* 4 KiB sectors: four blocks */
	{&large, 4095, FS_OWNER_SUPERBLOCK, 4096},
	{&large, 4096, FS_OWNER_AGF, 8192},
	{&large, 8192, FS_OWNER_AGI, 12288},
	{&large, 12288, FS_OWNER_AGFL, 16384},
	{&large, 16384, FS_OWNER_FS, 268406784},
	{&large, 268406784 + 16383, FS_OWNER_AGFL, 268406784 + 16384},
};

static void test_header_kind(void **state)
{
	for (size_t i = 0; i < ARRAY_SIZE(headers); i++) {
		uint64_t end = 0;

		UNIT_ROW(headers, i, fs_owner_token(headers[i].kind));
		assert_int_equal(fsgeom_header_kind(headers[i].geom, headers[i].byte, &end),
				 headers[i].kind);
		assert_int_equal(end, headers[i].end);
		assert_int_equal(fsgeom_header_kind(headers[i].geom, headers[i].byte, NULL),
				 headers[i].kind);
	}
}

static const struct {
	const struct fsgeom *geom;
	struct byte_range phys;
	uint64_t first, count;
} inodes[] = {
	/* usual: number = AG << 17 | block << 3 | index */
	{&usual, {65536, 512}, 128, 1}, /* block 16: the root directory's usual place */
	{&usual, {65536, 4096}, 128, 8},
	{&usual, {65536 + 512, 512}, 129, 1},
	{&usual, {65536 + 3584, 512}, 135, 1},
	{&usual, {65536 + 511, 1}, 128, 1},
	{&usual, {65536 + 511, 2}, 128, 2},
	{&usual, {65536 + 4095, 514}, 135, 3},
	{&usual, {67108864 + 65536, 16384}, 131072 + 128, 32},
	{&usual, {3 * 67108864ull + 4096 * 100, 512}, 3 * 131072 + 800, 1},
	/* what lies in the next AG is left out: numbers jump there */
	{&usual, {67108864 - 512, 1024}, 131071, 1},
	/* small: AG << 18 | block << 1 | index; the AG holds 163840 of 262144 numbers */
	{&small, {2 * 83886080ull + 10240, 1024}, 524308, 2},
	{&small, {2 * 83886080ull + 10240 + 512, 512}, 524309, 1},
	{&small, {83886080 - 512, 512}, 163839, 1},
	{&small, {83886080 - 512, 4096}, 163839, 1},
	{&small, {83886080, 512}, 262144, 1},
	/* large: AG << 17 | block << 1 | index, 2 KiB inodes: four sectors are one inode */
	{&large, {3 * 268406784ull + 409600, 512}, 3 * 131072 + 200, 1},
	{&large, {3 * 268406784ull + 409600 + 1536, 512}, 3 * 131072 + 200, 1},
	{&large, {3 * 268406784ull + 409600 + 1536, 1024}, 3 * 131072 + 200, 2},
	{&large, {3 * 268406784ull + 409600 + 2048, 2048}, 3 * 131072 + 201, 1},
	/* tiny: 32769 blocks need 16 bits: AG << 17 | block << 1 | index, a sector holds two */
	{&tiny, {16777728, 512}, 131072, 2},
	{&tiny, {16777728 + 512 * 40, 256}, 131072 + 80, 1},
	/* nothing */
	{&usual, {65536, 0}, 0, 0},
};

static void test_inodes_at(void **state)
{
	for (size_t i = 0; i < ARRAY_SIZE(inodes); i++) {
		uint64_t first = 77, count = 77;

		UNIT_ROW(inodes, i, NULL);
		fsgeom_inodes_at(inodes[i].geom, inodes[i].phys, &first, &count);
		assert_int_equal(first, inodes[i].first);
		assert_int_equal(count, inodes[i].count);
	}
}

static const struct {
	const struct fsgeom *geom;
	uint64_t fsblock, byte;
} fsblocks[] = {
	{&usual, 0, 0},
	{&usual, 16383, 67104768},
	{&usual, 16384, 67108864},
	{&usual, 2 << 14 | 6, 2 * 67108864ull + 6 * 4096},
	{&small, 1 << 17, 83886080}, /* 17 bits, though AGs have only 81920 blocks */
	{&small, 2 << 17 | 7, 2 * 83886080ull + 7168},
	{&large, 8 << 16 | 1, 8 * 268406784ull + 4096},
	{&tiny, 1 << 16 | 32768, 16777728 + 32768 * 512},
};

static void test_fsblock_byte(void **state)
{
	for (size_t i = 0; i < ARRAY_SIZE(fsblocks); i++) {
		UNIT_ROW(fsblocks, i, NULL);
		assert_int_equal(fsgeom_fsblock_byte(fsblocks[i].geom, fsblocks[i].fsblock),
				 fsblocks[i].byte);
	}
}

static void test_uuid_text(void **state)
{
	static const uint8_t uuid[16] = {0x00, 0x12, 0x34, 0x56, 0x78, 0x9a, 0xbc, 0xde,
					 0xf0, 0x0f, 0xed, 0xcb, 0xa9, 0x87, 0x65, 0xff};
	char text[FSGEOM_UUID_TEXT];

	fsgeom_uuid_text(uuid, text);
	assert_string_equal(text, "00123456-789a-bcde-f00f-edcba98765ff");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_validate),     cmocka_unit_test(test_agno),
		cmocka_unit_test(test_header_kind),  cmocka_unit_test(test_inodes_at),
		cmocka_unit_test(test_fsblock_byte), cmocka_unit_test(test_uuid_text),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
