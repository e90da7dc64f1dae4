/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The walk over a tree of our own; it needs no XFS. What is wanted is named by inode number, as the
 * locator would.
 */
#include "unit.h"
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include "fd.h"
#include "fs_walk.h"
#include "tree.h"

#define DEPTH 150 /* more than the walk keeps open */

static const struct tree_entry tree[] = {
	TREE_FILE("plain", "x"),     TREE_FILE("a/one", "x"),
	TREE_FILE("a/b/two", "x"),   TREE_FILE("a/b/.hidden", "x"),
	TREE_FILE("a/b/..odd", "x"), TREE_FILE("a/\xff new\nline", "x"),
	TREE_LINK("loop", "."),      TREE_LINK("a/up", ".."),
	TREE_DIR("empty"),
};

struct fixture {
	char path[64];
	struct findings *f;
	struct mount mount;
	struct mounts mounts;
	struct fs_paths p;
	uint64_t told;
};

static int setup(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));

	*state = f;
	if (!f || tree_make(f->path, tree, ARRAY_SIZE(tree)) || findings_new(&f->f))
		return -1;
	f->mount = (struct mount){1, 7, NULL, f->path, (char *)"/", (char *)"xfs", NULL, 0, 0};
	f->mounts = (struct mounts){&f->mount, 1};
	f->p = (struct fs_paths){.f = f->f, .mounts = &f->mounts, .mount = &f->mount};
	f->p.fd = open(f->path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	return f->p.fd < 0;
}

static int teardown(void **state)
{
	struct fixture *f = *state;

	fd_closep(&f->p.fd);
	findings_free(f->f);
	tree_remove(f->path);
	free(f);
	return 0;
}

static int compare_files(const void *a, const void *b)
{
	const struct found_file *left = a, *right = b;

	return (left->ino > right->ino) - (left->ino < right->ino);
}

/* Wants files by name (relative to the tree); @links: 0 what stat says */
static void want(struct fixture *f, const char *const *names, size_t n, uint32_t links)
{
	struct found_file files[16] = {{0}};

	assert_true(n <= ARRAY_SIZE(files));
	for (size_t i = 0; i < n; i++) {
		struct stat st;

		assert_int_equal(fstatat(f->p.fd, names[i], &st, AT_SYMLINK_NOFOLLOW), 0);
		files[i].ino = st.st_ino;
		files[i].mode = st.st_mode;
		files[i].nlink = links ? links : (uint32_t)st.st_nlink;
	}
	qsort(files, n, sizeof(*files), compare_files);
	for (size_t i = 0; i < n; i++)
		assert_int_equal(findings_add_file(f->f, &files[i]), 0);
}

/* Is @name among the paths of the file that it leads to? How many it has comes back. */
static uint32_t paths_with(struct fixture *f, const char *name)
{
	const struct found_file *file;
	char full[8192];
	const char *path;
	uint32_t cursor = 0, n = 0;
	bool seen = false;
	struct stat st;

	assert_int_equal(fstatat(f->p.fd, name, &st, AT_SYMLINK_NOFOLLOW), 0);
	file = findings_file_by_ino(f->f, st.st_ino);
	assert_non_null(file);
	assert_true(file->flags & FOUND_FILE_PATHS);
	snprintf(full, sizeof(full), "%s%s%s", f->path, strcmp(name, ".") ? "/" : "",
		 strcmp(name, ".") ? name : "");
	while ((path = findings_path_next(f->f, file, &cursor))) {
		n++;
		seen |= !strcmp(path, full);
	}
	assert_int_equal(n, file->n_paths);
	return seen ? n : 0;
}

static void test_names(void **state)
{
	static const char *const names[] = {
		".",   "plain", "a/one", "a/b/two", "a/b/.hidden", "a/b/..odd", "a/\xff new\nline",
		"a/b", "a",     "empty", "a/up",
	};
	struct fixture *f = *state;

	want(f, names, ARRAY_SIZE(names), 0);
	assert_int_equal(fs_walk_find(&f->p), 0);
	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		UNIT_ROW(names, i, names[i]);
		assert_int_equal(paths_with(f, names[i]), 1);
	}
}

static void test_hard_links(void **state)
{
	static const char *const names[] = {"a/one"};
	struct fixture *f = *state;

	assert_int_equal(linkat(f->p.fd, "a/one", f->p.fd, "another", 0), 0);
	assert_int_equal(linkat(f->p.fd, "a/one", f->p.fd, "empty/third", 0), 0);
	want(f, names, 1, 0);
	assert_int_equal(f->f->files[0].nlink, 3);
	assert_int_equal(fs_walk_find(&f->p), 0);
	assert_int_equal(paths_with(f, "a/one"), 3);
	assert_int_equal(paths_with(f, "another"), 3);
	assert_int_equal(paths_with(f, "empty/third"), 3);
}

/* A link that is nowhere to be found: the walk ends all the same, and what was found is there. */
static void test_missing_link(void **state)
{
	static const char *const names[] = {"a/one"};
	struct fixture *f = *state;

	want(f, names, 1, 2);
	assert_int_equal(fs_walk_find(&f->p), 0);
	assert_int_equal(paths_with(f, "a/one"), 1);
}

