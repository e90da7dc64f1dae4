/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * A file's parent pointers say in which directories it is, by handle, and under
 * which name (ioctl_xfs_getparents(2)); a directory's say the same of itself,
 * up to the root. One call answers for all hard links of an inode, and a
 * handle holds the generation, so an inode that was freed and used again
 * answers ESTALE instead of with somebody else's name.
 *
 * Files mostly share directories. Each directory asked about is kept in a
 * table (inode number → its parent and its name there), so that it is asked once.
 */
#include <errno.h>
#include <string.h>
#include <sys/ioctl.h>
#include "cleanup.h"
#include "fs_parents.h"
#include "xfs_compat.h"

#define BUFFER    4096u /* bytes; holds some 14 links with names of any length */
#define NONE      UINT32_MAX
#define DEPTH_MAX 100000u /* directories above one another: more must be a loop */

enum dir_state { DIR_UNASKED, DIR_INNER, DIR_ROOT, DIR_LOST };

struct dir {
	uint64_t ino;
	uint32_t gen;
	uint32_t state;  /* enum dir_state */
	uint32_t parent; /* INNER: index of its directory */
	uint32_t name;   /* INNER: where in names */
};

struct parents {
	const struct fs_paths *p;
	struct xfs_handle handle; /* of this filesystem */
	struct dir *dirs;
	uint32_t n_dirs, dirs_allocated;
	uint32_t *table;     /* open addressing by ino, NONE is empty */
	uint32_t table_size; /* a power of two, 0 at first */
	char *names;
	size_t names_len, names_allocated;
	char *path; /* being put together */
	size_t path_allocated;
	union buffer {
		char bytes[BUFFER];
		uint64_t align;
	} file_buffer, dir_buffer; /* directories are asked about between two parents of a file */
};

static void parents_deinit(struct parents *t)
{
	free(t->dirs);
	free(t->table);
	free(t->names);
	free(t->path);
}

/* ---- the table of directories ---- */

static uint32_t slot_of(const struct parents *t, uint64_t ino, uint32_t gen)
{
	uint32_t slot = (uint32_t)((ino * 0x9e3779b97f4a7c15u) >> 32) & (t->table_size - 1);

	while (t->table[slot] != NONE &&
	       (t->dirs[t->table[slot]].ino != ino || t->dirs[t->table[slot]].gen != gen))
		slot = (slot + 1) & (t->table_size - 1);
	return slot;
}

static int grow_table(struct parents *t)
{
	uint32_t size = t->table_size ? t->table_size * 2 : 1024;
	uint32_t *table = malloc(size * sizeof(*table));

	if (!table)
		return -ENOMEM;
	memset(table, 0xff, size * sizeof(*table));
	free(t->table);
	t->table = table;
	t->table_size = size;
	for (uint32_t i = 0; i < t->n_dirs; i++)
		t->table[slot_of(t, t->dirs[i].ino, t->dirs[i].gen)] = i;
	return 0;
}

/* The directory's index; entered if it is new. */
static int dir_ensure(struct parents *t, const struct xfs_handle *handle, uint32_t *ret)
{
	uint64_t ino = handle->ha_fid.fid_ino;
	uint32_t gen = handle->ha_fid.fid_gen, slot;

	if (t->n_dirs >= t->table_size / 2) {
		int r = grow_table(t);

		if (r)
			return r;
	}
	slot = slot_of(t, ino, gen);
	if (t->table[slot] == NONE) {
		if (t->n_dirs == t->dirs_allocated) {
			uint32_t larger = t->dirs_allocated ? t->dirs_allocated * 2 : 256;
			struct dir *dirs = realloc(t->dirs, larger * sizeof(*dirs));

			if (!dirs)
				return -ENOMEM;
			t->dirs = dirs;
			t->dirs_allocated = larger;
		}
		t->dirs[t->n_dirs] = (struct dir){ino, gen, DIR_UNASKED, NONE, 0};
		t->table[slot] = t->n_dirs++;
	}
	*ret = t->table[slot];
	return 0;
}

