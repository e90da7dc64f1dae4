/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * One walk of the tree for all wanted inodes. Directories are read with
 * getdents64(), whose entries carry the inode number, so that nothing is ever
 * looked at but directories: a million names take some 0.2 s.
 *
 * An entry is first looked up in a bitmap by a hash of its number; few that are
 * not wanted get past it to the search in the list of files.
 *
 * The walk goes down by openat2() relative to the directory it is in, which never
 * crosses a mount (RESOLVE_NO_XDEV, bind mounts of the same filesystem
 * included) and never follows a link. So neither long paths nor what others
 * rename meanwhile can lead it astray. The descriptors of the directories
 * above stay open up to a limit; in a deeper tree the way back up is "..",
 * checked by inode number. What cannot be read or is gone is left out, and
 * whatever name is missing at the end is noticed by the count of links.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>
#include "cleanup.h"
#include "fd.h"
#include "fs_walk.h"
#include "fs_xfs.h"

#define FDS_MAX   64 /* open at once */
#define BUFFER    (64 * 1024)
#define TELL_EACH 1000 /* names */

/* A directory on the way down. Its subdirectories still to be visited are the names on
 * top of the stack of names, from names_base on. */
struct level {
	int fd; /* -1: closed to save descriptors */
	uint64_t ino;
	size_t names_base;
	size_t path_len; /* of the path of this directory */
};

struct walk {
	const struct fs_paths *p;
	uint8_t *filter;      /* a bit by hash of the inode number */
	uint32_t filter_bits; /* a power of two */
	uint64_t links_left;  /* names still to be found; UINT64_MAX where that is not known */

	struct level *levels;
	size_t n_levels, levels_allocated;
	char *names; /* stack: d_ino, then the name with its NUL */
	size_t names_len, names_allocated;
	char *path; /* of the directory being read */
	size_t path_len, path_allocated;
	char *buffer;
	uint64_t names_seen, names_told;
};

static void walk_deinit(struct walk *w)
{
	for (size_t i = 0; i < w->n_levels; i++)
		fd_closep(&w->levels[i].fd);
	free(w->levels);
	free(w->filter);
	free(w->names);
	free(w->path);
	free(w->buffer);
}

/* ---- what is wanted ---- */

static uint32_t filter_bit(const struct walk *w, uint64_t ino)
{
	return (uint32_t)((ino * 0x9e3779b97f4a7c15u) >> 32) & (w->filter_bits - 1);
}

static int make_filter(struct walk *w)
{
	const struct findings *f = w->p->f;
	size_t n = 0;

	for (size_t i = 0; i < f->n_files; i++) {
		const struct found_file *file = &f->files[i];

		if (!fs_paths_wants(file))
			continue;
		n++;
		if (!file->mode) /* its inode could not be read */
			w->links_left = UINT64_MAX;
		else if (w->links_left != UINT64_MAX)
			w->links_left += S_ISDIR(file->mode) ? 1 : file->nlink;
	}
	if (!n)
		return 0;

	w->filter_bits = 4096;
	while (w->filter_bits < n * 16 && w->filter_bits < 1u << 26)
		w->filter_bits *= 2;
	w->filter = calloc(w->filter_bits / 8, 1);
	if (!w->filter)
		return -ENOMEM;
	for (size_t i = 0; i < f->n_files; i++) {
		uint32_t bit = filter_bit(w, f->files[i].ino);

		if (fs_paths_wants(&f->files[i]))
			w->filter[bit / 8] |= (uint8_t)(1u << bit % 8);
	}
	return 0;
}

static bool may_want(const struct walk *w, uint64_t ino)
{
	uint32_t bit = filter_bit(w, ino);

	return w->filter[bit / 8] >> bit % 8 & 1;
}

/* ---- growing arrays ---- */

static int reserve(char **array, size_t *allocated, size_t need)
{
	size_t larger = *allocated ? *allocated : 4096;
	char *grown;

	if (need <= *allocated)
		return 0;
	while (larger < need)
		larger *= 2;
	grown = realloc(*array, larger);
	if (!grown)
		return -ENOMEM;
	*array = grown;
	*allocated = larger;
	return 0;
}

static int push_name(struct walk *w, uint64_t ino, const char *name)
{
	size_t len = strlen(name) + 1;
	int r;

	/* the length behind the name, so that the stack can be read from its top */
	r = reserve(&w->names, &w->names_allocated, w->names_len + sizeof(ino) + len + 2);
	if (r)
		return r;
	memcpy(w->names + w->names_len, &ino, sizeof(ino));
	memcpy(w->names + w->names_len + sizeof(ino), name, len);
	w->names_len += sizeof(ino) + len;
	w->names[w->names_len++] = (char)(len & 0xff);
	w->names[w->names_len++] = (char)(len >> 8);
	return 0;
}

