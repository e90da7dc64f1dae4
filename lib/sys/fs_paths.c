/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Names are relative to the filesystem; people need them as seen through a
 * mount. A mount may show a subtree only, several may show the same, and
 * something else may be mounted over a part. A name that leads somewhere else
 * is worse than none: before a path is handed out, it is made sure that no
 * mount lies over it.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include "cleanup.h"
#include "fs_parents.h"
#include "fs_paths.h"
#include "fs_walk.h"

bool fs_paths_wants(const struct found_file *file)
{
	return !(file->flags & (FOUND_FILE_VANISHED | FOUND_FILE_INTERNAL | FOUND_FILE_DELETED |
				FOUND_FILE_PATHS));
}

int fs_paths_tell(const struct fs_paths *p, uint64_t done, uint64_t total)
{
	if (!p->progress)
		return 0;
	return p->progress(p->progress_data, "paths", done, total) ? -ECANCELED : 0;
}

/* What of @path lies below directory @dir: "" for @dir itself, "/b" …; NULL: not below. */
static const char *below(const char *path, const char *dir)
{
	size_t len = strlen(dir);

	while (len && dir[len - 1] == '/')
		len--;
	if (strncmp(path, dir, len) || (path[len] && path[len] != '/'))
		return NULL;
	return path[len] == '/' && !path[len + 1] ? "" : path + len;
}

/* Is something else mounted over @path, as seen through @mount? */
static bool is_covered(const struct fs_paths *p, const struct mount *mount, const char *path)
{
	for (size_t i = 0; i < p->mounts->n; i++) {
		const struct mount *other = &p->mounts->items[i];
		const char *inside;

		if (other == mount || !below(path, other->target))
			continue;
		inside = below(other->target, mount->target);
		/* at the same place the later mount is seen */
		if (inside && (*inside || other > mount))
			return true;
	}
	return false;
}

static int add_through(const struct fs_paths *p, size_t file, const struct mount *mount,
		       const char *inside, bool *ret_visible)
{
	CLEANUP(freep) char *path = NULL;
	const char *rest = below(inside, mount->root);
	int len = (int)strlen(mount->target);

	*ret_visible = false;
	if (!rest)
		return 0;
	while (len && mount->target[len - 1] == '/')
		len--;
	if (asprintf(&path, "%.*s%s", len, mount->target, !len && !*rest ? "/" : rest) < 0) {
		path = NULL;
		return -ENOMEM;
	}
	if (is_covered(p, mount, path))
		return 0;
	*ret_visible = true;
	return findings_add_path(p->f, file, path);
}

int fs_paths_add_inside(const struct fs_paths *p, size_t file, const char *inside)
{
	bool visible;
	int r;

	r = add_through(p, file, p->mount, inside, &visible);
	if (r || visible)
		return r;
	for (size_t i = 0; i < p->mounts->n; i++) {
		const struct mount *mount = &p->mounts->items[i];

		if (mount == p->mount || mount->devno != p->mount->devno ||
		    strcmp(mount->fs_type, p->mount->fs_type))
			continue;
		r = add_through(p, file, mount, inside, &visible);
		if (r || visible)
			return r;
	}
	p->f->files[file].flags |= FOUND_FILE_NO_PATH;
	return 0;
}

int fs_paths_find(const struct fs_paths *p)
{
	int r;

	if (p->f->geom.features & FSGEOM_PARENT) {
		r = fs_parents_find(p);
		if (r)
			return r;
	}
	/* all, or those that parent pointers could not be asked about */
	return fs_walk_find(p);
}
