/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Physical addresses: which region, namespace and data byte, and back. */
#include "unit.h"
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include "spamap.h"

#define GIB (UINT64_C(1) << 30)
#define SPA(start, len) {{(start), (len)}}

/*
 * region0: 1 GiB at 9 GiB, one fsdax namespace with data 18 MiB in (seen on QEMU), and 16 MiB
 * behind it unused. region1: a raw, a sector and a disabled namespace, a quarter each.
 */
static const struct nd_region regions[] = {
	{.name = "region0", .spa = SPA(9 * GIB, GIB)},
	{.name = "region1", .spa = SPA(12 * GIB, GIB)},
};

static const struct nd_namespace namespaces[] = {
	{
		.name = "namespace0.0", .dev = "pmem0", .region = 0, .mode = ND_MODE_FSDAX,
		.whole = SPA(9 * GIB, GIB - 0x1000000),
		.data = SPA(9 * GIB + 0x1200000, GIB - 0x2200000),
	},
	{
		.name = "namespace1.0", .dev = "pmem1", .region = 1, .mode = ND_MODE_RAW,
		.whole = SPA(12 * GIB, GIB / 4), .data = SPA(12 * GIB, GIB / 4),
	},
	{
		.name = "namespace1.1", .dev = "pmem1.1s", .region = 1, .mode = ND_MODE_SECTOR,
		.whole = SPA(12 * GIB + GIB / 4, GIB / 4),
		.data = SPA(12 * GIB + GIB / 4, GIB / 4),
	},
	{
		.name = "namespace1.2", .dev = "", .region = 1, .mode = ND_MODE_FSDAX,
		.whole = SPA(12 * GIB + GIB / 2, GIB / 4),
	},
};

static int set_up(void **state)
{
	struct spamap *map = calloc(1, sizeof(*map));

	assert_non_null(map);
	for (size_t i = 0; i < ARRAY_SIZE(regions); i++)
		assert_int_equal(spamap_add_region(map, &regions[i]), 0);
	for (size_t i = 0; i < ARRAY_SIZE(namespaces); i++)
		assert_int_equal(spamap_add_namespace(map, &namespaces[i]), 0);
	*state = map;
	return 0;
}

static int tear_down(void **state)
{
	spamap_deinit(*state);
	free(*state);
	return 0;
}

struct pieces {
	struct spa_piece items[8];
	size_t n;
};

static int collect(const struct spa_piece *piece, void *data)
{
	struct pieces *pieces = data;

	assert_true(pieces->n < ARRAY_SIZE(pieces->items));
	pieces->items[pieces->n++] = *piece;
	return 0;
}

static const struct {
	const char *name;
	struct spa_range spa;
	struct {
		uint64_t len;
		enum spa_place place;
		size_t region, ns;
		uint64_t offset;
	} want[6];
} splits[] = {
	{"ordinary memory", SPA(4096, 4096), {{4096, SPA_OUTSIDE, SPAMAP_NONE, SPAMAP_NONE, 0}}},
	{"a page of data",
	 SPA(9 * GIB + 0x1200000 + 0x5000, 4096),
	 {{4096, SPA_DATA, 0, 0, 0x5000}}},
	{"first byte of data", SPA(9 * GIB + 0x1200000, 1), {{1, SPA_DATA, 0, 0, 0}}},
	{"last byte of page metadata",
	 SPA(9 * GIB + 0x1200000 - 1, 2),
	 {{1, SPA_RESERVED, 0, 0, 0x11fffff}, {1, SPA_DATA, 0, 0, 0}}},
	{"from before the region into it",
	 SPA(9 * GIB - 512, 1024),
	 {{512, SPA_OUTSIDE, SPAMAP_NONE, SPAMAP_NONE, 0}, {512, SPA_RESERVED, 0, 0, 0}}},
	{"out of the namespace, out of the region",
	 SPA(10 * GIB - 0x1000000 - 4096, 0x1000000 + 8192),
	 {{4096, SPA_DATA, 0, 0, GIB - 0x2200000 - 4096},
	  {0x1000000, SPA_REGION, 0, SPAMAP_NONE, GIB - 0x1000000},
	  {4096, SPA_OUTSIDE, SPAMAP_NONE, SPAMAP_NONE, 0}}},
	{"a whole region",
	 SPA(12 * GIB, GIB),
	 {{GIB / 4, SPA_DATA, 1, 1, 0},
	  {GIB / 4, SPA_RESERVED, 1, 2, GIB / 4},
	  {GIB / 4, SPA_RESERVED, 1, 3, GIB / 2},
	  {GIB / 4, SPA_REGION, 1, SPAMAP_NONE, 3 * (GIB / 4)}}},
	{"nothing", SPA(9 * GIB, 0), {{0}}},
	{"the end of the address space",
	 SPA(UINT64_MAX - 4095, 4095),
	 {{4095, SPA_OUTSIDE, SPAMAP_NONE, SPAMAP_NONE, 0}}},
};

