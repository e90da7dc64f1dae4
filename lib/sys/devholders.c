/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * A descriptor tells the number of the device that it is of. A mapping in /proc/PID/maps tells the inode of the
 * node instead, which may be any: containers make their own. /proc/PID/map_files leads to it, at the price of a
 * question for each mapping; so it is asked only of mappings that are shared (device-dax knows no
 * others) or called /dev/…, and once for neighbours of the same inode.
 */
#include "devholders.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "cleanup.h"
#include "fd.h"
#include "procuse.h"

struct scan {
	const struct sysroot *root;
	dev_t devno;
	mode_t type;
	struct findings *f;
	char *chunk;
	struct procuse_machine machine;
	pid_t pid; /* being looked at */
	uint32_t flags;
	bool mapped;
	struct found_map *maps; /* of lost bytes */
	size_t n_maps, allocated;
	bool asked; /* this inode was asked about last */
	uint64_t ino;
	uint32_t major, minor;
	bool is_it;
};

static void scan_deinit(struct scan *scan)
{
	free(scan->chunk);
	free(scan->maps);
}

/* Names below /proc that lead to open files and mappings: only to nodes, no server is asked. */
static bool is_device(const struct scan *scan, int dir, const char *name)
{
	struct statx stx;

	return !statx(dir, name, AT_STATX_DONT_SYNC, STATX_TYPE, &stx) &&
	       (stx.stx_mode & S_IFMT) == scan->type &&
	       makedev(stx.stx_rdev_major, stx.stx_rdev_minor) == scan->devno;
}

static void scan_descriptors(struct scan *scan)
{
	CLEANUP(procuse_dir_closep) DIR *dir = NULL;
	const struct dirent *entry;

	if (procuse_descriptors(scan->root, scan->pid, &dir))
		return;
	while ((entry = readdir(dir)))
		if (entry->d_name[0] != '.' && is_device(scan, dirfd(dir), entry->d_name))
			scan->flags |= procuse_how_opened(dirfd(dir), entry->d_name);
}

static bool is_mapping_of_it(struct scan *scan, const struct mapsline *m)
{
	char path[96];

	if (scan->asked && scan->ino == m->ino && scan->major == m->major &&
	    scan->minor == m->minor)
		return scan->is_it;
	snprintf(path, sizeof(path), "/proc/%d/map_files/%" PRIx64 "-%" PRIx64, (int)scan->pid,
		 m->start, m->end);
	scan->is_it = is_device(scan, AT_FDCWD, path);
	scan->asked = true;
	scan->ino = m->ino;
	scan->major = m->major;
	scan->minor = m->minor;
	return scan->is_it;
}

static int take_mapping(const struct mapsline *m, const char *line, size_t len, void *data)
{
	static const char dev[] = " /dev/";
	struct byte_range range = {m->offset, m->end - m->start};
	struct scan *scan = data;
	struct found_map *maps;

	if (!(m->perms & MAPSLINE_SHARED) && !memmem(line, len, dev, sizeof(dev) - 1))
		return 0;
	if (!is_mapping_of_it(scan, m))
		return 0;
	scan->mapped = true;
	if (!rangeset_overlaps(&scan->f->asked, range))
		return 0;
	maps = findings_grow(scan->maps, &scan->allocated, scan->n_maps + 1, sizeof(*maps));
	if (!maps)
		return -ENOMEM;
	scan->maps = maps;
	maps[scan->n_maps++] = (struct found_map){range, m->perms};
	return 0;
}

static int scan_process(const char *name, void *data)
{
	struct scan *scan = data;
	struct found_holder who;
	int r;

	if (!procuse_pid(name, &scan->pid) || scan->pid == getpid())
		return 0;
	scan->flags = 0;
	scan->mapped = scan->asked = false;
	scan->n_maps = 0;
	scan_descriptors(scan);
	r = procuse_mappings(scan->root, scan->pid, scan->chunk, take_mapping, scan);
	if (r || (!scan->flags && !scan->mapped))
		return r;
	r = procuse_who(scan->root, scan->pid, scan->mapped, &scan->machine, scan->f, &who);
	if (r)
		return r;
	who.file = FINDING_NO_FILE;
	who.flags |= scan->flags;
	who.mapped = scan->mapped;
	return findings_add_holder_maps(scan->f, &who, scan->maps, scan->n_maps);
}

int devholders_find(const struct sysroot *root, dev_t devno, mode_t type, struct findings *f)
{
	CLEANUP(scan_deinit)
	struct scan scan = {.root = root, .devno = devno, .type = type, .f = f};
	int r;

	if (!root->live || !devno)
		return 0;
	scan.machine.early = procinfo_early_default(root);
	scan.chunk = malloc(PROCUSE_CHUNK);
	if (!scan.chunk)
		return -ENOMEM;
	r = sysroot_each(root, "/proc", scan_process, &scan);
	return r == -ENOMEM ? r : 0;
}
