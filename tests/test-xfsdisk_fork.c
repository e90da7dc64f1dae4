/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Extents of forks, in the words of the reverse map; trees of them, damaged and impossible ones. */
#include "unit.h"
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include "xfsdisk_fork.h"
#include "ximage.h"

#define INO 60u

struct extent {
	uint64_t offset, block, count;
	bool unwritten;
};

static struct ximage image;
static uint8_t *inode;
static char said[4096];
static uint64_t stop_at;

static void put_extents(uint8_t *at, const struct extent *extents, size_t n)
{
	for (size_t i = 0; i < n; i++, at += 16) {
		const struct extent *e = &extents[i];

		ximage_put(at, (uint64_t)e->unwritten << 63 | e->offset << 9 | e->block >> 43, 8);
		ximage_put(at + 8, e->block << 21 | e->count, 8);
	}
}

static int setup(void **state)
{
	ximage_init(&image);
	inode = ximage_inode(&image, INO, 0100644);
	inode[5] = 2;
	inode[83] = 2;
	stop_at = UINT64_MAX;
	return 0;
}

/* In blocks: "first+count@offset/flags" */
static int say(const struct fsmap_rec *rec, void *data)
{
	size_t len = strlen(said);

	assert_int_equal(rec->owner, INO);
	snprintf(said + len, sizeof(said) - len, "%" PRIu64 "+%" PRIu64 "@%" PRIu64 "/%x;",
		 rec->phys.start / XIMAGE_BLOCK, rec->phys.len / XIMAGE_BLOCK,
		 rec->offset / XIMAGE_BLOCK, rec->flags);
	return rec->phys.start == stop_at ? 77 : 0;
}

static int say_lost(struct byte_range part, void *data)
{
	size_t len = strlen(said);

	if (part.len > 1ull << 40)
		snprintf(said + len, sizeof(said) - len, "lost from %" PRIu64 ";",
			 part.start / XIMAGE_BLOCK);
	else
		snprintf(said + len, sizeof(said) - len, "lost %" PRIu64 "+%" PRIu64 ";",
			 part.start / XIMAGE_BLOCK, part.len / XIMAGE_BLOCK);
	return 0;
}

static int walk(enum xfsdisk_fork fork)
{
	static const struct xfsdisk_fork_sink sink = {say, say_lost, NULL};
	struct xfsdisk disk;

	said[0] = '\0';
	assert_int_equal(ximage_open(&image, &disk), 0);
	return xfsdisk_fork_walk(&disk, INO, inode, fork, &sink);
}

/* Block 64 is the first of group 1. */
static const struct extent some[] = {
	{0, 10, 2, false}, {2, 64 + 9, 1, true}, {1ull << 40, 50, 3, false}};
#define SAYS_SOME "10+2@0/0;73+1@2/1;50+3@1099511627776/0;"

static void lists(void **state)
{
	static const struct extent attrs[] = {{0, 7, 1, false}};

	put_extents(inode + 176, some, 3);
	ximage_put(inode + 76, 3, 4);
	assert_int_equal(walk(XFSDISK_FORK_DATA), 0);
	assert_string_equal(said, SAYS_SOME);
	assert_int_equal(walk(XFSDISK_FORK_ATTR), 0);
	assert_string_equal(said, "");
	stop_at = 73 * XIMAGE_BLOCK;
	assert_int_equal(walk(XFSDISK_FORK_DATA), 77);
	stop_at = UINT64_MAX;

	inode[82] = 6; /* 48 bytes of data fork */
	put_extents(inode + 176 + 48, attrs, 1);
	ximage_put(inode + 80, 1, 2);
	assert_int_equal(walk(XFSDISK_FORK_DATA), 0);
	assert_string_equal(said, SAYS_SOME);
	assert_int_equal(walk(XFSDISK_FORK_ATTR), 0);
	assert_string_equal(said, "7+1@0/2;");

	/* large counters lie elsewhere */
	ximage_put(inode + 120, 1u << 4, 8);
	ximage_put(inode + 24, 3, 8);
	ximage_put(inode + 76, 1, 4);
	ximage_put(inode + 80, 0, 2);
	assert_int_equal(walk(XFSDISK_FORK_DATA), 0);
	assert_string_equal(said, SAYS_SOME);
	assert_int_equal(walk(XFSDISK_FORK_ATTR), 0);
	assert_string_equal(said, "7+1@0/2;");

	ximage_put(inode + 90, 1, 2); /* data on the realtime device */
	assert_int_equal(walk(XFSDISK_FORK_DATA), 0);
	assert_string_equal(said, "");
}

