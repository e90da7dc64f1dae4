/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Records of the reverse map, in the words of GETFSMAP; what a bad block costs; trees that are none. */
#include "unit.h"
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include "xfsdisk_rmap.h"
#include "ximage.h"

#define OWN(n)    (UINT64_MAX - (n) + 1)
#define ATTR      (UINT64_C(1) << 63)
#define MAP       (UINT64_C(1) << 62)
#define UNWRITTEN (UINT64_C(1) << 61)

/* What is lost with a block of the map, but for the block itself. */
#define ROOT "4+1 5800000003@0/10;"

static struct ximage image;
static char said[2048];

static int setup(void **state)
{
	ximage_init(&image);
	return 0;
}

/* In blocks of group 0: "first+count owner@offset flags" */
static int say(const struct fsmap_rec *rec, void *data)
{
	size_t len = strlen(said);
	uint32_t stop = *(uint32_t *)data;

	snprintf(said + len, sizeof(said) - len,
		 "%" PRIu64 "+%" PRIu64 " %" PRIx64 "@%" PRIu64 "/%x;",
		 rec->phys.start / XIMAGE_BLOCK, rec->phys.len / XIMAGE_BLOCK, rec->owner,
		 rec->offset, rec->flags);
	return rec->owner == stop ? 77 : 0;
}

static int say_lost(struct byte_range range, void *data)
{
	size_t len = strlen(said);

	snprintf(said + len, sizeof(said) - len, "%" PRIu64 "+%" PRIu64 " lost;",
		 range.start / XIMAGE_BLOCK, range.len / XIMAGE_BLOCK);
	return 0;
}

static uint32_t stop_at;
static const struct xfsdisk_rmap_sink sink = {say, say_lost, &stop_at};

static int query(uint32_t agno, uint32_t first, uint32_t count)
{
	CLEANUP(xfsdisk_rmap_deinit) struct xfsdisk_rmap map = XFSDISK_RMAP_NULL;
	struct xfsdisk disk;
	int r;

	said[0] = '\0';
	assert_int_equal(ximage_open(&image, &disk), 0);
	r = xfsdisk_rmap_init(&disk, agno, &map);
	return r ? r
		 : xfsdisk_rmap_query(&map,
				      (struct byte_range){(uint64_t)first * XIMAGE_BLOCK,
							  (uint64_t)count * XIMAGE_BLOCK},
				      &sink);
}

static void owners(void **state)
{
	static const struct ximage_record records[] = {
		{0, 1, OWN(3), 0},      {1, 1, OWN(5), 0},  {2, 1, OWN(6), 0},
		{3, 2, OWN(7), 0},      {5, 1, OWN(8), 0},  {6, 1, OWN(9), 0},
		{7, 3, OWN(4), 0},      {12, 2, 131, 5},    {14, 1, 131, 7 | UNWRITTEN},
		{15, 1, 131, 3 | ATTR}, {16, 1, 131, MAP},  {17, 1, 131, ATTR | MAP},
		{18, 1, OWN(10), 0},    {19, 1, OWN(2), 0},
	};

	ximage_leaf(&image, 0, 4, records, ARRAY_SIZE(records));
	assert_int_equal(query(0, 0, 20), 0);
	assert_string_equal(said,
			    "0+1 5800000001@0/10;1+1 5800000003@0/10;2+1 5800000004@0/10;"
			    "3+2 5800000005@0/10;5+1 5800000006@0/10;6+1 5800000007@0/10;"
			    "7+3 5800000002@0/10;10+2 1@0/10;12+2 83@5120/0;14+1 83@7168/1;"
			    "15+1 83@3072/2;16+1 83@0/4;17+1 83@0/6;18+1 2@0/10;19+1 2@0/10;");
}

/* A window, and what of a map with a gap at both sides is told. */
static void windows(void **state)
{
	static const struct ximage_record records[] = {{4, 4, 200, 0}, {10, 2, 201, 0}};
	static const struct {
		uint32_t first, count;
		const char *says;
	} rows[] = {
		{0, 2, "0+2 1@0/10;"},
		{0, 5, "0+4 1@0/10;4+4 c8@0/0;"},
		{7, 1, "4+4 c8@0/0;"},
		{8, 2, "8+2 1@0/10;"},
		{7, 4, "4+4 c8@0/0;8+2 1@0/10;10+2 c9@0/0;"},
		{12, 1, "12+1 1@0/10;"},
		{60, 100, "60+4 1@0/10;"}, /* not beyond the group */
		{64, 1, ""},
		{5, 0, ""},
	};

	ximage_leaf(&image, 0, 4, records, ARRAY_SIZE(records));
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		UNIT_ROW(rows, i, rows[i].says);
		assert_int_equal(query(0, rows[i].first, rows[i].count), 0);
		assert_string_equal(said, rows[i].says);
	}
}