static void test_split(void **state)
{
	const struct spamap *map = *state;

	for (size_t i = 0; i < ARRAY_SIZE(splits); i++) {
		struct pieces got = {0};
		uint64_t at = splits[i].spa.range.start;
		size_t n;

		UNIT_ROW(splits, i, splits[i].name);
		assert_int_equal(spamap_split(map, splits[i].spa, collect, &got), 0);
		for (n = 0; n < ARRAY_SIZE(splits[i].want) && splits[i].want[n].len; n++) {
			assert_true(n < got.n);
			assert_int_equal(got.items[n].spa.range.start, at);
			assert_int_equal(got.items[n].spa.range.len, splits[i].want[n].len);
			assert_int_equal(got.items[n].place, splits[i].want[n].place);
			assert_int_equal(got.items[n].region, splits[i].want[n].region);
			assert_int_equal(got.items[n].ns, splits[i].want[n].ns);
			assert_int_equal(got.items[n].offset, splits[i].want[n].offset);
			at += splits[i].want[n].len;
		}
		assert_int_equal(got.n, n);
	}
}

static int stop(const struct spa_piece *piece, void *data)
{
	++*(int *)data;
	return 42;
}

static void test_split_stops(void **state)
{
	int calls = 0;

	assert_int_equal(spamap_split(*state, (struct spa_range)SPA(12 * GIB, GIB), stop, &calls), 42);
	assert_int_equal(calls, 1);
}

/* What a piece says leads back to the very addresses it was said of. */
static int check_back(const struct spa_piece *piece, void *data)
{
	const struct spamap *map = data;
	struct byte_range part = {piece->offset, piece->spa.range.len};
	struct spa_range back;

	switch (piece->place) {
	case SPA_OUTSIDE:
		return 0;
	case SPA_DATA:
		assert_int_equal(spamap_from_data(map, piece->ns, part, &back), 0);
		break;
	case SPA_REGION:
	case SPA_RESERVED:
		assert_int_equal(spamap_from_region(map, piece->region, part, &back), 0);
		break;
	}
	assert_int_equal(back.range.start, piece->spa.range.start);
	assert_int_equal(back.range.len, piece->spa.range.len);
	return 0;
}

static void test_back(void **state)
{
	uint32_t seed = 7;

	for (int i = 0; i < 2000; i++) {
		struct spa_range spa;

		seed = seed * 1664525 + 1013904223;
		spa.range.start = 8 * GIB + (uint64_t)(seed >> 8) * 341;
		seed = seed * 1664525 + 1013904223;
		spa.range.len = 1 + (uint64_t)(seed >> 8) * 97;
		assert_int_equal(spamap_split(*state, spa, check_back, *state), 0);
	}
}

static const struct {
	const char *name;
	size_t ns;
	struct byte_range data;
	int want;
	uint64_t spa;
} from[] = {
	{"first", 0, {0, 512}, 0, 9 * GIB + 0x1200000},
	{"last", 0, {GIB - 0x2200000 - 512, 512}, 0, 10 * GIB - 0x1000000 - 512},
	{"one too far", 0, {GIB - 0x2200000 - 511, 512}, -ERANGE, 0},
	{"wraps", 0, {UINT64_MAX - 1, UINT64_MAX}, -ERANGE, 0},
	{"raw", 1, {4096, 4096}, 0, 12 * GIB + 4096},
	{"sector has no fixed place", 2, {0, 512}, -ENXIO, 0},
	{"disabled", 3, {0, 512}, -ENXIO, 0},
};

static void test_from_data(void **state)
{
	for (size_t i = 0; i < ARRAY_SIZE(from); i++) {
		struct spa_range spa = SPA(1, 1);

		UNIT_ROW(from, i, from[i].name);
		assert_int_equal(spamap_from_data(*state, from[i].ns, from[i].data, &spa), from[i].want);
		assert_int_equal(spa.range.start, from[i].want ? 1 : from[i].spa);
	}
}

static void test_names(void **state)
{
	struct spamap *map = *state;
	struct nd_namespace lost = {.region = 2};
	struct nd_region wrap = {.spa = SPA(UINT64_MAX, 2)};

	assert_int_equal(spamap_namespace_of(map, "pmem1"), 1);
	assert_int_equal(spamap_namespace_of(map, "pmem1.1s"), 2);
	assert_int_equal(spamap_namespace_of(map, "pmem9"), SPAMAP_NONE);
	assert_int_equal(spamap_namespace_of(map, ""), SPAMAP_NONE);
	assert_int_equal(spamap_add_namespace(map, &lost), -EINVAL);
	assert_int_equal(spamap_add_region(map, &wrap), -EINVAL);
	for (int i = 0; i < ND_MODE_N; i++)
		assert_int_equal(nd_mode_from_token(nd_mode_token(i)), i);
	assert_int_equal(nd_mode_from_token("memory"), -1);
	assert_int_equal(nd_mode_from_token(NULL), -1);
	assert_string_equal(nd_mode_token(ND_MODE_N), "unknown");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_split, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_split_stops, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_back, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_from_data, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_names, set_up, tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