static void in_the_inode(void **state)
{
	const uint8_t *bytes;
	struct xfsdisk disk;
	uint32_t len;

	assert_int_equal(ximage_open(&image, &disk), 0);
	inode[82] = 4;
	assert_false(xfsdisk_fork_local(&disk, inode, XFSDISK_FORK_DATA, &bytes, &len));
	inode[5] = 1;
	assert_true(xfsdisk_fork_local(&disk, inode, XFSDISK_FORK_DATA, &bytes, &len));
	assert_ptr_equal(bytes, inode + 176);
	assert_int_equal(len, 32);
	assert_int_equal(walk(XFSDISK_FORK_DATA), 0);
	assert_string_equal(said, "");
	inode[83] = 1;
	assert_true(xfsdisk_fork_local(&disk, inode, XFSDISK_FORK_ATTR, &bytes, &len));
	assert_ptr_equal(bytes, inode + 208);
	assert_int_equal(len, 512 - 208);
	inode[82] = 0;
	assert_false(xfsdisk_fork_local(&disk, inode, XFSDISK_FORK_ATTR, &bytes, &len));
	inode[82] = 42; /* behind the inode's end */
	assert_false(xfsdisk_fork_local(&disk, inode, XFSDISK_FORK_DATA, &bytes, &len));
	assert_int_equal(walk(XFSDISK_FORK_DATA), XFSDISK_E_DAMAGED);
}

static void impossible_lists(void **state)
{
	static const struct {
		const char *what;
		struct extent extents[2];
	} rows[] = {
		{"of nothing", {{0, 10, 0, false}, {9, 20, 1, false}}},
		{"overlapping", {{0, 10, 2, false}, {1, 20, 1, false}}},
		{"descending", {{5, 10, 2, false}, {0, 20, 1, false}}},
		{"out of the group", {{0, 63, 2, false}, {9, 20, 1, false}}},
		{"no such group", {{0, 10, 2, false}, {9, 128, 1, false}}},
		{"far off", {{0, (1ull << 52) - 1, 1, false}, {9, 20, 1, false}}},
		{"beyond any offset", {{0, 10, 1, false}, {(1ull << 54) - 1, 20, 2, false}}},
	};

	ximage_put(inode + 76, 2, 4);
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		UNIT_ROW(rows, i, rows[i].what);
		put_extents(inode + 176, rows[i].extents, 2);
		assert_int_equal(walk(XFSDISK_FORK_DATA), XFSDISK_E_DAMAGED);
		assert_string_equal(said, "");
	}
	ximage_put(inode + 76, 22, 4); /* more than there is room for */
	assert_int_equal(walk(XFSDISK_FORK_DATA), XFSDISK_E_DAMAGED);
}

/* ---- trees ---- */

static uint8_t *block_of(uint32_t number, unsigned int level, size_t n)
{
	uint8_t *block = ximage_block(&image, 0, number);

	memset(block, 0, XIMAGE_BLOCK);
	memcpy(block, "BMA3", 4);
	ximage_put(block + 4, level, 2);
	ximage_put(block + 6, n, 2);
	ximage_put(block + 24, (uint64_t)number * 2, 8);
	memcpy(block + 40, XIMAGE_UUID, 16);
	ximage_put(block + 56, INO, 8);
	return block;
}

static void leaf(uint32_t number, const struct extent *extents, size_t n)
{
	uint8_t *block = block_of(number, 0, n);

	put_extents(block + 72, extents, n);
	ximage_seal(block, XIMAGE_BLOCK, 64);
}

static void node(uint32_t number, unsigned int level, const uint64_t (*entries)[2], size_t n)
{
	uint8_t *block = block_of(number, level, n);

	for (size_t i = 0; i < n; i++) {
		ximage_put(block + 72 + i * 8, entries[i][0], 8);
		ximage_put(block + 72 + (XIMAGE_BLOCK - 72) / 16 * 8 + i * 8, entries[i][1], 8);
	}
	ximage_seal(block, XIMAGE_BLOCK, 64);
}

static void root(unsigned int level, const uint64_t (*entries)[2], size_t n)
{
	uint8_t *at = inode + 176;

	inode[5] = 3;
	memset(at, 0, 512 - 176);
	ximage_put(at, level, 2);
	ximage_put(at + 2, n, 2);
	for (size_t i = 0; i < n; i++) {
		ximage_put(at + 4 + i * 8, entries[i][0], 8);
		ximage_put(at + 4 + (512 - 176 - 4) / 16 * 8 + i * 8, entries[i][1], 8);
	}
}

