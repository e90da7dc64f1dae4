/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Who a process is, on a made-up machine. */
#include "unit.h"
#include "procinfo.h"
#include "tree.h"

static const struct tree_entry machine[] = {
	TREE_FILE("etc/passwd", "root:x:0:0:root:/root:/bin/sh\nbad line\n"
				"mysql:x:107:115:,,,:/nonexistent:/bin/false\n"),
	TREE_FILE("proc/10/comm", "a name) x\n"),
	TREE_FILE("proc/10/status",
		  "Name:\ta name) x\nUmask:\t0022\nUid:\t1\t107\t2\t3\nGid:\t9\t9\t9\t9\n"),
	TREE_FILE("proc/10/cgroup", "0::/system.slice/mysql.service\n"),
	TREE_FILE("proc/11/comm", "fifteen bytes!!\n"),
	TREE_FILE("proc/11/status", "Name:\tx\nUid:\t0\t4242\t0\t0\n"),
	TREE_DIR("proc/12"),
};

static const struct {
	pid_t pid;
	const char *comm;
	bool has_uid;
	uint32_t uid;
	const char *user, *unit;
} vectors[] = {
	{10, "a name) x", true, 107, "mysql", "mysql.service"},
	{11, "fifteen bytes!!", true, 4242, "", ""},
	{12, "", false, 0, "", ""},
	{13, "", false, 0, "", ""},
	{10, "a name) x", true, 107, "mysql", "mysql.service"},
};

static void test_machine(void **state)
{
	struct sysroot root = SYSROOT_NULL;
	struct procinfo_users users = {0};
	char path[64];

	assert_int_equal(tree_make(path, machine, ARRAY_SIZE(machine)), 0);
	assert_int_equal(sysroot_open(&root, path), 0);
	for (size_t i = 0; i < ARRAY_SIZE(vectors); i++) {
		struct procinfo got;

		UNIT_ROW(vectors, i, NULL);
		procinfo_read(&root, vectors[i].pid, &users, &got);
		assert_string_equal(got.comm, vectors[i].comm);
		assert_int_equal(got.has_uid, vectors[i].has_uid);
		assert_int_equal(got.uid, vectors[i].uid);
		assert_string_equal(got.user, vectors[i].user);
		assert_string_equal(got.place.unit, vectors[i].unit);
		assert_string_equal(procinfo_home(&got).unit, vectors[i].unit);
	}
	assert_int_equal(users.n, 2); /* asked once each */
	/* more users than are kept */
	for (uint32_t i = 0; i < 3 * PROCINFO_USERS; i++) {
		struct procinfo got;

		users.last[users.n++ % PROCINFO_USERS].uid = 100000 + i;
		procinfo_read(&root, 10, &users, &got);
		assert_string_equal(got.user, "mysql");
	}
	sysroot_deinit(&root);
	tree_remove(path);
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(test_machine)};

	return cmocka_run_group_tests_name("procinfo", tests, NULL, NULL);
}
