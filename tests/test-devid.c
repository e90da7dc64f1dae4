/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Who is who after renames, reformatting, copying, and with identities missing. */
#include <string.h>
#include "devid.h"
#include "unit.h"

#define ND_A "11111111-aaaa-4aaa-8aaa-111111111111"
#define ND_B "22222222-bbbb-4bbb-8bbb-222222222222"
#define FS_X "aaaaaaaa-0000-4000-8000-000000000001"
#define FS_Y "bbbbbbbb-0000-4000-8000-000000000002"
#define ZERO "00000000-0000-0000-0000-000000000000"
#define GIB  (UINT64_C(1) << 30)

static const struct {
	const char *what;
	struct devid a, b;
	enum devid_match want;
} compares[] = {
	{"pmem0 and pmem1 swapped: it goes by namespace",
	 {.nd_uuid = ND_A, .fs_uuid = FS_X, .name = "pmem0", .size = GIB},
	 {.nd_uuid = ND_A, .fs_uuid = FS_X, .name = "pmem1", .size = GIB},
	 DEVID_SAME},
	{"swapped: same name, other namespace",
	 {.nd_uuid = ND_A, .name = "pmem0", .size = GIB},
	 {.nd_uuid = ND_B, .name = "pmem0", .size = GIB},
	 DEVID_DIFFERENT},
	{"namespace made anew with the filesystem copied back",
	 {.nd_uuid = ND_A, .fs_uuid = FS_X, .name = "pmem0"},
	 {.nd_uuid = ND_B, .fs_uuid = FS_X, .name = "pmem0"},
	 DEVID_DIFFERENT},
	{"namespace outranks the hardware number",
	 {.nd_uuid = ND_A, .hw_id = "eui.1"},
	 {.nd_uuid = ND_B, .hw_id = "eui.1"},
	 DEVID_DIFFERENT},
	{"mkfs anew, medium known",
	 {.nd_uuid = ND_A, .fs_uuid = FS_X, .name = "pmem0"},
	 {.nd_uuid = ND_A, .fs_uuid = FS_Y, .name = "pmem0"},
	 DEVID_SAME},
	{"mkfs anew, medium not known: might be another device under the name",
	 {.fs_uuid = FS_X, .name = "loop0", .size = GIB},
	 {.fs_uuid = FS_Y, .name = "loop0", .size = GIB},
	 DEVID_DIFFERENT},
	{"sector 0 bad, medium known",
	 {.nd_uuid = ND_A, .fs_uuid = FS_X, .name = "pmem0"},
	 {.nd_uuid = ND_A, .name = "pmem3"},
	 DEVID_SAME},
	{"sector 0 bad, only the name is left",
	 {.fs_uuid = FS_X, .name = "loop0", .size = GIB},
	 {.name = "loop0", .size = GIB},
	 DEVID_SAME_NAME},
	{"sector 0 bad, and renamed",
	 {.fs_uuid = FS_X, .name = "loop0", .size = GIB},
	 {.name = "loop1", .size = GIB},
	 DEVID_DIFFERENT},
	{"loop device attached elsewhere",
	 {.fs_uuid = FS_X, .name = "loop0", .size = GIB},
	 {.fs_uuid = FS_X, .name = "loop5", .size = GIB},
	 DEVID_SAME_FS},
	{"image of a namespace on a loop device is a copy",
	 {.nd_uuid = ND_A, .fs_uuid = FS_X, .name = "pmem0", .size = GIB},
	 {.fs_uuid = FS_X, .name = "loop0", .size = GIB},
	 DEVID_DIFFERENT},
	{"copied to a larger device",
	 {.fs_uuid = FS_X, .name = "loop0", .size = GIB},
	 {.fs_uuid = FS_X, .name = "loop1", .size = 2 * GIB},
	 DEVID_DIFFERENT},
	{"grown in place",
	 {.fs_uuid = FS_X, .name = "loop0", .size = GIB},
	 {.fs_uuid = FS_X, .name = "loop0", .size = 2 * GIB},
	 DEVID_SAME_FS},
	{"namespace label unreadable for the moment",
	 {.nd_uuid = ND_A, .fs_uuid = FS_X, .name = "pmem0"},
	 {.fs_uuid = FS_X, .name = "pmem0"},
	 DEVID_SAME_FS},
	{"hardware number on both",
	 {.hw_id = "wwn-1", .name = "sda"},
	 {.hw_id = "wwn-1", .name = "sdb"},
	 DEVID_SAME},
	{"hardware number differs, filesystem equal: a clone",
	 {.hw_id = "wwn-1", .fs_uuid = FS_X, .name = "sda"},
	 {.hw_id = "wwn-2", .fs_uuid = FS_X, .name = "sda"},
	 DEVID_DIFFERENT},
	{"blank device gets its first filesystem",
	 {.name = "loop0", .size = GIB},
	 {.fs_uuid = FS_X, .name = "loop0", .size = GIB},
	 DEVID_SAME_NAME},
	{"same name, other size",
	 {.name = "loop0", .size = GIB},
	 {.name = "loop0", .size = GIB / 2},
	 DEVID_DIFFERENT},
	{"same name, size not known",
	 {.name = "loop0", .size = GIB},
	 {.name = "loop0"},
	 DEVID_SAME_NAME},
	{"zeros are no identity",
	 {.nd_uuid = ZERO, .name = "pmem0"},
	 {.nd_uuid = ZERO, .name = "pmem1"},
	 DEVID_DIFFERENT},
	{"zeros contradict nothing",
	 {.hw_id = "0000", .name = "sda"},
	 {.hw_id = "wwn-1", .name = "sda"},
	 DEVID_SAME_NAME},
	{"nothing known on either side", {.size = GIB}, {.size = GIB}, DEVID_DIFFERENT},
};

