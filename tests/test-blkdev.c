/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Block devices of a made-up machine: names to devices, identities, users, badblocks lists. */
#include "unit.h"
#include <errno.h>
#include <limits.h>
#include <sys/sysmacros.h>
#include "blkdev.h"
#include "tree.h"

#define REGION "sys/devices/ndbus0/region0/"
#define PMEM0  REGION "pfn0.1/block/pmem0/"
#define NVME   "sys/devices/pci0/nvme/nvme0/nvme0n1/"

static const struct tree_entry machine[] = {
	/* a namespace claimed by a pfn: two uuids, the namespace's counts */
	TREE_FILE(REGION "namespace0.0/uuid", "6D4D4B9C-9C4A-4B3E-8F1F-0123456789AB\n"),
	TREE_FILE(REGION "pfn0.1/namespace", "namespace0.0\n"),
	TREE_FILE(REGION "pfn0.1/uuid", "11111111-2222-3333-4444-555555555555\n"),
	TREE_FILE(PMEM0 "dev", "259:0\n"),
	TREE_FILE(PMEM0 "size", "2097152\n"),
	TREE_FILE(PMEM0 "badblocks", "8 8\n65536 1\n"),
	TREE_LINK(PMEM0 "device", "../../../pfn0.1"),
	TREE_DIR(PMEM0 "holders"),
	TREE_FILE(PMEM0 "pmem0p1/dev", "259:1\n"),
	TREE_FILE(PMEM0 "pmem0p1/size", "1048576\n"),
	TREE_FILE(PMEM0 "pmem0p1/partition", "1\n"),
	TREE_LINK(PMEM0 "pmem0p1/holders/dm-0", "../../../../../../../virtual/block/dm-0"),
	TREE_FILE(PMEM0 "pmem0p2/dev", "259:2\n"),
	TREE_FILE(PMEM0 "pmem0p2/size", "1048000\n"),
	TREE_FILE(PMEM0 "pmem0p2/partition", "2\n"),
	TREE_FILE(PMEM0 "pmem0-not-a-partition/dev", "1:1\n"),
	/* raw: the namespace itself is the parent; list of one empty line: no list */
	TREE_FILE(REGION "namespace0.2/uuid", "aaaaaaaa-0000-4000-8000-000000000002\n"),
	TREE_FILE(REGION "namespace0.2/block/pmem0.2/dev", "259:5\n"),
	TREE_FILE(REGION "namespace0.2/block/pmem0.2/size", "0\n"),
	TREE_FILE(REGION "namespace0.2/block/pmem0.2/badblocks", "\n"),
	TREE_LINK(REGION "namespace0.2/block/pmem0.2/device", "../../../namespace0.2"),
	/* btt over a namespace without a label: its own uuid has to do; an empty list */
	TREE_FILE(REGION "btt0.0/uuid", "bbbbbbbb-0000-4000-8000-000000000003\n"),
	TREE_FILE(REGION "btt0.0/namespace", "namespace0.3\n"),
	TREE_FILE(REGION "namespace0.3/uuid", "\n"),
	TREE_FILE(REGION "btt0.0/block/pmem0.3s/dev", "259:6\n"),
	TREE_FILE(REGION "btt0.0/block/pmem0.3s/size", "16\n"),
	TREE_FILE(REGION "btt0.0/block/pmem0.3s/badblocks", ""),
	TREE_LINK(REGION "btt0.0/block/pmem0.3s/device", "../../../btt0.0"),
	/* others */
	TREE_FILE(NVME "dev", "259:7\n"),
	TREE_FILE(NVME "size", "1000\n"),
	TREE_FILE(NVME "wwid", "eui.0025388b710116a1\n"),
	TREE_FILE(NVME "device/serial", "S4EWNX0R123456\n"),
	TREE_FILE(NVME "nvme0n1p3/dev", "259:8\n"),
	TREE_FILE(NVME "nvme0n1p3/size", "500\n"),
	TREE_FILE(NVME "nvme0n1p3/partition", "3\n"),
	TREE_FILE("sys/devices/virtual/block/dm-0/dev", "253:0\n"),
	TREE_FILE("sys/devices/virtual/block/dm-0/size", "8\n"),
	TREE_FILE("sys/devices/virtual/block/dm-0/dm/uuid", "LVM-abc\n"),
	TREE_FILE("sys/devices/virtual/block/dm-0/badblocks", "0 x\n"),
	TREE_FILE("sys/devices/virtual/block/loop0/dev", "7:0\n"),
	TREE_FILE("sys/devices/virtual/block/loop0/size", "64\n"),
	TREE_FILE("sys/devices/virtual/block/loop0/serial", "not for us\n"),
	TREE_FILE("sys/devices/pci0/block/vda/dev", "254:0\n"),
	TREE_FILE("sys/devices/pci0/block/vda/size", "2048\n"),
	TREE_FILE("sys/devices/pci0/block/vda/serial", "  disk one \n"),
	TREE_FILE("sys/devices/pci0/block/cciss!c0d0/dev", "104:0\n"),
	TREE_FILE("sys/devices/pci0/block/cciss!c0d0/size", "2\n"),
	TREE_LINK("sys/class/block/pmem0", "../../devices/ndbus0/region0/pfn0.1/block/pmem0"),
	TREE_LINK("sys/class/block/pmem0p1",
		  "../../devices/ndbus0/region0/pfn0.1/block/pmem0/pmem0p1"),
	TREE_LINK("sys/class/block/pmem0p2",
		  "../../devices/ndbus0/region0/pfn0.1/block/pmem0/pmem0p2"),
	TREE_LINK("sys/class/block/pmem0.2",
		  "../../devices/ndbus0/region0/namespace0.2/block/pmem0.2"),
	TREE_LINK("sys/class/block/pmem0.3s", "../../devices/ndbus0/region0/btt0.0/block/pmem0.3s"),
	TREE_LINK("sys/class/block/nvme0n1", "../../devices/pci0/nvme/nvme0/nvme0n1"),
	TREE_LINK("sys/class/block/nvme0n1p3", "../../devices/pci0/nvme/nvme0/nvme0n1/nvme0n1p3"),
	TREE_LINK("sys/class/block/dm-0", "../../devices/virtual/block/dm-0"),
	TREE_LINK("sys/class/block/loop0", "../../devices/virtual/block/loop0"),
	TREE_LINK("sys/class/block/vda", "../../devices/pci0/block/vda"),
	TREE_LINK("sys/class/block/cciss!c0d0", "../../devices/pci0/block/cciss!c0d0"),
	TREE_LINK("sys/class/block/gone", "../../devices/gone"),
	TREE_LINK("sys/dev/block/259:0", "../../devices/ndbus0/region0/pfn0.1/block/pmem0"),
	TREE_LINK("dev/disk/by-id/dm-name-home", "../../dm-0"),
	TREE_LINK("dev/mapper/home", "../dm-0"),
	TREE_DIR("dev/pts"),
	TREE_FILE("srv/file", ""),
};

