/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The trees of a group: their records in order, their own blocks, what is lost and how much of it. */
#include "unit.h"
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include "xfsdisk_btree.h"
#include "ximage.h"

#define LOST_ALL "lost 0-18446744073709551615;"

static struct ximage image;
static char said[4096];
static unsigned int record_len;
static uint32_t stop_at, unsound;

static int setup(void **state)
{
	ximage_init(&image);
	stop_at = unsound = UINT32_MAX;
	return 0;
}

static int say_block(uint32_t ag_block, void *data)
{
	sprintf(said + strlen(said), "[%u]", ag_block);
	return ag_block == stop_at ? 78 : 0;
}

static int say(const uint8_t *record, void *data)
{
	for (unsigned int i = 0; i < record_len; i += 4)
		sprintf(said + strlen(said), "%s%u", i ? "," : "", xfsdisk_u32(record + i));
	strcat(said, ";");
	return xfsdisk_u32(record) == stop_at ? 77 : 0;
}

static bool is_sound(const uint8_t *record, void *data)
{
	return xfsdisk_u32(record) != unsound;
}

static int say_lost(uint64_t first, uint64_t end, void *data)
{
	sprintf(said + strlen(said), "lost %" PRIu64 "-%" PRIu64 ";", first, end);
	return 0;
}

static int walk(enum xfsdisk_tree tree, uint32_t root, uint32_t levels)
{
	static const struct xfsdisk_btree_sink sink = {
		.block = say_block, .record = say, .sound = is_sound, .lost = say_lost};
	struct xfsdisk disk;

	said[0] = '\0';
	assert_int_equal(ximage_open(&image, &disk), 0);
	return xfsdisk_btree_walk(&disk, 1, tree, root, levels, &sink);
}

/* A block of group 1 whose entries are @words numbers each. */
static void put(const char *magic, uint32_t number, unsigned int level, const uint32_t *numbers,
		size_t n, unsigned int words)
{
	uint8_t *block = ximage_btree(&image, 1, number, level, n);

	memcpy(block, magic, 4);
	for (size_t i = 0; i < n * words; i++)
		ximage_put(block + 56 + 4 * i, numbers[i], 4);
	ximage_seal(block, XIMAGE_BLOCK, 52);
}

static void children(uint32_t number, unsigned int key, const uint32_t *numbers, size_t n)
{
	uint8_t *block = ximage_block(&image, 1, number);

	for (size_t i = 0; i < n; i++)
		ximage_put(block + 56 + (XIMAGE_BLOCK - 56) / (key + 4) * key + 4 * i, numbers[i],
			   4);
	ximage_seal(block, XIMAGE_BLOCK, 52);
}

static const struct {
	const char *what, *magic;
	enum xfsdisk_tree tree;
	unsigned int words;
	size_t n;
	uint32_t numbers[8];
	const char *says;
} leaves[] = {
	{"free", "AB3B", XFSDISK_TREE_FREE, 2, 2, {10, 5, 20, 1}, "[9]10,5;20,1;"},
	{"free, descending", "AB3B", XFSDISK_TREE_FREE, 2, 2, {20, 1, 10, 5}, "[9]" LOST_ALL},
	{"by size", "AB3C", XFSDISK_TREE_FREE_SIZES, 2, 2, {20, 1, 10, 5}, "[9]20,1;10,5;"},
	{"by size, by place",
	 "AB3C",
	 XFSDISK_TREE_FREE_SIZES,
	 2,
	 2,
	 {10, 5, 20, 1},
	 "[9]" LOST_ALL},
	{"same size", "AB3C", XFSDISK_TREE_FREE_SIZES, 2, 2, {10, 5, 20, 5}, "[9]10,5;20,5;"},
	{"shared", "R3FC", XFSDISK_TREE_REFCOUNT, 3, 2, {10, 5, 2, 30, 1, 3}, "[9]10,5,2;30,1,3;"},
	{"inodes",
	 "IAB3",
	 XFSDISK_TREE_INODES,
	 4,
	 2,
	 {0, 1, 2, 3, 64, 5, 6, 7},
	 "[9]0,1,2,3;64,5,6,7;"},
	{"inodes twice",
	 "IAB3",
	 XFSDISK_TREE_INODES,
	 4,
	 2,
	 {0, 1, 2, 3, 63, 5, 6, 7},
	 "[9]" LOST_ALL},
	{"free inodes", "FIB3", XFSDISK_TREE_FREE_INODES, 4, 1, {64, 1, 2, 3}, "[9]64,1,2,3;"},
	{"one for the other",
	 "IAB3",
	 XFSDISK_TREE_FREE_INODES,
	 4,
	 1,
	 {64, 1, 2, 3},
	 "[9]" LOST_ALL},
	{"empty", "AB3B", XFSDISK_TREE_FREE, 2, 0, {0}, "[9]"},
};

