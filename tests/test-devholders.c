/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Who uses a device: a child of ours, by whatever node; block devices and mappings see tests/loop/test-devices. */
#include "unit.h"
#include <fcntl.h>
#include <signal.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/wait.h>
#include <unistd.h>
#include "cleanup.h"
#include "devholders.h"

static const struct {
	const char *why, *node;
	int flags;
	mode_t type;
	unsigned int minor; /* asked for, of major 1 */
	uint32_t how;       /* HOLDER_OPEN…; 0: not found */
} vectors[] = {
	{"to read", "/dev/full", O_RDONLY, S_IFCHR, 7, HOLDER_OPEN | HOLDER_OPEN_READ},
	{"to write", "/dev/full", O_WRONLY, S_IFCHR, 7, HOLDER_OPEN | HOLDER_OPEN_WRITE},
	{"both", "/dev/full", O_RDWR, S_IFCHR, 7,
	 HOLDER_OPEN | HOLDER_OPEN_READ | HOLDER_OPEN_WRITE},
	{"another device", "/dev/null", O_RDONLY, S_IFCHR, 7, 0},
	{"a block device of that number", "/dev/full", O_RDONLY, S_IFBLK, 7, 0},
	{"no number", "/dev/full", O_RDONLY, S_IFCHR, 0, 0},
};

/* A process that has a device open, once it says so. */
static pid_t start(const char *node, int flags)
{
	int ready[2];
	char byte;
	pid_t pid;

	assert_int_equal(pipe(ready), 0);
	pid = fork();
	if (!pid) {
		if (open(node, flags) >= 0 && write(ready[1], "", 1) == 1)
			pause();
		_exit(1);
	}
	assert_true(pid > 0);
	assert_int_equal(read(ready[0], &byte, 1), 1);
	close(ready[0]);
	close(ready[1]);
	return pid;
}

static void test_open(void **state)
{
	struct sysroot root = SYSROOT_NULL;

	assert_int_equal(sysroot_open(&root, NULL), 0);
	for (size_t i = 0; i < ARRAY_SIZE(vectors); i++) {
		CLEANUP(findings_freep) struct findings *f = NULL;
		dev_t devno = vectors[i].minor ? makedev(1, vectors[i].minor) : 0;
		const struct found_holder *holder, *found = NULL;
		pid_t pid = start(vectors[i].node, vectors[i].flags);
		size_t n;

		UNIT_ROW(vectors, i, vectors[i].why);
		assert_int_equal(findings_new(&f), 0);
		assert_int_equal(devholders_find(&root, devno, vectors[i].type, f), 0);
		kill(pid, SIGKILL);
		waitpid(pid, NULL, 0);
		holder = findings_holders(f, FINDING_NO_FILE, &n);
		for (size_t j = 0; j < n; j++) {
			assert_int_not_equal(holder[j].pid, getpid());
			if (holder[j].pid == pid)
				found = &holder[j];
		}
		assert_int_equal(!found, !vectors[i].how);
		if (!found)
			continue;
		assert_int_equal(found->flags &
					 (HOLDER_OPEN | HOLDER_OPEN_READ | HOLDER_OPEN_WRITE),
				 vectors[i].how);
		assert_int_equal(found->uid, getuid());
		assert_false(found->mapped);
		assert_true(*found->comm);
	}
	sysroot_deinit(&root);
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(test_open)};

	return cmocka_run_group_tests_name("devholders", tests, NULL, NULL);
}
