/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Configuration files as they lie on disk: which of them win, and that a
 * mistake is told with its file and line.
 */
#include "unit.h"
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include "settings_econf.h"

#define MAX_FILES 4

struct tree {
	char dir[64];
};

static void tree_make(struct tree *tree)
{
	static const char *const dirs[] = {"vendor", "vendor/pmemras.conf.d", "etc",
					   "etc/pmemras.conf.d"};
	char path[PATH_MAX];

	strcpy(tree->dir, "/tmp/test-settings_econf.XXXXXX");
	assert_non_null(mkdtemp(tree->dir));
	for (size_t i = 0; i < ARRAY_SIZE(dirs); i++) {
		snprintf(path, sizeof(path), "%s/%s", tree->dir, dirs[i]);
		assert_int_equal(mkdir(path, 0700), 0);
	}
}

static void tree_write(const struct tree *tree, const char *name, const char *text)
{
	char path[PATH_MAX];
	int fd;

	snprintf(path, sizeof(path), "%s/%s", tree->dir, name);
	fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	assert_true(fd >= 0);
	assert_int_equal(write(fd, text, strlen(text)), (ssize_t)strlen(text));
	close(fd);
}

static void tree_remove(struct tree *tree)
{
	char command[128];

	snprintf(command, sizeof(command), "rm -r '%s'", tree->dir);
	assert_int_equal(system(command), 0);
}

struct file {
	const char *name, *text;
};

static void test_precedence(void **state)
{
	static const struct {
		const char *name;
		struct file files[MAX_FILES];
		const char *state_dir; /* expected, NULL: not set */
		bool paths;
		size_t n_ignore;
	} vectors[] = {
		{"no files at all", {{NULL, NULL}}, NULL, true, 0},
		{"vendor alone",
		 {{"vendor/pmemras.conf", "[daemon]\nStateDirectory=/v\n"}},
		 "/v",
		 true,
		 0},
		{"etc replaces the vendor's file whole",
		 {{"vendor/pmemras.conf", "[daemon]\nStateDirectory=/v\n"},
		  {"etc/pmemras.conf", "[locate]\nPaths=no\n"}},
		 NULL,
		 false,
		 0},
		{"drop-in over main file",
		 {{"etc/pmemras.conf", "[daemon]\nStateDirectory=/e\n[locate]\nPaths=no\n"},
		  {"etc/pmemras.conf.d/10-x.conf", "[daemon]\nStateDirectory=/x\n"}},
		 "/x",
		 false,
		 0},
		{"later drop-in wins",
		 {{"etc/pmemras.conf.d/10-x.conf", "[daemon]\nStateDirectory=/x\n"},
		  {"etc/pmemras.conf.d/20-y.conf", "[daemon]\nStateDirectory=/y\n"}},
		 "/y",
		 true,
		 0},
		{"etc's drop-in over the vendor's of that name",
		 {{"vendor/pmemras.conf.d/10-x.conf",
		   "[daemon]\nStateDirectory=/v\n[locate]\nPaths=no\n"},
		  {"etc/pmemras.conf.d/10-x.conf", "[daemon]\nStateDirectory=/e\n"}},
		 "/e",
		 true,
		 0},
		{"names decide between the directories, not the directory",
		 {{"vendor/pmemras.conf.d/20-v.conf", "[daemon]\nStateDirectory=/v\n"},
		  {"etc/pmemras.conf.d/10-e.conf", "[daemon]\nStateDirectory=/e\n"}},
		 "/v",
		 true,
		 0},
		{"other suffixes are not read",
		 {{"etc/pmemras.conf.d/10-x.conf.rpmsave", "nonsense\n"}},
		 NULL,
		 true,
		 0},
		{"comments, blanks, an empty value and a list over lines",
		 {{"etc/pmemras.conf",
		   "# c\n\n[watch]\n  Ignore = loop* # not these\n   sr0\n[locate]\n"},
		  {"etc/pmemras.conf.d/1.conf", "[watch]\nIgnore=\n"}},
		 NULL,
		 true,
		 0},
		{"a list", {{"etc/pmemras.conf", "[watch]\nIgnore=a b c\n"}}, NULL, true, 3},
	};

	for (size_t i = 0; i < ARRAY_SIZE(vectors); i++) {
		CLEANUP(settings_deinit) struct settings settings = SETTINGS_NULL;
		CLEANUP(freep) char *message = NULL;
		char vendor[PATH_MAX], etc[PATH_MAX];
		struct tree tree;

		UNIT_ROW(vectors, i, vectors[i].name);
		tree_make(&tree);
		for (size_t j = 0; j < MAX_FILES && vectors[i].files[j].name; j++)
			tree_write(&tree, vectors[i].files[j].name, vectors[i].files[j].text);
		snprintf(vendor, sizeof(vendor), "%s/vendor", tree.dir);
		snprintf(etc, sizeof(etc), "%s/etc", tree.dir);

		assert_int_equal(settings_econf_read_dirs(vendor, etc, &settings, &message), 0);
		assert_null(message);
		if (vectors[i].state_dir)
			assert_string_equal(settings.state_dir, vectors[i].state_dir);
		else
			assert_null(settings.state_dir);
		assert_int_equal(settings.paths, vectors[i].paths);
		assert_int_equal(settings.n_ignore, vectors[i].n_ignore);
		tree_remove(&tree);
	}
}

