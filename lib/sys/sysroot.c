/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The machine as a file tree. On the live machine the root is "/" and names are
 * opened as anybody would. Below a recorded root every name, absolute symbolic
 * links included, stays inside: openat2() with RESOLVE_IN_ROOT (Linux 5.6,
 * openat2(2)), so that a recording from a stranger cannot make us read
 * /etc/shadow, and ".." behind a link works as it does in sysfs.
 *
 * Whatever names the same directory as "/" is the live machine: a recording is
 * recognised by being another directory, not by how it was typed.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/openat2.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>
#include "cleanup.h"
#include "fd.h"
#include "sysroot.h"

#define FILE_MAX (1024 * 1024)

int sysroot_open(struct sysroot *root, const char *path)
{
	CLEANUP(fd_closep) int fd = -1;
	CLEANUP(freep) char *copy = NULL;
	struct stat st, slash;

	path = path && *path ? path : "/";
	fd = open(path, O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	if (fstat(fd, &st) || stat("/", &slash))
		return -errno;
	copy = strdup(path);
	if (!copy)
		return -ENOMEM;

	root->fd = fd_steal(&fd);
	root->live = st.st_dev == slash.st_dev && st.st_ino == slash.st_ino;
	root->path = steal(copy);
	return 0;
}

void sysroot_deinit(struct sysroot *root)
{
	fd_closep(&root->fd);
	free(root->path);
	*root = SYSROOT_NULL;
}

int sysroot_open_file(const struct sysroot *root, const char *path, int flags, int *ret_fd)
{
	int fd;

	path += strspn(path, "/");
	if (!*path)
		path = ".";

	if (root->live) {
		fd = openat(root->fd, path, flags | O_CLOEXEC);
	} else {
		struct open_how how = {.flags = (uint64_t)(unsigned int)flags | O_CLOEXEC,
				       .resolve = RESOLVE_IN_ROOT};

		fd = (int)syscall(SYS_openat2, root->fd, path, &how, sizeof(how));
	}
	if (fd < 0)
		return -errno;

	*ret_fd = fd;
	return 0;
}

/*
 * st_size says 4096 or 0 in sysfs and procfs, hence: until read() says 0. An
 * attribute is made anew by a read at offset 0, so one that fits the first
 * buffer is consistent in itself.
 */
int sysroot_read(const struct sysroot *root, const char *path, char **ret, size_t *ret_len)
{
	CLEANUP(fd_closep) int fd = -1;
	CLEANUP(freep) char *text = NULL;
	size_t len = 0, allocated = 0;
	int r;

	r = sysroot_open_file(root, path, O_RDONLY | O_NOCTTY | O_NONBLOCK, &fd);
	if (r)
		return r;

	for (;;) {
		ssize_t got;

		if (len + 1 >= allocated) {
			size_t larger = allocated ? allocated * 2 : 8192;
			char *grown;

			if (allocated > FILE_MAX)
				return -EFBIG;
			grown = realloc(text, larger);
			if (!grown)
				return -ENOMEM;
			text = grown;
			allocated = larger;
		}
		got = read(fd, text + len, allocated - len - 1);
		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			return -errno;
		if (!got)
			break;
		len += (size_t)got;
	}
	if (len > FILE_MAX)
		return -EFBIG;

	text[len] = '\0';
	if (ret_len)
		*ret_len = len;
	*ret = steal(text);
	return 0;
}

int sysroot_read_line(const struct sysroot *root, const char *path, char **ret)
{
	size_t len;
	char *text;
	int r;

	r = sysroot_read(root, path, &text, &len);
	if (r)
		return r;
	if (len && text[len - 1] == '\n')
		text[len - 1] = '\0';

	*ret = text;
	return 0;
}

int sysroot_readf(const struct sysroot *root, char **ret, const char *format, ...)
{
	CLEANUP(freep) char *path = NULL;
	va_list ap;
	int r;

	va_start(ap, format);
	r = vasprintf(&path, format, ap);
	va_end(ap);
	if (r < 0) {
		path = NULL;
		return -ENOMEM;
	}
	return sysroot_read_line(root, path, ret);
}

int sysroot_readlink(const struct sysroot *root, const char *path, char **ret)
{
	CLEANUP(fd_closep) int fd = -1;
	char target[PATH_MAX];
	struct stat st;
	ssize_t len;
	char *text;
	int r;

	r = sysroot_open_file(root, path, O_PATH | O_NOFOLLOW, &fd);
	if (r)
		return r;
	if (fstat(fd, &st))
		return -errno;
	if (!S_ISLNK(st.st_mode))
		return -EINVAL;
	len = readlinkat(fd, "", target, sizeof(target));
	if (len < 0)
		return -errno;
	if ((size_t)len == sizeof(target))
		return -ENAMETOOLONG;

	text = strndup(target, (size_t)len);
	if (!text)
		return -ENOMEM;
	*ret = text;
	return 0;
}

static int compare_names(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

struct names {
	char **items;
	size_t n, allocated;
};

static void names_deinit(struct names *names)
{
	for (size_t i = 0; i < names->n; i++)
		free(names->items[i]);
	free(names->items);
}

static int names_add(struct names *names, const char *name)
{
	if (names->n == names->allocated) {
		size_t larger = names->allocated ? names->allocated * 2 : 64;
		char **grown = realloc(names->items, larger * sizeof(*grown));

		if (!grown)
			return -ENOMEM;
		names->items = grown;
		names->allocated = larger;
	}
	names->items[names->n] = strdup(name);
	if (!names->items[names->n])
		return -ENOMEM;
	names->n++;
	return 0;
}

static void dir_closep(DIR **dir)
{
	if (*dir)
		closedir(*dir);
}

/* The names are gathered first: what @fn does may take long or change the directory. */
int sysroot_each(const struct sysroot *root, const char *path,
		 int (*fn)(const char *name, void *data), void *data)
{
	CLEANUP(names_deinit) struct names names = {NULL, 0, 0};
	CLEANUP(dir_closep) DIR *dir = NULL;
	CLEANUP(fd_closep) int fd = -1;
	struct dirent *entry;
	int r;

	r = sysroot_open_file(root, path, O_RDONLY | O_DIRECTORY, &fd);
	if (r)
		return r;
	dir = fdopendir(fd);
	if (!dir)
		return -errno;
	fd = -1; /* closedir() closes it */

	while (errno = 0, (entry = readdir(dir))) {
		if (!strcmp(entry->d_name, ".") || !strcmp(entry->d_name, ".."))
			continue;
		r = names_add(&names, entry->d_name);
		if (r)
			return r;
	}
	if (errno)
		return -errno;

	if (names.n)
		qsort(names.items, names.n, sizeof(*names.items), compare_names);
	for (size_t i = 0; i < names.n; i++) {
		r = fn(names.items[i], data);
		if (r)
			return r;
	}
	return 0;
}
