/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Pieces are few: of the ranges that somebody asked about, not of the whole device.
 */
#include "through.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "cleanup.h"

int through_new(const char *devices, const char *top, struct through **ret)
{
	CLEANUP(through_freep) struct through *through = calloc(1, sizeof(*through));

	if (!through)
		return -ENOMEM;
	through->devices = strdup(devices);
	through->top = strdup(top);
	if (!through->devices || !through->top)
		return -ENOMEM;
	*ret = steal(through);
	return 0;
}

struct through *through_free(struct through *through)
{
	if (!through)
		return NULL;
	free(through->devices);
	free(through->top);
	free(through->pieces);
	free(through);
	return NULL;
}

void through_freep(struct through **through)
{
	*through = through_free(*through);
}

int through_add(struct through *through, struct through_piece piece)
{
	struct through_piece *more;
	size_t at = through->n;

	if (!piece.lower.len)
		return 0;
	if (piece.lower.start > UINT64_MAX - piece.lower.len ||
	    piece.upper > UINT64_MAX - piece.lower.len)
		return -ERANGE;
	more = reallocarray(through->pieces, through->n + 1, sizeof(*more));
	if (!more)
		return -ENOMEM;
	through->pieces = more;
	while (at && more[at - 1].lower.start > piece.lower.start)
		at--;
	memmove(more + at + 1, more + at, (through->n - at) * sizeof(*more));
	more[at] = piece;
	through->n++;
	return 0;
}

int through_cut(const struct through *through, const struct rangeset *ranges, struct through **ret)
{
	CLEANUP(through_freep) struct through *part = NULL;
	int r;

	if (!through) {
		*ret = NULL;
		return 0;
	}
	r = through_new(through->devices, through->top, &part);
	for (size_t i = 0; !r && i < through->n; i++)
		if (rangeset_overlaps(ranges, through->pieces[i].lower))
			r = through_add(part, through->pieces[i]);
	if (r)
		return r;
	*ret = steal(part);
	return 0;
}

uint64_t through_byte(const struct through *through, uint64_t byte)
{
	for (size_t i = 0; through && i < through->n; i++) {
		const struct through_piece *piece = &through->pieces[i];

		if (byte >= piece->lower.start && byte < range_end(piece->lower))
			return piece->upper + (byte - piece->lower.start);
	}
	return byte;
}

int through_upper(const struct through *through, struct rangeset *ret)
{
	CLEANUP(rangeset_deinit) struct rangeset upper = RANGESET_NULL;
	int r = 0;

	for (size_t i = 0; !r && i < through->n; i++)
		r = rangeset_add(&upper, (struct byte_range){through->pieces[i].upper,
							     through->pieces[i].lower.len});
	if (!r)
		rangeset_move(ret, &upper);
	return r;
}

int through_lower(const struct through *through, struct rangeset *ret)
{
	CLEANUP(rangeset_deinit) struct rangeset lower = RANGESET_NULL;
	int r = 0;

	for (size_t i = 0; !r && i < through->n; i++)
		r = rangeset_add(&lower, through->pieces[i].lower);
	if (!r)
		rangeset_move(ret, &lower);
	return r;
}
