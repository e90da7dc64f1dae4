/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Addresses and DIMMs of a device's bytes, and what holds for a part of them. */
#include "unit.h"
#include <string.h>
#include "place.h"

static void addresses(void **state)
{
	struct place place = {.has_address = true, .address = UINT64_MAX - 10};
	uint64_t address = 0;

	assert_true(place_address(&place, 10, &address));
	assert_int_equal(address, UINT64_MAX);
	assert_false(place_address(&place, 11, &address));
	place.has_address = false;
	assert_false(place_address(&place, 0, &address));
	assert_int_equal(address, UINT64_MAX);
}

static void dimms_by_range(void **state)
{
	CLEANUP(rangeset_deinit) struct rangeset part = RANGESET_NULL;
	CLEANUP(freep) struct place *cut = NULL;
	struct place place = {.region = "region0"};
	const char *names[PLACE_DIMMS_MAX];

	place_add_dimm(&place, (struct byte_range){0, 4096}, "nmem0");
	place_add_dimm(&place, (struct byte_range){4096, 4096}, "nmem1");
	place_add_dimm(&place, (struct byte_range){8192, 4096}, "nmem0");
	place_add_dimm(&place, (struct byte_range){12288, 512}, "nmem0"); /* goes on */
	place_add_dimm(&place, (struct byte_range){0, 512}, "");
	place_add_dimm(&place, (struct byte_range){0, 512}, "a name that is too long");
	assert_int_equal(place.n_dimms, 3);
	assert_int_equal(place_dimms(&place, names), 2);
	assert_string_equal(names[0], "nmem0");
	assert_string_equal(names[1], "nmem1");

	assert_int_equal(rangeset_add(&part, (struct byte_range){5000, 8}), 0);
	assert_int_equal(place_cut(&place, &part, &cut), 0);
	assert_int_equal(place_dimms(cut, names), 1);
	assert_string_equal(names[0], "nmem1");
	assert_string_equal(cut->region, "region0");
}

/* Too many are made coarser: a DIMM may be named for more than it holds, never for less. */
static void many_dimms(void **state)
{
	struct place place = {.has_address = false};
	const char *names[PLACE_DIMMS_MAX];
	const uint64_t n = 4 * PLACE_DIMMS_MAX;

	for (uint64_t i = 0; i < n; i++)
		place_add_dimm(&place, (struct byte_range){i * 4096, 4096}, i % 2 ? "odd" : "even");
	assert_int_equal(place.n_dimms, PLACE_DIMMS_MAX);
	assert_int_equal(place_dimms(&place, names), 2);
	for (uint64_t i = 0; i < n; i++) {
		CLEANUP(rangeset_deinit) struct rangeset part = RANGESET_NULL;
		CLEANUP(freep) struct place *cut = NULL;
		bool named = false;
		size_t k;

		assert_int_equal(rangeset_add(&part, (struct byte_range){i * 4096, 4096}), 0);
		assert_int_equal(place_cut(&place, &part, &cut), 0);
		k = place_dimms(cut, names);
		while (k--)
			named = named || !strcmp(names[k], i % 2 ? "odd" : "even");
		assert_true(named);
	}
}

static void none(void **state)
{
	CLEANUP(rangeset_deinit) struct rangeset part = RANGESET_NULL;
	struct place *cut = (void *)&part;

	assert_int_equal(place_cut(NULL, &part, &cut), 0);
	assert_null(cut);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(addresses),
		cmocka_unit_test(dimms_by_range),
		cmocka_unit_test(many_dimms),
		cmocka_unit_test(none),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
