/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Persistent memory of a made-up machine: what is where, and what its lists say of whom. */
#include "unit.h"
#include <errno.h>
#include <string.h>
#include "nd_machine.h"
#include "pmem.h"

struct fixture {
	char path[64];
	struct sysroot root;
};

static int setup(void **state)
{
	static struct fixture f;

	*state = &f;
	if (tree_make(f.path, nd_machine, ARRAY_SIZE(nd_machine)))
		return -1;
	return sysroot_open(&f.root, f.path);
}

static int teardown(void **state)
{
	struct fixture *f = *state;

	sysroot_deinit(&f->root);
	tree_remove(f->path);
	return 0;
}

static const struct {
	const char *name, *uuid, *dev;
	enum nd_mode mode;
	struct byte_range whole, data;
} namespaces[] = {
	{"namespace0.0",
	 ND_UUID0,
	 "pmem0",
	 ND_MODE_FSDAX,
	 {0x100000000, 268435456},
	 {0x101200000, 249561088}},
	{"namespace0.1",
	 ND_UUID1,
	 "dax0.0",
	 ND_MODE_DEVDAX,
	 {0x110000000, 268435456},
	 {0x110200000, 266338304}},
	{"namespace0.2",
	 ND_UUID2,
	 "pmem0.2",
	 ND_MODE_RAW,
	 {0x120000000, 134217728},
	 {0x120000000, 134217728}},
	{"namespace0.3", ND_UUID3, "pmem0.3s", ND_MODE_SECTOR, {0x128000000, 134217728}, {0, 0}},
	{"namespace0.4", "", "", ND_MODE_RAW, {0x130000000, 134217728}, {0, 0}},
};

static void test_read(void **state)
{
	CLEANUP(pmem_deinit) struct pmem pmem = PMEM_NULL;
	struct fixture *f = *state;

	assert_int_equal(pmem_read(&f->root, &pmem), 0);
	assert_int_equal(pmem.n_buses, 1);
	assert_int_equal(pmem.n_hidden, 1);
	assert_int_equal(pmem.map.n_regions, 2);
	assert_string_equal(pmem.map.regions[0].name, "region0");
	assert_int_equal(pmem.regions[0].cookie, 0x5eed);
	assert_int_equal(pmem.regions[1].n_dimms, 2);
	assert_string_equal(pmem.regions[1].dimms[1], "nmem1");
	assert_int_equal(pmem.map.n_namespaces, ARRAY_SIZE(namespaces));
	for (size_t i = 0; i < ARRAY_SIZE(namespaces); i++) {
		const struct nd_namespace *ns = &pmem.map.namespaces[i];

		UNIT_ROW(namespaces, i, namespaces[i].name);
		assert_string_equal(ns->name, namespaces[i].name);
		assert_string_equal(ns->uuid, namespaces[i].uuid);
		assert_string_equal(ns->dev, namespaces[i].dev);
		assert_int_equal(ns->mode, namespaces[i].mode);
		assert_memory_equal(&ns->whole.range, &namespaces[i].whole,
				    sizeof(struct byte_range));
		assert_memory_equal(&ns->data.range, &namespaces[i].data,
				    sizeof(struct byte_range));
	}
}

/* One byte each: the device it is on, that one's identity, and where. */
static const struct {
	uint64_t address;
	const char *name; /* NULL: in no region */
	const char *id;
	uint64_t offset;
	uint64_t size;
	const char *dimm; /* NULL: not known */
} places[] = {
	{0xffffffff, NULL, NULL, 0, 0, NULL},
	{0x100000005, "namespace0.0", "hw:nd-" ND_UUID0 ":namespace", 5, 268435456, "nmem3"},
	{0x101200000, "pmem0", "nd:" ND_UUID0, 0, 249561088, "nmem3"},
	{0x10fffffff, "pmem0", "nd:" ND_UUID0, 249561087, 249561088, "nmem3"},
	{0x1101fffff, "namespace0.1", "hw:nd-" ND_UUID1 ":namespace", 0x1fffff, 268435456, "nmem3"},
	{0x110200000, "dax0.0", "nd:" ND_UUID1, 0, 266338304, "nmem3"},
	{0x120001000, "pmem0.2", "nd:" ND_UUID2, 0x1000, 134217728, "nmem3"},
	{0x128001000, "namespace0.3", "hw:nd-" ND_UUID3 ":namespace", 0x1000, 134217728, "nmem3"},
	{0x130001000, "namespace0.4", "name:namespace0.4", 0x1000, 134217728, "nmem3"},
	{0x13fffffff, "region0", "hw:nd-set-0000000000005eed", 0x3fffffff, 1073741824, "nmem3"},
	{0x200000000, "region1", "name:region1", 0, 1073741824, NULL},
	{0x240000000, NULL, NULL, 0, 0, NULL},
};

