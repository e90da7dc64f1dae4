/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The mount table: fields, escapes, lines of another kind, and which mount to work through. */
#include "unit.h"
#include <errno.h>
#include <sys/sysmacros.h>
#include "mounts.h"
#include "tree.h"

static const struct tree_entry machine[] = {
	TREE_FILE("proc/self/mountinfo",
		  "22 1 254:0 / / rw,relatime shared:1 - ext4 /dev/vda rw,discard\n"
		  "30 22 259:0 /srv/db /var/db rw - xfs /dev/pmem0 rw,attr2,dax=always\n"
		  "31 22 259:0 / /mnt/pm\\040em\\011x\\134 rw,noatime shared:7 master:2 - xfs "
		  "/dev/pmem0 rw,attr2,dax=always,logdev=/dev/loop7\n"
		  "this is not a mount\n"
		  "32 22 259:0 / /again rw - xfs /dev/pmem0 rw\n"
		  "33 22 0:45 / /tmp/\303\244\377 rw - tmpfs none rw,size=1k\n"
		  "34 22 259:1 /a /only-a rw - xfs /dev/pmem1 rw\n"
		  "35 22 259:1 /b /only-b rw - xfs /dev/pmem1 rw\n"),
};

static int setup(void **state)
{
	static char path[64];

	*state = path;
	return tree_make(path, machine, ARRAY_SIZE(machine));
}

static int teardown(void **state)
{
	tree_remove(*state);
	return 0;
}

static const struct {
	int id;
	unsigned int major, minor;
	const char *source, *target, *root, *type, *options;
} rows[] = {
	{22, 254, 0, "/dev/vda", "/", "/", "ext4", "rw,discard"},
	{30, 259, 0, "/dev/pmem0", "/var/db", "/srv/db", "xfs", "rw,attr2,dax=always"},
	{31, 259, 0, "/dev/pmem0", "/mnt/pm em\tx\\", "/", "xfs",
	 "rw,attr2,dax=always,logdev=/dev/loop7"},
	{32, 259, 0, "/dev/pmem0", "/again", "/", "xfs", "rw"},
	{33, 0, 45, "none", "/tmp/\303\244\377", "/", "tmpfs", "rw,size=1k"},
	{34, 259, 1, "/dev/pmem1", "/only-a", "/a", "xfs", "rw"},
	{35, 259, 1, "/dev/pmem1", "/only-b", "/b", "xfs", "rw"},
};

static void test_read(void **state)
{
	CLEANUP(mounts_deinit) struct mounts mounts = MOUNTS_NULL;
	CLEANUP(sysroot_deinit) struct sysroot root = SYSROOT_NULL;

	assert_int_equal(sysroot_open(&root, *state), 0);
	assert_int_equal(mounts_read(&root, &mounts), 0);
	assert_int_equal(mounts.n, ARRAY_SIZE(rows));
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		const struct mount *mount = &mounts.items[i];

		UNIT_ROW(rows, i, rows[i].target);
		assert_int_equal(mount->id, rows[i].id);
		assert_int_equal(mount->devno, makedev(rows[i].major, rows[i].minor));
		assert_string_equal(mount->source, rows[i].source);
		assert_string_equal(mount->target, rows[i].target);
		assert_string_equal(mount->root, rows[i].root);
		assert_string_equal(mount->fs_type, rows[i].type);
		assert_string_equal(mount->options, rows[i].options);
	}
}

static const struct {
	unsigned int major, minor;
	const char *target; /* NULL: none */
} finds[] = {
	{254, 0, "/"},       {259, 0, "/mnt/pm em\tx\\"}, /* shows the root, unlike the first */
	{259, 1, "/only-a"}, {259, 2, NULL},
	{0, 0, NULL},
};

static void test_find(void **state)
{
	CLEANUP(mounts_deinit) struct mounts mounts = MOUNTS_NULL;
	CLEANUP(sysroot_deinit) struct sysroot root = SYSROOT_NULL;

	assert_int_equal(sysroot_open(&root, *state), 0);
	assert_int_equal(mounts_read(&root, &mounts), 0);
	for (size_t i = 0; i < ARRAY_SIZE(finds); i++) {
		const struct mount *mount =
			mounts_find(&mounts, makedev(finds[i].major, finds[i].minor));

		UNIT_ROW(finds, i, finds[i].target);
		if (finds[i].target) {
			assert_non_null(mount);
			assert_string_equal(mount->target, finds[i].target);
		} else {
			assert_null(mount);
		}
	}
}

static void test_live(void **state)
{
	CLEANUP(mounts_deinit) struct mounts mounts = MOUNTS_NULL;
	CLEANUP(sysroot_deinit) struct sysroot root = SYSROOT_NULL;
	bool has_root = false;

	assert_int_equal(sysroot_open(&root, NULL), 0);
	assert_int_equal(mounts_read(&root, &mounts), 0);
	for (size_t i = 0; i < mounts.n; i++)
		has_root |= !strcmp(mounts.items[i].target, "/");
	assert_true(has_root);
}

static void test_none(void **state)
{
	CLEANUP(mounts_deinit) struct mounts mounts = MOUNTS_NULL;
	CLEANUP(sysroot_deinit) struct sysroot root = SYSROOT_NULL;
	char path[64];

	assert_int_equal(tree_make(path, NULL, 0), 0);
	assert_int_equal(sysroot_open(&root, path), 0);
	assert_int_equal(mounts_read(&root, &mounts), -ENOENT);
	assert_int_equal(mounts.n, 0);
	tree_remove(path);
}

static void test_options(void **state)
{
	char text[] = "rw,attr2,logdev=/dev/sdb1,rtdev=,romance,noquota";
	const struct mount mount = {.options = text}, none = {.options = NULL};
	char *value = mounts_option_value(&mount, "logdev");

	assert_string_equal(value, "/dev/sdb1");
	free(value);
	value = mounts_option_value(&mount, "rtdev");
	assert_string_equal(value, "");
	free(value);
	assert_null(mounts_option_value(&mount, "log"));
	assert_null(mounts_option_value(&mount, "attr2"));
	assert_true(mounts_has_option(&mount, "rw"));
	assert_true(mounts_has_option(&mount, "noquota"));
	assert_false(mounts_has_option(&mount, "ro"));
	assert_false(mounts_has_option(&mount, "quota"));
	assert_false(mounts_has_option(&mount, "logdev"));
	assert_false(mounts_has_option(&none, "ro"));
	assert_null(mounts_option_value(&none, "logdev"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_read),    cmocka_unit_test(test_find),
		cmocka_unit_test(test_live),    cmocka_unit_test(test_none),
		cmocka_unit_test(test_options),
	};

	return cmocka_run_group_tests_name("mounts", tests, setup, teardown);
}