static void kinds(void **state)
{
	for (size_t i = 0; i < ARRAY_SIZE(leaves); i++) {
		UNIT_ROW(leaves, i, leaves[i].what);
		record_len = leaves[i].words * 4;
		put(leaves[i].magic, 9, 0, leaves[i].numbers, leaves[i].n, leaves[i].words);
		assert_int_equal(walk(leaves[i].tree, 9, 1), 0);
		assert_string_equal(said, leaves[i].says);
	}
}

/* Two leaves, 10 and 11, below 9. */
static void tree(void)
{
	static const uint32_t left[] = {1, 2, 5, 1}, right[] = {30, 4, 40, 1},
			      keys[] = {1, 2, 30, 4};

	setup(NULL);
	record_len = 8;
	put("AB3B", 10, 0, left, 2, 2);
	put("AB3B", 11, 0, right, 2, 2);
	put("AB3B", 9, 1, keys, 2, 2);
	children(9, 8, (const uint32_t[]){10, 11}, 2);
}

static void trees(void **state)
{
	tree();
	assert_int_equal(walk(XFSDISK_TREE_FREE, 9, 2), 0);
	assert_string_equal(said, "[9][10]1,2;5,1;[11]30,4;40,1;");
	stop_at = 5;
	assert_int_equal(walk(XFSDISK_TREE_FREE, 9, 2), 77);
	stop_at = 11;
	assert_int_equal(walk(XFSDISK_TREE_FREE, 9, 2), 78);
	assert_string_equal(said, "[9][10]1,2;5,1;[11]");
}

static void damage(void **state)
{
	const struct byte_range leaf = {(64 + 10) * 1024, 1};

	tree();
	image.bad = leaf;
	assert_int_equal(walk(XFSDISK_TREE_FREE, 9, 2), 0);
	assert_string_equal(said, "[9][10]lost 1-30;[11]30,4;40,1;");
	image.error = -ENODEV;
	assert_int_equal(walk(XFSDISK_TREE_FREE, 9, 2), -ENODEV);
	tree();
	ximage_block(&image, 1, 11)[900] ^= 1;
	assert_int_equal(walk(XFSDISK_TREE_FREE, 9, 2), 0);
	assert_string_equal(said, "[9][10]1,2;5,1;[11]lost 30-18446744073709551615;");
	tree();
	unsound = 40;
	assert_int_equal(walk(XFSDISK_TREE_FREE, 9, 2), 0);
	assert_string_equal(said, "[9][10]1,2;5,1;[11]lost 30-18446744073709551615;");
}

/* What the parent says of a block is another time's. */
static void misfits(void **state)
{
	static const uint32_t low[] = {2, 2, 5, 1}, high[] = {1, 2, 31, 1};

	tree();
	put("AB3B", 10, 0, low, 2, 2);
	assert_int_equal(walk(XFSDISK_TREE_FREE, 9, 2), 0);
	assert_string_equal(said, "[9][10]lost 1-30;2,2;5,1;[11]30,4;40,1;");
	tree();
	put("AB3B", 10, 0, high, 2, 2);
	assert_int_equal(walk(XFSDISK_TREE_FREE, 9, 2), 0);
	assert_string_equal(said, "[9][10]lost 1-30;1,2;31,1;[11]30,4;40,1;");
}

static void impossible(void **state)
{
	static const struct {
		const char *what;
		uint32_t root, levels, children[2];
		const char *says;
	} rows[] = {
		{"no levels", 9, 0, {10, 11}, LOST_ALL},
		{"too many levels", 9, 10, {10, 11}, LOST_ALL},
		{"other levels", 9, 3, {10, 11}, "[9]" LOST_ALL},
		{"a root outside", 64, 2, {10, 11}, LOST_ALL},
		{"a root in the header", 0, 2, {10, 11}, LOST_ALL},
		{"a child outside", 9, 2, {64, 11}, "[9]lost 1-30;[11]30,4;40,1;"},
		{"a child in the header",
		 9,
		 2,
		 {10, 0},
		 "[9][10]1,2;5,1;lost 30-18446744073709551615;"},
		{"a child twice",
		 9,
		 2,
		 {10, 10},
		 "[9][10]1,2;5,1;[10]lost 30-18446744073709551615;"},
		{"a circle", 9, 2, {9, 11}, "[9][9]lost 1-30;[11]30,4;40,1;"},
	};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		UNIT_ROW(rows, i, rows[i].what);
		tree();
		children(9, 8, rows[i].children, 2);
		assert_int_equal(walk(XFSDISK_TREE_FREE, rows[i].root, rows[i].levels), 0);
		assert_string_equal(said, rows[i].says);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(kinds, setup),      cmocka_unit_test_setup(trees, setup),
		cmocka_unit_test_setup(damage, setup),     cmocka_unit_test_setup(misfits, setup),
		cmocka_unit_test_setup(impossible, setup),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
