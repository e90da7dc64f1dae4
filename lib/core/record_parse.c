/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Findings from JSON: the reading half of record.c.
 *
 * The text may come from a store that was tampered with or a bug report, so
 * nothing is taken on trust: types are checked, numbers range-checked, ranges
 * must not wrap, names must be of this schema. Anything else is -EBADMSG, and
 * nothing half-read comes back.
 *
 * Files are spread over the findings that name them: record_files.c collects
 * those first, then the findings are read.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/sysmacros.h>
#include "cleanup.h"
#include "jsonio.h"
#include "record.h"
#include "record_elsewhere.h"
#include "record_files.h"
#include "record_holders.h"
#include "record_place.h"
#include "record_through.h"

#define NESTING_MAX 32 /* three for each answer inside another */

static int get_optional_bytes(struct json_object *object, const char *key, char **ret)
{
	int r = jsonio_get_bytes(object, key, ret);

	return r == -ENOENT ? 0 : r;
}

static int parse_device(struct json_object *object, struct findings *f)
{
	struct json_object *device = jsonio_get(object, "device", json_type_object);
	unsigned int major_no, minor_no;
	const char *devno;
	char canonical[32];
	int r;

	if (!device)
		return -EBADMSG;
	devno = jsonio_get_text(device, "devno");
	if (!devno || sscanf(devno, "%9u:%9u", &major_no, &minor_no) != 2)
		return -EBADMSG;
	snprintf(canonical, sizeof(canonical), "%u:%u", major_no, minor_no);
	if (strcmp(devno, canonical))
		return -EBADMSG;
	f->devno = makedev(major_no, minor_no);
	r = get_optional_bytes(device, "name", &f->device);
	return r ? r : jsonio_get_u64(device, "size", UINT64_MAX, &f->device_size);
}

static int parse_uuid(const char *text, uint8_t uuid[16])
{
	static const char digits[] = "0123456789abcdef";
	size_t n = 0;

	if (!text || strlen(text) != 36)
		return -EBADMSG;
	for (size_t i = 0; i < 36; i++) {
		const char *digit = strchr(digits, text[i]);

		if ((i == 8 || i == 13 || i == 18 || i == 23) != (text[i] == '-'))
			return -EBADMSG;
		if (text[i] == '-')
			continue;
		if (!digit)
			return -EBADMSG;
		uuid[n / 2] = (uint8_t)(uuid[n / 2] << 4 | (digit - digits));
		n++;
	}
	return 0;
}

static int parse_geometry(struct json_object *fs, struct fsgeom *geom)
{
	struct json_object *log = jsonio_get(fs, "log", json_type_object);
	int r;

	if ((r = parse_uuid(jsonio_get_text(fs, "uuid"), geom->uuid)) ||
	    (r = jsonio_get_u32(fs, "block_size", &geom->block_size)) ||
	    (r = jsonio_get_u32(fs, "sector_size", &geom->sector_size)) ||
	    (r = jsonio_get_u32(fs, "inode_size", &geom->inode_size)) ||
	    (r = jsonio_get_u32(fs, "ag_blocks", &geom->ag_blocks)) ||
	    (r = jsonio_get_u32(fs, "ag_count", &geom->ag_count)) ||
	    (r = jsonio_get_u64(fs, "data_blocks", UINT64_MAX, &geom->data_blocks)) ||
	    (r = jsonio_get_flag(fs, "rmapbt", FSGEOM_RMAPBT, &geom->features)) ||
	    (r = jsonio_get_flag(fs, "reflink", FSGEOM_REFLINK, &geom->features)) ||
	    (r = jsonio_get_flag(fs, "parent", FSGEOM_PARENT, &geom->features)) ||
	    (r = jsonio_get_flag(fs, "sparse_inodes", FSGEOM_SPARSE_INODES, &geom->features)))
		return r;
	if (log) {
		r = jsonio_get_range(log, &geom->log);
		if (r)
			return r;
	}
	return fsgeom_validate(geom) ? -EBADMSG : 0;
}

