/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * One answer to many questions, taken apart: what would a look at a part of the ranges have told?
 *
 * Findings lie in order of their start and none reaches over the end of the range
 * that it answers, so each part is found by bisection: cutting a million findings
 * into ten thousand parts costs little more than copying them. Files follow from
 * the findings kept: owners, and what lies in lost inode blocks.
 *
 * A reason holds for the part where it holds for anybody who asks (shut down, not
 * mounted), or where the part's own findings give it; that the kernel failed somewhere else is
 * no reason here.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include "cleanup.h"
#include "findings_inside.h"
#include "findings_through.h"

/* Given by the findings themselves: those of the part tell. */
#define OWN                                                                                        \
	(1u << REASON_UNKNOWN_OWNER | 1u << REASON_NO_PATHS | 1u << REASON_PATHS_OUTSIDE |         \
	 1u << REASON_CHANGED | 1u << REASON_INODES_UNREADABLE | 1u << REASON_OUTSIDE_FS)

struct cut {
	const struct findings *whole;
	struct findings *part; /* item.file: index into the whole's files, until the end */
	size_t *files;         /* indices into the whole's files, any order, doubles */
	size_t n_files, allocated;
};

static void cut_deinit(struct cut *c)
{
	findings_free(c->part);
	free(c->files);
}

static int copy_text(char **to, const char *from)
{
	if (!from)
		return 0;
	*to = strdup(from);
	return *to ? 0 : -ENOMEM;
}

static bool is_beyond_end(const struct findings *f)
{
	const struct rangeset *asked = &f->asked;

	return asked->n && range_end(asked->ranges[asked->n - 1]) > f->device_size;
}

static bool overlap(const struct rangeset *a, const struct rangeset *b)
{
	for (size_t i = 0; i < a->n; i++)
		if (rangeset_overlaps(b, a->ranges[i]))
			return true;
	return false;
}

/* Those that hold for whoever asks. */
static uint32_t common_reasons(const struct cut *c)
{
	const struct findings *whole = c->whole;
	uint32_t reasons = whole->reasons;

	if (reasons & 1u << REASON_TRUNCATED)
		return reasons; /* the findings do not tell all */
	reasons &= ~OWN;
	if (!is_beyond_end(c->part))
		reasons &= ~(1u << REASON_BEYOND_END);
	if (whole->failed.n && !overlap(&c->part->asked, &whole->failed))
		reasons &= ~(1u << REASON_IO_ERROR);
	return reasons;
}

static int copy_head(struct cut *c, const struct rangeset *ranges)
{
	const struct findings *whole = c->whole;
	struct findings *part = c->part;
	int r;

	part->devno = whole->devno;
	part->device_size = whole->device_size;
	part->geom = whole->geom;
	part->offline = whole->offline;
	if ((r = copy_text(&part->device, whole->device)) ||
	    (r = copy_text(&part->fs_type, whole->fs_type)) ||
	    (r = copy_text(&part->mountpoint, whole->mountpoint)) ||
	    (r = elsewhere_copy(whole->elsewhere, &part->elsewhere)) ||
	    (r = copy_text(&part->detail, whole->detail)) ||
	    (r = rangeset_round_out(ranges, SECTOR_SIZE, &part->asked)) ||
	    (r = through_cut(whole->through, &part->asked, &part->through)) ||
	    (r = place_cut(whole->place, &part->asked, &part->place)) ||
	    (r = rangeset_intersect(&whole->failed, &part->asked, &part->failed)))
		return r;
	part->reasons = common_reasons(c);
	return 0;
}

/* ---- findings ---- */

static int want_file(struct cut *c, size_t file)
{
	if (c->n_files && c->files[c->n_files - 1] == file)
		return 0;
	if (c->n_files == c->allocated) {
		size_t want = c->allocated ? c->allocated * 2 : 16;
		size_t *bigger = reallocarray(c->files, want, sizeof(*bigger));

		if (!bigger)
			return -ENOMEM;
		c->files = bigger;
		c->allocated = want;
	}
	c->files[c->n_files++] = file;
	return 0;
}

/* @item is clipped already; which of its inodes are in use, the whole's files tell. */
static int cut_inodes(struct cut *c, struct finding *item)
{
	const struct findings *whole = c->whole;
	bool used = false;
	uint64_t count;
	int r;

	if (whole->geom.block_size) {
		fsgeom_inodes_at(
			&whole->geom,
			(struct byte_range){findings_fs_byte(whole, item->start), item->len},
			&item->offset, &count);
		item->n_inodes = count > UINT16_MAX ? UINT16_MAX : (uint16_t)count;
	}
	for (size_t i = findings_first_file(whole, item->offset);
	     i < whole->n_files && whole->files[i].ino - item->offset < item->n_inodes; i++) {
		if (!(whole->files[i].flags & FOUND_FILE_IN_LOST_CLUSTER))
			continue;
		used = true;
		r = want_file(c, i);
		if (r)
			return r;
	}
	if (!used && item->n_inodes && !(item->flags & FINDING_INODES_UNREADABLE))
		item->flags |= FINDING_INODES_UNUSED;
	return 0;
}

