/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Entries of directories, in the inode and in blocks; what is damaged or impossible. */
#include "unit.h"
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>
#include "xfsdisk_dir.h"
#include "ximage.h"

#define INO 60u

static struct ximage image;
static uint8_t *inode;
static char said[8192];
static uint64_t budget, stop_at;
static uint8_t dir_block_log;
static bool no_types;

static int setup(void **state)
{
	ximage_init(&image);
	budget = XIMAGE_BYTES;
	stop_at = 0;
	dir_block_log = 0;
	no_types = false;
	return 0;
}

/* "name=ino" and "/" where it may be a directory */
static int say(const struct xfsdisk_dirent *entry, void *data)
{
	size_t len = strlen(said);

	snprintf(said + len, sizeof(said) - len, "%.*s=%" PRIu64 "%s;", entry->name_len,
		 entry->name, entry->ino, entry->may_be_dir ? "/" : "");
	return entry->ino == stop_at ? 77 : 0;
}

static int say_lost(uint64_t ino, void *data)
{
	assert_int_equal(ino, INO);
	strcat(said, "lost;");
	return 0;
}

static int walk(void)
{
	static const struct xfsdisk_dir_sink sink = {say, say_lost, NULL};
	struct xfsdisk disk;

	said[0] = '\0';
	image.bytes[192] = dir_block_log;
	ximage_put(image.bytes + 216, no_types ? 0xea : 0xeb, 4);
	ximage_seal_sb(&image);
	assert_int_equal(ximage_open(&image, &disk), 0);
	return xfsdisk_dir_read(&disk, INO, inode, &budget, &sink);
}

static void says(const char *what)
{
	assert_int_equal(walk(), 0);
	assert_string_equal(said, what);
}

static uint8_t *three_in_the_inode(void)
{
	uint8_t *at = ximage_dir_short(&image, INO, 3);

	inode = at - 182;
	at = ximage_dirshort(at, 70, "one", 1);
	at = ximage_dirshort(at, 71, "two", 2);
	return ximage_dirshort(at, 72, "x", 0); /* of no type: may be anything */
}

static void in_the_inode(void **state)
{
	three_in_the_inode();
	says("one=70;two=71/;x=72/;");
	stop_at = 71;
	assert_int_equal(walk(), 77);
	stop_at = 0;
	ximage_dir_short(&image, INO, 0);
	says("");
}

static void wide_numbers(void **state)
{
	ximage_dir_short(&image, INO, 1);
	inode = ximage_inode(&image, INO, 040755);
	inode[5] = 1;
	inode[176] = 1;
	inode[177] = 1; /* that need 8 bytes */
	inode[186] = 2;
	memcpy(inode + 189, "ab", 2);
	inode[191] = 1;
	ximage_put(inode + 192, 99, 8);
	says("ab=99;");
}

static void impossible_in_the_inode(void **state)
{
	static const struct {
		const char *what;
		unsigned int at, bytes;
		uint64_t value;
		const char *says;
	} rows[] = {
		{"more entries than there is room for", 176, 1, 255, "one=70;two=71/;x=72/;lost;"},
		{"a name without a letter", 182, 1, 0, "lost;"},
		{"a name that takes in those behind it", 182, 1, 255, "lost;lost;"},
		{"a slash", 185, 1, '/', "lost;two=71/;x=72/;"},
		{"a NUL", 186, 1, 0, "lost;two=71/;x=72/;"},
		{"of no inode that can be", 189, 4, 1u << 20, "lost;two=71/;x=72/;"},
		{"a fork that lies outside", 82, 1, 60, "lost;"},
		{"a fork too short", 82, 1, 3, "one=70;lost;"},
	};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		UNIT_ROW(rows, i, rows[i].what);
		setup(NULL);
		three_in_the_inode();
		ximage_put(inode + rows[i].at, rows[i].value, rows[i].bytes);
		says(rows[i].says);
	}
}

/* ---- in blocks ---- */

static uint8_t *whole(void)
{
	uint8_t *block = ximage_block(&image, 0, 20);
	uint32_t at = ximage_dir(&image, block, "XDB3", INO);

	inode = ximage_dir_inode(&image, INO, 20, 1);
	at = ximage_dirent(block, at, INO, ".", 2);
	at = ximage_dirent(block, at, 64, "..", 2);
	at = ximage_dirent(block, at, 70, "first", 1);
	ximage_dirgap(block, at, at + 24);
	at = ximage_dirent(block, at + 24, 71, "behind the gap", 2);
	ximage_dir_end(block, at, XIMAGE_BLOCK, 4);
	return block;
}

static void in_one_block(void **state)
{
	whole();
	says("first=70;behind the gap=71/;");
	assert_int_equal(budget, XIMAGE_BYTES - XIMAGE_BLOCK);
	stop_at = 70;
	assert_int_equal(walk(), 77);
	stop_at = 0;
	budget = XIMAGE_BLOCK - 1;
	says("lost;");
	budget = 0;
	says("lost;");
}

