/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Cells cover a stretch, and show what most of each is. */
#include "unit.h"
#include <errno.h>
#include "cells.h"

static void test_sizes(void **state)
{
	static const struct {
		struct byte_range range;
		size_t max;
		int r;
		size_t n;
		uint64_t size;
	} vectors[] = {
		{{0, 5120}, 10, 0, 10, 512},
		{{0, 5120}, 100, 0, 10, 512},
		{{512, 5120}, 3, 0, 3, 2048},
		{{0, 5632}, 10, 0, 6, 1024},
		{{0, 1ull << 60}, 60, 0, 60, 19215358410114048},
		{{0, 511}, 10, -EINVAL, 0, 0},
		{{0, 5120}, 0, -EINVAL, 0, 0},
	};

	for (size_t i = 0; i < ARRAY_SIZE(vectors); i++) {
		CLEANUP(cells_deinit) struct cells cells = CELLS_NULL;

		UNIT_ROW(vectors, i, "");
		assert_int_equal(cells_init(&cells, vectors[i].range, vectors[i].max),
				 vectors[i].r);
		if (vectors[i].r)
			continue;
		assert_true(cells.n <= vectors[i].max);
		assert_int_equal(cells.n, vectors[i].n);
		assert_true(cells.n * cells.size >= vectors[i].range.len);
		assert_true((cells.n - 1) * cells.size < vectors[i].range.len);
		if (i != 4)
			assert_int_equal(cells.size, vectors[i].size);
	}
}

static void test_kinds(void **state)
{
	CLEANUP(rangeset_deinit) struct rangeset bad = RANGESET_NULL;
	CLEANUP(cells_deinit) struct cells cells = CELLS_NULL;

	assert_int_equal(cells_init(&cells, (struct byte_range){4096, 4096}, 4), 0);
	cells_add(&cells, (struct byte_range){0, 4096 + 700}, CELL_DATA);
	cells_add(&cells, (struct byte_range){4096 + 700, 4096}, CELL_FREE);
	cells_add(&cells, (struct byte_range){4096 + 2048, 512}, CELL_METADATA);
	cells_add(&cells, (struct byte_range){1 << 20, 512}, CELL_LOG);
	assert_int_equal(cells_kind(&cells, 0), CELL_DATA);
	assert_int_equal(cells_kind(&cells, 1), CELL_FREE);
	assert_int_equal(cells_kind(&cells, 2), CELL_FREE);
	assert_int_equal(cells_kind(&cells, 3), CELL_FREE);
	assert_int_equal(cells.bytes[2][CELL_METADATA], 512);
	assert_int_equal(rangeset_add(&bad, (struct byte_range){0, 4096}), 0);
	assert_int_equal(rangeset_add(&bad, (struct byte_range){4096 + 1023, 2}), 0);
	cells_add_bad(&cells, &bad);
	assert_true(cells.bad[0] && cells.bad[1] && !cells.bad[2] && !cells.bad[3]);
}

static void test_owners(void **state)
{
	assert_int_equal(cell_kind_of(FS_OWNER_FREE), CELL_FREE);
	assert_int_equal(cell_kind_of(FS_OWNER_DATA), CELL_DATA);
	assert_int_equal(cell_kind_of(FS_OWNER_LOG), CELL_LOG);
	assert_int_equal(cell_kind_of(FS_OWNER_DIRECTORY), CELL_METADATA);
	assert_int_equal(cell_kind_of(FS_OWNER_AGF), CELL_METADATA);
	assert_int_equal(cell_kind_of(FS_OWNER_UNKNOWN), CELL_UNKNOWN);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_sizes),
		cmocka_unit_test(test_kinds),
		cmocka_unit_test(test_owners),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
