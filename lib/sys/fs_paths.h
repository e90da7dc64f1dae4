/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef PMEMRAS_FS_PATHS_H
#define PMEMRAS_FS_PATHS_H

/*
 * From inodes of a mounted XFS to every path that leads to them: by parent
 * pointers (fs_parents.h) where the filesystem has them, else by one walk
 * (fs_walk.h) for all of them together.
 */
#include "findings.h"
#include "mounts.h"

struct fs_paths {
	struct findings *f;	  /* names the files, takes the paths */
	const struct mounts *mounts;
	const struct mount *mount; /* the one that @fd is open at */
	int fd;			  /* borrowed */
	uint64_t names_expected;  /* in the whole tree, roughly: for the progress; 0 not known */
	/* Now and then; nonzero cancels. May be NULL. */
	int (*progress)(void *data, const char *what, uint64_t done, uint64_t total);
	void *progress_data;
};

/**
 * fs_paths_find() - the paths of all files of @p->f that can have one
 *
 * Looked-for files get FOUND_FILE_PATHS; where a name was not found, or is not visible
 * through any mount, FOUND_FILE_NO_PATH; one that went away meanwhile FOUND_FILE_VANISHED or
 * FOUND_FILE_DELETED. Paths are absolute, through a mount point.
 *
 * Return: 0, -ENOMEM, -ECANCELED.
 */
int fs_paths_find(const struct fs_paths *p);

/* ---- for the two ways of finding them ---- */

/* Has a path in principle, and nobody has looked for it yet. */
bool fs_paths_wants(const struct found_file *file);

/* Adds what @inside (from the filesystem's root: "/a/b") is called outside. 0, -ENOMEM. */
int fs_paths_add_inside(const struct fs_paths *p, size_t file, const char *inside);

/* -ECANCELED where the caller wants no more */
int fs_paths_tell(const struct fs_paths *p, uint64_t done, uint64_t total);

#endif