/* The same disk as a lean recording has it. */
static const struct tree_entry lean[] = {
	TREE_FILE("sys/block/pmem0/dev", "259:0\n"),
	TREE_FILE("sys/block/pmem0/size", "2097152\n"),
	TREE_FILE("sys/block/pmem0/badblocks", "8 8\n"),
	TREE_FILE("sys/block/pmem0/pmem0p1/dev", "259:1\n"),
	TREE_FILE("sys/block/pmem0/pmem0p1/size", "16\n"),
	TREE_FILE("sys/block/pmem0/pmem0p1/partition", "1\n"),
	TREE_FILE("sys/block/aaa/dev", "8:0\n"),
};

struct fixture {
	char path[64], lean_path[64];
	struct sysroot root, lean;
};

static int setup(void **state)
{
	static struct fixture f;

	f.root = f.lean = SYSROOT_NULL;
	*state = &f;
	return tree_make(f.path, machine, ARRAY_SIZE(machine)) ||
	       tree_make(f.lean_path, lean, ARRAY_SIZE(lean)) || sysroot_open(&f.root, f.path) ||
	       sysroot_open(&f.lean, f.lean_path);
}

static int teardown(void **state)
{
	struct fixture *f = *state;

	sysroot_deinit(&f->root);
	sysroot_deinit(&f->lean);
	tree_remove(f->path);
	tree_remove(f->lean_path);
	return 0;
}

