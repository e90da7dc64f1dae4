/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Passes and scrubs on a made-up machine: from when on a completed scrub answers for what was heard. */
#include "unit.h"
#include "nd_machine.h"
#include "scrubs.h"

#define COUNTER ND "ndbus0/nfit/scrub"

/* Each step is one pass: what the counter says at its beginning and at its end; NULL: it is not there */
struct step {
	const char *begin, *end;
	uint64_t begun_usec; /* wanted after the beginning; pass i ends at 10 * (i + 1) */
	bool anew;           /* the bus was made anew before */
};

static const struct {
	const char *what;
	struct step steps[6];
} rows[] = {
	{"nothing happens", {{"1\n", "1\n", 0, false}, {"1\n", "1\n", 0, false}}},
	{"a scrub between two passes", {{"1\n", "1\n", 0, false}, {"2\n", "2\n", 10, false}}},
	{"it goes on being proof until the next one",
	 {{"1\n", "1\n", 0, false},
	  {"2\n", "2\n", 10, false},
	  {"2\n", "2\n", 10, false},
	  {"3\n", "3\n", 30, false}}},
	{"the last quiet moment counts",
	 {{"1\n", "1\n", 0, false}, {"1\n", "1\n", 0, false}, {"2\n", "2\n", 20, false}}},
	{"a pass while it was at work is not before it",
	 {{"1\n", "1\n", 0, false}, {"1+\n", "1+\n", 0, false}, {"2\n", "2\n", 10, false}}},
	{"at work when the daemon starts: it may have passed by already",
	 {{"1+\n", "1+\n", 0, false}, {"2\n", "2\n", 0, false}, {"3\n", "3\n", 20, false}}},
	{"begins during a pass",
	 {{"1\n", "1\n", 0, false}, {"1\n", "1+\n", 0, false}, {"2\n", "2\n", 10, false}}},
	{"completes during a pass: the lists may have been read before",
	 {{"1\n", "1\n", 0, false}, {"1+\n", "2\n", 0, false}, {"2\n", "2\n", 10, false}}},
	{"completes, and the next one is at work",
	 {{"1\n", "1\n", 0, false}, {"2+\n", "2+\n", 10, false}, {"3\n", "3\n", 10, false}}},
	{"the bus's own start", {{"0\n", "0\n", 0, false}, {"1\n", "1\n", 0, false}}},
	{"a new bus that has caught up with the old one",
	 {{"1\n", "1\n", 0, false}, {"2\n", "2\n", 0, true}, {"3\n", "3\n", 20, false}}},
	{"counts from the start again", {{"5\n", "5\n", 0, false}, {"1\n", "1\n", 0, false}}},
	{"gone and back",
	 {{"1\n", "1\n", 0, false}, {NULL, NULL, 0, false}, {"2\n", "2\n", 0, false}}},
	{"comes during a pass", {{NULL, "1\n", 0, false}, {"2\n", "2\n", 0, false}}},
};

static void put(const char *root, const char *text)
{
	char path[128];

	snprintf(path, sizeof(path), "%s/" COUNTER, root);
	if (text)
		assert_int_equal(tree_rewrite(root, COUNTER, text), 0);
	else
		(void)unlink(path);
}

/* Another file under the name, never the old one's inode: that one is still there. */
static void make_anew(const char *root)
{
	char path[128], aside[128];

	snprintf(path, sizeof(path), "%s/" COUNTER, root);
	snprintf(aside, sizeof(aside), "%s/old", root);
	assert_int_equal(rename(path, aside), 0);
}

static void test_passes(void **state)
{
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		CLEANUP(sysroot_deinit) struct sysroot root = SYSROOT_NULL;
		CLEANUP(scrubs_deinit) struct scrubs scrubs = SCRUBS_NULL;
		char path[64];

		UNIT_ROW(rows, i, rows[i].what);
		assert_int_equal(tree_make(path, nd_machine, ARRAY_SIZE(nd_machine)), 0);
		assert_int_equal(sysroot_open(&root, path), 0);
		for (size_t k = 0; k < ARRAY_SIZE(rows[i].steps); k++) {
			const struct step *step = &rows[i].steps[k];

			if (!step->begin && !step->end && k)
				if (k + 1 == ARRAY_SIZE(rows[i].steps) || !step[1].begin)
					break;
			if (step->anew)
				make_anew(path);
			put(path, step->begin);
			assert_int_equal(scrubs_begin(&scrubs, &root), 0);
			assert_int_equal(scrubs.n ? scrubs.buses[0].begun_usec : 0,
					 step->begun_usec);
			put(path, step->end);
			assert_int_equal(scrubs_end(&scrubs, &root, 10 * (k + 1)), 0);
		}
		tree_remove(path);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(test_passes)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