static int keep_piece(const struct spa_piece *piece, void *data)
{
	*(struct spa_piece *)data = *piece;
	return 0;
}

static void test_places(void **state)
{
	CLEANUP(pmem_deinit) struct pmem pmem = PMEM_NULL;
	struct fixture *f = *state;

	assert_int_equal(pmem_read(&f->root, &pmem), 0);
	for (size_t i = 0; i < ARRAY_SIZE(places); i++) {
		const struct spa_range byte = {{places[i].address, 1}};
		char text[DEVID_BUF], dimm[16];
		struct spa_piece piece;
		uint64_t offset = 77;
		struct devid id;
		int r;

		UNIT_ROW(places, i, places[i].name);
		assert_int_equal(spamap_split(&pmem.map, byte, keep_piece, &piece), 0);
		r = pmem_place(&pmem, &piece, &id, &offset);
		assert_int_equal(r, places[i].name ? 0 : -ENOENT);
		r = pmem_dimm(&f->root, &pmem, places[i].address, dimm);
		assert_int_equal(r, places[i].dimm ? 0 : -ENXIO);
		if (places[i].dimm)
			assert_string_equal(dimm, places[i].dimm);
		if (!places[i].name) {
			assert_int_equal(offset, 77);
			continue;
		}
		assert_string_equal(id.name, places[i].name);
		assert_string_equal(devid_format(&id, text), places[i].id);
		assert_int_equal(offset, places[i].offset);
		assert_int_equal(id.size, places[i].size);
	}
}

static int add_name(const struct blkdev *dev, void *data)
{
	char *names = data;

	assert_true(dev->pmem);
	sprintf(names + strlen(names), "%s%s ", dev->name, dev->has_badblocks ? "*" : "");
	return 0;
}

static int stop_at_first(const struct blkdev *dev, void *data)
{
	return 42;
}

static void test_each(void **state)
{
	struct fixture *f = *state;
	char names[512] = "";

	assert_int_equal(pmem_each(&f->root, add_name, names), 0);
	assert_string_equal(names, "dax0.0* namespace0.0* namespace0.1* namespace0.2* "
				   "namespace0.3* namespace0.4* region0* region1 ");
	assert_int_equal(pmem_each(&f->root, stop_at_first, NULL), 42);
}

/* What region0's list says of each, in bytes of that device. */
static const struct {
	const char *name;
	struct byte_range bad; /* len 0: nothing */
} lists[] = {
	{"dax0.0", {(528392 - 528384) * 512, 1024}},
	{"namespace0.0", {8 * 512, 512}},
	{"namespace0.1", {0, 512}},
	{"namespace0.2", {0, 0}},
	{"namespace0.3", {512, 512}},
	{"namespace0.4", {0, 0}},
	{"region0", {UINT64_C(2097151) * 512, 512}},
	{"region1", {0, 0}},
};

static void test_badblocks(void **state)
{
	struct fixture *f = *state;

	for (size_t i = 0; i < ARRAY_SIZE(lists); i++) {
		CLEANUP(rangeset_deinit) struct rangeset bad = RANGESET_NULL;
		CLEANUP(blkdev_deinit) struct blkdev dev = BLKDEV_NULL;
		bool cut = true;

		UNIT_ROW(lists, i, lists[i].name);
		assert_int_equal(blkdev_resolve(&f->root, lists[i].name, &dev), 0);
		assert_int_equal(blkdev_badblocks(&f->root, &dev, &bad, &cut), 0);
		assert_false(cut);
		assert_int_equal(bad.n, lists[i].bad.len != 0);
		if (bad.n)
			assert_memory_equal(&bad.ranges[0], &lists[i].bad,
					    sizeof(struct byte_range));
		assert_int_equal(blkdev_read_ok(&dev, &bad, &bad), -EOPNOTSUPP);
	}
}

static const char *const broken[] = {"x y\n", "1 0\n", "2097152 1\n", "2097151 2\n"};

