/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Who owns what of an XFS without a reverse map: all that points to blocks, and what of it is lost. */
#include "unit.h"
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include "xfsdisk_sweep.h"
#include "ximage.h"

static struct ximage image;
static char said[4096];
static unsigned int told;
static uint64_t stop_at;

/* In blocks of the device: "first+count owner/flags@offset" */
static int say(const struct fsmap_rec *rec, void *data)
{
	sprintf(said + strlen(said), "%" PRIu64 "+%" PRIu64 " %" PRIx64 "/%x@%" PRIu64 ";",
		rec->phys.start / XIMAGE_BLOCK, rec->phys.len / XIMAGE_BLOCK,
		rec->flags & FSMAP_SPECIAL ? rec->owner & 0xff : rec->owner, rec->flags,
		rec->offset / XIMAGE_BLOCK);
	return rec->phys.start / XIMAGE_BLOCK == stop_at ? 77 : 0;
}

static int say_lost(void *data)
{
	strcat(said, "lost;");
	return 0;
}

static int count(uint64_t inodes, uint32_t agno, void *data)
{
	assert_int_equal(agno, told);
	told++;
	return 0;
}

static int sweep(void)
{
	static const struct xfsdisk_sweep_sink sink = {say, say_lost, count, NULL};
	struct xfsdisk disk;

	said[0] = '\0';
	told = 0;
	assert_int_equal(ximage_open(&image, &disk), 0);
	return xfsdisk_sweep(&disk, &sink);
}

static uint8_t *agf(uint32_t agno)
{
	return ximage_block(&image, agno, 0) + 512;
}

static void put_tree(uint32_t agno, const char *magic, uint32_t number, const uint32_t *numbers,
		     size_t n, unsigned int words)
{
	uint8_t *block = ximage_btree(&image, agno, number, 0, n);

	memcpy(block, magic, 4);
	for (size_t i = 0; i < n * words; i++)
		ximage_put(block + 56 + 4 * i, numbers[i], 4);
	ximage_seal(block, XIMAGE_BLOCK, 52);
}

static void put_headers(uint32_t agno)
{
	uint8_t *at = agf(agno);

	ximage_put(at + 16, 4, 4);
	ximage_put(at + 20, 5, 4);
	ximage_put(at + 28, 1, 4);
	ximage_put(at + 32, 1, 4);
	ximage_put(at + 40, 117, 4); /* of 119 places: around the end */
	ximage_put(at + 48, agno ? 0 : 3, 4);
	ximage_put(at + 88, 6, 4);
	ximage_put(at + 92, 1, 4);
	ximage_seal(at, 512, 216);

	at = ximage_block(&image, agno, 1);
	memcpy(at, "XAGI", 4);
	ximage_put(at + 4, 1, 4);
	ximage_put(at + 8, agno, 4);
	ximage_put(at + 12, XIMAGE_AG_BLOCKS, 4);
	ximage_put(at + 20, 7, 4);
	ximage_put(at + 24, 1, 4);
	memcpy(at + 296, XIMAGE_UUID, 16);
	ximage_put(at + 328, 8, 4);
	ximage_put(at + 332, 1, 4);
	ximage_seal(at, 512, 312);
}

static void put_reserve(void)
{
	uint8_t *at = ximage_block(&image, 0, 1) + 512;

	memcpy(at, "XAFL", 4);
	memcpy(at + 8, XIMAGE_UUID, 16);
	ximage_put(at + 36 + 4 * 117, 10, 4);
	ximage_put(at + 36 + 4 * 118, 11, 4);
	ximage_put(at + 36, 12, 4);
	ximage_seal(at, 512, 32);
}

/* Group 0 has a chunk of 64 inodes at block 20, half of it a hole, and in it one file; group 1 is empty. */
static int setup(void **state)
{
	static const uint32_t free0[] = {13, 2}, staged[] = {0x80000000u + 15, 1, 1};
	static const uint32_t chunk[] = {40, 0xff00u << 16, 0xffffffffu, 0xfffffffeu};
	static const uint32_t free1[] = {9, 31};
	uint8_t *inode;

	ximage_init(&image);
	ximage_put(image.bytes + 212, 0x5, 4); /* free inodes, shared blocks; no reverse map */
	ximage_seal_sb(&image);
	for (uint32_t agno = 0; agno < XIMAGE_AGS; agno++) {
		put_headers(agno);
		put_tree(agno, "AB3B", 4, agno ? free1 : free0, 1, 2);
		put_tree(agno, "AB3C", 5, agno ? free1 : free0, 1, 2);
		put_tree(agno, "R3FC", 6, staged, agno ? 0 : 1, 3);
		put_tree(agno, "IAB3", 7, chunk, agno ? 0 : 1, 4);
		put_tree(agno, "FIB3", 8, chunk, agno ? 0 : 1, 4);
	}
	put_reserve();
	inode = ximage_inode(&image, 40, 0100644);
	inode[5] = 2;
	ximage_put(inode + 76, 1, 4);
	ximage_put(inode + 176, 3ull << 9, 8);
	ximage_put(inode + 184, 50ull << 21 | 2, 8);
	inode[82] = 10;
	inode[83] = 2;
	ximage_put(inode + 80, 1, 2);
	ximage_put(inode + 256 + 8, 60ull << 21 | 1, 8);
	ximage_seal(inode, XIMAGE_INODE, 100);
	stop_at = UINT64_MAX;
	return 0;
}

