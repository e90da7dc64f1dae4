/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Up from a device on a made-up machine: through partitions, and what layers are called that end the way. */
#include "unit.h"
#include <string.h>
#include "advice.h"
#include "cleanup.h"
#include "layers.h"
#include "tree.h"

#define DEVICE(name, devno, sectors)                                                               \
	TREE_FILE("sys/class/block/" name "/dev", devno "\n"),                                     \
		TREE_FILE("sys/class/block/" name "/size", sectors "\n")

static const struct tree_entry machine[] = {
	DEVICE("pmem0", "259:0", "4096"),
	TREE_DIR("sys/class/block/pmem0/holders/md0"),
	DEVICE("md0", "9:0", "4000"),
	TREE_FILE("sys/class/block/md0/md/level", "raid5\n"),
	TREE_FILE("sys/class/block/md0/md/dev-pmem0/state", "in_sync\n"),
	TREE_FILE("sys/class/block/md0/md/dev-sdb/state", "in_sync,write_mostly\n"),
	TREE_FILE("sys/class/block/md0/md/dev-sdc/state", "faulty\n"),
	TREE_DIR("sys/class/block/md0/md/dev-sdd"), /* going away */
	DEVICE("pmem1", "259:1", "4096"),
	TREE_DIR("sys/class/block/pmem1/holders/bcache0"),
	DEVICE("bcache0", "252:0", "4000"),
	DEVICE("pmem2", "259:2", "4096"),
	TREE_DIR("sys/class/block/pmem2/holders/drbd0"),
	DEVICE("drbd0", "147:0", "4000"),
	DEVICE("pmem3", "259:3", "4096"),
	TREE_DIR("sys/class/block/pmem3/holders/dm-0"),
	DEVICE("dm-0", "253:0", "4000"),
	DEVICE("pmem4", "259:4", "4096"),
	TREE_FILE("sys/class/block/pmem4/pmem4p1/partition", "1\n"),
	DEVICE("pmem4p1", "259:5", "2048"),
	TREE_FILE("sys/class/block/pmem4p1/partition", "1\n"),
	TREE_FILE("sys/class/block/pmem4p1/start", "16\n"),
	DEVICE("pmem5", "259:6", "4096"),
	/* an array that is just being made has no level yet */
	DEVICE("pmem6", "259:7", "4096"),
	TREE_DIR("sys/class/block/pmem6/holders/md1"),
	DEVICE("md1", "9:1", "0"),
	TREE_FILE("sys/class/block/md1/md/level", "\n"),
	DEVICE("pmem7", "259:8", "4096"),
	TREE_DIR("sys/class/block/pmem7/holders/md2"),
	DEVICE("md2", "9:2", "0"),
	TREE_FILE("sys/class/block/md2/md/level", "raid1\n"),
	TREE_FILE("sys/class/block/md2/md/dev-pmem7/state", "in_sync\n"),
};

static const struct {
	const char *dev, *top; /* top: NULL: nothing above, or no way */
	uint64_t upper;        /* where byte 16384 is there */
	const char *detail;
	int r;
	bool advice; /* there is some for it */
} vectors[] = {
	{"pmem0", NULL, 0, "md0 with sdb in_sync,write_mostly, sdc faulty (raid5)", LAYERS_E_OPAQUE,
	 true},
	{"pmem1", NULL, 0, "bcache0 (bcache)", LAYERS_E_OPAQUE, true},
	{"pmem2", NULL, 0, "drbd0 (a layer that pmemras does not know)", LAYERS_E_OPAQUE, false},
	{"pmem3", NULL, 0, "dm-0 (its table cannot be read)", LAYERS_E_OPAQUE, false},
	{"pmem4", "pmem4p1", 8192, NULL, 0, false},
	{"pmem5", NULL, 0, NULL, LAYERS_E_NONE, false},
	{"pmem7", NULL, 0, "md2 (raid1)", LAYERS_E_OPAQUE, true},
	{"pmem6", NULL, 0, "md1 (a layer that pmemras does not know)", LAYERS_E_OPAQUE, false},
};

static void test_up(void **state)
{
	const struct mounts mounts = MOUNTS_NULL;
	struct sysroot root = SYSROOT_NULL;
	char path[64];

	assert_int_equal(tree_make(path, machine, ARRAY_SIZE(machine)), 0);
	assert_int_equal(sysroot_open(&root, path), 0);
	for (size_t i = 0; i < ARRAY_SIZE(vectors); i++) {
		CLEANUP(blkdev_deinit) struct blkdev dev = BLKDEV_NULL;
		CLEANUP(blkdev_deinit) struct blkdev top = BLKDEV_NULL;
		CLEANUP(through_freep) struct through *through = NULL;
		CLEANUP(rangeset_deinit) struct rangeset asked = RANGESET_NULL;
		CLEANUP(freep) char *detail = NULL;

		UNIT_ROW(vectors, i, vectors[i].dev);
		assert_int_equal(blkdev_resolve(&root, vectors[i].dev, &dev), 0);
		assert_int_equal(rangeset_add(&asked, (struct byte_range){16384, 512}), 0);
		assert_int_equal(layers_up(&root, &mounts, &dev, &asked, &top, &through, &detail),
				 vectors[i].r);
		assert_int_equal(!through, !vectors[i].top);
		if (through) {
			assert_string_equal(top.name, vectors[i].top);
			assert_int_equal(through_byte(through, 16384), vectors[i].upper);
		}
		assert_int_equal(!detail, !vectors[i].detail);
		if (detail)
			assert_string_equal(detail, vectors[i].detail);
		assert_int_equal(!!advice_for(detail), vectors[i].advice);
	}
	sysroot_deinit(&root);
	tree_remove(path);
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(test_up)};

	return cmocka_run_group_tests_name("layers", tests, NULL, NULL);
}
