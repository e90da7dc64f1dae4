/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Mounts of other namespaces, on a made-up machine; whose they are. */
#include "unit.h"
#include <string.h>
#include <sys/sysmacros.h>
#include "cleanup.h"
#include "nsmounts.h"
#include "tree.h"

#define ID "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"
#define ROOTFS(id)                                                                                 \
	id " 1 254:0 / / rw - ext4 /dev/vda rw\n" id "9 1 0:22 / /proc rw - proc proc rw\n"

static const struct tree_entry machine[] = {
	TREE_LINK("proc/self/ns/mnt", "mnt:[1]"),
	TREE_FILE("proc/self/mountinfo",
		  ROOTFS("22") "30 22 259:0 / /srv rw - xfs /dev/pmem0 rw\n"),
	TREE_LINK("proc/10/ns/mnt", "mnt:[1]"),
	TREE_FILE("proc/10/mountinfo", ROOTFS("22") "31 22 259:7 / /x rw - xfs /dev/pmem7 rw\n"),
	/* a service: what ours has, under other names */
	TREE_LINK("proc/20/ns/mnt", "mnt:[2]"),
	TREE_FILE("proc/20/mountinfo", ROOTFS("40") "41 40 259:0 /a /b rw - xfs /dev/pmem0 rw\n"
						    "42 40 0:99 / /tmp rw - tmpfs t rw\n"),
	/* a container with a filesystem of its own; 100 sorts before 99 by name, not by number */
	TREE_LINK("proc/100/ns/mnt", "mnt:[3]"),
	TREE_FILE("proc/100/mountinfo", "never read"),
	TREE_LINK("proc/99/ns/mnt", "mnt:[3]"),
	TREE_FILE("proc/99/mountinfo",
		  ROOTFS("50") "51 50 259:1 /data /data\\040x rw - xfs /dev/pmem1 rw,dax=always\n"),
	TREE_FILE("proc/99/comm", "mysqld\n"),
	TREE_FILE("proc/99/cgroup", "0::/system.slice/docker-" ID ".scope\n"),
	/* shows the root of the same filesystem; gone before it could tell who it was */
	TREE_LINK("proc/101/ns/mnt", "mnt:[4]"),
	TREE_FILE("proc/101/mountinfo", ROOTFS("60") "61 60 259:1 / / rw - xfs /dev/pmem1 rw\n"),
	/* ends while it is looked at; cannot be looked at; is no process */
	TREE_LINK("proc/102/ns/mnt", "mnt:[5]"),
	TREE_DIR("proc/103"),
	TREE_LINK("proc/tty/ns/mnt", "mnt:[6]"),
};

static const struct {
	unsigned int minor;
	size_t n; /* mounts read where this device is asked for */
	const char *target;
	pid_t pid;
	const char *path, *comm, *container;
} vectors[] = {
	{0, 3, "/srv", 0, NULL, NULL, NULL},
	{1, 9, "/proc/101/root/", 101, "/", "", NULL},
	{7, 9, NULL, 0, NULL, NULL, NULL}, /* a process in our namespace cannot have more than we */
};

static void test_machine(void **state)
{
	struct sysroot root = SYSROOT_NULL;
	char path[64];

	assert_int_equal(tree_make(path, machine, ARRAY_SIZE(machine)), 0);
	assert_int_equal(sysroot_open(&root, path), 0);
	for (size_t i = 0; i < ARRAY_SIZE(vectors); i++) {
		CLEANUP(elsewhere_freep) struct elsewhere *elsewhere = NULL;
		CLEANUP(mounts_deinit) struct mounts mounts = MOUNTS_NULL;
		dev_t devno = makedev(259, vectors[i].minor);
		const struct mount *found;

		UNIT_ROW(vectors, i, vectors[i].target);
		assert_int_equal(nsmounts_read(&root, devno, &mounts), 0);
		assert_int_equal(mounts.n, vectors[i].n);
		found = mounts_find(&mounts, devno);
		assert_int_equal(!found, !vectors[i].target);
		if (!found)
			continue;
		assert_string_equal(found->target, vectors[i].target);
		assert_int_equal(found->pid, vectors[i].pid);
		assert_int_equal(nsmounts_elsewhere(&root, found, &elsewhere), 0);
		assert_int_equal(!elsewhere, !vectors[i].pid);
		if (!elsewhere)
			continue;
		assert_string_equal(elsewhere->path, vectors[i].path);
		assert_string_equal(elsewhere->comm, vectors[i].comm);
		assert_null(elsewhere->container);
	}
	sysroot_deinit(&root);
	tree_remove(path);
}

static void test_container(void **state)
{
	CLEANUP(elsewhere_freep) struct elsewhere *elsewhere = NULL;
	CLEANUP(elsewhere_freep) struct elsewhere *copy = NULL;
	CLEANUP(mounts_deinit) struct mounts mounts = MOUNTS_NULL;
	struct sysroot root = SYSROOT_NULL;
	const struct mount *mount = NULL;
	char path[64];

	assert_int_equal(tree_make(path, machine, ARRAY_SIZE(machine)), 0);
	assert_int_equal(sysroot_open(&root, path), 0);
	assert_int_equal(nsmounts_read(&root, makedev(259, 1), &mounts), 0);
	for (size_t i = 0; i < mounts.n; i++) {
		if (mounts.items[i].pid == 99 && mounts.items[i].devno == makedev(259, 1))
			mount = &mounts.items[i];
		assert_int_not_equal(mounts.items[i].pid, 100);
	}
	assert_non_null(mount);
	assert_string_equal(mount->target, "/proc/99/root/data x");
	assert_int_equal(nsmounts_elsewhere(&root, mount, &elsewhere), 0);
	assert_int_equal(elsewhere_copy(elsewhere, &copy), 0);
	assert_string_equal(copy->path, "/data x");
	assert_string_equal(copy->comm, "mysqld");
	assert_string_equal(copy->unit, "docker-" ID ".scope");
	assert_string_equal(copy->container, ID);
	assert_int_equal(copy->kind, CGROUP_DOCKER);
	assert_int_equal(copy->pid, 99);
	sysroot_deinit(&root);
	tree_remove(path);
}

/* A recorded machine that does not tell which namespace was its own has no others. */
static void test_unknown(void **state)
{
	static const struct tree_entry entries[] = {
		TREE_FILE("proc/self/mountinfo", ROOTFS("22")),
		TREE_LINK("proc/99/ns/mnt", "mnt:[3]"),
		TREE_FILE("proc/99/mountinfo", "51 50 259:1 / /data rw - xfs /dev/pmem1 rw\n"),
	};
	CLEANUP(mounts_deinit) struct mounts mounts = MOUNTS_NULL;
	struct sysroot root = SYSROOT_NULL;
	char path[64];

	assert_int_equal(tree_make(path, entries, ARRAY_SIZE(entries)), 0);
	assert_int_equal(sysroot_open(&root, path), 0);
	assert_int_equal(nsmounts_read(&root, makedev(259, 1), &mounts), 0);
	assert_int_equal(mounts.n, 2);
	sysroot_deinit(&root);
	tree_remove(path);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_machine),
		cmocka_unit_test(test_container),
		cmocka_unit_test(test_unknown),
	};

	return cmocka_run_group_tests_name("nsmounts", tests, NULL, NULL);
}
