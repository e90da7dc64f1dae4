/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef PMEMRAS_TREE_H
#define PMEMRAS_TREE_H

/* Made-up machines: a table of files and links becomes a directory to point a sysroot at. */
#include <ftw.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

struct tree_entry {
	const char *path; /* below the root, no slash in front; with one at the end a directory */
	const char *text; /* of the file; of a link its target */
	int link;
};

#define TREE_FILE(path, text)                                                                      \
	{                                                                                          \
		path, text, 0                                                                      \
	}
#define TREE_LINK(path, to)                                                                        \
	{                                                                                          \
		path, to, 1                                                                        \
	}
#define TREE_DIR(path)                                                                             \
	{                                                                                          \
		path "/", NULL, 0                                                                  \
	}

static inline void tree_parents(char *path)
{
	for (char *slash = strchr(path + 1, '/'); slash; slash = strchr(slash + 1, '/')) {
		*slash = '\0';
		mkdir(path, 0755);
		*slash = '/';
	}
}

/* A new directory with all of @entries; its name goes to @root. 0, -1. */
static inline int tree_make(char root[64], const struct tree_entry *entries, size_t n)
{
	strcpy(root, "/tmp/pmemras-test-XXXXXX");
	if (!mkdtemp(root))
		return -1;
	for (size_t i = 0; i < n; i++) {
		char path[1024];
		FILE *file;

		snprintf(path, sizeof(path), "%s/%s", root, entries[i].path);
		tree_parents(path);
		if (entries[i].link) {
			if (symlink(entries[i].text, path))
				return -1;
		} else if (entries[i].text) {
			file = fopen(path, "w");
			if (!file)
				return -1;
			fputs(entries[i].text, file);
			if (fclose(file))
				return -1;
		}
	}
	return 0;
}

static inline int tree_remove_one(const char *path, const struct stat *st, int type,
				  struct FTW *ftw)
{
	return remove(path);
}

static inline void tree_remove(const char *root)
{
	nftw(root, tree_remove_one, 16, FTW_DEPTH | FTW_PHYS);
}

#endif
