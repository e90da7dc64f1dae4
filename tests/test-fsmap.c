/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Reverse-map records: whom a record names, and what of it lies in a window. */
#include "unit.h"
#include <string.h>
#include "fsmap.h"

/* Owner codes as xfs_fs.h and linux/fsmap.h spell them, independent of the code under test. */
#define OWN(type, code) ((uint64_t)(type) << 32 | (code))

static const struct {
	uint64_t owner;
	uint32_t flags;
	enum fs_owner_kind kind;
} owners[] = {
	{OWN(0, 1), FSMAP_SPECIAL, FS_OWNER_FREE},
	{OWN(0, 2), FSMAP_SPECIAL, FS_OWNER_UNKNOWN},
	{OWN(0, 3), FSMAP_SPECIAL, FS_OWNER_FS},
	{OWN(0x58, 1), FSMAP_SPECIAL, FS_OWNER_FS},
	{OWN(0x58, 2), FSMAP_SPECIAL, FS_OWNER_LOG},
	{OWN(0x58, 3), FSMAP_SPECIAL, FS_OWNER_AG_BTREE},
	{OWN(0x58, 4), FSMAP_SPECIAL, FS_OWNER_INOBT},
	{OWN(0x58, 5), FSMAP_SPECIAL, FS_OWNER_INODES},
	{OWN(0x58, 6), FSMAP_SPECIAL, FS_OWNER_REFCOUNT},
	{OWN(0x58, 7), FSMAP_SPECIAL, FS_OWNER_COW},
	{OWN(0x58, 8), FSMAP_SPECIAL, FS_OWNER_DEFECTIVE},
	{OWN(0x58, 7), FSMAP_SPECIAL | FSMAP_LAST, FS_OWNER_COW},
	/* what is not known is unknown, never free */
	{0, FSMAP_SPECIAL, FS_OWNER_UNKNOWN},
	{1, FSMAP_SPECIAL | FSMAP_PREALLOC, FS_OWNER_FREE},
	{OWN(0x58, 0), FSMAP_SPECIAL, FS_OWNER_UNKNOWN},
	{OWN(0x58, 9), FSMAP_SPECIAL, FS_OWNER_UNKNOWN},
	{OWN(0x66, 1), FSMAP_SPECIAL, FS_OWNER_UNKNOWN}, /* 'f': ext4's own */
	{UINT64_MAX, FSMAP_SPECIAL, FS_OWNER_UNKNOWN},
	/* without FSMAP_SPECIAL the same numbers are inodes */
	{1, 0, FS_OWNER_DATA},
	{OWN(0x58, 1), 0, FS_OWNER_DATA},
	{131, FSMAP_PREALLOC, FS_OWNER_DATA},
	{131, FSMAP_SHARED, FS_OWNER_DATA},
	{131, FSMAP_LAST, FS_OWNER_DATA},
	{131, FSMAP_ATTR_FORK, FS_OWNER_ATTR},
	{131, FSMAP_EXTENT_MAP, FS_OWNER_EXTENT_MAP},
	{131, FSMAP_EXTENT_MAP | FSMAP_ATTR_FORK, FS_OWNER_ATTR_MAP},
};

static void test_owner_kind(void **state)
{
	for (size_t i = 0; i < ARRAY_SIZE(owners); i++) {
		struct fsmap_rec rec = {{4096, 4096}, owners[i].owner, 0, owners[i].flags};

		UNIT_ROW(owners, i, fs_owner_token(owners[i].kind));
		assert_int_equal(fsmap_owner_kind(&rec), owners[i].kind);
	}
}

static const struct {
	struct byte_range phys, window;
	uint64_t offset;
	uint32_t flags;
	bool hit;
	struct byte_range part;
	uint64_t part_offset;
} clamps[] = {
	/* wholly inside, and the very same */
	{{4096, 512}, {0, 8192}, 0, 0, true, {4096, 512}, 0},
	{{4096, 512}, {4096, 512}, 1024, 0, true, {4096, 512}, 1024},
	/* begins before: the offset moves along */
	{{4096, 8192}, {8192, 512}, 0, 0, true, {8192, 512}, 4096},
	{{4096, 8192}, {4608, 512}, 65536, 0, true, {4608, 512}, 66048},
	{{0, 4096}, {4095, 1}, 7, 0, true, {4095, 1}, 4102},
	/* ends behind only: the offset stays */
	{{8192, 8192}, {4096, 4608}, 4096, 0, true, {8192, 512}, 4096},
	/* the attribute fork has offsets too, also unwritten space */
	{{4096, 8192}, {8192, 512}, 512, FSMAP_ATTR_FORK, true, {8192, 512}, 4608},
	{{4096, 8192}, {8192, 512}, 512, FSMAP_PREALLOC | FSMAP_LAST, true, {8192, 512}, 4608},
	/* where an offset means nothing it does not move */
	{{4096, 8192}, {8192, 512}, 7, FSMAP_SPECIAL, true, {8192, 512}, 7},
	{{4096, 8192}, {8192, 512}, 7, FSMAP_EXTENT_MAP, true, {8192, 512}, 7},
	{{4096, 8192}, {8192, 512}, 7, FSMAP_EXTENT_MAP | FSMAP_ATTR_FORK, true, {8192, 512}, 7},
	/* touching is not overlapping */
	{{4096, 4096}, {0, 4096}, 0, 0, false, {0, 0}, 0},
	{{4096, 4096}, {8192, 4096}, 0, 0, false, {0, 0}, 0},
	{{4096, 4096}, {5000, 0}, 0, 0, false, {0, 0}, 0},
	{{4096, 0}, {0, 8192}, 0, 0, false, {0, 0}, 0},
	{{4096, 4096}, {1 << 20, 512}, 0, 0, false, {0, 0}, 0},
	/* at the top */
	{{UINT64_MAX - 512, 512}, {UINT64_MAX - 1, 1}, 0, 0, true, {UINT64_MAX - 1, 1}, 511},
};

