/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Names of mapped devices come apart where they were joined. */
#include "unit.h"
#include <string.h>
#include "dmname.h"

#define LVM "LVM-aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaabbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb"

static void test_vectors(void **state)
{
	static const struct {
		const char *name, *uuid, *maker, *label, *layer;
	} vectors[] = {
		{"vg-lv", LVM, "lvm", "vg/lv", ""},
		{"my--vg-my--lv--1", LVM, "lvm", "my-vg/my-lv-1", ""},
		{"vg---lv", LVM, "lvm", "vg-/lv", ""},
		{"a----b-c", LVM, "lvm", "a--b/c", ""},
		{"vg-lv-real", LVM "-real", "lvm", "vg/lv", "real"},
		{"vg-pool_tdata", LVM "-tdata", "lvm", "vg/pool_tdata", ""},
		{"vg-pool-tpool", LVM "-tpool", "lvm", "vg/pool", "tpool"},
		{"vg", LVM, "lvm", "vg", ""},
		{"vg-", LVM, "lvm", "vg-", ""},
		{"-lv", LVM, "lvm", "-lv", ""},
		{"a-b-c-d", LVM, "lvm", "a-b-c-d", ""},
		{"vg-lv", "", "", "vg-lv", ""},
		{"vg-lv", NULL, "", "vg-lv", ""},
		{"luks-1", "CRYPT-LUKS2-0123-luks-1", "crypt", "luks-1", ""},
		{"mpatha", "mpath-3600", "multipath", "mpatha", ""},
		{"mpatha1", "part1-mpath-3600", "partition", "mpatha1", ""},
		{"x", "part-mpath-3600", "", "x", ""},
		{"x", "party", "", "x", ""},
		{NULL, LVM, "lvm", "", ""},
		{"", "", "", "", ""},
	};

	for (size_t i = 0; i < ARRAY_SIZE(vectors); i++) {
		struct dmname got;

		UNIT_ROW(vectors, i, vectors[i].name);
		dmname_decode(vectors[i].name, vectors[i].uuid, &got);
		assert_string_equal(got.maker, vectors[i].maker);
		assert_string_equal(got.label, vectors[i].label);
		assert_string_equal(got.layer, vectors[i].layer);
	}
}

static void test_long(void **state)
{
	struct dmname got;
	char name[1000];

	memset(name, 'x', sizeof(name));
	name[500] = '-';
	name[sizeof(name) - 1] = '\0';
	dmname_decode(name, LVM, &got);
	assert_int_equal(strlen(got.label), 159 + 1 + 159);
	dmname_decode(name, "", &got);
	assert_int_equal(strlen(got.label), sizeof(got.label) - 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_vectors),
		cmocka_unit_test(test_long),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