static void test_compare(void **state)
{
	for (size_t i = 0; i < ARRAY_SIZE(compares); i++) {
		UNIT_ROW(compares, i, compares[i].what);
		assert_int_equal(devid_compare(&compares[i].a, &compares[i].b), compares[i].want);
		assert_int_equal(devid_compare(&compares[i].b, &compares[i].a), compares[i].want);
	}
}

static const struct {
	const char *what;
	struct devid who;
	struct devid known[3];
	size_t n;
	int want;
} finds[] = {
	{"nobody known", {.name = "pmem0"}, {{.name = ""}}, 0, -1},
	{"swap: pmem0 is what pmem1 was",
	 {.nd_uuid = ND_B, .name = "pmem0"},
	 {{.nd_uuid = ND_A, .name = "pmem0"}, {.nd_uuid = ND_B, .name = "pmem1"}},
	 2,
	 1},
	{"the medium beats name and filesystem",
	 {.nd_uuid = ND_A, .fs_uuid = FS_X, .name = "pmem9"},
	 {{.fs_uuid = FS_X, .name = "pmem9"}, {.nd_uuid = ND_A, .name = "pmem2"}},
	 2,
	 1},
	{"a filesystem beats a bare name",
	 {.fs_uuid = FS_X, .name = "loop1"},
	 {{.name = "loop1"}, {.fs_uuid = FS_X, .name = "loop0"}},
	 2,
	 1},
	{"cloned filesystem, both known: the name decides",
	 {.fs_uuid = FS_X, .name = "loop1", .size = GIB},
	 {{.fs_uuid = FS_X, .name = "loop0", .size = GIB},
	  {.fs_uuid = FS_X, .name = "loop1", .size = GIB}},
	 2,
	 1},
	{"cloned filesystem, the named one first",
	 {.fs_uuid = FS_X, .name = "loop0", .size = GIB},
	 {{.fs_uuid = FS_X, .name = "loop0", .size = GIB},
	  {.fs_uuid = FS_X, .name = "loop1", .size = GIB}},
	 2,
	 0},
	{"cloned filesystem under a third name: ambiguous",
	 {.fs_uuid = FS_X, .name = "loop7", .size = GIB},
	 {{.fs_uuid = FS_X, .name = "loop0", .size = GIB},
	  {.fs_uuid = FS_X, .name = "loop1", .size = GIB}},
	 2,
	 -1},
	{"a tie of weak ones does not hide the strong one behind it",
	 {.nd_uuid = ND_A, .name = "pmem0"},
	 {{.name = "pmem0"}, {.name = "pmem0"}, {.nd_uuid = ND_A, .name = "pmem1"}},
	 3,
	 2},
	{"two under one bare name: ambiguous",
	 {.name = "loop0"},
	 {{.fs_uuid = FS_X, .name = "loop0"}, {.fs_uuid = FS_Y, .name = "loop0"}},
	 2,
	 -1},
	{"the name is taken by another medium",
	 {.nd_uuid = ND_B, .name = "pmem0"},
	 {{.nd_uuid = ND_A, .name = "pmem0"}},
	 1,
	 -1},
};

