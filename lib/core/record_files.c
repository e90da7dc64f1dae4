/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The files of a findings record. Each finding that names a file carries what
 * is known of it, so a file is met as often as findings name it, in any order;
 * findings.h wants it once, by inode number. All mentions are collected and
 * sorted, and of each file's the first is read.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include "cleanup.h"
#include "jsonio.h"
#include "record.h"
#include "record_files.h"
#include "record_holders.h"

/* A file as it was met: several findings may tell of the same one. */
struct mention {
	uint64_t ino;
	struct json_object *object; /* lent */
	bool in_cluster;
};

struct mentions {
	struct mention *items;
	size_t n, allocated;
};

static void mentions_deinit(struct mentions *m)
{
	free(m->items);
}

static int parse_type(struct json_object *object, uint32_t *ret)
{
	static const uint32_t modes[] = {
		S_IFREG, S_IFDIR, S_IFLNK, S_IFCHR, S_IFBLK, S_IFIFO, S_IFSOCK,
	};
	const char *type = jsonio_get_text(object, "type");

	for (size_t i = 0; type && i < ARRAY_SIZE(modes); i++) {
		if (strcmp(type, record_file_type(modes[i])))
			continue;
		*ret = modes[i];
		return 0;
	}
	return -EBADMSG;
}

static int parse_paths(struct json_object *object, struct findings *f, size_t file)
{
	struct json_object *paths = jsonio_get(object, "paths", json_type_array);

	if (!paths)
		return jsonio_has(object, "paths") ? -EBADMSG : 0;
	f->files[file].flags |= FOUND_FILE_PATHS;
	for (size_t i = 0; i < json_object_array_length(paths); i++) {
		CLEANUP(freep) char *path = NULL;
		struct json_object *entry = jsonio_object_at(paths, i);
		int r = entry ? jsonio_get_bytes(entry, "path", &path) : -EBADMSG;

		if (r)
			return r == -ENOENT ? -EBADMSG : r;
		if (!*path)
			return -EBADMSG;
		r = findings_add_path(f, file, path);
		if (r)
			return r;
	}
	return 0;
}

static int parse_file(const struct mention *mention, struct findings *f)
{
	struct json_object *object = mention->object;
	struct found_file file = {.ino = mention->ino};
	int r;

	if (mention->in_cluster)
		file.flags |= FOUND_FILE_IN_LOST_CLUSTER;
	if (jsonio_has(object, "type")) {
		if ((r = parse_type(object, &file.mode)) ||
		    (r = jsonio_get_u32(object, "gen", &file.gen)) ||
		    (r = jsonio_get_u64(object, "size", UINT64_MAX, &file.size)) ||
		    (r = jsonio_get_u32(object, "links", &file.nlink)))
			return r;
	}
	if ((r = jsonio_get_flag(object, "deleted", FOUND_FILE_DELETED, &file.flags)) ||
	    (r = jsonio_get_flag(object, "vanished", FOUND_FILE_VANISHED, &file.flags)) ||
	    (r = jsonio_get_flag(object, "unreadable", FOUND_FILE_UNREADABLE, &file.flags)) ||
	    (r = jsonio_get_flag(object, "internal", FOUND_FILE_INTERNAL, &file.flags)) ||
	    (r = jsonio_get_flag(object, "paths_missing", FOUND_FILE_NO_PATH, &file.flags)) ||
	    (r = findings_add_file(f, &file)) || (r = parse_paths(object, f, f->n_files - 1)))
		return r;
	return record_parse_holders(object, f, (uint32_t)(f->n_files - 1));
}

static int add_mention(struct mentions *m, struct json_object *object, bool in_cluster)
{
	struct mention mention = {.object = object, .in_cluster = in_cluster};
	int r = jsonio_get_u64(object, "ino", UINT64_MAX, &mention.ino);

	if (r)
		return r;
	if (m->n == m->allocated) {
		size_t want = m->allocated + m->allocated / 2 + 16;
		struct mention *bigger = reallocarray(m->items, want, sizeof(*bigger));

		if (!bigger)
			return -ENOMEM;
		m->items = bigger;
		m->allocated = want;
	}
	m->items[m->n++] = mention;
	return 0;
}

/* Inodes in use in a lost inode block, each of them one that the block holds. */
static int find_in_use(struct json_object *inodes, struct mentions *m)
{
	struct json_object *in_use = jsonio_get(inodes, "in_use", json_type_array);
	uint64_t first, count;
	int r;

	if (!in_use)
		return -EBADMSG;
	if ((r = jsonio_get_u64(inodes, "first", UINT64_MAX, &first)) ||
	    (r = jsonio_get_u64(inodes, "count", UINT16_MAX, &count)))
		return r;
	for (size_t i = 0; i < json_object_array_length(in_use); i++) {
		struct json_object *entry = jsonio_object_at(in_use, i);

		r = entry ? add_mention(m, entry, true) : -EBADMSG;
		if (r || m->items[m->n - 1].ino - first >= count)
			return r ? r : -EBADMSG;
	}
	return 0;
}

static int find_mentions(struct json_object *item, struct mentions *m)
{
	struct json_object *inodes = jsonio_get(item, "inodes", json_type_object);
	int kind = fs_owner_from_token(jsonio_get_text(item, "owner"));

	if (kind < 0)
		return -EBADMSG;
	if (fs_owner_is_file(kind))
		return add_mention(m, item, false);
	if (kind != FS_OWNER_INODES)
		return 0;
	return inodes ? find_in_use(inodes, m) : -EBADMSG;
}

static int compare_mentions(const void *left, const void *right)
{
	const struct mention *a = left, *b = right;

	if (a->ino != b->ino)
		return (a->ino > b->ino) - (a->ino < b->ino);
	return a->in_cluster - b->in_cluster;
}

int record_files_parse(struct json_object *items, struct findings *f)
{
	CLEANUP(mentions_deinit) struct mentions m = {0};
	int r;

	for (size_t i = 0; i < json_object_array_length(items); i++) {
		struct json_object *item = jsonio_object_at(items, i);

		r = item ? find_mentions(item, &m) : -EBADMSG;
		if (r)
			return r;
	}
	if (m.n)
		qsort(m.items, m.n, sizeof(*m.items), compare_mentions);
	for (size_t i = 0; i < m.n; i++) {
		/* of several mentions the first is read; the last knows of a lost inode block */
		bool more = i + 1 < m.n && m.items[i + 1].ino == m.items[i].ino;

		if (more) {
			m.items[i + 1].object = m.items[i].object;
			continue;
		}
		r = parse_file(&m.items[i], f);
		if (r)
			return r;
	}
	return 0;
}
