/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Arithmetic on half-open ranges, above all at the two ends of the number line. */
#include "unit.h"
#include <errno.h>
#include "range.h"

#define TOP UINT64_MAX

static void test_overlap_and_intersect(void **state)
{
	static const struct {
		const char *name;
		struct byte_range a, b, common; /* common.len 0: start is not looked at */
	} vectors[] = {
		{"same", {10, 5}, {10, 5}, {10, 5}},
		{"inside", {0, 100}, {10, 5}, {10, 5}},
		{"tail and head", {0, 10}, {5, 10}, {5, 5}},
		{"one byte", {0, 10}, {9, 10}, {9, 1}},
		{"touching", {0, 10}, {10, 10}, {0, 0}},
		{"apart", {0, 10}, {20, 10}, {0, 0}},
		{"empty inside", {0, 10}, {5, 0}, {0, 0}},
		{"both empty", {5, 0}, {5, 0}, {0, 0}},
		{"to the top", {0, TOP}, {TOP - 1, 1}, {TOP - 1, 1}},
		{"empty at the top", {0, TOP}, {TOP, 0}, {0, 0}},
	};

	for (size_t i = 0; i < ARRAY_SIZE(vectors); i++) {
		struct byte_range ab = range_intersect(vectors[i].a, vectors[i].b);
		struct byte_range ba = range_intersect(vectors[i].b, vectors[i].a);

		UNIT_ROW(vectors, i, vectors[i].name);
		assert_int_equal(range_overlaps(vectors[i].a, vectors[i].b),
				 vectors[i].common.len != 0);
		assert_int_equal(range_overlaps(vectors[i].b, vectors[i].a),
				 vectors[i].common.len != 0);
		assert_int_equal(ab.len, vectors[i].common.len);
		assert_int_equal(ba.len, vectors[i].common.len);
		if (ab.len) {
			assert_int_equal(ab.start, vectors[i].common.start);
			assert_int_equal(ba.start, vectors[i].common.start);
		}
	}
}

static void test_round_out(void **state)
{
	static const struct {
		const char *name;
		struct byte_range in;
		uint64_t granule;
		struct byte_range out;
	} vectors[] = {
		{"aligned", {512, 1024}, 512, {512, 1024}},
		{"one byte", {513, 1}, 512, {512, 512}},
		{"across a border", {511, 2}, 512, {0, 1024}},
		{"last byte of a page", {4095, 1}, 4096, {0, 4096}},
		{"granule 1", {7, 3}, 1, {7, 3}},
		{"empty stays empty", {513, 0}, 512, {512, 0}},
		{"zero", {0, 0}, 512, {0, 0}},
		{"end saturates", {TOP - 1000, 1000}, 512, {TOP - 1023, 512}},
		{"behind the last multiple", {TOP - 10, 10}, 512, {TOP - 511, 0}},
		{"half of everything", {1, 1}, UINT64_C(1) << 63, {0, UINT64_C(1) << 63}},
	};

	for (size_t i = 0; i < ARRAY_SIZE(vectors); i++) {
		struct byte_range out = range_round_out(vectors[i].in, vectors[i].granule);

		UNIT_ROW(vectors, i, vectors[i].name);
		assert_int_equal(out.len, vectors[i].out.len);
		if (out.len)
			assert_int_equal(out.start, vectors[i].out.start);
	}
}

static void test_make(void **state)
{
	static const struct {
		uint64_t start, len;
		int r;
	} vectors[] = {
		{0, 0, 0},         {0, TOP, 0},       {TOP, 0, 0},         {TOP - 1, 1, 0},
		{TOP, 1, -ERANGE}, {1, TOP, -ERANGE}, {TOP, TOP, -ERANGE},
	};

	for (size_t i = 0; i < ARRAY_SIZE(vectors); i++) {
		struct byte_range made = {77, 78};

		UNIT_ROW(vectors, i, NULL);
		assert_int_equal(range_make(vectors[i].start, vectors[i].len, &made), vectors[i].r);
		assert_int_equal(made.start, vectors[i].r ? 77 : vectors[i].start);
		assert_int_equal(made.len, vectors[i].r ? 78 : vectors[i].len);
	}
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_overlap_and_intersect),
		cmocka_unit_test(test_round_out),
		cmocka_unit_test(test_make),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
