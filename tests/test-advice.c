/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Who is told something, and who is not. */
#include "unit.h"
#include <string.h>
#include "advice.h"

static const struct {
	const char *type, *has; /* NULL: no advice */
} vectors[] = {
	{"ext4", "debugfs -R 'icheck BLOCK'"},
	{"btrfs", "btrfs scrub start"},
	{"LVM2_member", "vgchange -ay"},
	{"swap", "not in use as swap"},
	{ADVICE_SWAP_IN_USE, "swapoff"},
	{ADVICE_DEVDAX, "SIGBUS"},
	{ADVICE_KMEM, "HardwareCorrupted"},
	{ADVICE_NOTHING, "database"},
	{"dm-3 (thin-pool)", "thin_rmap"},
	{"dm-3 (raid)", "lvchange --syncaction check"},
	{"dm-12 (mirror)", "dmsetup status"},
	{"md0 (raid1)", "another leg"},
	{"md127 (raid5)", "parity"},
	{"md0 (raid0)", "without a second copy"},
	{"bcache0 (bcache)", "moves blocks"},
	{"dm-3 (a) (crypt)", "authenticates"},
	{"dm-3 (thin-poo)", NULL},
	{"dm-3 ()", NULL},
	{"dm-3 (thin", NULL},
	{"thin-pool)", NULL},
	{"(", NULL},
	{")", NULL},
	{"md0 (a layer that pmemras does not know)", NULL},
	{"xfs", NULL},
	{"reiserfs", NULL},
	{"", NULL},
	{NULL, NULL},
};

static void test_advice(void **state)
{
	for (size_t i = 0; i < ARRAY_SIZE(vectors); i++) {
		const char *advice = advice_for(vectors[i].type);

		UNIT_ROW(vectors, i, vectors[i].type);
		assert_int_equal(!advice, !vectors[i].has);
		if (!advice)
			continue;
		assert_non_null(strstr(advice, vectors[i].has));
		assert_int_not_equal(advice[strlen(advice) - 1], '.'); /* a fragment */
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(test_advice)};

	return cmocka_run_group_tests_name("advice", tests, NULL, NULL);
}
