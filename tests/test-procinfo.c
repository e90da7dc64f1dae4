/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Who a process is, on a made-up machine. */
#include "unit.h"
#include <sys/prctl.h>
#include <unistd.h>
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

/* Flags of a thread: PR_MCE_KILL never set, set to early, to late. */
#define STAT(flags) "7 (a ) b) S 1 7 7 0 -1 " flags " 5 0\n"
#define UNSET       STAT("4194304")
#define EARLY       STAT("138412160")
#define LATE        STAT("4194432")

static const struct tree_entry killed[] = {
	TREE_FILE("proc/20/task/20/stat", UNSET), TREE_FILE("proc/21/task/21/stat", LATE),
	TREE_FILE("proc/22/task/22/stat", LATE),  TREE_FILE("proc/22/task/23/stat", EARLY),
	TREE_FILE("proc/24/task/24/stat", LATE),  TREE_FILE("proc/24/task/25/stat", UNSET),
	TREE_FILE("proc/26/task/26/stat", "odd"), TREE_FILE("proc/27/task/27/stat", EARLY),
	TREE_FILE("proc/27/task/28/stat", "odd"), TREE_DIR("proc/29/task/29"),
};

static const struct {
	pid_t pid;
	enum procinfo_early otherwise_no, otherwise_yes, otherwise_unknown;
} early_vectors[] = {
	{20, PROCINFO_EARLY_NO, PROCINFO_EARLY_YES, PROCINFO_EARLY_UNKNOWN},
	{21, PROCINFO_EARLY_NO, PROCINFO_EARLY_NO, PROCINFO_EARLY_NO},
	{22, PROCINFO_EARLY_YES, PROCINFO_EARLY_YES, PROCINFO_EARLY_YES},
	{24, PROCINFO_EARLY_NO, PROCINFO_EARLY_YES, PROCINFO_EARLY_UNKNOWN},
	{26, PROCINFO_EARLY_UNKNOWN, PROCINFO_EARLY_UNKNOWN, PROCINFO_EARLY_UNKNOWN},
	{27, PROCINFO_EARLY_YES, PROCINFO_EARLY_YES, PROCINFO_EARLY_YES},
	{29, PROCINFO_EARLY_NO, PROCINFO_EARLY_NO, PROCINFO_EARLY_NO},
	{30, PROCINFO_EARLY_UNKNOWN, PROCINFO_EARLY_UNKNOWN, PROCINFO_EARLY_UNKNOWN},
};

static void test_early(void **state)
{
	struct sysroot root = SYSROOT_NULL;
	char path[64];

	assert_int_equal(tree_make(path, killed, ARRAY_SIZE(killed)), 0);
	assert_int_equal(sysroot_open(&root, path), 0);
	for (size_t i = 0; i < ARRAY_SIZE(early_vectors); i++) {
		pid_t pid = early_vectors[i].pid;

		UNIT_ROW(early_vectors, i, NULL);
		assert_int_equal(procinfo_early(&root, pid, PROCINFO_EARLY_NO),
				 early_vectors[i].otherwise_no);
		assert_int_equal(procinfo_early(&root, pid, PROCINFO_EARLY_YES),
				 early_vectors[i].otherwise_yes);
		assert_int_equal(procinfo_early(&root, pid, PROCINFO_EARLY_UNKNOWN),
				 early_vectors[i].otherwise_unknown);
	}
	assert_int_equal(procinfo_early_default(&root), PROCINFO_EARLY_UNKNOWN);
	sysroot_deinit(&root);
	tree_remove(path);
}

static void test_early_default(void **state)
{
	static const struct tree_entry entries[] = {
		TREE_FILE("proc/sys/vm/memory_failure_early_kill", "0\n"),
	};
	struct sysroot root = SYSROOT_NULL;
	char path[64];

	assert_int_equal(tree_make(path, entries, ARRAY_SIZE(entries)), 0);
	assert_int_equal(sysroot_open(&root, path), 0);
	assert_int_equal(procinfo_early_default(&root), PROCINFO_EARLY_NO);
	assert_int_equal(tree_rewrite(path, entries[0].path, "1\n"), 0);
	assert_int_equal(procinfo_early_default(&root), PROCINFO_EARLY_YES);
	sysroot_deinit(&root);
	tree_remove(path);
}

/* That the bits are those of the kernel that runs, which no table can tell. */
static void test_this_kernel(void **state)
{
	static const struct {
		unsigned long policy;
		enum procinfo_early want;
	} set[] = {
		{PR_MCE_KILL_EARLY, PROCINFO_EARLY_YES},
		{PR_MCE_KILL_LATE, PROCINFO_EARLY_NO},
		{PR_MCE_KILL_DEFAULT, PROCINFO_EARLY_UNKNOWN},
		{PR_MCE_KILL_EARLY, PROCINFO_EARLY_YES},
	};
	struct sysroot root = SYSROOT_NULL;

	assert_int_equal(sysroot_open(&root, NULL), 0);
	for (size_t i = 0; i < ARRAY_SIZE(set); i++) {
		UNIT_ROW(set, i, NULL);
		assert_int_equal(prctl(PR_MCE_KILL, PR_MCE_KILL_SET, set[i].policy, 0, 0), 0);
		assert_int_equal(procinfo_early(&root, getpid(), PROCINFO_EARLY_UNKNOWN),
				 set[i].want);
	}
	prctl(PR_MCE_KILL, PR_MCE_KILL_CLEAR, 0, 0, 0);
	sysroot_deinit(&root);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_machine),
		cmocka_unit_test(test_early),
		cmocka_unit_test(test_early_default),
		cmocka_unit_test(test_this_kernel),
	};

	return cmocka_run_group_tests_name("procinfo", tests, NULL, NULL);
}
