/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Chunks of inodes and the inodes in them; what a bad block costs; trees that are none. */
#include "unit.h"
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include "xfsdisk_inobt.h"
#include "ximage.h"

struct chunk {
	uint32_t first;
	uint16_t holes;
	uint64_t free;
};

static struct ximage image;
static char said[4096];
static uint64_t stop_at;

static void agi(uint32_t agno, uint32_t root, uint32_t levels)
{
	uint8_t *at = ximage_block(&image, agno, 1);

	memset(at, 0, 512);
	memcpy(at, "XAGI", 4);
	ximage_put(at + 4, 1, 4);
	ximage_put(at + 8, agno, 4);
	ximage_put(at + 12, XIMAGE_AG_BLOCKS, 4);
	ximage_put(at + 20, root, 4);
	ximage_put(at + 24, levels, 4);
	memcpy(at + 296, XIMAGE_UUID, 16);
	ximage_seal(at, 512, 312);
}

static uint8_t *block_of(uint32_t agno, uint32_t number, unsigned int level, size_t n)
{
	uint8_t *block = ximage_btree(&image, agno, number, level, n);

	memcpy(block, "IAB3", 4);
	return block;
}

static void leaf(uint32_t agno, uint32_t number, const struct chunk *chunks, size_t n)
{
	uint8_t *block = block_of(agno, number, 0, n), *at = block + 56;

	for (size_t i = 0; i < n; i++, at += 16) {
		ximage_put(at, chunks[i].first, 4);
		ximage_put(at + 4, chunks[i].holes, 2);
		ximage_put(at + 8, chunks[i].free, 8);
	}
	ximage_seal(block, XIMAGE_BLOCK, 52);
}

static void node(uint32_t agno, uint32_t number, unsigned int level, const uint32_t (*entries)[2],
		 size_t n)
{
	uint8_t *block = block_of(agno, number, level, n);

	for (size_t i = 0; i < n; i++) {
		ximage_put(block + 56 + i * 4, entries[i][0], 4);
		ximage_put(block + 56 + (XIMAGE_BLOCK - 56) / 8 * 4 + i * 4, entries[i][1], 4);
	}
	ximage_seal(block, XIMAGE_BLOCK, 52);
}

static int setup(void **state)
{
	ximage_init(&image);
	agi(0, 4, 1);
	agi(1, 4, 1);
	stop_at = UINT64_MAX;
	return 0;
}

static int say(const struct xfsdisk_chunk *chunk, void *data)
{
	size_t len = strlen(said);

	snprintf(said + len, sizeof(said) - len, "%" PRIu64 " %" PRIx64 "/%" PRIx64 ";",
		 chunk->first, chunk->there, chunk->used);
	return chunk->first == stop_at ? 77 : 0;
}

static int say_lost(uint64_t first, uint64_t count, void *data)
{
	size_t len = strlen(said);

	snprintf(said + len, sizeof(said) - len, "%" PRIu64 "+%" PRIu64 " lost;", first, count);
	return 0;
}

static int say_inode(const struct found_file *inode, const uint8_t *bytes, bool mapped, void *data)
{
	size_t len = strlen(said);

	assert_memory_equal(bytes, "IN", 2);
	snprintf(said + len, sizeof(said) - len, "%" PRIu64 " %" PRIo32 "%s;", inode->ino,
		 inode->mode, mapped ? "" : " unmapped");
	return inode->ino == stop_at ? 77 : 0;
}

static int walk(uint32_t agno)
{
	static const struct xfsdisk_inobt_sink sink = {.chunk = say, .lost = say_lost};
	struct xfsdisk disk;

	said[0] = '\0';
	assert_int_equal(ximage_open(&image, &disk), 0);
	return xfsdisk_inobt_walk(&disk, agno, &sink);
}

static int inodes(uint32_t agno)
{
	static const struct xfsdisk_inode_sink sink = {.inode = say_inode, .lost = say_lost};
	struct xfsdisk disk;

	said[0] = '\0';
	assert_int_equal(ximage_open(&image, &disk), 0);
	return xfsdisk_inobt_inodes(&disk, agno, &sink);
}

