/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Findings as JSON, the writing half; record_parse.c reads them back.
 *
 * A finding is written so that it can be read alone (in a stream, by a hook):
 * it carries its file and the words for people. The words, the totals and the
 * AG number are computed from the rest each time, so a reader takes none of
 * them in. What does not apply is left out; flags are there only when set.
 *
 * Bytes from outside (paths, names of processes) go through jsonio_put_bytes():
 * always valid JSON, never lossy.
 */
#include <errno.h>
#include <stdio.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include "advice.h"
#include "cleanup.h"
#include "findings_through.h"
#include "jsonio.h"
#include "record.h"
#include "record_elsewhere.h"
#include "record_holders.h"
#include "record_place.h"
#include "record_through.h"

void record_freep(struct json_object **object)
{
	jsonio_freep(object);
}

const char *record_file_type(uint32_t mode)
{
	switch (mode & S_IFMT) {
	case S_IFREG: return "file";
	case S_IFDIR: return "directory";
	case S_IFLNK: return "symlink";
	case S_IFCHR: return "character-device";
	case S_IFBLK: return "block-device";
	case S_IFIFO: return "fifo";
	case S_IFSOCK: return "socket";
	}
	return NULL;
}

static int put_paths(const struct findings *f, const struct found_file *file,
		     struct json_object *object)
{
	struct json_object *paths = jsonio_add_array(object, "paths");
	uint32_t cursor = 0;
	const char *path;

	if (!paths)
		return -ENOMEM;
	while ((path = findings_path_next(f, file, &cursor))) {
		struct json_object *entry = jsonio_append_object(paths);
		int r = entry ? jsonio_put_bytes(entry, "path", path) : -ENOMEM;

		if (r)
			return r;
	}
	return 0;
}

/* What is known of a file beside its number; @piece: bytes of it, len 0: none in particular. */
static int put_file(const struct findings *f, uint32_t index, struct byte_range piece,
		    struct json_object *object)
{
	const struct found_file *file = &f->files[index];
	const char *type = record_file_type(file->mode);
	int r;

	if (type) {
		if ((r = jsonio_put_u64(object, "gen", file->gen)) ||
		    (r = jsonio_put_text(object, "type", type)) ||
		    (r = jsonio_put_u64(object, "size", file->size)) ||
		    (r = jsonio_put_u64(object, "links", file->nlink)))
			return r;
	}
	if ((r = jsonio_put_flag(object, "deleted", file->flags & FOUND_FILE_DELETED)) ||
	    (r = jsonio_put_flag(object, "vanished", file->flags & FOUND_FILE_VANISHED)) ||
	    (r = jsonio_put_flag(object, "unreadable", file->flags & FOUND_FILE_UNREADABLE)) ||
	    (r = jsonio_put_flag(object, "internal", file->flags & FOUND_FILE_INTERNAL)) ||
	    (r = jsonio_put_flag(object, "paths_missing", file->flags & FOUND_FILE_NO_PATH)))
		return r;
	if (file->flags & FOUND_FILE_PATHS || file->n_paths) {
		r = put_paths(f, file, object);
		if (r)
			return r;
	}
	return record_put_holders(f, index, piece, object);
}

static int put_inodes(const struct findings *f, const struct finding *item,
		      struct json_object *object)
{
	struct json_object *inodes = jsonio_add_object(object, "inodes"), *in_use;
	int r;

	if (!inodes)
		return -ENOMEM;
	if ((r = jsonio_put_u64(inodes, "first", item->offset)) ||
	    (r = jsonio_put_u64(inodes, "count", item->n_inodes)) ||
	    (r = jsonio_put_flag(inodes, "unused", item->flags & FINDING_INODES_UNUSED)) ||
	    (r = jsonio_put_flag(inodes, "unreadable", item->flags & FINDING_INODES_UNREADABLE)))
		return r;
	in_use = jsonio_add_array(inodes, "in_use");
	if (!in_use)
		return -ENOMEM;

	for (size_t i = findings_first_file(f, item->offset);
	     i < f->n_files && f->files[i].ino - item->offset < item->n_inodes; i++) {
		struct json_object *entry;

		if (!(f->files[i].flags & FOUND_FILE_IN_LOST_CLUSTER))
			continue;
		entry = jsonio_append_object(in_use);
		if (!entry)
			return -ENOMEM;
		if ((r = jsonio_put_u64(entry, "ino", f->files[i].ino)) ||
		    (r = put_file(f, (uint32_t)i, (struct byte_range){0, 0}, entry)))
			return r;
	}
	return 0;
}