#define FREE0   "4+1 3/10@0;13+2 1/10@0;5+1 3/10@0;"
#define AGFL0   "10+1 3/10@0;11+1 3/10@0;12+1 3/10@0;"
#define SHARED0 "6+1 6/10@0;15+1 7/10@0;"
#define MAPS0   "8+1 4/10@0;7+1 4/10@0;"
#define CHUNK0  "20+16 5/10@0;"
#define FILE0   "50+2 28/0@3;60+1 28/2@0;"
#define GROUP1  "68+1 3/10@0;73+31 1/10@0;69+1 3/10@0;70+1 6/10@0;72+1 4/10@0;71+1 4/10@0;"

static void everything(void **state)
{
	assert_int_equal(sweep(), 0);
	assert_string_equal(said, FREE0 AGFL0 SHARED0 MAPS0 CHUNK0 FILE0 GROUP1);
	assert_int_equal(told, XIMAGE_AGS);
	stop_at = 50;
	assert_int_equal(sweep(), 77);
}

static const struct {
	const char *what;
	uint32_t block; /* of group 0, that cannot be read */
	uint32_t at, len;
	const char *says;
} bad[] = {
	{"AGF", 0, 512, 512, "lost;" MAPS0 CHUNK0 FILE0 GROUP1},
	{"AGI", 1, 0, 512, FREE0 AGFL0 SHARED0 "lost;" GROUP1},
	{"AGFL", 1, 512, 512, FREE0 "lost;" SHARED0 MAPS0 CHUNK0 FILE0 GROUP1},
	{"free space", 4, 0, 1,
	 "4+1 3/10@0;lost;5+1 3/10@0;" AGFL0 SHARED0 MAPS0 CHUNK0 FILE0 GROUP1},
	{"free space by size", 5, 0, 1,
	 "4+1 3/10@0;13+2 1/10@0;5+1 3/10@0;lost;" AGFL0 SHARED0 MAPS0 CHUNK0 FILE0 GROUP1},
	{"counts", 6, 0, 1, FREE0 AGFL0 "6+1 6/10@0;lost;" MAPS0 CHUNK0 FILE0 GROUP1},
	{"inodes", 7, 0, 1, FREE0 AGFL0 SHARED0 "8+1 4/10@0;7+1 4/10@0;lost;" GROUP1},
	{"free inodes", 8, 0, 1,
	 FREE0 AGFL0 SHARED0 "8+1 4/10@0;lost;7+1 4/10@0;" CHUNK0 FILE0 GROUP1},
	{"an inode", 20, 0, 1, FREE0 AGFL0 SHARED0 MAPS0 CHUNK0 "lost;" GROUP1},
};

static void unreadable(void **state)
{
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++) {
		UNIT_ROW(bad, i, bad[i].what);
		image.bad = (struct byte_range){bad[i].block * 1024 + bad[i].at, bad[i].len};
		image.error = 0;
		assert_int_equal(sweep(), 0);
		assert_string_equal(said, bad[i].says);
		image.error = -ENODEV;
		assert_int_equal(sweep(), -ENODEV);
	}
}

/* What is claimed lies in its group, or is lost. */
static void impossible(void **state)
{
	static const uint32_t far[] = {63, 2}, wrap[] = {10, UINT32_MAX}, nothing[] = {10, 0};
	static const uint32_t *const claims[] = {far, wrap, nothing};
	uint8_t *inode = ximage_block(&image, 0, 20);

	for (size_t i = 0; i < ARRAY_SIZE(claims); i++) {
		put_tree(0, "AB3B", 4, claims[i], 1, 2);
		assert_int_equal(sweep(), 0);
		assert_string_equal(
			said,
			"4+1 3/10@0;lost;5+1 3/10@0;" AGFL0 SHARED0 MAPS0 CHUNK0 FILE0 GROUP1);
	}
	setup(NULL);
	ximage_put(agf(0) + 40, 119, 4);
	ximage_seal(agf(0), 512, 216);
	assert_int_equal(sweep(), 0);
	assert_string_equal(said, FREE0 "lost;" SHARED0 MAPS0 CHUNK0 FILE0 GROUP1);
	setup(NULL);
	ximage_put(inode + 184, 63ull << 21 | 2, 8);
	ximage_seal(inode, XIMAGE_INODE, 100);
	assert_int_equal(sweep(), 0);
	assert_string_equal(said, FREE0 AGFL0 SHARED0 MAPS0 CHUNK0 "lost;60+1 28/2@0;" GROUP1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(everything, setup),
		cmocka_unit_test_setup(unreadable, setup),
		cmocka_unit_test_setup(impossible, setup),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
