/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * First part of the locator: reverse-map records become findings.
 *
 * Each record is cut to the query that returned it and to the bad ranges, and
 * becomes findings at once; a record is never kept. What it cannot tell alone
 * waits for inode facts (locator_inodes.c) and the end (locator_finish.c).
 *
 * AG headers and the log have fixed places, so they are told apart by place,
 * even where the reverse map is silent (no rmapbt, shut down).
 */
#include <errno.h>
#include <stdlib.h>
#include "cleanup.h"
#include "locator.h"

#define INODES_MAX 0x8000u /* in one finding, so that n_inodes never overflows */

int locator_init(struct locator *l, const struct rangeset *bad, const struct fsgeom *geom)
{
	CLEANUP(findings_freep) struct findings *f = NULL;
	CLEANUP(rangeset_deinit) struct rangeset copy = RANGESET_NULL;
	int r;

	if (geom && fsgeom_validate(geom))
		return -EINVAL;
	r = findings_new(&f);
	if (r)
		return r;
	r = rangeset_copy(&f->asked, bad);
	if (r)
		return r;
	r = rangeset_copy(&copy, bad);
	if (r)
		return r;

	*l = LOCATOR_NULL;
	if (geom)
		f->geom = *geom;
	l->findings = steal(f);
	rangeset_move(&l->bad, &copy);
	return 0;
}

void locator_deinit(struct locator *l)
{
	findings_free(l->findings);
	rangeset_deinit(&l->bad);
	rangeset_deinit(&l->clusters.numbers);
	rangeset_deinit(&l->unreadable.numbers);
	free(l->wanted);
	free(l->owners);
	*l = LOCATOR_NULL;
}

int locator_set_geometry(struct locator *l, const struct fsgeom *geom)
{
	struct locator anew = LOCATOR_NULL;
	int r;

	r = locator_init(&anew, &l->bad, geom);
	if (r)
		return r;
	anew.findings->reasons = l->findings->reasons;
	locator_deinit(l);
	*l = anew;
	return 0;
}

/* What has a fixed place at @start, and how far that holds; @kind where nothing has. */
static enum fs_owner_kind kind_at(const struct fsgeom *geom, uint64_t start,
				  enum fs_owner_kind kind, uint64_t *ret_end)
{
	enum fs_owner_kind header = fsgeom_header_kind(geom, start, ret_end);

	if (start >= fsgeom_bytes(geom))
		return FS_OWNER_OUTSIDE;
	if (header != FS_OWNER_FS)
		return header;
	if (geom->log.start > start && geom->log.start < *ret_end) {
		*ret_end = geom->log.start;
		return kind;
	}
	if (geom->log.len && geom->log.start <= start && start < range_end(geom->log)) {
		*ret_end = range_end(geom->log);
		return FS_OWNER_LOG;
	}
	return kind;
}

int locator_add_by_place(struct locator *l, struct byte_range range, enum fs_owner_kind kind)
{
	const struct fsgeom *geom = &l->findings->geom;
	int r;

	while (range.len) {
		struct finding item = {.start = range.start, .file = FINDING_NO_FILE};
		uint64_t end = range_end(range);

		item.kind = kind;
		if (geom->block_size)
			item.kind = kind_at(geom, range.start, kind, &end);
		if (item.kind == FS_OWNER_SUPERBLOCK && !fsgeom_agno(geom, range.start))
			item.flags |= FINDING_PRIMARY;
		if (end > range_end(range))
			end = range_end(range);
		item.len = end - range.start;
		r = findings_add(l->findings, &item);
		if (r)
			return r;
		range = (struct byte_range){end, range_end(range) - end};
	}
	return 0;
}

static int add_inode_blocks(struct locator *l, struct byte_range range)
{
	const struct fsgeom *geom = &l->findings->geom;
	int r;

	while (range.len) {
		uint64_t whole = range.start - range.start % geom->inode_size;
		struct byte_range step = {whole, (uint64_t)INODES_MAX * geom->inode_size};
		struct byte_range part = range_intersect(range, step);
		struct finding item = {
			.start = part.start,
			.len = part.len,
			.file = FINDING_NO_FILE,
			.kind = FS_OWNER_INODES,
		};
		uint64_t count;

		fsgeom_inodes_at(geom, part, &item.offset, &count);
		item.n_inodes = (uint16_t)count;
		r = findings_add(l->findings, &item);
		if (r)
			return r;
		range.start += part.len;
		range.len -= part.len;
	}
	return 0;
}

/* @part: a record, cut to one bad range */
static int add_part(struct locator *l, const struct fsmap_rec *part)
{
	enum fs_owner_kind kind = fsmap_owner_kind(part);
	struct finding item = {
		.start = part->phys.start,
		.len = part->phys.len,
		.file = FINDING_NO_FILE,
		.kind = kind,
	};

	if (kind == FS_OWNER_FS || kind == FS_OWNER_UNKNOWN)
		return locator_add_by_place(l, part->phys, kind);
	if (kind == FS_OWNER_INODES && l->findings->geom.inode_size)
		return add_inode_blocks(l, part->phys);
	if (fs_owner_is_file(kind))
		item.ino = part->owner;
	if (fs_owner_has_offset(kind)) {
		item.offset = part->offset;
		if (part->flags & FSMAP_PREALLOC)
			item.flags |= FINDING_UNWRITTEN;
	}
	return findings_add(l->findings, &item);
}

int locator_add_record(struct locator *l, struct byte_range query, const struct fsmap_rec *rec)
{
	const struct rangeset *bad = &l->bad;
	struct byte_range window;
	size_t i = l->cursor;
	int r;

	if (rec->phys.len > UINT64_MAX - rec->phys.start || query.len > UINT64_MAX - query.start)
		return -EINVAL;
	window = range_intersect(rec->phys, query);
	if (!window.len)
		return 0;

	/* records mostly ascend: try where the last one was before searching */
	if (i >= bad->n || range_end(bad->ranges[i]) <= window.start ||
	    (i && range_end(bad->ranges[i - 1]) > window.start))
		i = rangeset_find(bad, window.start);
	l->cursor = i;

	for (; i < bad->n && bad->ranges[i].start < range_end(window); i++) {
		struct fsmap_rec part;

		if (!fsmap_clamp(rec, range_intersect(bad->ranges[i], window), &part))
			continue;
		r = add_part(l, &part);
		if (r)
			return r;
	}
	return 0;
}