static void test_mistakes(void **state)
{
	static const struct {
		const char *name, *text;
		int r;
		const char *says[3];
	} vectors[] = {
		{"unknown key",
		 "[locate]\n\nPath=no\n",
		 -EBADMSG,
		 {"line 3", "unknown key: [locate] Path=no", "Paths= and Holders="}},
		{"unknown section",
		 "[locte]\nPaths=no\n",
		 -EBADMSG,
		 {"line 2", "unknown section: [locte] Paths=no", "[locate]"}},
		{"before any section",
		 "Paths=no\n[locate]\n",
		 -EBADMSG,
		 {"line 1", "unknown section: Paths=no", "[locate]"}},
		{"bad value",
		 "[locate]\nPaths=maybe\n",
		 -EBADMSG,
		 {"line 2", "bad value: [locate] Paths=maybe", "yes or no"}},
		{"empty where something must stand",
		 "[daemon]\nStateDirectory=\n",
		 -EBADMSG,
		 {"line 2", "bad value: [daemon] StateDirectory=", "absolute path"}},
		{"no delimiter", "[locate]\nrubbish\n", -EBADMSG, {"line 2", "", ""}},
		{"no bracket", "[locate\nPaths=no\n", -EBADMSG, {"line 1", "", ""}},
	};

	for (size_t i = 0; i < ARRAY_SIZE(vectors); i++) {
		CLEANUP(settings_deinit)
		struct settings settings = SETTINGS_NULL,
				dirs = SETTINGS_NULL;
		CLEANUP(freep) char *message = NULL, *again = NULL;
		char path[PATH_MAX], etc[PATH_MAX];
		struct tree tree;

		UNIT_ROW(vectors, i, vectors[i].name);
		assert_int_equal(settings_set(&settings, "daemon", "StateDirectory", "/kept"), 0);
		tree_make(&tree);
		tree_write(&tree, "etc/pmemras.conf", vectors[i].text);
		snprintf(path, sizeof(path), "%s/etc/pmemras.conf", tree.dir);
		snprintf(etc, sizeof(etc), "%s/etc", tree.dir);

		assert_int_equal(settings_econf_read_file(path, &settings, &message), vectors[i].r);
		print_message("%s\n", message);
		assert_non_null(strstr(message, path));
		for (size_t j = 0; j < ARRAY_SIZE(vectors[i].says); j++)
			assert_non_null(strstr(message, vectors[i].says[j]));
		assert_string_equal(settings.state_dir, "/kept");

		assert_int_equal(settings_econf_read_dirs("/nonexistent", etc, &dirs, &again),
				 vectors[i].r);
		assert_non_null(strstr(again, path));
		tree_remove(&tree);
	}
}

static void test_file(void **state)
{
	CLEANUP(settings_deinit) struct settings settings = SETTINGS_NULL;
	CLEANUP(freep) char *message = NULL, *none = NULL;
	char path[PATH_MAX];
	struct tree tree;

	tree_make(&tree);
	tree_write(&tree, "one.conf", "[locate]\nHolders=no\n");
	tree_write(&tree, "etc/pmemras.conf", "[locate]\nPaths=no\n");
	snprintf(path, sizeof(path), "%s/one.conf", tree.dir);
	assert_int_equal(settings_econf_read_file(path, &settings, &none), 0);
	assert_null(none);
	assert_false(settings.holders);
	assert_true(settings.paths);
	snprintf(path, sizeof(path), "%s/two.conf", tree.dir);
	assert_int_equal(settings_econf_read_file(path, &settings, &message), -ENOENT);
	assert_non_null(strstr(message, "two.conf"));
	assert_false(settings.holders);
	tree_remove(&tree);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_precedence),
		cmocka_unit_test(test_mistakes),
		cmocka_unit_test(test_file),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