static void damaged_blocks(void **state)
{
	static const struct ximage_change rows[] = {
		{"checksum", 600, 1, 1, false},
		{"magic", 0, 4, 0x58444c33, true},
		{"elsewhere", 8, 8, 38, true},
		{"another filesystem", 24, 4, 0, true},
		{"another directory", 40, 8, INO + 1, true},
		{"an index larger than the block", 1016, 4, 120, true},
		{"a name that is empty", 64 + 8, 1, 0, true},
		{"a name that reaches beyond the block", 64 + 8, 1, 255, true},
		{"no way back to its beginning", 64 + 14, 2, 0, true},
		{"a gap of nothing", 120 + 2, 2, 0, true},
		{"a gap that is not aligned", 120 + 2, 2, 21, true},
		{"a gap that reaches into the index", 120 + 2, 2, 1000, true},
	};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		uint8_t *block;

		UNIT_ROW(rows, i, rows[i].what);
		setup(NULL);
		block = whole();
		assert_int_equal(xfsdisk_u16(block + 120), 0xffff);
		ximage_change(block, &rows[i], 4);
		says("lost;");
	}
	setup(NULL);
	whole();
	image.bad = (struct byte_range){20 * XIMAGE_BLOCK + 100, 1};
	says("lost;");
	image.error = -ENODEV;
	assert_int_equal(walk(), -ENODEV);
}

/* Two blocks of entries, and a part of the index, which lies far behind. */
static void several_blocks(void **state)
{
	uint8_t *first, *second;
	uint32_t at;

	inode = ximage_dir_inode(&image, INO, 20, 2);
	ximage_put(inode + 76, 2, 4);
	ximage_put(inode + 192, (UINT64_C(1) << 35) / XIMAGE_BLOCK << 9, 8);
	ximage_put(inode + 200, 22ull << 21 | 1, 8);
	first = ximage_block(&image, 0, 20);
	at = ximage_dir(&image, first, "XDD3", INO);
	at = ximage_dirent(first, at, 70, "a", 1);
	ximage_dir_end(first, at, XIMAGE_BLOCK, 0);
	second = ximage_block(&image, 0, 21);
	at = ximage_dir(&image, second, "XDD3", INO);
	at = ximage_dirent(second, at, 71, "b", 1);
	ximage_dir_end(second, at, XIMAGE_BLOCK, 0);
	says("a=70;b=71;");
	first[500] ^= 1;
	says("lost;b=71;");
}

/* A block of the directory is two of the filesystem, which lie apart. */
static void torn_block(void **state)
{
	uint8_t block[2 * XIMAGE_BLOCK] = {0};
	uint32_t at;

	dir_block_log = 1;
	inode = ximage_dir_inode(&image, INO, 24, 1);
	ximage_put(inode + 76, 2, 4);
	ximage_put(inode + 192, 1u << 9, 8);
	ximage_put(inode + 200, 22ull << 21 | 1, 8);
	memcpy(block, "XDD3", 4);
	ximage_put(block + 8, 24 * 2, 8);
	memcpy(block + 24, XIMAGE_UUID, 16);
	ximage_put(block + 40, INO, 8);
	ximage_dirgap(block, 64, 1016);
	at = ximage_dirent(block, 1016, 71, "across both", 1);
	ximage_dir_end(block, at, sizeof(block), 0);
	memcpy(ximage_block(&image, 0, 24), block, XIMAGE_BLOCK);
	memcpy(ximage_block(&image, 0, 22), block + XIMAGE_BLOCK, XIMAGE_BLOCK);
	says("across both=71;");
	ximage_put(inode + 76, 1, 4); /* the other half is not there */
	says("lost;");
	dir_block_log = 0;
	says("lost;");
}

static void without_types(void **state)
{
	uint8_t *block = ximage_block(&image, 0, 20);

	no_types = true;
	inode = ximage_dir_inode(&image, INO, 20, 1);
	ximage_dir(&image, block, "XDD3", INO);
	ximage_put(block + 64, 70, 8);
	block[72] = 5;
	memcpy(block + 73, "plain", 5);
	ximage_put(block + 78, 64, 2);
	ximage_dir_end(block, 80, XIMAGE_BLOCK, 0);
	says("plain=70/;");
}

static void tree_that_is_lost(void **state)
{
	inode = ximage_inode(&image, INO, 040755);
	inode[5] = 3;
	ximage_put(inode + 176, 1, 2);
	ximage_put(inode + 178, 1, 2);
	ximage_put(inode + 180 + 332 / 16 * 8, 21, 8);
	says("lost;");
	ximage_put(inode + 178, 0, 2);
	says("lost;");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(in_the_inode, setup),
		cmocka_unit_test_setup(wide_numbers, setup),
		cmocka_unit_test_setup(impossible_in_the_inode, setup),
		cmocka_unit_test_setup(in_one_block, setup),
		cmocka_unit_test_setup(damaged_blocks, setup),
		cmocka_unit_test_setup(several_blocks, setup),
		cmocka_unit_test_setup(torn_block, setup),
		cmocka_unit_test_setup(without_types, setup),
		cmocka_unit_test_setup(tree_that_is_lost, setup),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