static int parse_filesystem(struct json_object *object, struct findings *f)
{
	struct json_object *fs = jsonio_get(object, "filesystem", json_type_object);
	uint32_t offline = 0;
	int r;

	if (!fs)
		return jsonio_has(object, "filesystem") ? -EBADMSG : 0;
	if ((r = get_optional_bytes(fs, "type", &f->fs_type)) ||
	    (r = get_optional_bytes(fs, "mountpoint", &f->mountpoint)) ||
	    (r = record_parse_elsewhere(fs, &f->elsewhere)) ||
	    (r = jsonio_get_flag(fs, "offline", 1, &offline)))
		return r;
	f->offline = offline;
	return jsonio_has(fs, "block_size") ? parse_geometry(fs, &f->geom) : 0;
}

static int parse_asked(struct json_object *object, struct findings *f)
{
	struct json_object *asked = jsonio_get(object, "asked", json_type_array);

	if (!asked)
		return -EBADMSG;
	for (size_t i = 0; i < json_object_array_length(asked); i++) {
		struct byte_range range;
		int r = jsonio_get_range(json_object_array_get_idx(asked, i), &range);

		if (r)
			return r;
		r = rangeset_append_unsorted(&f->asked, range);
		if (r)
			return r;
	}
	rangeset_normalise(&f->asked);
	return 0;
}

static int parse_reasons(struct json_object *object, struct findings *f)
{
	struct json_object *reasons = jsonio_get(object, "reasons", json_type_array);

	if (!reasons)
		return -EBADMSG;
	for (size_t i = 0; i < json_object_array_length(reasons); i++) {
		struct json_object *entry = jsonio_object_at(reasons, i);
		int reason = entry ? reason_from_token(jsonio_get_text(entry, "reason")) : -1;

		if (reason < 0)
			return -EBADMSG;
		findings_add_reason(f, reason);
	}
	return 0;
}

/* A truncated record cannot be summed up again: its own totals are kept. */
static int parse_summary(struct json_object *object, struct findings *f)
{
	struct json_object *summary = jsonio_get(object, "summary", json_type_object);
	struct findings_summary *sum;
	int r, worst;

	if (!(f->reasons & 1u << REASON_TRUNCATED))
		return 0;
	if (!summary)
		return -EBADMSG;
	f->whole = sum = calloc(1, sizeof(*sum));
	if (!sum)
		return -ENOMEM;
	if ((r = jsonio_get_u64(summary, "data_bytes", UINT64_MAX, &sum->data_bytes)) ||
	    (r = jsonio_get_u64(summary, "metadata_bytes", UINT64_MAX, &sum->metadata_bytes)) ||
	    (r = jsonio_get_u64(summary, "unknown_bytes", UINT64_MAX, &sum->unknown_bytes)) ||
	    (r = jsonio_get_u64(summary, "nothing_bytes", UINT64_MAX, &sum->nothing_bytes)) ||
	    (r = jsonio_get_u64(summary, "files", UINT64_MAX, &sum->n_data_files)) ||
	    (r = jsonio_get_u64(summary, "metadata_files", UINT64_MAX, &sum->n_metadata_files)) ||
	    (r = jsonio_get_u64(summary, "lost_inodes", UINT64_MAX, &sum->n_lost_inodes)))
		return r;
	worst = impact_from_token(jsonio_get_text(summary, "worst"));
	if (worst < 0)
		return -EBADMSG;
	sum->worst = worst;
	return 0;
}

static int parse_inodes(struct json_object *object, struct finding *item)
{
	struct json_object *inodes = jsonio_get(object, "inodes", json_type_object);
	uint64_t count;
	uint32_t flags = 0;
	int r;

	if (!inodes)
		return -EBADMSG;
	if ((r = jsonio_get_u64(inodes, "count", UINT16_MAX, &count)) ||
	    (r = jsonio_get_u64(inodes, "first", UINT64_MAX - count, &item->offset)) ||
	    (r = jsonio_get_flag(inodes, "unused", FINDING_INODES_UNUSED, &flags)) ||
	    (r = jsonio_get_flag(inodes, "unreadable", FINDING_INODES_UNREADABLE, &flags)))
		return r;
	item->n_inodes = (uint16_t)count;
	item->flags |= (uint8_t)flags;
	return 0;
}