int record_from_finding(const struct findings *f, size_t index, struct json_object **ret)
{
	const struct finding *item = &f->items[index];
	const struct byte_range piece = {item->offset, item->kind == FS_OWNER_DATA ? item->len : 0};
	CLEANUP(record_freep) struct json_object *object = json_object_new_object();
	int r;

	if (!object)
		return -ENOMEM;
	if ((r = jsonio_put_range(object, (struct byte_range){item->start, item->len})) ||
	    (r = jsonio_put_text(object, "owner", fs_owner_token(item->kind))) ||
	    (r = jsonio_put_text(object, "impact", impact_token(finding_impact(item)))) ||
	    (r = jsonio_put_text(object, "says", finding_says(item))))
		return r;
	if (fs_owner_in_ag(item->kind) && f->geom.block_size) {
		r = jsonio_put_u64(object, "agno",
				   fsgeom_agno(&f->geom, findings_fs_byte(f, item->start)));
		if (r)
			return r;
	}
	if (fs_owner_is_file(item->kind) && (r = jsonio_put_u64(object, "ino", item->ino)))
		return r;
	if (fs_owner_has_offset(item->kind) &&
	    (r = jsonio_put_u64(object, "file_offset", item->offset)))
		return r;
	if ((r = jsonio_put_flag(object, "shared", item->flags & FINDING_SHARED)) ||
	    (r = jsonio_put_flag(object, "unwritten", item->flags & FINDING_UNWRITTEN)) ||
	    (r = jsonio_put_flag(object, "past_eof", item->flags & FINDING_PAST_EOF)) ||
	    (r = jsonio_put_flag(object, "primary", item->flags & FINDING_PRIMARY)) ||
	    (r = jsonio_put_flag(object, "earlier", item->flags & FINDING_EARLIER)))
		return r;
	if (item->file < f->n_files && (r = put_file(f, item->file, piece, object)))
		return r;
	if (item->kind == FS_OWNER_INODES && (r = put_inodes(f, item, object)))
		return r;

	*ret = steal(object);
	return 0;
}

static int put_device(const struct findings *f, struct json_object *object)
{
	struct json_object *device = jsonio_add_object(object, "device");
	char devno[32];
	int r;

	if (!device)
		return -ENOMEM;
	snprintf(devno, sizeof(devno), "%u:%u", major(f->devno), minor(f->devno));
	if ((r = jsonio_put_bytes(device, "name", f->device)) ||
	    (r = jsonio_put_text(device, "devno", devno)))
		return r;
	return jsonio_put_u64(device, "size", f->device_size);
}

static int put_geometry(const struct fsgeom *geom, struct json_object *object)
{
	struct json_object *log;
	char uuid[FSGEOM_UUID_TEXT];
	int r;

	fsgeom_uuid_text(geom->uuid, uuid);
	if ((r = jsonio_put_text(object, "uuid", uuid)) ||
	    (r = jsonio_put_u64(object, "block_size", geom->block_size)) ||
	    (r = jsonio_put_u64(object, "sector_size", geom->sector_size)) ||
	    (r = jsonio_put_u64(object, "inode_size", geom->inode_size)) ||
	    (r = jsonio_put_u64(object, "ag_blocks", geom->ag_blocks)) ||
	    (r = jsonio_put_u64(object, "ag_count", geom->ag_count)) ||
	    (r = jsonio_put_u64(object, "data_blocks", geom->data_blocks)) ||
	    (r = jsonio_put_bool(object, "rmapbt", geom->features & FSGEOM_RMAPBT)) ||
	    (r = jsonio_put_bool(object, "reflink", geom->features & FSGEOM_REFLINK)) ||
	    (r = jsonio_put_bool(object, "parent", geom->features & FSGEOM_PARENT)) ||
	    (r = jsonio_put_bool(object, "sparse_inodes", geom->features & FSGEOM_SPARSE_INODES)))
		return r;
	if (!geom->log.len)
		return 0;
	log = jsonio_add_object(object, "log");
	return log ? jsonio_put_range(log, geom->log) : -ENOMEM;
}

static int put_filesystem(const struct findings *f, struct json_object *object)
{
	struct json_object *fs;
	int r;

	if (!f->fs_type && !f->mountpoint && !f->geom.block_size)
		return 0;
	fs = jsonio_add_object(object, "filesystem");
	if (!fs)
		return -ENOMEM;
	if ((r = jsonio_put_bytes(fs, "type", f->fs_type)) ||
	    (r = jsonio_put_bytes(fs, "mountpoint", f->mountpoint)) ||
	    (r = record_put_elsewhere(f->elsewhere, fs)) ||
	    (r = jsonio_put_flag(fs, "offline", f->offline)))
		return r;
	return f->geom.block_size ? put_geometry(&f->geom, fs) : 0;
}

