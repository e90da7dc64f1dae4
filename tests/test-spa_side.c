/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Physical addresses to devices on a made-up machine, and what is said of those that lead to none. */
#include "unit.h"
#include "ctl_run.h"
#include "nd_machine.h"

static const struct tree_entry machine[] = {
	TREE_FILE("sys/class/block/pmem0/dev", "259:0\n"),
	TREE_FILE("sys/class/block/pmem0/size", "487424\n"),
	TREE_FILE("sys/class/block/pmem0.2/dev", "259:2\n"),
	TREE_FILE("sys/class/block/pmem0.2/size", "262144\n"),
	TREE_FILE("proc/iomem", "00000000-00000fff : Reserved\n00001000-0009fbff : System RAM\n"
				"100000000-13fffffff : Persistent Memory\n"),
};

struct fixture {
	char root[64], no_iomem[64];
};

static int setup(void **state)
{
	static struct tree_entry all[ARRAY_SIZE(nd_machine) + ARRAY_SIZE(machine)];
	static struct fixture f;

	*state = &f;
	memcpy(all, nd_machine, sizeof(nd_machine));
	memcpy(all + ARRAY_SIZE(nd_machine), machine, sizeof(machine));
	return tree_make(f.root, all, ARRAY_SIZE(all)) ||
	       tree_make(f.no_iomem, all, ARRAY_SIZE(all) - 1);
}

static int teardown(void **state)
{
	struct fixture *f = *state;

	tree_remove(f->root);
	tree_remove(f->no_iomem);
	return 0;
}

static void test_vectors(void **state)
{
	static const struct {
		const char *words;
		int exit;
		const char *says
			[4]; /* each somewhere; the first of exit 2 on standard error or output */
	} vectors[] = {
		{"locate --spa 0x101200200+1K --root ~",
		 3,
		 {"pmem0, bytes 512-1535 (sectors 1+2), address 0x101200200",
		  "namespace0.0, region0", "DIMM nmem3"}},
		/* the end of a namespace's data and the metadata of the next */
		{"locate --spa 0x10fffff00+0x200 --root ~",
		 3,
		 {"pmem0, bytes 249560576-249561087", "namespace0.1, bytes 0-511"}},
		{"locate --spa 0x110200000+512 --root ~", 3, {"dax0.0, bytes 0-511"}},
		{"locate --spa 0x130000000+512 --root ~", 3, {"namespace0.4, bytes 0-511"}},
		{"locate --spa 0x200000000+512 --root ~",
		 3,
		 {"region1, bytes 0-511", "nmem0, nmem1"}},
		{"locate --spa 0x2000+512 --root ~",
		 3,
		 {"0x2000-0x21ff: in no persistent-memory region; System RAM: ordinary memory"}},
		{"locate --spa 0x5000000000+512 --root ~",
		 2,
		 {"0x5000000000-0x50000001ff: in no persistent-memory region: nothing is at"}},
		{"locate --spa 0x13fffff00+0x200 --root ~",
		 3,
		 {"0x140000000-0x1400000ff: in no persistent-memory region: nothing",
		  "region0, bytes"}},
		{"locate --spa 0x2000+512 0x101200200+1K --root @",
		 3,
		 {"not known", "pmem0, bytes 512-1535"}},
		{"locate --spa 0x2000+512 0x101200200+1K --root ~ --json",
		 3,
		 {"\"outside\":[{\"physical_address\":8192,\"length\":512,\"resource\":\"System "
		  "RAM\"",
		  "\"parts\":[\n{", "\"physical_address\":4313842176"}},
		{"locate --spa 0x2000+512 --root ~ --json", 3, {"\"parts\":[]"}},
		{"locate --spa 0x2000 --root ~", 2, {"0x2000"}},
		{"locate --spa 0x2000+512 --badblocks --root ~", 2, {"alone"}},
	};
	const struct fixture *f = *state;

	for (size_t i = 0; i < ARRAY_SIZE(vectors); i++) {
		CLEANUP(ctl_run_deinit) struct ctl_run run = CTL_RUN_NULL;

		UNIT_ROW(vectors, i, vectors[i].words);
		ctl_run(&run, vectors[i].words, f->no_iomem, f->root, false);
		print_message("%s%s", run.out, run.err);
		assert_int_equal(run.exit, vectors[i].exit);
		for (size_t k = 0; k < ARRAY_SIZE(vectors[i].says) && vectors[i].says[k]; k++)
			assert_true(strstr(run.out, vectors[i].says[k]) ||
				    strstr(run.err, vectors[i].says[k]));
		if (strstr(vectors[i].words, "--json"))
			ctl_check_record(run.out);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_vectors),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
