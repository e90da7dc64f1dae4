/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * An answer inside keeps the places of its own device, the loop device; only the map that
 * leads to it speaks of the device below.
 */
#include "findings_inside.h"

#include <errno.h>
#include <stdlib.h>

#include "cleanup.h"

int findings_add_inside(struct findings *f, struct through **from, struct findings **found)
{
	struct findings_inside *more = reallocarray(f->inside, f->n_inside + 1, sizeof(*more));

	if (more)
		f->inside = more;
	if (!more) {
		*from = through_free(*from);
		*found = findings_free(*found);
		return -ENOMEM;
	}
	more[f->n_inside++] = (struct findings_inside){steal(*from), steal(*found)};
	return 0;
}

void findings_inside_clear(struct findings *f)
{
	for (size_t i = 0; i < f->n_inside; i++) {
		through_free(f->inside[i].from);
		findings_free(f->inside[i].found);
	}
	free(f->inside);
	f->inside = NULL;
	f->n_inside = 0;
}

void findings_inside_move(struct findings *to, struct findings *from)
{
	findings_inside_clear(to);
	to->inside = steal(from->inside);
	to->n_inside = from->n_inside;
	from->n_inside = 0;
}

int findings_inside_image(const struct findings *f, uint64_t ino, struct byte_range part,
			  const char *file, const char *loop, struct through **ret)
{
	CLEANUP(through_freep) struct through *from = NULL;
	int r;

	r = through_new(file, loop, &from);
	for (size_t i = 0; !r && i < f->n_items; i++) {
		const struct finding *item = &f->items[i];
		struct byte_range bytes;

		/* what was never written reads as zeros, also from a bad block */
		if (item->kind != FS_OWNER_DATA || item->ino != ino ||
		    item->flags & (FINDING_UNWRITTEN | FINDING_PAST_EOF))
			continue;
		bytes = range_intersect((struct byte_range){item->offset, item->len}, part);
		if (!bytes.len)
			continue;
		r = through_add(from,
				(struct through_piece){
					{item->start + (bytes.start - item->offset), bytes.len},
					bytes.start - part.start,
				});
		if (r == -ERANGE) /* of no kernel */
			r = 0;
	}
	if (r)
		return r;
	*ret = from->n ? steal(from) : NULL;
	return 0;
}

/* The bytes of @piece that are in @range of what @piece's upper side is. */
static struct through_piece clip_upper(const struct through_piece *piece, struct byte_range upper)
{
	struct byte_range common =
		range_intersect((struct byte_range){piece->upper, piece->lower.len}, upper);

	return (struct through_piece){
		{piece->lower.start + (common.start - piece->upper), common.len},
		common.start,
	};
}

int findings_inside_below(struct findings *f, const struct through *through)
{
	for (size_t i = 0; i < f->n_inside; i++) {
		CLEANUP(through_freep) struct through *moved = NULL;
		const struct through *from = f->inside[i].from;
		int r;

		r = through_new(from->devices, from->top, &moved);
		for (size_t k = 0; !r && k < from->n; k++) {
			const struct through_piece *up = &from->pieces[k];

			for (size_t j = 0; !r && j < through->n; j++) {
				struct through_piece piece =
					clip_upper(&through->pieces[j], up->lower);

				if (!piece.lower.len)
					continue;
				piece.upper = up->upper + (piece.upper - up->lower.start);
				r = through_add(moved, piece);
			}
		}
		if (r)
			return r;
		through_free(f->inside[i].from);
		f->inside[i].from = steal(moved);
	}
	return 0;
}

static int cut_one(const struct findings_inside *inside, const struct rangeset *asked,
		   struct findings *part)
{
	CLEANUP(rangeset_deinit) struct rangeset upper = RANGESET_NULL;
	CLEANUP(through_freep) struct through *from = NULL;
	CLEANUP(findings_freep) struct findings *found = NULL;
	int r;

	r = through_new(inside->from->devices, inside->from->top, &from);
	for (size_t i = 0; !r && i < inside->from->n; i++) {
		const struct through_piece *piece = &inside->from->pieces[i];

		for (size_t k = 0; !r && k < asked->n; k++) {
			struct byte_range common = range_intersect(piece->lower, asked->ranges[k]);

			if (common.len)
				r = through_add(
					from, (struct through_piece){
						      common, piece->upper + (common.start -
									      piece->lower.start)});
		}
	}
	if (!r)
		r = through_upper(from, &upper);
	if (r || !upper.n)
		return r;
	r = findings_cut(inside->found, &upper, &found);
	return r ? r : findings_add_inside(part, &from, &found);
}

int findings_inside_cut(const struct findings *whole, struct findings *part)
{
	int r = 0;

	for (size_t i = 0; !r && i < whole->n_inside; i++)
		r = cut_one(&whole->inside[i], &part->asked, part);
	return r;
}
