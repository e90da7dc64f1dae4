/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Breadth first, from the root: each directory is put on a list when its name
 * is met, with the place of its parent on the same list, and is read when its turn comes.
 *
 * Invariants that hold on any bytes:
 * - a directory is on the list once, whoever names it: there is no way in a circle. Whoever names it
 *   first is its parent;
 * - parents come before their children, so that the way up from any of them ends at the root;
 * - what is read of directories is at most what the filesystem has room for.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include "cleanup.h"
#include "xfsdisk_dir.h"
#include "xfsdisk_names.h"

#define TELL_EACH 256 /* directories */
#define NO_PARENT UINT32_MAX

struct dir {
	uint64_t ino;
	uint32_t parent; /* index into dirs */
	uint32_t name;   /* index into names */
	uint16_t depth;
	uint8_t name_len;
};

struct walk {
	const struct xfsdisk *disk;
	const struct xfsdisk_names_sink *sink;
	struct dir *dirs;
	size_t n_dirs, dirs_allocated;
	char *names;
	size_t names_len, names_allocated;
	uint32_t *seen; /* hash of dirs: index + 1; 0: free */
	size_t n_seen;  /* a power of two, at most half of it in use */
	char *path;
	size_t path_allocated;
	uint32_t current; /* the directory being read */
	uint64_t budget;  /* bytes of directories that may still be read */
};

static void walk_deinit(struct walk *w)
{
	free(w->dirs);
	free(w->names);
	free(w->seen);
	free(w->path);
}

static int make_room(void **array, size_t *allocated, size_t wanted, size_t size)
{
	size_t larger = *allocated ? *allocated : 64;
	void *grown;

	if (wanted <= *allocated)
		return 0;
	while (larger < wanted)
		larger *= 2;
	if (larger > UINT32_MAX)
		return -ENOMEM;
	grown = reallocarray(*array, larger, size);
	if (!grown)
		return -ENOMEM;
	*array = grown;
	*allocated = larger;
	return 0;
}

/* ---- which are known ---- */

static uint32_t *slot_of(uint32_t *seen, size_t n_seen, const struct dir *dirs, uint64_t ino)
{
	size_t at = (size_t)(ino * UINT64_C(0x9e3779b97f4a7c15) >> 20) & (n_seen - 1);

	while (seen[at] && dirs[seen[at] - 1].ino != ino)
		at = (at + 1) & (n_seen - 1);
	return &seen[at];
}

static int grow_seen(struct walk *w)
{
	size_t larger = w->n_seen ? w->n_seen * 2 : 256;
	uint32_t *seen;

	if (w->n_dirs < w->n_seen / 2)
		return 0;
	seen = calloc(larger, sizeof(*seen));
	if (!seen)
		return -ENOMEM;
	for (size_t i = 0; i < w->n_dirs; i++)
		*slot_of(seen, larger, w->dirs, w->dirs[i].ino) = (uint32_t)i + 1;
	free(w->seen);
	w->seen = seen;
	w->n_seen = larger;
	return 0;
}

static int add_dir(struct walk *w, const struct dir *dir, const char *name)
{
	struct dir added = *dir;
	uint32_t *slot;
	int r;

	r = grow_seen(w);
	if (r)
		return r;
	slot = slot_of(w->seen, w->n_seen, w->dirs, dir->ino);
	if (*slot)
		return 0;
	r = make_room((void **)&w->dirs, &w->dirs_allocated, w->n_dirs + 1, sizeof(*w->dirs));
	if (!r)
		r = make_room((void **)&w->names, &w->names_allocated, w->names_len + dir->name_len,
			      1);
	if (r)
		return r;
	added.name = (uint32_t)w->names_len;
	if (dir->name_len)
		memcpy(w->names + w->names_len, name, dir->name_len);
	w->names_len += dir->name_len;
	w->dirs[w->n_dirs++] = added;
	*slot = (uint32_t)w->n_dirs;
	return 0;
}

/* ---- names ---- */

/* Of @name in directory @parent; the way up is written from the end. */
static int tell_name(struct walk *w, uint64_t ino, uint32_t parent, const char *name, uint8_t len)
{
	size_t size = (size_t)len + 2, at;
	int r;

	for (uint32_t i = parent; w->dirs[i].parent != NO_PARENT; i = w->dirs[i].parent)
		size += (size_t)w->dirs[i].name_len + 1;
	r = make_room((void **)&w->path, &w->path_allocated, size, 1);
	if (r)
		return r;
	at = size - 1;
	w->path[at] = 0;
	at -= len;
	memcpy(w->path + at, name, len);
	w->path[--at] = '/';
	for (uint32_t i = parent; w->dirs[i].parent != NO_PARENT; i = w->dirs[i].parent) {
		at -= w->dirs[i].name_len;
		memcpy(w->path + at, w->names + w->dirs[i].name, w->dirs[i].name_len);
		w->path[--at] = '/';
	}
	return w->sink->name(ino, w->path, w->sink->data);
}

static int take_entry(const struct xfsdisk_dirent *entry, void *data)
{
	struct walk *w = data;
	struct dir dir = {
		.ino = entry->ino,
		.parent = w->current,
		.depth = (uint16_t)(w->dirs[w->current].depth + 1),
		.name_len = entry->name_len,
	};
	int r = 0;

	if (w->sink->wanted(entry->ino, w->sink->data))
		r = tell_name(w, entry->ino, w->current, entry->name, entry->name_len);
	if (r || !entry->may_be_dir)
		return r;
	if (dir.depth > XFSDISK_NAMES_DEPTH)
		return w->sink->lost(entry->ino, w->sink->data);
	return add_dir(w, &dir, entry->name);
}

static int take_lost(uint64_t ino, void *data)
{
	struct walk *w = data;

	return w->sink->lost(ino, w->sink->data);
}

static int read_dir(struct walk *w)
{
	const struct xfsdisk_dir_sink sink = {take_entry, take_lost, w};
	uint64_t ino = w->dirs[w->current].ino;
	uint8_t inode[XFSDISK_INODE_MAX];
	struct found_file file;
	int r;

	r = xfsdisk_inode_bytes(w->disk, ino, inode, &file);
	if (r > 0 || r == -EIO)
		return w->sink->lost(ino, w->sink->data);
	if (r)
		return r;
	if (!S_ISDIR(file.mode)) /* an entry without a type, or a wrong one */
		return 0;
	return xfsdisk_dir_read(w->disk, ino, inode, &w->budget, &sink);
}

int xfsdisk_names_walk(const struct xfsdisk *disk, const struct xfsdisk_names_sink *sink)
{
	CLEANUP(walk_deinit)
	struct walk w = {
		.disk = disk,
		.sink = sink,
		.budget = fsgeom_bytes(&disk->geom),
	};
	const struct dir root = {.ino = disk->root_ino, .parent = NO_PARENT};
	int r;

	r = add_dir(&w, &root, "");
	if (!r && sink->wanted(root.ino, sink->data))
		r = sink->name(root.ino, "/", sink->data);
	for (; !r && w.current < w.n_dirs; w.current++) {
		r = read_dir(&w);
		if (!r && sink->progress && w.current % TELL_EACH == 0)
			r = sink->progress(w.current + 1, w.n_dirs, sink->data);
	}
	return r;
}