static const struct {
	const char *arg, *name; /* NULL: fails */
	int r;
} args[] = {
	{"pmem0", "pmem0", 0},
	{"/dev/pmem0", "pmem0", 0},
	{"259:0", "pmem0", 0},
	{"259:6", "pmem0.3s", 0}, /* not below /sys/dev/block: searched for */
	{"pmem0p1", "pmem0p1", 0},
	{"/dev/pmem0p2", "pmem0p2", 0},
	{"/dev/mapper/home", "dm-0", 0},
	{"/dev/disk/by-id/dm-name-home", "dm-0", 0},
	{"/dev/cciss/c0d0", "cciss!c0d0", 0},
	{"cciss!c0d0", "cciss!c0d0", 0},
	{"/dev/nothing", NULL, -ENOENT},
	{"nothing", NULL, -ENOENT},
	{"", NULL, -ENOTBLK}, /* the root itself */
	{"259:99", NULL, -ENOENT},
	{"/dev/pts", NULL, -ENOTBLK},
	{"/srv/file", NULL, -ENOTBLK},
	{"/srv", NULL, -ENOTBLK},
	{"/sys/class/block/pmem0", NULL, -ENOTBLK},
	{"gone", NULL, -ENOENT},
	{"../../block/pmem0", NULL, -ENOENT},
};

static void test_resolve(void **state)
{
	struct fixture *f = *state;

	for (size_t i = 0; i < ARRAY_SIZE(args); i++) {
		CLEANUP(blkdev_deinit) struct blkdev dev = BLKDEV_NULL;

		UNIT_ROW(args, i, args[i].arg);
		assert_int_equal(blkdev_resolve(&f->root, args[i].arg, &dev), args[i].r);
		assert_string_equal(dev.name, args[i].name ? args[i].name : "");
	}
}

static const struct {
	const char *name;
	unsigned int major, minor;
	uint64_t size;
	bool has_badblocks;
	const char *users, *nd, *hw;
} devices[] = {
	{"cciss!c0d0", 104, 0, 1024, false, NULL, "", ""},
	{"dm-0", 253, 0, 4096, true, NULL, "", "dm-LVM-abc"},
	{"loop0", 7, 0, 32768, false, NULL, "", ""},
	{"nvme0n1", 259, 7, 512000, false, "nvme0n1p3", "", "eui.0025388b710116a1"},
	{"nvme0n1p3", 259, 8, 256000, false, NULL, "", "eui.0025388b710116a1:p3"},
	{"pmem0", 259, 0, 1073741824, true, "pmem0p1, pmem0p2",
	 "6d4d4b9c-9c4a-4b3e-8f1f-0123456789ab", ""},
	{"pmem0.2", 259, 5, 0, false, NULL, "aaaaaaaa-0000-4000-8000-000000000002", ""},
	{"pmem0.3s", 259, 6, 8192, true, NULL, "bbbbbbbb-0000-4000-8000-000000000003", ""},
	{"pmem0p1", 259, 1, 536870912, false, "dm-0", "",
	 "nd-6d4d4b9c-9c4a-4b3e-8f1f-0123456789ab:p1"},
	{"pmem0p2", 259, 2, 536576000, false, NULL, "",
	 "nd-6d4d4b9c-9c4a-4b3e-8f1f-0123456789ab:p2"},
	{"vda", 254, 0, 1048576, false, NULL, "", "serial-disk one"},
};

static int check_device(const struct blkdev *dev, void *data)
{
	size_t *i = data;

	assert_true(*i < ARRAY_SIZE(devices));
	UNIT_ROW(devices, *i, devices[*i].name);
	assert_string_equal(dev->name, devices[*i].name);
	assert_string_equal(dev->id.name, devices[*i].name);
	assert_int_equal(dev->devno, makedev(devices[*i].major, devices[*i].minor));
	assert_int_equal(dev->size, devices[*i].size);
	assert_int_equal(dev->id.size, devices[*i].size);
	assert_int_equal(dev->has_badblocks, devices[*i].has_badblocks);
	if (devices[*i].users)
		assert_string_equal(dev->users, devices[*i].users);
	else
		assert_null(dev->users);
	assert_string_equal(dev->id.nd_uuid, devices[*i].nd);
	assert_string_equal(dev->id.hw_id, devices[*i].hw);
	assert_string_equal(dev->id.fs_uuid, ""); /* nothing is read from a recording's devices */
	(*i)++;
	return 0;
}

