/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The machine as a file tree: what is live, what a recording may not reach, files and directories.
 */
#include "unit.h"
#include <errno.h>
#include <fcntl.h>
#include "fd.h"
#include "sysroot.h"
#include "tree.h"

static const struct tree_entry machine[] = {
	TREE_FILE("sys/plain", "text\n"),
	TREE_FILE("sys/bare", "text"),
	TREE_FILE("sys/two", "a\n\n"),
	TREE_FILE("sys/empty", ""),
	TREE_FILE("etc/shadow", "the recording's\n"),
	TREE_FILE("sys/devices/region0/namespace0.0/uuid", "u\n"),
	TREE_DIR("sys/devices/region0/pfn0.1"),
	TREE_LINK("sys/absolute", "/etc/shadow"),
	TREE_LINK("sys/escape", "../../../../../../../../etc/shadow"),
	TREE_LINK("sys/device", "devices/region0/pfn0.1"),
	TREE_LINK("sys/dangling", "../nowhere"),
	TREE_FILE("sys/names/b", ""),
	TREE_FILE("sys/names/a", ""),
	TREE_FILE("sys/names/.hidden", ""),
	TREE_FILE("sys/names/Z", ""),
};

struct fixture {
	char path[64];
	struct sysroot root;
};

static int setup(void **state)
{
	static struct fixture f;

	f.root = SYSROOT_NULL;
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

static void test_live(void **state)
{
	static const char *const live[] = {NULL, "", "/", "//", "/.", "/proc/.."};
	struct fixture *f = *state;
	struct sysroot root = SYSROOT_NULL;

	for (size_t i = 0; i < ARRAY_SIZE(live); i++) {
		UNIT_ROW(live, i, live[i]);
		assert_int_equal(sysroot_open(&root, live[i]), 0);
		assert_true(root.live);
		sysroot_deinit(&root);
		assert_int_equal(root.fd, -1);
	}
	assert_false(f->root.live);
	assert_int_equal(sysroot_open(&root, "/nonexistent"), -ENOENT);
	assert_int_equal(root.fd, -1);
	assert_int_equal(sysroot_open(&root, "/proc/self/stat"), -ENOTDIR);
}

static const struct {
	const char *path, *text; /* NULL: fails */
	int r;
} lines[] = {
	{"/sys/plain", "text", 0},
	{"sys/plain", "text", 0},
	{"//sys/plain", "text", 0},
	{"/sys/bare", "text", 0},
	{"/sys/two", "a\n", 0},
	{"/sys/empty", "", 0},
	{"/sys/absolute", "the recording's", 0},
	{"/sys/escape", "the recording's", 0},
	{"/../../etc/shadow", "the recording's", 0},
	{"/sys/device/../namespace0.0/uuid", "u", 0},
	{"/sys/dangling", NULL, -ENOENT},
	{"/sys/nothing", NULL, -ENOENT},
	{"/sys/plain/x", NULL, -ENOTDIR},
	{"/sys", NULL, -EISDIR},
};

static void test_read(void **state)
{
	struct fixture *f = *state;
	char *untouched = (char *)"x";

	for (size_t i = 0; i < ARRAY_SIZE(lines); i++) {
		char *text = untouched;

		UNIT_ROW(lines, i, lines[i].path);
		assert_int_equal(sysroot_read_line(&f->root, lines[i].path, &text), lines[i].r);
		if (!lines[i].text) {
			assert_ptr_equal(text, untouched);
			continue;
		}
		assert_string_equal(text, lines[i].text);
		free(text);
	}
}

static void test_read_whole(void **state)
{
	struct fixture *f = *state;
	char path[96], *text = NULL;
	size_t len = 0;
	FILE *file;

	assert_int_equal(sysroot_read(&f->root, "/sys/two", &text, &len), 0);
	assert_int_equal(len, 3);
	assert_string_equal(text, "a\n\n");
	free(text);
	assert_int_equal(sysroot_readf(&f->root, &text, "/sys/%s%d", "nothing", 1), -ENOENT);
	assert_int_equal(sysroot_readf(&f->root, &text, "/%s/plain", "sys"), 0);
	assert_string_equal(text, "text");
	free(text);

	/* NUL bytes, more than a buffer, more than allowed */
	snprintf(path, sizeof(path), "%s/large", f->path);
	file = fopen(path, "w");
	assert_non_null(file);
	for (int i = 0; i < 100000; i++)
		fputc(i % 256, file);
	fclose(file);
	assert_int_equal(sysroot_read(&f->root, "large", &text, &len), 0);
	assert_int_equal(len, 100000);
	for (int i = 0; i < 100000; i++)
		assert_int_equal((unsigned char)text[i], i % 256);
	assert_int_equal(text[len], 0);
	free(text);
	text = NULL;
	assert_int_equal(truncate(path, 1024 * 1024), 0);
	assert_int_equal(sysroot_read(&f->root, "large", &text, &len), 0);
	assert_int_equal(len, 1024 * 1024);
	free(text);
	text = NULL;
	assert_int_equal(truncate(path, 1024 * 1024 + 1), 0);
	assert_int_equal(sysroot_read(&f->root, "large", &text, &len), -EFBIG);
	assert_null(text);
}

static void test_readlink(void **state)
{
	struct fixture *f = *state;
	char *text = NULL;

	assert_int_equal(sysroot_readlink(&f->root, "/sys/device", &text), 0);
	assert_string_equal(text, "devices/region0/pfn0.1");
	free(text);
	assert_int_equal(sysroot_readlink(&f->root, "/sys/dangling", &text), 0);
	assert_string_equal(text, "../nowhere");
	free(text);
	assert_int_equal(sysroot_readlink(&f->root, "/sys/plain", &text), -EINVAL);
	assert_int_equal(sysroot_readlink(&f->root, "/sys/nothing", &text), -ENOENT);
}

static int gather(const char *name, void *data)
{
	strcat(data, name);
	strcat(data, " ");
	return !strcmp(name, "a") && strstr(data, "stop") ? 42 : 0;
}

static void test_each(void **state)
{
	struct fixture *f = *state;
	char text[64] = "";

	assert_int_equal(sysroot_each(&f->root, "/sys/names", gather, text), 0);
	assert_string_equal(text, ".hidden Z a b ");
	strcpy(text, "stop: ");
	assert_int_equal(sysroot_each(&f->root, "/sys/names", gather, text), 42);
	assert_string_equal(text, "stop: .hidden Z a ");
	assert_int_equal(sysroot_each(&f->root, "/sys/nothing", gather, text), -ENOENT);
	assert_int_equal(sysroot_each(&f->root, "/sys/plain", gather, text), -ENOTDIR);
}

static void test_open_file(void **state)
{
	struct fixture *f = *state;
	int fd = -1;

	assert_int_equal(sysroot_open_file(&f->root, "/", O_PATH, &fd), 0);
	assert_true(fcntl(fd, F_GETFD) & FD_CLOEXEC);
	fd_closep(&fd);
	assert_int_equal(fd, -1);
	assert_int_equal(sysroot_open_file(&f->root, "/nothing", O_RDONLY, &fd), -ENOENT);
	assert_int_equal(fd, -1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_live),       cmocka_unit_test(test_read),
		cmocka_unit_test(test_read_whole), cmocka_unit_test(test_readlink),
		cmocka_unit_test(test_each),       cmocka_unit_test(test_open_file),
	};

	return cmocka_run_group_tests_name("sysroot", tests, setup, teardown);
}
