/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Scrub counters of a made-up machine, and what its lists say of whole devices. */
#include "unit.h"
#include <errno.h>
#include <string.h>
#include "nd_machine.h"
#include "pmem_scrub.h"

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
	const char *text;
	int n; /* counters found */
	uint64_t count;
	bool busy;
} counters[] = {
	{"0\n", 1, 0, false},
	{"1", 1, 1, false},
	{"17+\n", 1, 17, true},
	{"18446744073709551615\n", 1, UINT64_MAX, false},
	{"18446744073709551616\n", 0, 0, false},
	{"", 0, 0, false},
	{"+\n", 0, 0, false},
	{"-1\n", 0, 0, false},
	{" 1\n", 0, 0, false},
	{"1 +\n", 0, 0, false},
	{"1++\n", 0, 0, false},
	{"one\n", 0, 0, false},
};

struct found {
	struct pmem_scrub last;
	int n;
};

static int take(const struct pmem_scrub *scrub, void *data)
{
	struct found *found = data;

	found->last = *scrub;
	found->n++;
	return 0;
}

static void test_counters(void **state)
{
	struct fixture *f = *state;

	for (size_t i = 0; i < ARRAY_SIZE(counters); i++) {
		struct found found = {.n = 0};

		UNIT_ROW(counters, i, counters[i].text);
		assert_int_equal(tree_rewrite(f->path, ND "ndbus0/nfit/scrub", counters[i].text),
				 0);
		assert_int_equal(pmem_scrub_each(&f->root, take, &found), 0);
		assert_int_equal(found.n, counters[i].n);
		if (!found.n)
			continue;
		assert_string_equal(found.last.bus, "ndbus0");
		assert_true(found.last.ino != 0);
		assert_int_equal(found.last.count, counters[i].count);
		assert_int_equal(found.last.busy, counters[i].busy);
	}
}

/* Nothing there, and no nd bus at all. */
static void test_no_counters(void **state)
{
	CLEANUP(sysroot_deinit) struct sysroot empty = SYSROOT_NULL;
	struct found found = {.n = 0};
	char path[64];

	assert_int_equal(tree_make(path, NULL, 0), 0);
	assert_int_equal(sysroot_open(&empty, path), 0);
	assert_int_equal(pmem_scrub_each(&empty, take, &found), 0);
	assert_int_equal(found.n, 0);
	tree_remove(path);
}

static const struct {
	const char *bus, *name;
	int r;
	struct byte_range bad[8];
	size_t n;
} devices[] = {
	{"ndbus0", "dax0.0", 0, {{0x1000, 1024}}, 1},
	{"ndbus0", "namespace0.3", 0, {{512, 512}}, 1},
	/* also what its data has: it is bad, whoever tells */
	{"ndbus0", "namespace0.0", 0, {{4096, 512}, {0x1201000, 4096}}, 2},
	{"ndbus0",
	 "region0",
	 0,
	 {{8 * 512, 512},
	  {36872 * 512, 4096},
	  {524288 * 512, 512},
	  {528392 * 512, 1024},
	  {1310721 * 512, 512},
	  {1572865 * 512, 512},
	  {UINT64_C(2097151) * 512, 512}},
	 7},
	{"ndbus0", "namespace0.4", -ENOENT, {{0, 0}}, 0}, /* disabled */
	{"ndbus0", "pmem0", -ENOENT, {{0, 0}}, 0},
	{"ndbus0", "dax7.0", -ENOENT, {{0, 0}}, 0},
	{"ndbus1", "dax0.0", -ENOENT, {{0, 0}}, 0},
	{"ndbus0", "region1", -ENOENT, {{0, 0}}, 0}, /* not on it */
};

static void test_listed(void **state)
{
	struct fixture *f = *state;

	for (size_t i = 0; i < ARRAY_SIZE(devices); i++) {
		CLEANUP(rangeset_deinit) struct rangeset bad = RANGESET_NULL;

		UNIT_ROW(devices, i, devices[i].name);
		assert_int_equal(pmem_scrub_listed(&f->root, devices[i].bus, devices[i].name, &bad),
				 devices[i].r);
		assert_int_equal(bad.n, devices[i].n);
		for (size_t k = 0; k < bad.n; k++) {
			assert_int_equal(bad.ranges[k].start, devices[i].bad[k].start);
			assert_int_equal(bad.ranges[k].len, devices[i].bad[k].len);
		}
	}
}

/* A list that is not whole says nothing of what it lacks. */
static void test_not_whole(void **state)
{
	CLEANUP(rangeset_deinit) struct rangeset bad = RANGESET_NULL;
	struct fixture *f = *state;
	char text[8192], path[128];
	size_t len = 0;

	/* the table is full, long before the page is */
	for (unsigned int i = 0; i < 512; i++)
		len += (size_t)sprintf(text + len, "%u 1\n", 2 * i);
	assert_true(len < 4000);
	assert_int_equal(tree_rewrite(f->path, ND "region0/badblocks", text), 0);
	assert_int_equal(pmem_scrub_listed(&f->root, "ndbus0", "dax0.0", &bad), -EOVERFLOW);
	/* one more would have fitted */
	text[len - strlen("1022 1\n")] = '\0';
	assert_int_equal(tree_rewrite(f->path, ND "region0/badblocks", text), 0);
	assert_int_equal(pmem_scrub_listed(&f->root, "ndbus0", "dax0.0", &bad), 0);
	/* the page is full */
	len = 0;
	for (unsigned int i = 0; i < 290; i++)
		len += (size_t)sprintf(text + len, "%u 1\n", 10000000 + 2 * i);
	assert_int_equal(tree_rewrite(f->path, ND "region0/badblocks", text), 0);
	assert_int_equal(pmem_scrub_listed(&f->root, "ndbus0", "dax0.0", &bad), 0);
	for (unsigned int i = 290; i < 410; i++)
		len += (size_t)sprintf(text + len, "%u 1\n", 10000000 + 2 * i);
	text[4095] = '\0';
	assert_int_equal(tree_rewrite(f->path, ND "region0/badblocks", text), 0);
	assert_int_equal(pmem_scrub_listed(&f->root, "ndbus0", "dax0.0", &bad), -EOVERFLOW);
	/* no list */
	assert_int_equal(tree_rewrite(f->path, ND "region0/badblocks", "what\n"), 0);
	assert_int_equal(pmem_scrub_listed(&f->root, "ndbus0", "dax0.0", &bad), -EBADMSG);
	snprintf(path, sizeof(path), "%s/" ND "region0/badblocks", f->path);
	assert_int_equal(unlink(path), 0);
	assert_int_equal(pmem_scrub_listed(&f->root, "ndbus0", "dax0.0", &bad), -ENOENT);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_counters, setup, teardown),
		cmocka_unit_test(test_no_counters),
		cmocka_unit_test_setup_teardown(test_listed, setup, teardown),
		cmocka_unit_test_setup_teardown(test_not_whole, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