static int keep_name(struct parents *t, const char *name, uint32_t *ret)
{
	size_t len = strlen(name) + 1;

	if (t->names_len + len > t->names_allocated) {
		size_t larger = t->names_allocated ? t->names_allocated * 2 : 4096;
		char *names = realloc(t->names, larger);

		if (!names)
			return -ENOMEM;
		t->names = names;
		t->names_allocated = larger;
	}
	if (t->names_len + len > UINT32_MAX)
		return -ENOMEM;
	memcpy(t->names + t->names_len, name, len);
	*ret = (uint32_t)t->names_len;
	t->names_len += len;
	return 0;
}

/* ---- asking ---- */

struct cursor {
	struct xfs_compat_getparents_by_handle request;
	union buffer *buffer;
	uint32_t at; /* next record in the buffer */
	uint32_t end;
	bool done;
};

static struct cursor ask(const struct parents *t, union buffer *buffer, uint64_t ino, uint32_t gen)
{
	struct cursor c = {.request = {.handle = t->handle}, .buffer = buffer};

	c.request.handle.ha_fid.fid_ino = ino;
	c.request.handle.ha_fid.fid_gen = gen;
	return c;
}

/* The next parent, valid until the next call for the buffer; 1 there is one, 0 the end, -errno. */
static int ask_next(struct parents *t, struct cursor *c, bool *ret_root,
		    const struct xfs_compat_getparents_rec **ret)
{
	const struct xfs_compat_getparents_rec *rec;
	const size_t head = sizeof(*rec);

	while (c->at >= c->end) {
		if (c->done)
			return 0;
		c->request.request.bufsize = BUFFER;
		c->request.request.buffer = (uintptr_t)c->buffer->bytes;
		c->request.request.oflags = 0;
		/* the last record reaches to the end of the buffer; without any, zeros stay */
		memset(c->buffer->bytes, 0, BUFFER);
		if (ioctl(t->p->fd, XFS_COMPAT_IOC_GETPARENTS_BY_HANDLE, &c->request))
			return -errno;
		*ret_root = c->request.request.oflags & XFS_COMPAT_GETPARENTS_ROOT;
		c->done = *ret_root || c->request.request.oflags & XFS_COMPAT_GETPARENTS_DONE;
		c->at = 0;
		for (c->end = 0; c->end + head < BUFFER; c->end += rec->reclen) {
			rec = (const void *)(c->buffer->bytes + c->end);
			if (rec->reclen <= head || rec->reclen > BUFFER - c->end)
				break;
		}
		if (!c->end)
			return 0;
	}
	rec = (const void *)(c->buffer->bytes + c->at);
	c->at += rec->reclen;
	if (strnlen(rec->name, rec->reclen - head) == rec->reclen - head || !*rec->name ||
	    strchr(rec->name, '/'))
		return -EBADMSG;

	*ret = rec;
	return 1;
}

/* Finds out about one directory. */
static int ask_dir(struct parents *t, uint32_t index)
{
	struct cursor c = ask(t, &t->dir_buffer, t->dirs[index].ino, t->dirs[index].gen);
	const struct xfs_compat_getparents_rec *rec;
	uint32_t parent, name;
	bool root = false;
	int r;

	r = ask_next(t, &c, &root, &rec);
	if (root) {
		t->dirs[index].state = DIR_ROOT;
		return 0;
	}
	if (r <= 0) { /* removed or damaged: its name is lost, the other files are not */
		t->dirs[index].state = DIR_LOST;
		return r == -ENOMEM ? r : 0;
	}
	r = keep_name(t, rec->name, &name);
	if (!r)
		r = dir_ensure(t, &rec->parent, &parent);
	if (r)
		return r;
	t->dirs[index].parent = parent;
	t->dirs[index].name = name;
	t->dirs[index].state = DIR_INNER;
	return 0;
}