static void test_each(void **state)
{
	struct fixture *f = *state;
	size_t i = 0;

	assert_int_equal(blkdev_each(&f->root, check_device, &i), 0);
	assert_int_equal(i, ARRAY_SIZE(devices));
}

static int list_name(const struct blkdev *dev, void *data)
{
	strcat(data, dev->name);
	strcat(data, " ");
	return !strcmp(dev->name, "pmem0") && !strncmp(data, "stop", 4) ? -7 : 0;
}

static void test_lean(void **state)
{
	CLEANUP(blkdev_deinit) struct blkdev dev = BLKDEV_NULL;
	struct fixture *f = *state;
	char names[64] = "";

	assert_int_equal(blkdev_each(&f->lean, list_name, names), 0);
	assert_string_equal(names, "aaa pmem0 pmem0p1 ");
	strcpy(names, "stop ");
	assert_int_equal(blkdev_each(&f->lean, list_name, names), -7);
	assert_string_equal(names, "stop aaa pmem0 ");
	assert_int_equal(blkdev_resolve(&f->lean, "/dev/pmem0p1", &dev), 0);
	assert_int_equal(dev.size, 8192);
	blkdev_deinit(&dev);
	assert_int_equal(blkdev_from_devno(&f->lean, makedev(259, 1), &dev), 0);
	assert_string_equal(dev.name, "pmem0p1");
	blkdev_deinit(&dev);
	assert_int_equal(blkdev_from_devno(&f->lean, makedev(1, 2), &dev), -ENOENT);
}

static const struct {
	const char *name;
	int r;
	uint64_t bytes;
} lists[] = {
	{"pmem0", 0, 4096 + 512}, {"pmem0.3s", 0, 0},      {"pmem0.2", -ENOENT, 0},
	{"vda", -ENOENT, 0},      {"pmem0p1", -ENOENT, 0}, {"dm-0", -EBADMSG, 0},
};

static void test_badblocks(void **state)
{
	struct fixture *f = *state;

	for (size_t i = 0; i < ARRAY_SIZE(lists); i++) {
		CLEANUP(rangeset_deinit) struct rangeset set = RANGESET_NULL;
		CLEANUP(blkdev_deinit) struct blkdev dev = BLKDEV_NULL;
		bool cut = false;

		UNIT_ROW(lists, i, lists[i].name);
		assert_int_equal(blkdev_resolve(&f->root, lists[i].name, &dev), 0);
		assert_int_equal(blkdev_badblocks(&f->root, &dev, &set, &cut), lists[i].r);
		assert_int_equal(rangeset_bytes(&set), lists[i].bytes);
		assert_false(cut);
	}
}

/* The name belongs to another device by now, or to none. */
static void test_badblocks_renamed(void **state)
{
	CLEANUP(rangeset_deinit) struct rangeset set = RANGESET_NULL;
	struct blkdev dev = {.devno = makedev(259, 77), .name = "pmem0"};
	struct fixture *f = *state;
	bool cut;

	assert_int_equal(blkdev_badblocks(&f->root, &dev, &set, &cut), -ENODEV);
	strcpy(dev.name, "pmem7");
	assert_int_equal(blkdev_badblocks(&f->root, &dev, &set, &cut), -ENODEV);
}

static void test_path(void **state)
{
	struct blkdev dev = {.name = "cciss!c0d0"};
	char path[PATH_MAX];

	assert_string_equal(blkdev_path(&dev, path), "/dev/cciss/c0d0");
	strcpy(dev.name, "pmem0");
	assert_string_equal(blkdev_path(&dev, path), "/dev/pmem0");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_resolve),
		cmocka_unit_test(test_each),
		cmocka_unit_test(test_lean),
		cmocka_unit_test(test_badblocks),
		cmocka_unit_test(test_badblocks_renamed),
		cmocka_unit_test(test_path),
	};

	return cmocka_run_group_tests_name("blkdev", tests, setup, teardown);
}