/* The name stays valid until the next push. */
static const char *pop_name(struct walk *w, uint64_t *ret_ino)
{
	size_t len = (unsigned char)w->names[w->names_len - 2] |
		     (size_t)(unsigned char)w->names[w->names_len - 1] << 8;

	w->names_len -= sizeof(*ret_ino) + len + 2;
	memcpy(ret_ino, w->names + w->names_len, sizeof(*ret_ino));
	return w->names + w->names_len + sizeof(*ret_ino);
}

/* w->path (without a slash at the end) + "/" + @name; returns with the NUL but without the length
 */
static int append_name(struct walk *w, const char *name)
{
	size_t len = strlen(name);
	int r;

	r = reserve(&w->path, &w->path_allocated, w->path_len + len + 2);
	if (r)
		return r;
	w->path[w->path_len] = '/';
	memcpy(w->path + w->path_len + 1, name, len + 1);
	return 0;
}

/* ---- directories ---- */

/* Looking must not change anything, times of access included, where we are allowed that. */
static int open_dir(int at, const char *name)
{
	struct open_how how = {
		.flags = O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC | O_NOATIME,
		.resolve = RESOLVE_NO_XDEV | RESOLVE_NO_SYMLINKS,
	};
	int fd = (int)syscall(SYS_openat2, at, name, &how, sizeof(how));

	if (fd >= 0 || errno != EPERM)
		return fd;
	how.flags &= ~(uint64_t)O_NOATIME;
	return (int)syscall(SYS_openat2, at, name, &how, sizeof(how));
}

static int push_level(struct walk *w, int fd, uint64_t ino)
{
	if (w->n_levels == w->levels_allocated) {
		size_t larger = w->levels_allocated ? w->levels_allocated * 2 : 64;
		struct level *levels = realloc(w->levels, larger * sizeof(*levels));

		if (!levels)
			return -ENOMEM;
		w->levels = levels;
		w->levels_allocated = larger;
	}
	w->levels[w->n_levels++] = (struct level){fd, ino, w->names_len, w->path_len};
	if (w->n_levels > FDS_MAX)
		fd_closep(&w->levels[w->n_levels - 1 - FDS_MAX].fd);
	return 0;
}

/* Leaves the lowest directory; the one above may have to be opened again through it. */
static void pop_level(struct walk *w)
{
	struct level *level = &w->levels[--w->n_levels];
	CLEANUP(fd_closep) int fd = level->fd;
	struct level *above = level - 1;
	struct stat st;

	w->names_len = level->names_base;
	if (!w->n_levels)
		return;
	w->path_len = above->path_len;
	if (above->fd >= 0)
		return;
	if (fd >= 0)
		above->fd = open_dir(fd, "..");
	if (above->fd >= 0 && (fstat(above->fd, &st) || st.st_ino != above->ino))
		fd_closep(&above->fd);
	if (above->fd < 0) /* moved away from under us: what is left there is not found */
		w->names_len = above->names_base;
}

/* 1: everything was found */
static int found(struct walk *w, uint64_t ino, const char *name)
{
	struct findings *f = w->p->f;
	struct found_file *file = findings_file_by_ino(f, ino);
	uint32_t before;
	int r;

	if (!file || !fs_paths_wants(file))
		return 0;
	before = file->n_paths;
	r = append_name(w, name);
	if (!r)
		r = findings_add_path(f, (size_t)(file - f->files), w->path);
	if (r)
		return r;
	if (file->n_paths != before && w->links_left != UINT64_MAX)
		w->links_left--;
	return w->links_left == 0;
}

static bool is_dir(int fd, const struct dirent64 *entry)
{
	struct stat st;

	if (entry->d_type != DT_UNKNOWN)
		return entry->d_type == DT_DIR;
	/* an old filesystem without file types in its directories */
	return !fstatat(fd, entry->d_name, &st, AT_SYMLINK_NOFOLLOW) && S_ISDIR(st.st_mode);
}

static int tell(struct walk *w)
{
	if (w->names_seen - w->names_told < TELL_EACH)
		return 0;
	w->names_told = w->names_seen;
	return fs_paths_tell(w->p, w->names_seen, w->p->names_expected);
}