static int parse_finding(struct json_object *object, struct findings *f)
{
	struct finding item = {.file = FINDING_NO_FILE};
	struct byte_range range;
	uint32_t flags = 0;
	int r;

	item.kind = (uint8_t)fs_owner_from_token(jsonio_get_text(object, "owner")); /* checked */
	if ((r = jsonio_get_range(object, &range)) ||
	    (r = jsonio_get_flag(object, "shared", FINDING_SHARED, &flags)) ||
	    (r = jsonio_get_flag(object, "unwritten", FINDING_UNWRITTEN, &flags)) ||
	    (r = jsonio_get_flag(object, "past_eof", FINDING_PAST_EOF, &flags)) ||
	    (r = jsonio_get_flag(object, "primary", FINDING_PRIMARY, &flags)) ||
	    (r = jsonio_get_flag(object, "earlier", FINDING_EARLIER, &flags)))
		return r;
	item.start = range.start;
	item.len = range.len;
	item.flags = (uint8_t)flags;

	if (fs_owner_is_file(item.kind)) {
		r = jsonio_get_u64(object, "ino", UINT64_MAX, &item.ino);
		if (r)
			return r;
		item.file = (uint32_t)(findings_file_by_ino(f, item.ino) - f->files);
	}
	if (fs_owner_has_offset(item.kind) &&
	    (r = jsonio_get_u64(object, "file_offset", UINT64_MAX - item.len, &item.offset)))
		return r;
	if (item.kind == FS_OWNER_INODES && (r = parse_inodes(object, &item)))
		return r;
	return findings_add(f, &item);
}

static int parse_findings(struct json_object *object, struct findings *f)
{
	struct json_object *items = jsonio_get(object, "findings", json_type_array);
	int r;

	if (!items)
		return jsonio_has(object, "findings") ? -EBADMSG : 0;
	r = record_files_parse(items, f);
	if (r)
		return r;
	for (size_t i = 0; i < json_object_array_length(items); i++) {
		r = parse_finding(json_object_array_get_idx(items, i), f);
		if (r)
			return r;
	}
	findings_sort(f);
	return 0;
}

int record_to_findings(struct json_object *object, struct findings **ret)
{
	CLEANUP(findings_freep) struct findings *f = NULL;
	const char *kind;
	uint64_t schema;
	int r;

	if (!json_object_is_type(object, json_type_object))
		return -EBADMSG;
	kind = jsonio_get_text(object, "kind");
	if (jsonio_get_u64(object, "schema", UINT64_MAX, &schema) || schema != RECORD_SCHEMA ||
	    !kind || strcmp(kind, "findings"))
		return -EBADMSG;
	r = findings_new(&f);
	if (r)
		return r;
	if ((r = parse_device(object, f)) || (r = parse_filesystem(object, f)) ||
	    (r = parse_asked(object, f)) || (r = record_parse_place(object, f)) ||
	    (r = record_parse_through(object, f)) || (r = parse_reasons(object, f)) ||
	    (r = get_optional_bytes(object, "detail", &f->detail)) ||
	    (r = parse_summary(object, f)) || (r = parse_findings(object, f)) ||
	    (r = record_parse_inside(object, f)) ||
	    (r = record_parse_holders(object, f, FINDING_NO_FILE)))
		return r;

	*ret = steal(f);
	return 0;
}

int record_parse_findings(const char *text, size_t len, struct findings **ret)
{
	CLEANUP(record_freep) struct json_object *object = NULL;
	int r;

	r = jsonio_parse(text, len, NESTING_MAX, &object);
	if (r)
		return r;
	return record_to_findings(object, ret);
}