static void test_clamp(void **state)
{
	for (size_t i = 0; i < ARRAY_SIZE(clamps); i++) {
		struct fsmap_rec rec = {clamps[i].phys, 131, clamps[i].offset, clamps[i].flags};
		struct fsmap_rec part = {{1, 2}, 3, 4, 5};

		UNIT_ROW(clamps, i, NULL);
		assert_int_equal(fsmap_clamp(&rec, clamps[i].window, &part), clamps[i].hit);
		if (!clamps[i].hit) {
			assert_int_equal(part.phys.start, 1);
			assert_int_equal(part.offset, 4);
			continue;
		}
		assert_int_equal(part.phys.start, clamps[i].part.start);
		assert_int_equal(part.phys.len, clamps[i].part.len);
		assert_int_equal(part.offset, clamps[i].part_offset);
		assert_int_equal(part.owner, 131);
		assert_int_equal(part.flags, clamps[i].flags);
	}
}

static void test_tokens(void **state)
{
	for (int kind = 0; kind < FS_OWNER_N; kind++) {
		const char *token = fs_owner_token(kind);

		assert_non_null(token);
		assert_true(strlen(token) > 2);
		assert_int_equal(fs_owner_from_token(token), kind);
	}
	assert_string_equal(fs_owner_token(FS_OWNER_N), "unknown");
	assert_string_equal(fs_owner_token(-1), "unknown");
	assert_int_equal(fs_owner_from_token("file"), -1);
	assert_int_equal(fs_owner_from_token(""), -1);
	assert_int_equal(fs_owner_from_token(NULL), -1);
}

static const struct {
	enum fs_owner_kind kind;
	bool is_file, has_offset, in_ag;
} classes[] = {
	{FS_OWNER_UNKNOWN, false, false, false},   {FS_OWNER_FREE, false, false, false},
	{FS_OWNER_OUTSIDE, false, false, false},   {FS_OWNER_SUPERBLOCK, false, false, true},
	{FS_OWNER_AGF, false, false, true},        {FS_OWNER_AGI, false, false, true},
	{FS_OWNER_AGFL, false, false, true},       {FS_OWNER_FS, false, false, true},
	{FS_OWNER_AG_PADDING, false, false, true}, {FS_OWNER_AG_BTREE, false, false, true},
	{FS_OWNER_INOBT, false, false, true},      {FS_OWNER_REFCOUNT, false, false, true},
	{FS_OWNER_INODES, false, false, true},     {FS_OWNER_LOG, false, false, false},
	{FS_OWNER_COW, false, false, false},       {FS_OWNER_DEFECTIVE, false, false, false},
	{FS_OWNER_DATA, true, true, false},        {FS_OWNER_DIRECTORY, true, true, false},
	{FS_OWNER_SYMLINK, true, true, false},     {FS_OWNER_INTERNAL, true, true, false},
	{FS_OWNER_ATTR, true, true, false},        {FS_OWNER_EXTENT_MAP, true, false, false},
	{FS_OWNER_ATTR_MAP, true, false, false},
};

static void test_classes(void **state)
{
	assert_int_equal(ARRAY_SIZE(classes), FS_OWNER_N);
	for (size_t i = 0; i < ARRAY_SIZE(classes); i++) {
		UNIT_ROW(classes, i, fs_owner_token(classes[i].kind));
		assert_int_equal(fs_owner_is_file(classes[i].kind), classes[i].is_file);
		assert_int_equal(fs_owner_has_offset(classes[i].kind), classes[i].has_offset);
		assert_int_equal(fs_owner_in_ag(classes[i].kind), classes[i].in_ag);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_owner_kind),
		cmocka_unit_test(test_clamp),
		cmocka_unit_test(test_tokens),
		cmocka_unit_test(test_classes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