/* Reads the lowest directory; subdirectories go onto the stack. 1: everything was found */
static int read_dir(struct walk *w)
{
	int fd = w->levels[w->n_levels - 1].fd;
	long got;
	int r;

	while ((got = syscall(SYS_getdents64, fd, w->buffer, BUFFER)) > 0) {
		r = tell(w);
		if (r)
			return r;
		for (long at = 0; at < got;) {
			const struct dirent64 *entry = (const void *)(w->buffer + at);

			at += entry->d_reclen;
			if (entry->d_name[0] == '.' &&
			    (!entry->d_name[1] || (entry->d_name[1] == '.' && !entry->d_name[2])))
				continue;
			w->names_seen++;
			if (may_want(w, entry->d_ino)) {
				r = found(w, entry->d_ino, entry->d_name);
				if (r)
					return r;
			}
			if (is_dir(fd, entry)) {
				r = push_name(w, entry->d_ino, entry->d_name);
				if (r)
					return r;
			}
		}
	}
	return 0;
}

/* 1: everything was found */
static int visit_below(struct walk *w)
{
	int r;

	r = read_dir(w);
	while (!r && w->n_levels) {
		struct level *level = &w->levels[w->n_levels - 1];
		CLEANUP(fd_closep) int fd = -1;
		const char *name;
		uint64_t ino;

		if (w->names_len == level->names_base) {
			pop_level(w);
			continue;
		}
		name = pop_name(w, &ino);
		fd = open_dir(level->fd, name);
		if (fd < 0)
			continue; /* gone, another mount, or not readable */
		r = append_name(w, name);
		if (r)
			break;
		w->path_len += strlen(name) + 1;
		r = push_level(w, fd, ino);
		if (r)
			break;
		fd = -1; /* the level has it */
		r = read_dir(w);
	}
	return r;
}

/* Everything below a mount. 1: everything was found */
static int walk_mount(struct walk *w, const struct mount *mount, int mount_fd)
{
	CLEANUP(fd_closep) int fd = -1;
	struct stat st;
	int r;

	if (fstat(mount_fd, &st))
		return 0;
	w->path_len = 0;
	r = append_name(w, mount->target + strspn(mount->target, "/"));
	if (r)
		return r;
	if (may_want(w, st.st_ino)) {
		struct found_file *file = findings_file_by_ino(w->p->f, st.st_ino);

		if (file && fs_paths_wants(file)) {
			r = findings_add_path(w->p->f, (size_t)(file - w->p->f->files), w->path);
			if (r)
				return r;
			if (w->links_left != UINT64_MAX && --w->links_left == 0)
				return 1;
		}
	}
	if (!S_ISDIR(st.st_mode))
		return 0;
	w->path_len = strlen(w->path);
	while (w->path_len && w->path[w->path_len - 1] == '/')
		w->path_len--;
	fd = open_dir(mount_fd, ".");
	if (fd < 0)
		return 0;
	r = push_level(w, fd, st.st_ino);
	if (r)
		return r;
	fd = -1;
	return visit_below(w);
}

/* No mount shows the root: the other ones may show more. 1: everything was found */
static int walk_other_mounts(struct walk *w)
{
	const struct fs_paths *p = w->p;

	for (size_t i = 0; i < p->mounts->n; i++) {
		const struct mount *mount = &p->mounts->items[i];
		CLEANUP(fd_closep) int fd = -1;
		int r;

		if (mount == p->mount || mount->devno != p->mount->devno ||
		    strcmp(mount->fs_type, p->mount->fs_type) || fs_xfs_open_at(mount, &fd))
			continue;
		r = walk_mount(w, mount, fd);
		if (r)
			return r;
	}
	return 0;
}

int fs_walk_find(const struct fs_paths *p)
{
	CLEANUP(walk_deinit) struct walk w = {.p = p};
	int r;

	r = make_filter(&w);
	if (r || !w.filter)
		return r;
	w.buffer = malloc(BUFFER);
	if (!w.buffer)
		return -ENOMEM;
	if (!strcmp(p->mount->root, "/")) {
		r = walk_mount(&w, p->mount, p->fd);
	} else {
		w.links_left = UINT64_MAX; /* two mounts may show one name as two */
		r = walk_mount(&w, p->mount, p->fd);
		if (!r)
			r = walk_other_mounts(&w);
	}
	if (r < 0)
		return r;

	for (size_t i = 0; i < p->f->n_files; i++)
		if (fs_paths_wants(&p->f->files[i]))
			p->f->files[i].flags |= FOUND_FILE_PATHS;
	return 0;
}
