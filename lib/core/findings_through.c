/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Places stay those of the device that was asked about, since that is what is bad and
 * what is told to people; what a filesystem's geometry says of a place (AG, inode numbers) goes
 * through findings_fs_byte().
 */
#include "findings_through.h"

#include <errno.h>
#include <stdlib.h>

#include "cleanup.h"
#include "findings_inside.h"

/* The part of @item in @range (bytes of the filesystem's device). */
static struct finding part_of(const struct findings *f, const struct finding *item,
			      struct byte_range range)
{
	struct finding part = *item;
	uint64_t count;

	part.start = range.start;
	part.len = range.len;
	if (fs_owner_has_offset(item->kind))
		part.offset += range.start - item->start;
	if (item->kind == FS_OWNER_INODES && f->geom.block_size) {
		fsgeom_inodes_at(&f->geom, range, &part.offset, &count);
		part.n_inodes = count > UINT16_MAX ? UINT16_MAX : (uint16_t)count;
	}
	return part;
}

static int move_items(struct findings *f, const struct through *through)
{
	CLEANUP(freep) struct finding *old = steal(f->items);
	size_t n = f->n_items;

	f->n_items = f->items_allocated = 0;
	for (size_t i = 0; i < through->n; i++) {
		const struct through_piece *piece = &through->pieces[i];
		const struct byte_range upper = {piece->upper, piece->lower.len};

		for (size_t k = 0; k < n; k++) {
			struct byte_range common = range_intersect(
				upper, (struct byte_range){old[k].start, old[k].len});
			struct finding part;
			int r;

			if (!common.len)
				continue;
			part = part_of(f, &old[k], common);
			part.start = piece->lower.start + (common.start - piece->upper);
			r = findings_add(f, &part);
			if (r)
				return r;
		}
	}
	return 0;
}

static int move_set(struct rangeset *set, const struct through *through)
{
	CLEANUP(rangeset_deinit) struct rangeset moved = RANGESET_NULL;

	for (size_t i = 0; i < through->n; i++) {
		const struct through_piece *piece = &through->pieces[i];

		for (size_t k = 0; k < set->n; k++) {
			struct byte_range common = range_intersect(
				set->ranges[k],
				(struct byte_range){piece->upper, piece->lower.len});
			int r;

			common.start = piece->lower.start + (common.start - piece->upper);
			r = common.len ? rangeset_add(&moved, common) : 0;
			if (r)
				return r;
		}
	}
	rangeset_move(set, &moved);
	return 0;
}

/* What was asked about and shows nowhere above. */
static int add_rest(struct findings *f, const struct rangeset *asked)
{
	CLEANUP(rangeset_deinit) struct rangeset covered = RANGESET_NULL;
	CLEANUP(rangeset_deinit) struct rangeset rest = RANGESET_NULL;
	int r;

	r = through_lower(f->through, &covered);
	if (!r)
		r = rangeset_diff(asked, &covered, &rest);
	for (size_t i = 0; !r && i < rest.n; i++)
		r = findings_add(f, &(struct finding){
					    .start = rest.ranges[i].start,
					    .len = rest.ranges[i].len,
					    .file = FINDING_NO_FILE,
					    .kind = FS_OWNER_UNKNOWN,
				    });
	if (!r && rest.n)
		findings_add_reason(f, REASON_UNRESOLVED_LAYER);
	return r;
}

int findings_below(struct findings *f, struct through **through, const struct rangeset *asked)
{
	int r;

	r = move_items(f, *through);
	if (!r)
		r = move_set(&f->failed, *through);
	if (!r)
		r = findings_inside_below(f, *through);
	if (r)
		return r;
	through_free(f->through);
	f->through = steal(*through);
	r = add_rest(f, asked);
	if (!r)
		r = rangeset_copy(&f->asked, asked);
	findings_sort(f);
	return r;
}