static void test_badblocks_broken(void **state)
{
	struct fixture *f = *state;

	for (size_t i = 0; i < ARRAY_SIZE(broken); i++) {
		CLEANUP(rangeset_deinit) struct rangeset bad = RANGESET_NULL;
		CLEANUP(blkdev_deinit) struct blkdev dev = BLKDEV_NULL;
		char path[128];
		FILE *file;
		bool cut;

		UNIT_ROW(broken, i, broken[i]);
		snprintf(path, sizeof(path), "%s/" ND "region0/badblocks", f->path);
		file = fopen(path, "w");
		assert_non_null(file);
		fputs(broken[i], file);
		fclose(file);
		assert_int_equal(pmem_find(&f->root, "dax0.0", &dev), 0);
		assert_int_equal(blkdev_badblocks(&f->root, &dev, &bad, &cut), -EBADMSG);
		assert_int_equal(bad.n, 0);
	}
	assert_int_equal(pmem_find(&f->root, "dax0.1", &(struct blkdev){.pmem = false}), -ENOENT);
}

/* The way back from places[]: an address of "" has none, or is no persistent memory. */
static const struct {
	const char *dev;
	uint64_t offset;
	bool found, fixed;
	uint64_t address;
	const char *ns, *region;
	size_t n_dimms;
	const char *dimms[2];
} wheres[] = {
	{"pmem0", 4096, true, true, UINT64_C(0x101201000), "namespace0.0", "region0", 1, {"nmem3"}},
	{"dax0.0", 0, true, true, UINT64_C(0x110200000), "namespace0.1", "region0", 1, {"nmem3"}},
	{"pmem0.2",
	 512,
	 true,
	 true,
	 UINT64_C(0x120000200),
	 "namespace0.2",
	 "region0",
	 1,
	 {"nmem3"}},
	{"pmem0.3s", 512, true, false, 0, "namespace0.3", "region0", 1, {"nmem3"}},
	{"namespace0.0",
	 8,
	 true,
	 true,
	 UINT64_C(0x100000008),
	 "namespace0.0",
	 "region0",
	 1,
	 {"nmem3"}},
	{"region0", 7, true, true, UINT64_C(0x100000007), "", "region0", 1, {"nmem3"}},
	{"region1", 0, true, true, UINT64_C(0x200000000), "", "region1", 2, {"nmem0", "nmem1"}},
	{"pmem0p1", 0, false, false, 0, "", "", 0, {NULL}}, /* no such partition */
	{"region2", 0, false, false, 0, "", "", 0, {NULL}}, /* address not readable */
	{"sda", 0, false, false, 0, "", "", 0, {NULL}},
};

static void test_where(void **state)
{
	struct fixture *f = *state;

	for (size_t i = 0; i < ARRAY_SIZE(wheres); i++) {
		CLEANUP(rangeset_deinit) struct rangeset asked = RANGESET_NULL;
		CLEANUP(freep) struct place *place = NULL;
		const char *dimms[PLACE_DIMMS_MAX];
		uint64_t address = 0;

		UNIT_ROW(wheres, i, wheres[i].dev);
		assert_int_equal(rangeset_add(&asked, (struct byte_range){wheres[i].offset, 512}),
				 0);
		assert_int_equal(pmem_where(&f->root, wheres[i].dev, &asked, &place),
				 wheres[i].found ? 0 : -ENOENT);
		if (!wheres[i].found)
			continue;
		assert_int_equal(place_address(place, wheres[i].offset, &address), wheres[i].fixed);
		assert_int_equal(address, wheres[i].address);
		assert_string_equal(place->ns, wheres[i].ns);
		assert_string_equal(place->region, wheres[i].region);
		assert_int_equal(place_dimms(place, dimms), wheres[i].n_dimms);
		for (size_t k = 0; k < wheres[i].n_dimms; k++)
			assert_string_equal(dimms[k], wheres[i].dimms[k]);
	}
}

static void test_nothing(void **state)
{
	CLEANUP(sysroot_deinit) struct sysroot root = SYSROOT_NULL;
	CLEANUP(pmem_deinit) struct pmem pmem = PMEM_NULL;
	char path[64];

	assert_int_equal(tree_make(path, NULL, 0), 0);
	assert_int_equal(sysroot_open(&root, path), 0);
	assert_int_equal(pmem_read(&root, &pmem), 0);
	assert_int_equal(pmem.map.n_regions + pmem.n_buses + pmem.n_hidden, 0);
	assert_int_equal(pmem_each(&root, stop_at_first, NULL), 0);
	tree_remove(path);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_read),
		cmocka_unit_test(test_places),
		cmocka_unit_test(test_each),
		cmocka_unit_test(test_badblocks),
		cmocka_unit_test(test_badblocks_broken),
		cmocka_unit_test(test_where),
		cmocka_unit_test(test_nothing),
	};

	return cmocka_run_group_tests_name("pmem", tests, setup, teardown);
}