static int cut_item(struct cut *c, const struct finding *item, struct byte_range range)
{
	struct byte_range kept =
		range_intersect((struct byte_range){item->start, item->len}, range);
	struct finding copy = *item;
	int r = 0;

	if (!kept.len)
		return 0;
	copy.start = kept.start;
	copy.len = kept.len;
	if (!(item->flags & FINDING_EARLIER || c->whole->reasons & 1u << REASON_TRUNCATED))
		copy.flags &= (uint8_t)~FINDING_SHARED;
	if (fs_owner_has_offset(item->kind))
		copy.offset += kept.start - item->start;
	else if (item->kind == FS_OWNER_INODES)
		r = cut_inodes(c, &copy);
	if (!r && item->file < c->whole->n_files)
		r = want_file(c, item->file);
	return r ? r : findings_add(c->part, &copy);
}

/* Index of the first finding at or behind @start. */
static size_t first_item(const struct findings *f, uint64_t start)
{
	size_t low = 0, high = f->n_items;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (f->items[middle].start >= start)
			high = middle;
		else
			low = middle + 1;
	}
	return low;
}

static int cut_items(struct cut *c)
{
	const struct findings *whole = c->whole;

	for (size_t i = 0; i < c->part->asked.n; i++) {
		struct byte_range range = c->part->asked.ranges[i];
		size_t at = rangeset_find(&whole->asked, range.start);

		if (at == whole->asked.n)
			continue;
		/* what reaches into the range begins in the whole's range around it, or behind */
		for (size_t k = first_item(whole, whole->asked.ranges[at].start);
		     k < whole->n_items && whole->items[k].start < range_end(range); k++) {
			int r = cut_item(c, &whole->items[k], range);

			if (r)
				return r;
		}
	}
	findings_sort(c->part);
	return 0;
}

/* ---- files ---- */

static int compare_indices(const void *left, const void *right)
{
	size_t a = *(const size_t *)left, b = *(const size_t *)right;

	return (a > b) - (a < b);
}

/* @numbers: of the inodes in the part's inode blocks */
static int copy_file(struct cut *c, const struct found_file *file, const struct rangeset *numbers)
{
	struct found_file copy = *file;
	struct findings *part = c->part;
	const struct found_holder *holders;
	uint32_t cursor = 0;
	const char *path;
	size_t n;
	int r;

	if (!rangeset_contains(numbers, (struct byte_range){file->ino, 1}))
		copy.flags &= ~FOUND_FILE_IN_LOST_CLUSTER;
	r = findings_add_file(part, &copy);
	while (!r && (path = findings_path_next(c->whole, file, &cursor)))
		r = findings_add_path(part, part->n_files - 1, path);
	holders = findings_holders(c->whole, (uint32_t)(file - c->whole->files), &n);
	for (size_t i = 0; !r && i < n; i++)
		r = findings_copy_holder(part, (uint32_t)(part->n_files - 1), c->whole,
					 &holders[i]);
	return r;
}

static int list_inodes(const struct findings *part, struct rangeset *ret)
{
	for (size_t i = 0; i < part->n_items; i++) {
		const struct finding *item = &part->items[i];
		int r;

		if (item->kind != FS_OWNER_INODES)
			continue;
		r = rangeset_append_unsorted(ret,
					     (struct byte_range){item->offset, item->n_inodes});
		if (r)
			return r;
	}
	rangeset_normalise(ret);
	return 0;
}

/* Those of the device itself. */
static int copy_users(struct cut *c)
{
	const struct found_holder *holders;
	size_t n;
	int r = 0;

	holders = findings_holders(c->whole, FINDING_NO_FILE, &n);
	for (size_t i = 0; !r && i < n; i++)
		r = findings_copy_holder(c->part, FINDING_NO_FILE, c->whole, &holders[i]);
	return r;
}

static int cut_files(struct cut *c)
{
	CLEANUP(rangeset_deinit) struct rangeset numbers = RANGESET_NULL;
	struct findings *part = c->part;
	int r;

	r = list_inodes(part, &numbers);
	if (r)
		return r;
	if (c->n_files)
		qsort(c->files, c->n_files, sizeof(*c->files), compare_indices);
	for (size_t i = 0; i < c->n_files; i++) {
		if (i && c->files[i - 1] == c->files[i])
			continue;
		r = copy_file(c, &c->whole->files[c->files[i]], &numbers);
		if (r)
			return r;
	}
	for (size_t i = 0; i < part->n_items; i++) {
		struct finding *item = &part->items[i];

		if (item->file < c->whole->n_files)
			item->file = (uint32_t)findings_first_file(part,
								   c->whole->files[item->file].ino);
	}
	return 0;
}

int findings_cut(const struct findings *whole, const struct rangeset *ranges, struct findings **ret)
{
	CLEANUP(cut_deinit) struct cut c = {.whole = whole};
	int r;

	r = findings_new(&c.part);
	if (!r)
		r = copy_head(&c, ranges);
	if (!r)
		r = cut_items(&c);
	if (!r)
		r = cut_files(&c);
	if (!r)
		r = findings_inside_cut(whole, c.part);
	if (!r)
		r = copy_users(&c);
	if (r)
		return r;
	findings_judge(c.part);
	findings_drop_idle_reasons(c.part);

	*ret = steal(c.part);
	return 0;
}