#define NONE UINT64_MAX

static void chunks(void **state)
{
	static const struct chunk one[] = {
		{0, 0, 0}, {64, 0x00ff, 0xffffffff0000fffe}, {72 + 56, 0xff00, NONE}};
	static const struct chunk beyond[] = {{64, 0, 0}};
	static const struct chunk at_end[] = {{96, 0xff00, 0}};
	static const struct chunk past_end[] = {{97, 0xff00, 0}};

	/* the third lies behind the end of the group */
	leaf(0, 4, one, 2);
	assert_int_equal(walk(0), 0);
	assert_string_equal(said, "0 ffffffffffffffff/ffffffffffffffff;"
				  "64 ffffffff00000000/0;");
	leaf(0, 4, one, 3);
	assert_int_equal(walk(0), 0);
	assert_string_equal(said, "0+128 lost;");
	leaf(1, 4, at_end, 1); /* group 1: numbers from 128 on, 64 blocks of two inodes */
	assert_int_equal(walk(1), 0);
	assert_string_equal(said, "224 ffffffff/ffffffff;");
	leaf(1, 4, past_end, 1);
	assert_int_equal(walk(1), 0);
	assert_string_equal(said, "128+128 lost;");
	leaf(1, 4, beyond, 0); /* a group without inodes */
	assert_int_equal(walk(1), 0);
	assert_string_equal(said, "");

	/* without sparse chunks these bits are part of a count */
	ximage_put(image.bytes + 216, 0xe9, 4);
	ximage_seal_sb(&image);
	leaf(1, 4, beyond, 1);
	ximage_put(ximage_block(&image, 1, 4) + 60, 63, 4);
	ximage_seal(ximage_block(&image, 1, 4), XIMAGE_BLOCK, 52);
	assert_int_equal(walk(1), 0);
	assert_string_equal(said, "192 ffffffffffffffff/ffffffffffffffff;");
}

static const uint32_t both[][2] = {{0, 5}, {64, 6}};
static const struct chunk left[] = {{0, 0, 1}}, right[] = {{64, 0, 2}};
#define SAYS_LEFT  "0 ffffffffffffffff/fffffffffffffffe;"
#define SAYS_RIGHT "64 ffffffffffffffff/fffffffffffffffd;"

static void make_tree(void)
{
	setup(NULL);
	agi(0, 4, 2);
	node(0, 4, 1, both, 2);
	leaf(0, 5, left, 1);
	leaf(0, 6, right, 1);
}

static void trees(void **state)
{
	static const struct chunk other[] = {{60, 0, 2}};
	static const uint32_t wild[][2] = {{0, 5}, {64, 5}};
	static const uint32_t header[][2] = {{0, 64}, {64, 0}};

	make_tree();
	assert_int_equal(walk(0), 0);
	assert_string_equal(said, SAYS_LEFT SAYS_RIGHT);
	stop_at = 0;
	assert_int_equal(walk(0), 77);

	make_tree();
	image.bad = (struct byte_range){5 * 1024, 1};
	assert_int_equal(walk(0), 0);
	assert_string_equal(said, "0+64 lost;" SAYS_RIGHT);
	image.error = -ENODEV;
	assert_int_equal(walk(0), -ENODEV);

	make_tree(); /* of another time than its parent */
	leaf(0, 6, other, 1);
	assert_int_equal(walk(0), 0);
	assert_string_equal(said, SAYS_LEFT "64+64 lost;60 ffffffffffffffff/fffffffffffffffd;");

	make_tree();
	node(0, 4, 1, wild, 2);
	assert_int_equal(walk(0), 0);
	assert_string_equal(said, SAYS_LEFT "64+64 lost;");
	node(0, 4, 1, header, 2);
	assert_int_equal(walk(0), 0);
	assert_string_equal(said, "0+64 lost;64+64 lost;");
	agi(0, 4, 9);
	assert_int_equal(walk(0), 0);
	assert_string_equal(said, "0+128 lost;");
}