static int put_asked(const struct findings *f, struct json_object *object)
{
	struct json_object *asked = jsonio_add_array(object, "asked");

	if (!asked)
		return -ENOMEM;
	for (size_t i = 0; i < f->asked.n; i++) {
		struct json_object *entry = jsonio_append_object(asked);
		int r = entry ? jsonio_put_range(entry, f->asked.ranges[i]) : -ENOMEM;

		if (r)
			return r;
	}
	return 0;
}

int record_put_reasons(struct json_object *object, uint32_t mask)
{
	struct json_object *reasons;
	int r;

	r = jsonio_put_bool(object, "complete", !mask);
	if (r)
		return r;
	reasons = jsonio_add_array(object, "reasons");
	if (!reasons)
		return -ENOMEM;
	for (int i = 0; i < REASON_N; i++) {
		struct json_object *entry;

		if (!(mask & 1u << i))
			continue;
		entry = jsonio_append_object(reasons);
		if (!entry)
			return -ENOMEM;
		if ((r = jsonio_put_text(entry, "reason", reason_token(i))) ||
		    (r = jsonio_put_text(entry, "says", reason_says(i))))
			return r;
		if (*reason_remedy(i) && (r = jsonio_put_text(entry, "remedy", reason_remedy(i))))
			return r;
	}
	return 0;
}

static int put_advice(const struct findings *f, struct json_object *object)
{
	const char *advice = f->reasons ? advice_for(f->detail) : NULL;

	return advice ? jsonio_put_text(object, "advice", advice) : 0;
}

static int put_summary(const struct findings *f, struct json_object *object)
{
	struct json_object *summary = jsonio_add_object(object, "summary");
	struct findings_summary sum;
	int r;

	if (!summary)
		return -ENOMEM;
	r = findings_summarise(f, &sum);
	if (r)
		return r;
	if ((r = jsonio_put_u64(summary, "data_bytes", sum.data_bytes)) ||
	    (r = jsonio_put_u64(summary, "metadata_bytes", sum.metadata_bytes)) ||
	    (r = jsonio_put_u64(summary, "unknown_bytes", sum.unknown_bytes)) ||
	    (r = jsonio_put_u64(summary, "nothing_bytes", sum.nothing_bytes)) ||
	    (r = jsonio_put_u64(summary, "files", sum.n_data_files)) ||
	    (r = jsonio_put_u64(summary, "metadata_files", sum.n_metadata_files)) ||
	    (r = jsonio_put_u64(summary, "lost_inodes", sum.n_lost_inodes)))
		return r;
	return jsonio_put_text(summary, "worst", impact_token(sum.worst));
}

/* The @limit findings that matter most, still by offset. */
static int put_findings(const struct findings *f, size_t limit, struct json_object *object)
{
	struct json_object *array = jsonio_add_array(object, "findings");
	size_t quota[IMPACT_N] = {0};

	if (!array)
		return -ENOMEM;
	for (size_t i = 0; i < f->n_items; i++)
		quota[finding_impact(&f->items[i])]++;
	for (int impact = IMPACT_N - 1; impact >= 0; impact--) {
		if (quota[impact] > limit)
			quota[impact] = limit;
		limit -= quota[impact];
	}

	for (size_t i = 0; i < f->n_items; i++) {
		enum impact impact = finding_impact(&f->items[i]);
		struct json_object *item;
		int r;

		if (!quota[impact])
			continue;
		quota[impact]--;
		r = record_from_finding(f, i, &item);
		if (r)
			return r;
		if (json_object_array_add(array, item)) {
			json_object_put(item);
			return -ENOMEM;
		}
	}
	return 0;
}

int record_from_findings(const struct findings *f, size_t limit, struct json_object **ret)
{
	CLEANUP(record_freep) struct json_object *object = json_object_new_object();
	uint32_t reasons = f->reasons;
	int r;

	if (!object)
		return -ENOMEM;
	if (limit && limit < f->n_items)
		reasons |= 1u << REASON_TRUNCATED;
	if ((r = jsonio_put_u64(object, "schema", RECORD_SCHEMA)) ||
	    (r = jsonio_put_text(object, "kind", "findings")) || (r = put_device(f, object)) ||
	    (r = record_put_place(f, object)) || (r = record_put_through(f, object)) ||
	    (r = put_filesystem(f, object)) || (limit && (r = put_asked(f, object))) ||
	    (r = record_put_reasons(object, reasons)) ||
	    (r = jsonio_put_bytes(object, "detail", f->detail)) || (r = put_advice(f, object)) ||
	    (r = record_put_holders(f, FINDING_NO_FILE, (struct byte_range){0, 0}, object)) ||
	    (r = put_summary(f, object)) || (r = record_put_inside(f, limit, object)))
		return r;
	if (limit) {
		r = put_findings(f, limit, object);
		if (r)
			return r;
	}

	*ret = steal(object);
	return 0;
}
