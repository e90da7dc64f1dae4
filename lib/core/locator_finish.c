/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Last part of the locator: findings made exact and complete.
 *
 * Works in place and in passes, as there may be a million: sort, fill holes,
 * name the files, cut at their ends, sort again, judge.
 *
 * Invariants of the result:
 * - every bad byte is covered: what no record covered is UNKNOWN, never free;
 * - a block with several owners has a finding for each of them.
 *
 * What then follows from the findings alone is findings_judge()'s.
 */
#include <errno.h>
#include <sys/stat.h>
#include "cleanup.h"
#include "locator.h"

/* What two queries or a changing map returned twice. */
static void drop_doubles(struct findings *f)
{
	size_t kept = 0;

	for (size_t i = 0; i < f->n_items; i++) {
		const struct finding *item = &f->items[i], *last = &f->items[kept ? kept - 1 : 0];

		if (kept && last->start == item->start && last->len == item->len &&
		    last->kind == item->kind && last->ino == item->ino &&
		    last->offset == item->offset && last->flags == item->flags)
			continue;
		f->items[kept++] = *item;
	}
	f->n_items = kept;
}

/* What no record covered; the findings are sorted. */
static int find_holes(const struct locator *l, struct rangeset *ret)
{
	const struct findings *f = l->findings;
	size_t k = 0;
	int r;

	for (size_t i = 0; i < l->bad.n; i++) {
		uint64_t covered = l->bad.ranges[i].start, end = range_end(l->bad.ranges[i]);

		for (; k < f->n_items && f->items[k].start < end; k++) {
			const struct finding *item = &f->items[k];

			if (item->start > covered) {
				r = rangeset_add(
					ret, (struct byte_range){covered, item->start - covered});
				if (r)
					return r;
			}
			if (item->start + item->len > covered)
				covered = item->start + item->len;
		}
		r = rangeset_add(ret, (struct byte_range){covered, end - covered});
		if (r)
			return r;
	}
	return 0;
}

static int fill_holes(struct locator *l)
{
	CLEANUP(rangeset_deinit) struct rangeset holes = RANGESET_NULL;
	int r;

	r = find_holes(l, &holes);
	if (r)
		return r;
	for (size_t i = 0; i < holes.n; i++) {
		r = locator_add_by_place(l, holes.ranges[i], FS_OWNER_UNKNOWN);
		if (r)
			return r;
	}
	if (holes.n)
		findings_sort(l->findings);
	return 0;
}

static uint32_t file_index(const struct findings *f, uint64_t ino, uint32_t hint)
{
	const struct found_file *file;

	for (uint32_t i = hint; i < f->n_files && i <= hint + 1; i++)
		if (f->files[i].ino == ino)
			return i;
	file = findings_file_by_ino(f, ino);
	return file ? (uint32_t)(file - f->files) : FINDING_NO_FILE;
}

/* Where the file's mode decides what its data are. */
static enum fs_owner_kind kind_by_file(const struct found_file *file)
{
	if (file->flags & FOUND_FILE_INTERNAL)
		return FS_OWNER_INTERNAL;
	if (S_ISDIR(file->mode))
		return FS_OWNER_DIRECTORY;
	if (S_ISLNK(file->mode))
		return FS_OWNER_SYMLINK;
	return FS_OWNER_DATA;
}

/* Bytes of the finding before the end of its file; all of them where that is not known. */
static uint64_t before_eof(const struct findings *f, const struct finding *item)
{
	const struct found_file *file;

	if (item->kind != FS_OWNER_DATA || item->file == FINDING_NO_FILE ||
	    item->flags & (FINDING_UNWRITTEN | FINDING_PAST_EOF))
		return item->len;
	file = &f->files[item->file];
	if (!S_ISREG(file->mode) || file->flags & (FOUND_FILE_VANISHED | FOUND_FILE_UNREADABLE))
		return item->len;
	if (item->offset >= file->size)
		return 0;
	return item->len < file->size - item->offset ? item->len : file->size - item->offset;
}

static void resolve_inodes(const struct locator *l, struct finding *item)
{
	const struct findings *f = l->findings;
	struct byte_range numbers = {item->offset, item->n_inodes};
	size_t i = findings_first_file(f, item->offset);

	if (rangeset_overlaps(&l->unreadable.numbers, numbers)) {
		item->flags |= FINDING_INODES_UNREADABLE;
		return;
	}
	for (; i < f->n_files && f->files[i].ino < range_end(numbers); i++)
		if (f->files[i].flags & FOUND_FILE_IN_LOST_CLUSTER)
			return;
	if (numbers.len)
		item->flags |= FINDING_INODES_UNUSED;
}

/* Kinds made exact; returns how many findings the end of their file cuts in two. */
static size_t resolve(struct locator *l)
{
	struct findings *f = l->findings;
	uint32_t hint = 0;
	size_t cuts = 0;

	for (size_t i = 0; i < f->n_items; i++) {
		struct finding *item = &f->items[i];
		uint64_t inside;

		if (item->kind == FS_OWNER_INODES)
			resolve_inodes(l, item);
		if (!fs_owner_is_file(item->kind))
			continue;
		item->file = file_index(f, item->ino, hint);
		if (item->file == FINDING_NO_FILE)
			continue;
		hint = item->file;
		if (item->kind == FS_OWNER_DATA)
			item->kind = kind_by_file(&f->files[item->file]);
		inside = before_eof(f, item);
		if (!inside)
			item->flags |= FINDING_PAST_EOF;
		else if (inside < item->len)
			cuts++;
	}
	return cuts;
}

/* Widens the array once and fills it from the back: the tails land behind their heads. */
static int cut_at_eof(struct findings *f, size_t cuts)
{
	static const struct finding blank;
	size_t from = f->n_items;
	int r;

	for (size_t i = 0; i < cuts; i++) {
		r = findings_add(f, &blank);
		if (r)
			return r;
	}
	for (size_t to = f->n_items; from < to;) {
		struct finding item = f->items[--from];
		uint64_t inside = before_eof(f, &item);

		if (inside && inside < item.len) {
			struct finding *tail = &f->items[--to];

			*tail = item;
			tail->start += inside;
			tail->offset += inside;
			tail->len -= inside;
			tail->flags |= FINDING_PAST_EOF;
			item.len = inside;
		}
		f->items[--to] = item;
	}
	return 0;
}

int locator_finish(struct locator *l, struct findings **ret)
{
	struct findings *f = l->findings;
	size_t cuts;
	int r;

	r = locator_end_inodes(l);
	if (r)
		return r;
	findings_sort(f);
	drop_doubles(f);
	r = fill_holes(l);
	if (r)
		return r;
	cuts = resolve(l);
	if (cuts) {
		r = cut_at_eof(f, cuts);
		if (r)
			return r;
	}
	findings_sort(f);
	findings_judge(f);

	*ret = steal(l->findings);
	return 0;
}
