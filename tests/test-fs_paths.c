/* SPDX-License-Identifier: GPL-2.0-or-later */
/* From a name inside a filesystem to what it is called outside, through mounts of all kinds. */
#include "unit.h"
#include <string.h>
#include "findings.h"
#include "fs_paths.h"

#define XFS 7u /* device of the filesystem */

static const struct {
	const char *what;
	struct mount mounts[5]; /* the first is the one worked through */
	const char *inside;
	const char *want; /* NULL: no path */
} rows[] = {
	{"at a mount point",
	 {{1, XFS, NULL, (char *)"/mnt", (char *)"/", (char *)"xfs", NULL, 0, 0}},
	 "/a/b",
	 "/mnt/a/b"},
	{"the root itself",
	 {{1, XFS, NULL, (char *)"/mnt", (char *)"/", (char *)"xfs", NULL, 0, 0}},
	 "/",
	 "/mnt"},
	{"the machine's root",
	 {{1, XFS, NULL, (char *)"/", (char *)"/", (char *)"xfs", NULL, 0, 0}},
	 "/a/b",
	 "/a/b"},
	{"the root of the machine's root",
	 {{1, XFS, NULL, (char *)"/", (char *)"/", (char *)"xfs", NULL, 0, 0}},
	 "/",
	 "/"},
	{"a subtree",
	 {{1, XFS, NULL, (char *)"/mnt", (char *)"/a", (char *)"xfs", NULL, 0, 0}},
	 "/a/b",
	 "/mnt/b"},
	{"the top of a subtree",
	 {{1, XFS, NULL, (char *)"/mnt", (char *)"/a", (char *)"xfs", NULL, 0, 0}},
	 "/a",
	 "/mnt"},
	{"beside a subtree",
	 {{1, XFS, NULL, (char *)"/mnt", (char *)"/a", (char *)"xfs", NULL, 0, 0}},
	 "/ab",
	 NULL},
	{"above a subtree",
	 {{1, XFS, NULL, (char *)"/mnt", (char *)"/a/b", (char *)"xfs", NULL, 0, 0}},
	 "/a",
	 NULL},
	{"another mount shows it",
	 {{1, XFS, NULL, (char *)"/one", (char *)"/a", (char *)"xfs", NULL, 0, 0},
	  {2, XFS, NULL, (char *)"/two", (char *)"/b", (char *)"xfs", NULL, 0, 0}},
	 "/b/c",
	 "/two/c"},
	{"another filesystem's mount does not",
	 {{1, XFS, NULL, (char *)"/one", (char *)"/a", (char *)"xfs", NULL, 0, 0},
	  {2, XFS + 1, NULL, (char *)"/two", (char *)"/b", (char *)"xfs", NULL, 0, 0}},
	 "/b/c",
	 NULL},
	{"something is mounted over it",
	 {{1, XFS, NULL, (char *)"/mnt", (char *)"/", (char *)"xfs", NULL, 0, 0},
	  {2, 9, NULL, (char *)"/mnt/a", (char *)"/", (char *)"tmpfs", NULL, 0, 0}},
	 "/a/b",
	 NULL},
	{"a mount point itself is covered",
	 {{1, XFS, NULL, (char *)"/mnt", (char *)"/", (char *)"xfs", NULL, 0, 0},
	  {2, 9, NULL, (char *)"/mnt/a", (char *)"/", (char *)"tmpfs", NULL, 0, 0}},
	 "/a",
	 NULL},
	{"beside what is mounted over",
	 {{1, XFS, NULL, (char *)"/mnt", (char *)"/", (char *)"xfs", NULL, 0, 0},
	  {2, 9, NULL, (char *)"/mnt/a", (char *)"/", (char *)"tmpfs", NULL, 0, 0}},
	 "/ab",
	 "/mnt/ab"},
	{"covered here, visible there",
	 {{1, XFS, NULL, (char *)"/mnt", (char *)"/", (char *)"xfs", NULL, 0, 0},
	  {2, 9, NULL, (char *)"/mnt/a", (char *)"/", (char *)"tmpfs", NULL, 0, 0},
	  {3, XFS, NULL, (char *)"/bind", (char *)"/a", (char *)"xfs", NULL, 0, 0}},
	 "/a/b",
	 "/bind/b"},
	{"an older mount lies below",
	 {{2, XFS, NULL, (char *)"/mnt", (char *)"/", (char *)"xfs", NULL, 0, 0},
	  {1, 9, NULL, (char *)"/", (char *)"/", (char *)"ext4", NULL, 0, 0}},
	 "/a",
	 "/mnt/a"},
	{"a later mount at the same place covers",
	 {{1, XFS, NULL, (char *)"/mnt", (char *)"/", (char *)"xfs", NULL, 0, 0},
	  {2, 9, NULL, (char *)"/mnt", (char *)"/", (char *)"tmpfs", NULL, 0, 0}},
	 "/a",
	 NULL},
	{"a name that begins alike",
	 {{1, XFS, NULL, (char *)"/mnt", (char *)"/", (char *)"xfs", NULL, 0, 0},
	  {2, 9, NULL, (char *)"/mnt2", (char *)"/", (char *)"tmpfs", NULL, 0, 0}},
	 "/2/a",
	 "/mnt/2/a"},
	{"any bytes",
	 {{1, XFS, NULL, (char *)"/m\nt", (char *)"/", (char *)"xfs", NULL, 0, 0}},
	 "/\377\033[31m",
	 "/m\nt/\377\033[31m"},
};

static void test_add_inside(void **state)
{
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		CLEANUP(findings_freep) struct findings *f = NULL;
		struct found_file file = {.ino = 131, .mode = 0100644, .nlink = 1};
		struct mounts mounts = {(struct mount *)(uintptr_t)rows[i].mounts, 0};
		struct fs_paths p = {.mounts = &mounts, .mount = &mounts.items[0], .fd = -1};
		const char *path;
		uint32_t cursor = 0;

		UNIT_ROW(rows, i, rows[i].what);
		while (mounts.n < 5 && rows[i].mounts[mounts.n].target)
			mounts.n++;
		assert_int_equal(findings_new(&f), 0);
		assert_int_equal(findings_add_file(f, &file), 0);
		p.f = f;
		assert_int_equal(fs_paths_add_inside(&p, 0, rows[i].inside), 0);
		path = findings_path_next(f, &f->files[0], &cursor);
		if (rows[i].want) {
			assert_non_null(path);
			assert_string_equal(path, rows[i].want);
			assert_false(f->files[0].flags & FOUND_FILE_NO_PATH);
		} else {
			assert_null(path);
			assert_true(f->files[0].flags & FOUND_FILE_NO_PATH);
		}
	}
}

static const struct {
	uint32_t flags;
	bool wants;
} flags[] = {
	{0, true},
	{FOUND_FILE_UNREADABLE, true},
	{FOUND_FILE_IN_LOST_CLUSTER, true},
	{FOUND_FILE_PATHS, false},
	{FOUND_FILE_VANISHED, false},
	{FOUND_FILE_DELETED, false},
	{FOUND_FILE_INTERNAL, false},
};

static void test_wants(void **state)
{
	for (size_t i = 0; i < ARRAY_SIZE(flags); i++) {
		struct found_file file = {.ino = 131, .flags = flags[i].flags};

		UNIT_ROW(flags, i, "");
		assert_int_equal(fs_paths_wants(&file), flags[i].wants);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_add_inside),
		cmocka_unit_test(test_wants),
	};

	return cmocka_run_group_tests_name("fs_paths", tests, NULL, NULL);
}
