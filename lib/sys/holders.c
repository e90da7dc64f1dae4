/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * A file is recognised by the device and number of its inode, never by the
 * path that /proc shows: that may be stale, "(deleted)", or of another mount
 * namespace. Descriptors are looked at through /proc/PID/fd, mappings in
 * /proc/PID/maps, which prints the number of the filesystem's device
 * (proc(5)); for XFS that is its block device, as in st_dev.
 *
 * One pass for all files. It has to look at every descriptor and mapping of the machine and finds hardly
 * any, so all that is not needed to say no comes after that: who a process is, how a
 * descriptor was opened, where lost bytes lie in a file.
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
#include <unistd.h>
#include "cleanup.h"
#include "fd.h"
#include "holders.h"
#include "mapsline.h"
#include "procinfo.h"
#include "procuse.h"

/* One descriptor or mapping of the process that is being looked at. */
struct hit {
	uint32_t file, flags; /* HOLDER_* */
	bool mapped;
	struct found_map map; /* empty: none of lost bytes */
};

/* Where a file lost bytes. */
struct loss {
	uint32_t file;
	struct byte_range range; /* bytes of the file */
};

struct scan {
	const struct sysroot *root;
	dev_t fs;
	struct findings *f;
	pid_t pid; /* being looked at */
	char *chunk;
	struct hit *hits; /* of @pid */
	size_t n_hits, hits_allocated;
	struct found_holder *items; /* first_map: in @maps */
	size_t n, allocated;
	struct found_map *maps;
	size_t n_maps, maps_allocated;
	struct loss *losses; /* by file, then offset; made when somebody asks */
	size_t n_losses;
	struct procuse_machine machine;
};

static void scan_deinit(struct scan *scan)
{
	free(scan->chunk);
	free(scan->hits);
	free(scan->items);
	free(scan->maps);
	free(scan->losses);
}

/* ---- lost bytes ---- */

static int compare_losses(const void *left, const void *right)
{
	const struct loss *a = left, *b = right;

	if (a->file != b->file)
		return a->file < b->file ? -1 : 1;
	return (a->range.start > b->range.start) - (a->range.start < b->range.start);
}

/* Findings are not finished yet: what a file's end cuts off, and that a "file" is a directory, comes later. */
static int list_losses(struct scan *scan)
{
	const struct findings *f = scan->f;

	scan->losses = calloc(f->n_items + 1, sizeof(*scan->losses));
	if (!scan->losses)
		return -ENOMEM;
	for (size_t i = 0; i < f->n_items; i++) {
		const struct finding *item = &f->items[i];
		const struct found_file *file;
		struct byte_range lost = {item->offset, item->len};

		if (item->kind != FS_OWNER_DATA || item->flags & FINDING_UNWRITTEN)
			continue;
		file = findings_file_by_ino(f, item->ino);
		if (file && S_ISREG(file->mode))
			lost = range_intersect(lost, (struct byte_range){0, file->size});
		if (file && lost.len)
			scan->losses[scan->n_losses++] =
				(struct loss){(uint32_t)(file - f->files), lost};
	}
	qsort(scan->losses, scan->n_losses, sizeof(*scan->losses), compare_losses);
	return 0;
}

/* Does @range of a file hold lost bytes? A block of a file is one finding, so they do not overlap. */
static bool holds_losses(const struct scan *scan, uint32_t file, struct byte_range range)
{
	size_t low = 0, high = scan->n_losses;

	while (low < high) {
		size_t middle = low + (high - low) / 2;
		const struct loss *loss = &scan->losses[middle];

		if (loss->file > file ||
		    (loss->file == file && range_end(loss->range) > range.start))
			high = middle;
		else
			low = middle + 1;
	}
	return low < scan->n_losses && scan->losses[low].file == file &&
	       range_overlaps(scan->losses[low].range, range);
}

/* ---- one process ---- */

/* The file of the findings that has this inode number; false: none that is looked for. */
static bool is_wanted(const struct scan *scan, uint64_t ino, uint32_t *ret)
{
	const struct found_file *file = findings_file_by_ino(scan->f, ino);

	if (!file || file->flags & FOUND_FILE_VANISHED)
		return false;
	*ret = (uint32_t)(file - scan->f->files);
	return true;
}

static int add_hit(struct scan *scan, const struct hit *hit)
{
	struct hit *hits =
		findings_grow(scan->hits, &scan->hits_allocated, scan->n_hits + 1, sizeof(*hits));

	if (!hits)
		return -ENOMEM;
	scan->hits = hits;
	hits[scan->n_hits++] = *hit;
	return 0;
}