static void test_find(void **state)
{
	for (size_t i = 0; i < ARRAY_SIZE(finds); i++) {
		UNIT_ROW(finds, i, finds[i].what);
		assert_int_equal(devid_find(&finds[i].who, finds[i].known, finds[i].n),
				 finds[i].want);
	}
}

static const struct {
	const char *what;
	struct devid id, seen, want;
	bool changed;
} updates[] = {
	{"nothing new",
	 {.nd_uuid = ND_A, .fs_uuid = FS_X, .name = "pmem0", .size = GIB},
	 {.nd_uuid = ND_A, .name = "pmem0", .size = GIB},
	 {.nd_uuid = ND_A, .fs_uuid = FS_X, .name = "pmem0", .size = GIB},
	 false},
	{"renamed and reformatted",
	 {.nd_uuid = ND_A, .fs_uuid = FS_X, .name = "pmem0", .size = GIB},
	 {.nd_uuid = ND_A, .fs_uuid = FS_Y, .name = "pmem1", .size = 2 * GIB},
	 {.nd_uuid = ND_A, .fs_uuid = FS_Y, .name = "pmem1", .size = 2 * GIB},
	 true},
	{"what is not seen any more is kept",
	 {.nd_uuid = ND_A, .hw_id = "eui.1", .fs_uuid = FS_X, .name = "pmem0", .size = GIB},
	 {.name = "pmem2"},
	 {.nd_uuid = ND_A, .hw_id = "eui.1", .fs_uuid = FS_X, .name = "pmem2", .size = GIB},
	 true},
};

static void test_update(void **state)
{
	for (size_t i = 0; i < ARRAY_SIZE(updates); i++) {
		struct devid id = updates[i].id;

		UNIT_ROW(updates, i, updates[i].what);
		assert_int_equal(devid_update(&id, &updates[i].seen), updates[i].changed);
		assert_string_equal(id.nd_uuid, updates[i].want.nd_uuid);
		assert_string_equal(id.hw_id, updates[i].want.hw_id);
		assert_string_equal(id.fs_uuid, updates[i].want.fs_uuid);
		assert_string_equal(id.name, updates[i].want.name);
		assert_int_equal(id.size, updates[i].want.size);
		assert_false(devid_update(&id, &updates[i].seen));
	}
}

static const struct {
	struct devid id;
	const char *want;
} formats[] = {
	{{.nd_uuid = ND_A, .hw_id = "h", .fs_uuid = FS_X, .name = "pmem0"}, "nd:" ND_A},
	{{.hw_id = "wwn-1", .fs_uuid = FS_X, .name = "sda"}, "hw:wwn-1"},
	{{.nd_uuid = ZERO, .fs_uuid = FS_X, .name = "loop0"}, "fs:" FS_X},
	{{.name = "loop0"}, "name:loop0"},
	{{.size = 1}, "name:"},
};

static void test_format(void **state)
{
	char buf[DEVID_BUF];
	struct devid full = {.size = 1};

	for (size_t i = 0; i < ARRAY_SIZE(formats); i++) {
		UNIT_ROW(formats, i, formats[i].want);
		assert_string_equal(devid_format(&formats[i].id, buf), formats[i].want);
	}

	memset(full.hw_id, 'x', sizeof(full.hw_id) - 1);
	assert_int_equal(strlen(devid_format(&full, buf)), 3 + sizeof(full.hw_id) - 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_compare),
		cmocka_unit_test(test_find),
		cmocka_unit_test(test_update),
		cmocka_unit_test(test_format),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
