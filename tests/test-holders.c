/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Who holds a file: this very process, with descriptors and mappings of its own. */
#include "unit.h"
#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>
#include "fd.h"
#include "holders.h"
#include "tree.h"

struct fixture {
	char path[64];
	struct sysroot root;
};

static int setup(void **state)
{
	static struct fixture f;

	f.root = SYSROOT_NULL;
	*state = &f;
	return tree_make(f.path, NULL, 0) || sysroot_open(&f.root, NULL);
}

static int teardown(void **state)
{
	struct fixture *f = *state;

	sysroot_deinit(&f->root);
	tree_remove(f->path);
	return 0;
}

/* How this process holds the file: "", "open", "mapped". */
static const char *held(const struct fixture *f, const struct stat *st, dev_t dev, uint32_t flags)
{
	CLEANUP(findings_freep) struct findings *findings = NULL;
	struct found_file other = {.ino = st->st_ino - 1, .mode = 0100644, .nlink = 1};
	struct found_file file = {.ino = st->st_ino, .mode = 0100644, .nlink = 1, .flags = flags};
	const struct found_holder *holders;
	const char *how = "";
	char comm[64] = "";
	size_t n;
	FILE *own;

	assert_int_equal(findings_new(&findings), 0);
	assert_int_equal(findings_add_file(findings, &other), 0);
	assert_int_equal(findings_add_file(findings, &file), 0);
	assert_int_equal(holders_find(&f->root, dev, findings), 0);
	own = fopen("/proc/self/comm", "r");
	assert_non_null(own);
	assert_non_null(fgets(comm, sizeof(comm), own));
	fclose(own);
	comm[strcspn(comm, "\n")] = '\0';

	holders = findings_holders(findings, 1, &n);
	for (size_t i = 0; i < n; i++) {
		if (holders[i].pid != getpid())
			continue;
		assert_string_equal(how, ""); /* once, however often it has the file open */
		assert_string_equal(holders[i].comm, comm);
		assert_int_equal(holders[i].file, 1);
		how = holders[i].mapped ? "mapped" : "open";
	}
	return how;
}

static void test_own(void **state)
{
	const struct fixture *f = *state;
	char path[96];
	struct stat st;
	void *map;
	int fd, second;

	snprintf(path, sizeof(path), "%s/a name with blanks 00:00 1", f->path);
	fd = open(path, O_CREAT | O_RDWR | O_CLOEXEC, 0644);
	assert_true(fd >= 0);
	assert_int_equal(ftruncate(fd, 8192), 0);
	assert_int_equal(fstat(fd, &st), 0);
	second = open(path, O_RDONLY | O_CLOEXEC);
	assert_true(second >= 0);

	assert_string_equal(held(f, &st, st.st_dev, 0), "open");
	assert_string_equal(held(f, &st, st.st_dev + 1, 0), ""); /* same number elsewhere */
	assert_string_equal(held(f, &st, st.st_dev, FOUND_FILE_VANISHED), "");
	assert_int_equal(unlink(path), 0);
	assert_string_equal(held(f, &st, st.st_dev, FOUND_FILE_DELETED), "open");

	map = mmap(NULL, 8192, PROT_READ, MAP_SHARED, fd, 0);
	assert_ptr_not_equal(map, MAP_FAILED);
	assert_string_equal(held(f, &st, st.st_dev, 0), "mapped");
	fd_closep(&fd);
	fd_closep(&second);
	assert_string_equal(held(f, &st, st.st_dev, 0), "mapped");
	assert_int_equal(munmap(map, 8192), 0);
	assert_string_equal(held(f, &st, st.st_dev, 0), "");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_own),
	};

	return cmocka_run_group_tests_name("holders", tests, setup, teardown);
}