static int scan_descriptors(struct scan *scan)
{
	CLEANUP(procuse_dir_closep) DIR *dir = NULL;
	const struct dirent *entry;

	if (procuse_descriptors(scan->root, scan->pid, &dir))
		return 0;
	while ((entry = readdir(dir))) {
		struct hit hit = {0};
		struct statx stx;
		int r;

		if (entry->d_name[0] == '.')
			continue;
		/* no question to a server: it may not answer, and we want no file of its */
		if (statx(dirfd(dir), entry->d_name, AT_STATX_DONT_SYNC, STATX_INO, &stx) ||
		    makedev(stx.stx_dev_major, stx.stx_dev_minor) != scan->fs ||
		    !is_wanted(scan, stx.stx_ino, &hit.file))
			continue;
		hit.flags = procuse_how_opened(dirfd(dir), entry->d_name);
		r = add_hit(scan, &hit);
		if (r)
			return r;
	}
	return 0;
}

static int take_mapping(const struct mapsline *m, const char *line, size_t len, void *data)
{
	struct scan *scan = data;
	struct hit hit = {.mapped = true};
	struct byte_range range;
	int r;

	if (makedev(m->major, m->minor) != scan->fs || !is_wanted(scan, m->ino, &hit.file))
		return 0;
	if (!scan->losses) {
		r = list_losses(scan);
		if (r)
			return r;
	}
	range = (struct byte_range){m->offset, m->end - m->start};
	if (holds_losses(scan, hit.file, range))
		hit.map = (struct found_map){range, m->perms};
	return add_hit(scan, &hit);
}

static int compare_hits(const void *left, const void *right)
{
	const struct hit *a = left, *b = right;

	return (a->file > b->file) - (a->file < b->file);
}

/* What was found of the process becomes an item for each file. */
static int keep_process(struct scan *scan)
{
	struct found_holder who;
	bool mapped = false;
	int r;

	for (size_t i = 0; i < scan->n_hits; i++)
		mapped = mapped || scan->hits[i].mapped;
	r = procuse_who(scan->root, scan->pid, mapped, &scan->machine, scan->f, &who);
	if (r)
		return r;
	qsort(scan->hits, scan->n_hits, sizeof(*scan->hits), compare_hits);
	for (size_t i = 0; i < scan->n_hits; i++) {
		const struct hit *hit = &scan->hits[i];
		struct found_holder *item = scan->n ? &scan->items[scan->n - 1] : NULL;

		if (!i || item->file != hit->file) {
			item = findings_grow(scan->items, &scan->allocated, scan->n + 1,
					     sizeof(*item));
			if (!item)
				return -ENOMEM;
			scan->items = item;
			item += scan->n++;
			*item = who;
			item->file = hit->file;
			item->first_map = (uint32_t)scan->n_maps;
		}
		item->flags |= hit->flags;
		item->mapped |= hit->mapped;
		if (hit->map.range.len) {
			struct found_map *maps = findings_grow(scan->maps, &scan->maps_allocated,
							       scan->n_maps + 1, sizeof(*maps));

			if (!maps || scan->n_maps >= UINT32_MAX)
				return -ENOMEM;
			scan->maps = maps;
			maps[scan->n_maps++] = hit->map;
			item->n_maps++;
		}
	}
	return 0;
}

static int scan_process(const char *name, void *data)
{
	struct scan *scan = data;
	int r;

	if (!procuse_pid(name, &scan->pid))
		return 0;
	scan->n_hits = 0;
	r = scan_descriptors(scan);
	if (!r)
		r = procuse_mappings(scan->root, scan->pid, scan->chunk, take_mapping, scan);
	return r || !scan->n_hits ? r : keep_process(scan);
}

/* ---- all ---- */

/* As findings keep them: by file, then process. */
static int compare(const void *left, const void *right)
{
	const struct found_holder *a = left, *b = right;

	if (a->file != b->file)
		return a->file < b->file ? -1 : 1;
	return (a->pid > b->pid) - (a->pid < b->pid);
}

int holders_find(const struct sysroot *root, dev_t fs, struct findings *f)
{
	CLEANUP(scan_deinit) struct scan scan = {.root = root, .fs = fs, .f = f};
	int r;

	if (!f->n_files)
		return 0;
	scan.chunk = malloc(PROCUSE_CHUNK);
	if (!scan.chunk)
		return -ENOMEM;
	scan.machine.early = procinfo_early_default(root);
	r = sysroot_each(root, "/proc", scan_process, &scan);
	if (r == -ENOMEM)
		return r;

	if (scan.n)
		qsort(scan.items, scan.n, sizeof(*scan.items), compare);
	for (size_t i = 0; i < scan.n; i++) {
		const struct found_holder *item = &scan.items[i];

		r = findings_add_holder_maps(
			f, item, item->n_maps ? scan.maps + item->first_map : NULL, item->n_maps);
		if (r)
			return r;
	}
	return 0;
}
