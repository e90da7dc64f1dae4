/* SPDX-License-Identifier: GPL-2.0-or-later */
/* /proc/PID/task/TID/stat, as kernels print it and as names try to spoil it. */
#include "unit.h"
#include <errno.h>
#include <string.h>
#include "mcekill.h"

#define REST " 4 0 0 0 5 6 7"

static const struct {
	const char *text;
	int r;
	enum mcekill want;
} vectors[] = {
	{"811 (mysqld) S 1 811 811 0 -1 4194560" REST, 0, MCEKILL_DEFAULT},
	/* seen on Linux 6.18 after prctl(PR_MCE_KILL) */
	{"811 (python3) R 1 811 811 34816 811 138412160" REST, 0, MCEKILL_EARLY},
	{"811 (python3) R 1 811 811 34816 811 4194432" REST, 0, MCEKILL_LATE},
	/* early is left behind without the other: nothing is set */
	{"811 (x) R 1 811 811 0 -1 134217728" REST, 0, MCEKILL_DEFAULT},
	{"811 (x) R 1 811 811 0 -1 134217856", 0, MCEKILL_EARLY},
	{"811 (a) S 1 2 3 4 5 128 () S 1 811 811 0 -1 134217856" REST, 0, MCEKILL_EARLY},
	{"811 (\\n\n ) S 1 811 811 0 -1 128" REST, 0, MCEKILL_LATE},
	{"811 () S 1 811 811 0 -1 4294967295" REST, 0, MCEKILL_EARLY},
	{"811 () S 1 811 811 0 -1 4294967296" REST, -EBADMSG, 0},
	{"811 () S 1 811 811 0 -1 -1" REST, -EBADMSG, 0},
	{"811 () S 1 811 811 0 -1 128x" REST, -EBADMSG, 0},
	{"811 () S 1 811 811 0 -1 ", -EBADMSG, 0},
	{"811 () S 1 811 811 0", -EBADMSG, 0},
	{"811 (x S 1 811 811 0 -1 128" REST, -EBADMSG, 0},
	{")", -EBADMSG, 0},
	{"", -EBADMSG, 0},
};

static void test_parse(void **state)
{
	for (size_t i = 0; i < ARRAY_SIZE(vectors); i++) {
		enum mcekill got = (enum mcekill)77;

		UNIT_ROW(vectors, i, NULL);
		assert_int_equal(mcekill_parse(vectors[i].text, strlen(vectors[i].text), &got),
				 vectors[i].r);
		assert_int_equal(got, vectors[i].r ? 77 : (int)vectors[i].want);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(test_parse)};

	return cmocka_run_group_tests_name("mcekill", tests, NULL, NULL);
}