static void second_group(void **state)
{
	static const struct ximage_record records[] = {{0, 1, OWN(3), 0}};

	ximage_leaf(&image, 1, 4, records, ARRAY_SIZE(records));
	assert_int_equal(query(1, 0, 1000), 0);
	assert_string_equal(said, "64+1 5800000001@0/10;65+63 1@0/10;");
}

/* Two leaves; an extent of the first reaches over all that the second has. */
static const struct ximage_record left[] = {{0, 1, OWN(3), 0}, {2, 30, 300, 0}, {4, 1, 301, 9}};
static const struct ximage_record right[] = {{10, 2, 302, 0}, {20, 4, 303, 1}, {40, 1, 304, 0}};
static const struct ximage_entry both[] = {{{0, 0, OWN(3), 0}, 31, 5}, {{10, 0, 302, 0}, 40, 6}};

static void make_tree(void)
{
	ximage_init(&image);
	ximage_agf(&image, 0, 4, 2);
	ximage_node(&image, 0, 4, 1, both, ARRAY_SIZE(both));
	ximage_leaf(&image, 0, 5, left, ARRAY_SIZE(left));
	ximage_leaf(&image, 0, 6, right, ARRAY_SIZE(right));
}

static void overlaps(void **state)
{
	make_tree();
	assert_int_equal(query(0, 11, 1), 0);
	assert_string_equal(said, "2+30 12c@0/0;10+2 12e@0/0;");
	assert_int_equal(query(0, 30, 4), 0);
	assert_string_equal(said, "2+30 12c@0/0;32+2 1@0/10;");
	image.reads = 0;
	assert_int_equal(query(0, 35, 1), 0);
	assert_string_equal(said, "35+1 1@0/10;");
	assert_int_equal(image.reads, 4); /* superblock, AGF, root, the right leaf */
}

static void ascending_queries_read_once(void **state)
{
	CLEANUP(xfsdisk_rmap_deinit) struct xfsdisk_rmap map = XFSDISK_RMAP_NULL;
	struct xfsdisk disk;

	make_tree();
	assert_int_equal(ximage_open(&image, &disk), 0);
	assert_int_equal(xfsdisk_rmap_init(&disk, 0, &map), 0);
	image.reads = 0;
	for (uint64_t i = 35; i < 64; i++)
		assert_int_equal(
			xfsdisk_rmap_query(&map, (struct byte_range){i * XIMAGE_BLOCK, 512}, &sink),
			0);
	assert_int_equal(image.reads, 2);
}

static void bad_blocks(void **state)
{
	make_tree();
	image.bad = (struct byte_range){6 * 1024, 512};
	assert_int_equal(query(0, 0, 64), 0);
	assert_string_equal(said, "0+1 5800000001@0/10;1+1 1@0/10;2+30 12c@0/0;4+1 12d@9216/0;"
				  "10+31 lost;41+23 1@0/10;");
	image.bad = (struct byte_range){5 * 1024 + 512, 1};
	assert_int_equal(query(0, 3, 50), 0);
	assert_string_equal(
		said, "3+29 lost;5+1 5800000003@0/10;10+2 12e@0/0;20+4 12f@1024/0;32+8 1@0/10;"
		      "40+1 130@0/0;41+12 1@0/10;");
	image.bad = (struct byte_range){4 * 1024, 1};
	assert_int_equal(query(0, 0, 64), 0);
	assert_string_equal(said, "0+64 lost;" ROOT);
	image.bad = (struct byte_range){512, 1};
	assert_int_equal(query(0, 0, 64), -EIO);

	image.bad = (struct byte_range){6 * 1024, 1};
	image.error = -ENODEV;
	assert_int_equal(query(0, 0, 64), -ENODEV);
}

static void stops(void **state)
{
	make_tree();
	stop_at = 301;
	assert_int_equal(query(0, 0, 64), 77);
	stop_at = 0;
	ximage_put(image.bytes + 212, 0, 4);
	ximage_seal_sb(&image);
	assert_int_equal(query(0, 0, 64), XFSDISK_E_UNSUPPORTED);
}