/* A number in the right leaf, changed; sealed again where told. */
static void unsound_blocks(void **state)
{
	static const struct ximage_change rows[] = {
		{"checksum", 700, 1, 1, false},
		{"magic", 0, 4, 0x46494233, true}, /* of the map of free inodes */
		{"level", 4, 2, 1, true},
		{"too many records", 6, 2, 61, true},
		{"elsewhere", 16, 8, 10, true},
		{"another filesystem", 32, 4, 0, true},
		{"another group", 48, 4, 1, true},
		{"beyond the group", 56, 4, 65, true},
		{"nothing but holes", 60, 2, 0xffff, true},
	};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		uint8_t *block = ximage_block(&image, 0, 6);

		UNIT_ROW(rows, i, rows[i].what);
		make_tree();
		ximage_change(block, &rows[i], 52);
		assert_int_equal(walk(0), 0);
		assert_string_equal(said, SAYS_LEFT "64+64 lost;");
	}
}

static void headers(void **state)
{
	static const struct {
		const char *what;
		unsigned int at;
		uint32_t value;
	} rows[] = {
		{"magic", 0, 0},     {"version", 4, 2},    {"number", 8, 1}, {"length", 12, 65},
		{"no level", 24, 0}, {"too deep", 24, 10}, {"UUID", 296, 0},
	};
	uint8_t *at = ximage_block(&image, 0, 1);

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		UNIT_ROW(rows, i, rows[i].what);
		make_tree();
		ximage_put(at + rows[i].at, rows[i].value, 4);
		assert_int_equal(walk(0), XFSDISK_E_DAMAGED);
		ximage_seal(at, 512, 312);
		assert_int_equal(walk(0), XFSDISK_E_DAMAGED);
	}
	image.bad = (struct byte_range){1024, 1};
	assert_int_equal(walk(0), -EIO);
}

/* 64 inodes from block 20 of group 0 on: numbers 40 to 103. */
static void all_inodes(void **state)
{
	static const struct chunk chunk[] = {{40, 0x0002, ~UINT64_C(0x0f)}};

	leaf(0, 4, chunk, 1);
	ximage_inode(&image, 40, 0100644);
	ximage_inode(&image, 41, 040755);
	ximage_inode(&image, 42, 0); /* freed, the map is older */
	ximage_inode(&image, 43, 0100600);
	ximage_inode(&image, 44, 0100600); /* in a hole */
	ximage_inode(&image, 50, 0120777); /* made, the map is older */
	assert_int_equal(inodes(0), 0);
	assert_string_equal(said, "40 100644;41 40755;43 100600;50 120777 unmapped;");
	stop_at = 41;
	assert_int_equal(inodes(0), 77);
	stop_at = UINT64_MAX;

	image.bad = (struct byte_range){41 * 512, 512};
	assert_int_equal(inodes(0), 0);
	assert_string_equal(said, "40 100644;41+1 lost;43 100600;50 120777 unmapped;");
	image.bad = (struct byte_range){60 * 512, 512}; /* not in use */
	assert_int_equal(inodes(0), 0);
	assert_string_equal(said, "40 100644;41 40755;43 100600;50 120777 unmapped;");
	image.bad.len = 0;
	image.bytes[43 * 512 + 300] ^= 1;
	assert_int_equal(inodes(0), 0);
	assert_string_equal(said, "40 100644;41 40755;43+1 lost;50 120777 unmapped;");
	image.bad = (struct byte_range){4 * 1024, 1};
	assert_int_equal(inodes(0), 0);
	assert_string_equal(said, "0+128 lost;");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(chunks, setup),
		cmocka_unit_test_setup(trees, setup),
		cmocka_unit_test_setup(unsound_blocks, setup),
		cmocka_unit_test_setup(headers, setup),
		cmocka_unit_test_setup(all_inodes, setup),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
