/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A made-up machine with every layer, as pmemrasctl topology tells it. */
#include "unit.h"
#include "ctl_run.h"
#include "nd_machine.h"

#define DEV(name, devno, sectors)                                                                  \
	TREE_FILE("sys/class/block/" name "/dev", devno "\n"),                                     \
		TREE_FILE("sys/class/block/" name "/size", sectors "\n")

static const struct tree_entry machine[] = {
	DEV("pmem0", "259:0", "487424"),
	TREE_FILE("sys/class/block/pmem0/badblocks", "8 1\n100 3\n"),
	TREE_FILE("sys/class/block/pmem0/pmem0p1/partition", "1\n"),
	TREE_DIR("sys/class/block/pmem0/holders"),
	DEV("pmem0p1", "259:1", "400000"),
	TREE_FILE("sys/class/block/pmem0p1/partition", "1\n"),
	TREE_DIR("sys/class/block/pmem0p1/holders/dm-0"),
	DEV("pmem0.2", "259:2", "262144"),
	TREE_DIR("sys/class/block/pmem0.2/holders/dm-0"),
	DEV("dm-0", "253:0", "600000"),
	TREE_FILE("sys/class/block/dm-0/dm/name", "vg-my--lv\n"),
	TREE_FILE("sys/class/block/dm-0/dm/uuid", "LVM-x\n"),
	DEV("sda", "8:0", "1000"),
	TREE_DIR("sys/class/block/sda/holders/md0"),
	DEV("sdb", "8:16", "1000"),
	TREE_DIR("sys/class/block/sdb/holders/md0"),
	DEV("sdc", "8:32", "1000"),
	DEV("md0", "9:0", "1000"),
	TREE_FILE("sys/class/block/md0/md/level", "raid1\n"),
	DEV("loop0", "7:0", "64"),
	TREE_FILE("sys/block/loop0/loop/backing_file", "/srv/an image\n"),
	DEV("loop1", "7:1", "0"),
	TREE_FILE("run/udev/data/b8:32", "I:1\nE:ID_FS_TYPE=ext4\nG:systemd\n"),
	TREE_FILE("run/udev/data/b7:0", "I:1\n"),
	TREE_FILE("proc/self/mountinfo", "30 1 253:0 / /srv rw - xfs /dev/mapper/vg-my--lv rw\n"
					 "31 1 253:0 /a /mnt\\040b rw - xfs /dev/mapper/x rw\n"),
	TREE_FILE("proc/swaps", "Filename\tType\tSize\tUsed\tPriority\n"
				"/dev/md0 partition\t1\t0\t-2\n/srv/swap file 1 0 -3\n"),
	TREE_LINK("sys/bus/dax/devices/dax0.0/driver", "../../drivers/kmem"),
};

struct fixture {
	char root[64], nothing[64];
};

static int setup(void **state)
{
	static struct tree_entry all[ARRAY_SIZE(nd_machine) + ARRAY_SIZE(machine)];
	static struct fixture f;

	*state = &f;
	memcpy(all, nd_machine, sizeof(nd_machine));
	memcpy(all + ARRAY_SIZE(nd_machine), machine, sizeof(machine));
	return tree_make(f.root, all, ARRAY_SIZE(all)) || tree_make(f.nothing, nd_machine, 0);
}

static int teardown(void **state)
{
	struct fixture *f = *state;

	tree_remove(f->root);
	tree_remove(f->nothing);
	return 0;
}

static void test_tree(void **state)
{
	static const char nmem3[] =
		"nmem3                        dimm\n"
		"`-region0                    region         1 GiB                     1 range, "
		"512 B\n"
		"  |-namespace0.0             fsdax        256 MiB                     1 range, "
		"512 B\n"
		"  | `-pmem0                  disk         238 MiB                     2 ranges, 2 "
		"KiB\n"
		"  |   `-pmem0p1              partition  195.3 MiB\n"
		"  |     `-dm-0 (vg/my-lv)    lvm          293 MiB  xfs /srv, /mnt b\n"
		"  |-namespace0.1             devdax       256 MiB                     1 range, "
		"512 B\n"
		"  | `-dax0.0                 dax          254 MiB  system memory (1)  1 range, 1 "
		"KiB\n"
		"  |-namespace0.2             raw          128 MiB\n"
		"  | `-pmem0.2                disk         128 MiB\n"
		"  |   `-dm-0 (vg/my-lv)                            see above\n"
		"  |-namespace0.3             sector       128 MiB                     1 range, "
		"512 B\n"
		"  `-namespace0.4 (disabled)  raw          128 MiB\n"
		"\n(1) the kernel takes bad pages";
	static const struct {
		const char *words;
		int exit;
		const char *says; /* somewhere */
	} vectors[] = {
		{"topology nmem3 --root ~", 3, nmem3},
		{"topology pmem0.2 --root ~", 3, "pmem0.2"},
		{"topology md0 --root ~", 3,
		 "sda    disk   500 KiB\n`-md0  raid1  500 KiB  swap, in use (1)\n"
		 "sdb    disk   500 KiB\n`-md0                  see above\n"},
		{"topology sdc --root ~", 3, "ext4 (1)"},
		{"topology sdc --root ~", 3, "icheck"},
		{"topology loop0 --root ~", 3, "loop0 (/srv/an image)  loop"},
		{"topology --root ~", 3, "region1"},
		{"topology --root @", 0, "No block device, and no persistent memory.\n"},
		{"topology nmem3 --root ~ --json", 3, "\"dev\":\"dm-0\""},
		{"topology --root ~ --json", 3,
		 "{\"dev\":\"dax0.0\",\"type\":\"dax\",\"size\":266338304,\"below\":[\"namespace0."
		 "1\"],"
		 "\"use\":\"system-ram\",\"holds\":\"kmem\""},
		{"topology --root ~ --json", 3,
		 "\"badblock_count\":4,\"badblocks\":[{\"offset\":4096,\"length\":512},"
		 "{\"offset\":51200,\"length\":1536}]"},
		{"topology loop1 --root ~", 2, "no medium"},
		{"topology nope --root ~", 2, "nope: no such block device"},
		{"topology a b --root ~", 2, "one DEVICE at most"},
	};
	const struct fixture *f = *state;

	for (size_t i = 0; i < ARRAY_SIZE(vectors); i++) {
		CLEANUP(ctl_run_deinit) struct ctl_run run = CTL_RUN_NULL;

		UNIT_ROW(vectors, i, vectors[i].words);
		ctl_run(&run, vectors[i].words, f->nothing, f->root, false);
		print_message("%s%s", run.out, run.err);
		assert_int_equal(run.exit, vectors[i].exit);
		assert_non_null(strstr(run.exit == 2 ? run.err : run.out, vectors[i].says));
		if (strstr(vectors[i].words, "--json"))
			ctl_check_record(run.out);
	}
}

/* What is not in the picture says nothing about the part that is. */
static void test_part(void **state)
{
	CLEANUP(ctl_run_deinit) struct ctl_run run = CTL_RUN_NULL;
	const struct fixture *f = *state;

	ctl_run(&run, "topology dm-0 --root ~", f->nothing, f->root, false);
	assert_non_null(strstr(run.out, "nmem3"));
	assert_non_null(strstr(run.out, "pmem0.2"));
	assert_null(strstr(run.out, "dax0.0"));
	assert_null(strstr(run.out, "md0"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_tree),
		cmocka_unit_test(test_part),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
