/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef PMEMRAS_TREE_H
#define PMEMRAS_TREE_H

/* Made-up machines: a table of files and links becomes a directory to point a sysroot at. */
#include <dirent.h>
#include <fcntl.h>
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

/* Another text for a file of the tree. 0, -1. */
static inline int tree_rewrite(const char *root, const char *name, const char *text)
{
	char path[1024];
	FILE *file;

	snprintf(path, sizeof(path), "%s/%s", root, name);
	file = fopen(path, "w");
	if (!file)
		return -1;
	fputs(text, file);
	return fclose(file) ? -1 : 0;
}

/* Everything in directory @fd, however long its path; closes it. */
static inline void tree_empty(int fd)
{
	DIR *dir = fdopendir(fd);
	const struct dirent *entry;

	while (dir && (entry = readdir(dir))) {
		int below;

		if (!strcmp(entry->d_name, ".") || !strcmp(entry->d_name, ".."))
			continue;
		if (!unlinkat(fd, entry->d_name, 0))
			continue;
		below = openat(fd, entry->d_name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW);
		if (below >= 0)
			tree_empty(below);
		unlinkat(fd, entry->d_name, AT_REMOVEDIR);
	}
	if (dir)
		closedir(dir);
}

static inline void tree_remove(const char *root)
{
	int fd = open(root, O_RDONLY | O_DIRECTORY | O_NOFOLLOW);

	if (fd >= 0)
		tree_empty(fd);
	rmdir(root);
}

#endif
