/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Names off the device. Where a mount still shows the filesystem, though it has shut down, they
 * are told through it; without a mount they begin at the filesystem's root and have no slash
 * in front: nobody shall take them for names on this machine.
 *
 * What lies in directories that cannot be read is missed: then a file has fewer names than
 * links, and is told as such (findings_judge.c).
 */
#include <errno.h>
#include <stdlib.h>
#include <sys/stat.h>
#include "capture_disk.h"
#include "cleanup.h"
#include "fs_paths.h"
#include "xfsdisk_names.h"

struct naming {
	const struct capture_disk *d;
	struct findings *f;
	struct fs_paths through;
	uint64_t *missing; /* of each file: names that have not been met */
	uint64_t files;    /* of which some have not */
};

static struct found_file *wanted_file(const struct naming *n, uint64_t ino)
{
	struct found_file *file = findings_file_by_ino(n->f, ino);

	return file && file->flags & FOUND_FILE_PATHS ? file : NULL;
}

static bool is_wanted(uint64_t ino, void *data)
{
	return wanted_file(data, ino) != NULL;
}

static uint64_t names_of(const struct found_file *file)
{
	return S_ISDIR(file->mode) || !file->nlink ? 1 : file->nlink;
}

/* Stops with 1 when all have been found. */
static int take_name(uint64_t ino, const char *path, void *data)
{
	struct naming *n = data;
	size_t at = (size_t)(wanted_file(n, ino) - n->f->files);
	int r;

	if (n->d->mount)
		r = fs_paths_add_inside(&n->through, at, path);
	else
		r = findings_add_path(n->f, at, path[1] ? path + 1 : ".");
	if (r || !n->missing[at])
		return r;
	if (!--n->missing[at])
		n->files--;
	return n->files ? 0 : 1;
}

static int take_lost(uint64_t ino, void *data)
{
	(void)ino;
	(void)data;
	return 0;
}

static int tell(uint64_t done, uint64_t known, void *data)
{
	const struct naming *n = data;
	const struct capture_options *options = n->d->options;

	if (!options->progress)
		return 0;
	return options->progress(options->progress_data, "directories on the device", done, known)
		       ? -ECANCELED
		       : 0;
}

int capture_disk_names(const struct capture_disk *d, const struct xfsdisk *disk, struct findings *f)
{
	struct naming n = {
		.d = d,
		.f = f,
		.through = {.f = f, .mounts = d->mounts, .mount = d->mount, .fd = -1},
	};
	const struct xfsdisk_names_sink sink = {is_wanted, take_name, take_lost, tell, &n};
	CLEANUP(freep) uint64_t *missing = NULL;
	int r;

	missing = n.missing = calloc(f->n_files + 1, sizeof(*missing));
	if (!missing)
		return -ENOMEM;
	for (size_t i = 0; i < f->n_files; i++) {
		if (!fs_paths_wants(&f->files[i]))
			continue;
		f->files[i].flags |= FOUND_FILE_PATHS;
		n.missing[i] = names_of(&f->files[i]);
		n.files++;
	}
	if (!n.files)
		return 0;
	r = xfsdisk_names_walk(disk, &sink);
	return r == 1 ? 0 : r;
}