/* Deeper than the walk keeps open, and longer than PATH_MAX. */
static void test_deep(void **state)
{
	struct fixture *f = *state;
	char name[DEPTH * 48 + 64];
	struct found_file bottom = {.mode = 0100644, .nlink = 2}; /* no early end */
	static const char *const behind[] = {"zz/behind"};
	int at = dup(f->p.fd);
	const char *path;
	uint32_t cursor = 0;
	struct stat st;

	strcpy(name, f->path);
	/* siblings on both sides at every depth, so that the walk has to come back */
	for (int i = 0; i < DEPTH; i++) {
		char part[48];
		int next;

		snprintf(part, sizeof(part), "level-%03d-with-a-rather-long-name", i);
		assert_int_equal(mkdirat(at, part, 0755), 0);
		assert_int_equal(mkdirat(at, "aaa", 0755), 0);
		assert_int_equal(mkdirat(at, "zzz", 0755), 0);
		strcat(strcat(name, "/"), part);
		next = openat(at, part, O_RDONLY | O_DIRECTORY);
		assert_true(next >= 0);
		close(at);
		at = next;
	}
	assert_int_equal(mknodat(at, "bottom", S_IFREG | 0644, 0), 0);
	assert_int_equal(fstatat(at, "bottom", &st, 0), 0);
	close(at);
	strcat(name, "/bottom");
	assert_true(strlen(name) > PATH_MAX);
	assert_int_equal(mkdirat(f->p.fd, "zz", 0755), 0);
	assert_int_equal(mknodat(f->p.fd, "zz/behind", S_IFREG | 0644, 0), 0);

	bottom.ino = st.st_ino;
	assert_int_equal(findings_add_file(f->f, &bottom), 0);
	assert_int_equal(fs_walk_find(&f->p), 0);
	path = findings_path_next(f->f, &f->f->files[0], &cursor);
	assert_non_null(path);
	assert_string_equal(path, name);

	/* and what lies elsewhere is found on the way back */
	findings_free(f->f);
	assert_int_equal(findings_new(&f->f), 0);
	f->p.f = f->f;
	want(f, behind, 1, 2);
	assert_int_equal(fs_walk_find(&f->p), 0);
	assert_int_equal(paths_with(f, "zz/behind"), 1);
}

static int count(void *data, const char *what, uint64_t done, uint64_t total)
{
	struct fixture *f = data;

	assert_string_equal(what, "paths");
	assert_int_equal(total, f->p.names_expected);
	f->told = done;
	return done >= 2000;
}

/* In a directory of their own: that of what is wanted is read whole. */
static void make_many(struct fixture *f, int n)
{
	assert_int_equal(mkdirat(f->p.fd, "many", 0755), 0);
	for (int i = 0; i < n; i++) {
		char name[32];

		snprintf(name, sizeof(name), "many/dir%d", i);
		assert_int_equal(mkdirat(f->p.fd, name, 0755), 0);
	}
}

static void test_cancel(void **state)
{
	static const char *const names[] = {"plain"};
	struct fixture *f = *state;

	make_many(f, 2500);
	want(f, names, 1, 2); /* not found to the end */
	f->p.progress = count;
	f->p.progress_data = f;
	f->p.names_expected = 12345;
	assert_int_equal(fs_walk_find(&f->p), -ECANCELED);
	assert_true(f->told >= 2000 && f->told <= 2600);
	assert_false(f->f->files[0].flags & FOUND_FILE_PATHS);
}

/* Once everything is found, nothing more is read. */
static void test_early_end(void **state)
{
	static const char *const names[] = {"plain"};
	struct fixture *f = *state;

	make_many(f, 2500);
	want(f, names, 1, 0);
	f->p.progress = count;
	f->p.progress_data = f;
	assert_int_equal(fs_walk_find(&f->p), 0);
	assert_int_equal(f->told, 0);
	assert_int_equal(paths_with(f, "plain"), 1);
}

/* An inode that could not be read has no count of links: the walk looks everywhere. */
static void test_unreadable(void **state)
{
	static const char *const names[] = {"plain"};
	struct fixture *f = *state;

	assert_int_equal(linkat(f->p.fd, "plain", f->p.fd, "a/b/second", 0), 0);
	want(f, names, 1, 0);
	f->f->files[0].mode = 0;
	f->f->files[0].nlink = 0;
	f->f->files[0].flags = FOUND_FILE_UNREADABLE;
	assert_int_equal(fs_walk_find(&f->p), 0);
	assert_int_equal(paths_with(f, "plain"), 2);
}

static void test_nothing_wanted(void **state)
{
	static const char *const names[] = {"plain"};
	struct fixture *f = *state;

	assert_int_equal(fs_walk_find(&f->p), 0);
	want(f, names, 1, 0);
	f->f->files[0].flags = FOUND_FILE_DELETED;
	assert_int_equal(fs_walk_find(&f->p), 0);
	assert_int_equal(f->f->files[0].flags, FOUND_FILE_DELETED);
	assert_int_equal(f->f->files[0].n_paths, 0);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_names),      TEST(test_hard_links),     TEST(test_missing_link),
		TEST(test_deep),       TEST(test_cancel),         TEST(test_early_end),
		TEST(test_unreadable), TEST(test_nothing_wanted),
	};

	return cmocka_run_group_tests_name("fs_walk", tests, NULL, NULL);
}