/* A number in the right leaf, changed; sealed again where told. What it spans is lost then. */
static void unsound_blocks(void **state)
{
	static const struct ximage_change rows[] = {
		{"checksum", 700, 1, 1, false},
		{"magic", 0, 4, 0x524d4243, true},
		{"level", 4, 2, 1, true},
		{"no records", 6, 2, 0, true},
		{"too many records", 6, 2, 41, true},
		{"very many records", 6, 2, 65535, true},
		{"elsewhere", 16, 8, 10, true},
		{"another filesystem", 32, 4, 0, true},
		{"another group", 48, 4, 1, true},
		{"record of nothing", 60, 4, 0, true},
		{"record beyond the group", 60, 4, 55, true},
		{"record that wraps", 60, 4, UINT32_MAX, true},
		{"record that descends", 80, 4, 9, true},
		{"record twice", 80, 4, 10, true},
	};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		uint8_t *block = ximage_block(&image, 0, 6);

		UNIT_ROW(rows, i, rows[i].what);
		make_tree();
		if (!strcmp(rows[i].what, "record twice"))
			memcpy(block + 80, block + 56, 24);
		ximage_change(block, &rows[i], 52);
		assert_int_equal(query(0, 35, 29), 0);
		assert_string_equal(said, "35+6 lost;41+23 1@0/10;");
	}
}

/* Sound, but older or newer than its parent: what it says is told, and that more may be missing. */
static void does_not_fit(void **state)
{
	static const struct ximage_record longer[] = {{10, 2, 302, 0}, {40, 10, 304, 0}};
	static const struct ximage_record later[] = {{36, 1, 305, 0}};

	make_tree();
	ximage_leaf(&image, 0, 6, longer, ARRAY_SIZE(longer));
	assert_int_equal(query(0, 35, 29), 0);
	assert_string_equal(said, "35+15 lost;40+10 130@0/0;50+14 1@0/10;");
	ximage_leaf(&image, 0, 6, later, ARRAY_SIZE(later));
	assert_int_equal(query(0, 35, 29), 0);
	assert_string_equal(said, "35+6 lost;36+1 131@0/0;41+23 1@0/10;");
}

/* Trees that point in circles, or many times to the same. */
static void no_trees(void **state)
{
	struct ximage_entry same[22];

	make_tree();
	ximage_agf(&image, 0, 4, 1); /* deeper than told */
	assert_int_equal(query(0, 0, 64), 0);
	assert_string_equal(said, "0+64 lost;" ROOT);
	ximage_agf(&image, 0, 4, 9);
	assert_int_equal(query(0, 0, 64), 0);
	assert_string_equal(said, "0+64 lost;" ROOT);

	/* nine levels of nodes whose entries all point to one block below */
	ximage_agf(&image, 0, 20, 9);
	for (unsigned int level = 1; level < 9; level++) {
		for (uint32_t i = 0; i < ARRAY_SIZE(same); i++)
			same[i] = (struct ximage_entry){{i + 1, 0, 9, 0}, 63, 28 - level + 1};
		ximage_node(&image, 0, 28 - level, level, same, ARRAY_SIZE(same));
	}
	image.reads = 0;
	assert_int_equal(query(0, 0, 64), 0);
	assert_true(image.reads < 2000);
	assert_non_null(strstr(said, "lost"));

	/* pointers to headers and out of the group */
	for (size_t i = 0; i < 2; i++) {
		struct ximage_entry wild[] = {both[0], both[1]};

		make_tree();
		wild[1].child = i ? 64 : 0;
		ximage_node(&image, 0, 4, 1, wild, ARRAY_SIZE(wild));
		assert_int_equal(query(0, 35, 29), 0);
		assert_string_equal(said, "35+6 lost;41+23 1@0/10;");
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(owners, setup),
		cmocka_unit_test_setup(windows, setup),
		cmocka_unit_test_setup(second_group, setup),
		cmocka_unit_test_setup(overlaps, setup),
		cmocka_unit_test_setup(ascending_queries_read_once, setup),
		cmocka_unit_test_setup(bad_blocks, setup),
		cmocka_unit_test_setup(stops, setup),
		cmocka_unit_test_setup(unsound_blocks, setup),
		cmocka_unit_test_setup(does_not_fit, setup),
		cmocka_unit_test_setup(no_trees, setup),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
