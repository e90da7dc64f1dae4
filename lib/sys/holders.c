/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * A file is recognised by the device and number of its inode, never by the
 * path that /proc shows: that may be stale, "(deleted)", or of another mount
 * namespace. Descriptors are looked at through /proc/PID/fd, mappings in
 * /proc/PID/maps, which prints the number of the filesystem's device
 * (proc(5)); for XFS that is its block device, as in st_dev.
 *
 * Processes come and go meanwhile; what cannot be read is passed over.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include "cleanup.h"
#include "fd.h"
#include "holders.h"

struct scan {
	const struct sysroot *root;
	dev_t fs;
	struct findings *f;
	struct found_holder *items;
	size_t n, allocated;
	pid_t pid; /* being looked at */
};

static void scan_deinit(struct scan *scan)
{
	free(scan->items);
}

static void dir_closep(DIR **dir)
{
	if (*dir)
		closedir(*dir);
}

static void file_closep(FILE **file)
{
	if (*file)
		fclose(*file);
}

static int add(struct scan *scan, uint64_t ino, bool mapped)
{
	const struct found_file *file = findings_file_by_ino(scan->f, ino);

	if (!file || file->flags & FOUND_FILE_VANISHED)
		return 0;
	if (scan->n == scan->allocated) {
		size_t larger = scan->allocated ? scan->allocated * 2 : 32;
		struct found_holder *items = realloc(scan->items, larger * sizeof(*items));

		if (!items)
			return -ENOMEM;
		scan->items = items;
		scan->allocated = larger;
	}
	scan->items[scan->n++] = (struct found_holder){
		.file = (uint32_t)(file - scan->f->files),
		.pid = scan->pid,
		.mapped = mapped,
	};
	return 0;
}

static int open_dir(const struct scan *scan, const char *what, DIR **ret)
{
	CLEANUP(fd_closep) int fd = -1;
	char path[64];
	int r;

	snprintf(path, sizeof(path), "/proc/%d/%s", (int)scan->pid, what);
	r = sysroot_open_file(scan->root, path, O_RDONLY | O_DIRECTORY, &fd);
	if (r)
		return r;
	*ret = fdopendir(fd);
	if (!*ret)
		return -errno;
	fd = -1;
	return 0;
}

static int scan_descriptors(struct scan *scan)
{
	CLEANUP(dir_closep) DIR *dir = NULL;
	const struct dirent *entry;

	if (open_dir(scan, "fd", &dir))
		return 0;
	while ((entry = readdir(dir))) {
		struct statx stx;
		int r;

		if (entry->d_name[0] == '.')
			continue;
		/* no question to a server: it may not answer, and we want no file of its */
		if (statx(dirfd(dir), entry->d_name, AT_STATX_DONT_SYNC, STATX_INO, &stx) ||
		    makedev(stx.stx_dev_major, stx.stx_dev_minor) != scan->fs)
			continue;
		r = add(scan, stx.stx_ino, false);
		if (r)
			return r;
	}
	return 0;
}

/*
 * "55e8-55f0 r--p 00000000 fe:01 131   /usr/bin/x": addresses, permissions, offset, device, inode.
 * There are many thousand lines, hence not by sscanf().
 */
static bool parse_mapping(const char *line, dev_t *ret_dev, uint64_t *ret_ino)
{
	unsigned long major, minor;
	char *end;

	for (int field = 0; field < 3; field++) {
		line = strchr(line, ' ');
		if (!line)
			return false;
		line++;
	}
	major = strtoul(line, &end, 16);
	if (*end != ':')
		return false;
	minor = strtoul(end + 1, &end, 16);
	if (*end != ' ')
		return false;
	*ret_dev = makedev((unsigned int)major, (unsigned int)minor);
	*ret_ino = strtoull(end, NULL, 10);
	return true;
}

static int scan_mappings(struct scan *scan)
{
	CLEANUP(file_closep) FILE *file = NULL;
	CLEANUP(freep) char *line = NULL;
	CLEANUP(fd_closep) int fd = -1;
	uint64_t ino, last = 0;
	size_t allocated = 0;
	char path[64];
	dev_t dev;
	int r;

	snprintf(path, sizeof(path), "/proc/%d/maps", (int)scan->pid);
	if (sysroot_open_file(scan->root, path, O_RDONLY, &fd))
		return 0;
	file = fdopen(fd, "r");
	if (!file)
		return 0;
	fd = -1;
	while (getline(&line, &allocated, file) > 0) {
		if (!parse_mapping(line, &dev, &ino) || dev != scan->fs || !ino || ino == last)
			continue;
		last = ino;
		r = add(scan, ino, true);
		if (r)
			return r;
	}
	return 0;
}

static int scan_process(const char *name, void *data)
{
	struct scan *scan = data;
	CLEANUP(freep) char *comm = NULL;
	size_t first = scan->n;
	char *end;
	long pid;
	int r;

	pid = strtol(name, &end, 10);
	if (*end || pid <= 0 || pid > INT32_MAX)
		return 0;
	scan->pid = (pid_t)pid;
	r = scan_descriptors(scan);
	if (!r)
		r = scan_mappings(scan);
	if (r || scan->n == first)
		return r;

	r = sysroot_readf(scan->root, &comm, "/proc/%d/comm", (int)scan->pid);
	if (r == -ENOMEM)
		return r;
	for (size_t i = first; i < scan->n && comm; i++)
		snprintf(scan->items[i].comm, sizeof(scan->items[i].comm), "%s", comm);
	return 0;
}

/* By file, then process; a mapping before a mere descriptor. */
static int compare(const void *left, const void *right)
{
	const struct found_holder *a = left, *b = right;

	if (a->file != b->file)
		return a->file < b->file ? -1 : 1;
	if (a->pid != b->pid)
		return a->pid < b->pid ? -1 : 1;
	return (int)b->mapped - (int)a->mapped;
}

int holders_find(const struct sysroot *root, dev_t fs, struct findings *f)
{
	CLEANUP(scan_deinit) struct scan scan = {.root = root, .fs = fs, .f = f};
	const struct found_holder *last = NULL;
	int r;

	if (!f->n_files)
		return 0;
	r = sysroot_each(root, "/proc", scan_process, &scan);
	if (r)
		return r == -ENOMEM ? r : 0;

	if (scan.n)
		qsort(scan.items, scan.n, sizeof(*scan.items), compare);
	for (size_t i = 0; i < scan.n; i++) {
		const struct found_holder *holder = &scan.items[i];

		if (last && last->file == holder->file && last->pid == holder->pid)
			continue;
		r = findings_add_holder(f, holder);
		if (r)
			return r;
		last = holder;
	}
	return 0;
}