static const struct extent left[] = {{0, 10, 1, false}, {4, 12, 2, true}};
static const struct extent right[] = {{100, 14, 1, false}};
static const uint64_t both[][2] = {{0, 20}, {100, 21}};
#define SAYS_LEFT  "20+1@0/4;10+1@0/0;12+2@4/1;"
#define SAYS_RIGHT "21+1@0/4;14+1@100/0;"

static void make_tree(void)
{
	setup(NULL);
	root(1, both, 2);
	leaf(20, left, 2);
	leaf(21, right, 1);
}

static void trees(void **state)
{
	static const uint64_t top[][2] = {{0, 22}};
	static const uint64_t twice[][2] = {{0, 20}, {100, 20}};
	static const struct extent other[] = {{90, 14, 1, false}, {200, 15, 1, false}};

	make_tree();
	assert_int_equal(walk(XFSDISK_FORK_DATA), 0);
	assert_string_equal(said, SAYS_LEFT SAYS_RIGHT);
	root(2, top, 1);
	node(22, 1, both, 2);
	assert_int_equal(walk(XFSDISK_FORK_DATA), 0);
	assert_string_equal(said, "22+1@0/4;" SAYS_LEFT SAYS_RIGHT);

	make_tree();
	image.bad = (struct byte_range){20 * 1024, 1};
	assert_int_equal(walk(XFSDISK_FORK_DATA), 0);
	assert_string_equal(said, "20+1@0/4;lost 0+100;" SAYS_RIGHT);
	image.error = -ENODEV;
	assert_int_equal(walk(XFSDISK_FORK_DATA), -ENODEV);

	make_tree(); /* of another time than the inode */
	leaf(21, other, 2);
	assert_int_equal(walk(XFSDISK_FORK_DATA), 0);
	assert_string_equal(said, SAYS_LEFT "21+1@0/4;lost from 100;14+1@90/0;15+1@200/0;");

	make_tree();
	root(1, twice, 2);
	assert_int_equal(walk(XFSDISK_FORK_DATA), 0);
	assert_string_equal(said, SAYS_LEFT "20+1@0/4;lost from 100;");
}

static void unsound_blocks(void **state)
{
	static const struct ximage_change rows[] = {
		{"checksum", 700, 1, 1, false},
		{"magic", 0, 4, 0x49414233, true},
		{"level", 4, 2, 1, true},
		{"no records", 6, 2, 0, true},
		{"too many records", 6, 2, 60, true},
		{"elsewhere", 24, 8, 10, true},
		{"another filesystem", 40, 4, 0, true},
		{"another inode", 56, 8, INO + 1, true},
		{"of nothing", 80, 8, 14 << 21, true},
	};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		uint8_t *block = ximage_block(&image, 0, 21);

		UNIT_ROW(rows, i, rows[i].what);
		make_tree();
		ximage_change(block, &rows[i], 64);
		assert_int_equal(walk(XFSDISK_FORK_DATA), 0);
		assert_string_equal(said, SAYS_LEFT "21+1@0/4;lost from 100;");
	}
}

static void impossible_roots(void **state)
{
	static const uint64_t outside[][2] = {{0, 20}, {100, 128}};
	static const uint64_t descending[][2] = {{100, 20}, {0, 21}};

	make_tree();
	root(1, outside, 2);
	assert_int_equal(walk(XFSDISK_FORK_DATA), 0);
	assert_string_equal(said, SAYS_LEFT "lost from 100;");
	root(1, descending, 2);
	assert_int_equal(walk(XFSDISK_FORK_DATA), XFSDISK_E_DAMAGED);
	for (unsigned int i = 0; i < 4; i++) {
		static const struct {
			unsigned int level, n;
		} rows[] = {{0, 2}, {10, 2}, {1, 0}, {1, 21}};

		root(1, both, 2);
		ximage_put(inode + 176, rows[i].level, 2);
		ximage_put(inode + 178, rows[i].n, 2);
		assert_int_equal(walk(XFSDISK_FORK_DATA), XFSDISK_E_DAMAGED);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(lists, setup),
		cmocka_unit_test_setup(in_the_inode, setup),
		cmocka_unit_test_setup(impossible_lists, setup),
		cmocka_unit_test_setup(trees, setup),
		cmocka_unit_test_setup(unsound_blocks, setup),
		cmocka_unit_test_setup(impossible_roots, setup),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
