/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Whom to ask for a poison list, and how often: on a made-up machine. */
#include "unit.h"
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include "cleanup.h"
#include "cxl_poison.h"
#include "tree.h"

#define CXL "sys/bus/cxl/devices/"

static const struct tree_entry machine[] = {
	TREE_FILE(CXL "mem0/trigger_poison_list", ""),
	TREE_FILE(CXL "mem1/serial", "0x1\n"), /* an older kernel, or a device without a list */
	TREE_FILE(CXL "endpoint2/trigger_poison_list", ""),
	TREE_FILE(CXL "memory-of-a-long-name/trigger_poison_list", ""),
};

struct fixture {
	char path[64];
	struct sysroot root;
	int n_failed, error;
};

static int setup(void **state)
{
	static struct fixture f;

	f.n_failed = 0;
	*state = &f;
	if (tree_make(f.path, machine, ARRAY_SIZE(machine)))
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

static void on_failed(const char *name, int error, void *data)
{
	struct fixture *f = data;

	assert_string_equal(name, "mem0");
	f->n_failed++;
	f->error = error;
}

/* What was written to the list of @device, which is emptied. */
static void expect_asked(struct fixture *f, const char *device, const char *expected)
{
	CLEANUP(freep) char *text = NULL;
	char path[96];

	snprintf(path, sizeof(path), CXL "%s/trigger_poison_list", device);
	assert_int_equal(sysroot_read(&f->root, path, &text, NULL), 0);
	assert_string_equal(text, expected);
	assert_int_equal(tree_rewrite(f->path, path, ""), 0);
}

static void test_once_a_device(void **state)
{
	CLEANUP(cxl_poison_deinit) struct cxl_poison asked = CXL_POISON_NULL;
	struct fixture *f = *state;

	assert_int_equal(cxl_poison_ask(&f->root, &asked, on_failed, f), 0);
	assert_int_equal(asked.n, 2);
	assert_int_equal(f->n_failed, 0);
	expect_asked(f, "mem0", "1");
	expect_asked(f, "endpoint2", "");
	expect_asked(f, "memory-of-a-long-name", "");
	assert_int_equal(cxl_poison_ask(&f->root, &asked, on_failed, f), 0);
	expect_asked(f, "mem0", "");
}

static void test_a_device_that_comes_back(void **state)
{
	CLEANUP(cxl_poison_deinit) struct cxl_poison asked = CXL_POISON_NULL;
	struct fixture *f = *state;
	char old[128], new[128];

	assert_int_equal(cxl_poison_ask(&f->root, &asked, on_failed, f), 0);
	expect_asked(f, "mem0", "1");
	snprintf(old, sizeof(old), "%s/" CXL "mem0", f->path);
	snprintf(new, sizeof(new), "%s/" CXL "gone0", f->path);
	assert_int_equal(rename(old, new), 0);
	assert_int_equal(cxl_poison_ask(&f->root, &asked, on_failed, f), 0);
	assert_int_equal(asked.n, 1);
	assert_int_equal(rename(new, old), 0);
	assert_int_equal(cxl_poison_ask(&f->root, &asked, on_failed, f), 0);
	expect_asked(f, "mem0", "1");
}

static void test_a_list_that_cannot_be_had(void **state)
{
	CLEANUP(cxl_poison_deinit) struct cxl_poison asked = CXL_POISON_NULL;
	struct fixture *f = *state;
	char path[128];

	snprintf(path, sizeof(path), "%s/" CXL "mem0/trigger_poison_list", f->path);
	assert_int_equal(remove(path), 0);
	assert_int_equal(mkdir(path, 0700), 0);
	assert_int_equal(cxl_poison_ask(&f->root, &asked, on_failed, f), 0);
	assert_int_equal(f->n_failed, 1);
	assert_int_equal(f->error, -EISDIR);
	/* told once, not at every look */
	assert_int_equal(cxl_poison_ask(&f->root, &asked, on_failed, f), 0);
	assert_int_equal(f->n_failed, 1);
}

static void test_no_cxl(void **state)
{
	CLEANUP(cxl_poison_deinit) struct cxl_poison asked = CXL_POISON_NULL;
	struct sysroot nowhere;
	char path[64];

	assert_int_equal(tree_make(path, NULL, 0), 0);
	assert_int_equal(sysroot_open(&nowhere, path), 0);
	assert_int_equal(cxl_poison_ask(&nowhere, &asked, NULL, NULL), 0);
	assert_int_equal(asked.n, 0);
	sysroot_deinit(&nowhere);
	tree_remove(path);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_once_a_device, setup, teardown),
		cmocka_unit_test_setup_teardown(test_a_device_that_comes_back, setup, teardown),
		cmocka_unit_test_setup_teardown(test_a_list_that_cannot_be_had, setup, teardown),
		cmocka_unit_test(test_no_cxl),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
