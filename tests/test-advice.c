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