/* Puts "/a/b/NAME" together in t->path; not known: some directory on the way is lost. */
static int make_path(struct parents *t, uint32_t dir, const char *name, bool *ret_known)
{
	size_t len = strlen(name) + 2;
	uint32_t depth = 0, index = dir;
	char *at;

	*ret_known = false;
	for (;; index = t->dirs[index].parent) {
		if (t->dirs[index].state == DIR_UNASKED) {
			int r = ask_dir(t, index);

			if (r)
				return r;
		}
		if (t->dirs[index].state == DIR_ROOT)
			break;
		if (t->dirs[index].state == DIR_LOST || ++depth > DEPTH_MAX)
			return 0;
		len += strlen(t->names + t->dirs[index].name) + 1;
	}
	if (len > t->path_allocated) {
		char *path = realloc(t->path, len * 2);

		if (!path)
			return -ENOMEM;
		t->path = path;
		t->path_allocated = len * 2;
	}
	at = t->path + len - strlen(name) - 1;
	strcpy(at, name);
	*--at = '/';
	for (index = dir; t->dirs[index].state == DIR_INNER; index = t->dirs[index].parent) {
		const char *part = t->names + t->dirs[index].name;

		at -= strlen(part);
		memcpy(at, part, strlen(part));
		*--at = '/';
	}
	*ret_known = at == t->path;
	return 0;
}

/* ---- the files ---- */

/* 0, -errno of asking (nothing was found out), -ENOMEM */
static int find_one(struct parents *t, size_t index)
{
	struct found_file *file = &t->p->f->files[index];
	struct cursor c = ask(t, &t->file_buffer, file->ino, file->gen);
	const struct xfs_compat_getparents_rec *rec;
	bool root = false, known;
	uint32_t links = 0, dir;
	int r;

	while ((r = ask_next(t, &c, &root, &rec)) > 0) {
		r = dir_ensure(t, &rec->parent, &dir);
		if (!r)
			r = make_path(t, dir, rec->name, &known);
		if (r)
			return r;
		if (known)
			r = fs_paths_add_inside(t->p, index, t->path);
		else
			file->flags |= FOUND_FILE_NO_PATH;
		if (r)
			return r;
		links++;
	}
	if (r)
		return r;
	if (root)
		return fs_paths_add_inside(t->p, index, "/");
	if (!links)
		file->flags |=
			FOUND_FILE_DELETED; /* while we looked, or it would not be asked about */
	return 0;
}

static int own_handle(struct parents *t)
{
	uint32_t len = sizeof(t->handle);
	struct xfs_fsop_handlereq request = {
		.fd = (uint32_t)t->p->fd,
		.ohandle = &t->handle,
		.ohandlen = &len,
	};

	if (ioctl(t->p->fd, XFS_IOC_FD_TO_HANDLE, &request))
		return -errno;
	return len == sizeof(t->handle) ? 0 : -EINVAL;
}

static void parents_freep(struct parents **t)
{
	if (*t)
		parents_deinit(*t);
	free(*t);
}

int fs_parents_find(const struct fs_paths *p)
{
	CLEANUP(parents_freep) struct parents *t = calloc(1, sizeof(*t));
	struct findings *f = p->f;
	int r;

	if (!t)
		return -ENOMEM;
	t->p = p;
	if (own_handle(t))
		return 0;

	for (size_t i = 0; i < f->n_files; i++) {
		struct found_file *file = &f->files[i];

		if (!fs_paths_wants(file) || file->flags & FOUND_FILE_UNREADABLE)
			continue;
		r = find_one(t, i);
		if (r == -ENOMEM)
			return r;
		if (r == -ENOTTY || r == -EPERM || r == -EOPNOTSUPP)
			return 0;
		if (r == -ESTALE || r == -ENOENT)
			file->flags |= FOUND_FILE_VANISHED;
		else if (!r)
			file->flags |= FOUND_FILE_PATHS;
		if (i % 1000 == 999) {
			r = fs_paths_tell(p, i, f->n_files);
			if (r)
				return r;
		}
	}
	return 0;
}
