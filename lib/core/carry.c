/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Completing a look with what an earlier one knew.
 *
 * The same victim is the same inode and kind, or the same kind alone. Both
 * looks are put in order of victims and walked together: what the later look
 * finds of a victim covers what the earlier one found, and a loss that stays
 * uncovered is carried. What was no loss is carried only where the later look
 * is blind. Then a new answer is put together, as files go by inode
 * number and findings by offset.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include "carry.h"
#include "cleanup.h"
#include "findings_inside.h"
#include "findings_through.h"

/* Reasons that say that nobody could be asked. */
#define BLIND                                                                                      \
	(1u << REASON_SHUTDOWN | 1u << REASON_NOT_PERMITTED | 1u << REASON_UNRESOLVED_LAYER |      \
	 1u << REASON_NOT_MOUNTED | 1u << REASON_DEVICE_GONE | 1u << REASON_IO_ERROR)

struct carry {
	const struct findings *old, *now;
	struct rangeset blind; /* unknown now, as nobody could be asked */
	struct rangeset known; /* of it, what is carried */
	struct finding *items; /* to carry; file: index into old */
	size_t n_items, allocated;
};

static void carry_deinit(struct carry *c)
{
	rangeset_deinit(&c->blind);
	rangeset_deinit(&c->known);
	free(c->items);
}

static struct byte_range range_of(const struct finding *item)
{
	return (struct byte_range){item->start, item->len};
}

static const struct found_file *file_of(const struct findings *f, const struct finding *item)
{
	return item->file < f->n_files ? &f->files[item->file] : NULL;
}

/* Both were looked at, and are not the same: the number was given again. */
static bool other_file(const struct found_file *a, const struct found_file *b)
{
	return a && b && a->mode && b->mode && a->gen != b->gen;
}

static bool is_loss(const struct finding *item)
{
	enum impact impact = finding_impact(item);

	return impact == IMPACT_DATA || impact == IMPACT_METADATA;
}

/* ---- by victim ---- */

static int compare_victims(const struct finding *a, const struct finding *b)
{
	if (a->ino != b->ino)
		return a->ino > b->ino ? 1 : -1;
	return (a->kind > b->kind) - (a->kind < b->kind);
}

static int by_victim(const void *left, const void *right, void *data)
{
	const struct findings *f = data;
	const struct finding *a = &f->items[*(const size_t *)left];
	const struct finding *b = &f->items[*(const size_t *)right];
	int r = compare_victims(a, b);

	return r ? r : (a->start > b->start) - (a->start < b->start);
}

static int order_by_victim(const struct findings *f, size_t **ret)
{
	size_t *order = calloc(f->n_items ? f->n_items : 1, sizeof(*order));

	if (!order)
		return -ENOMEM;
	for (size_t i = 0; i < f->n_items; i++)
		order[i] = i;
	qsort_r(order, f->n_items, sizeof(*order), by_victim, (void *)f);

	*ret = order;
	return 0;
}

/* ---- what to carry ---- */

/* A part of an item of the earlier look. */
static int keep(struct carry *c, const struct finding *item, struct byte_range part)
{
	struct finding kept = *item;

	if (c->n_items == c->allocated) {
		size_t want = c->allocated ? c->allocated * 2 : 16;
		struct finding *bigger = reallocarray(c->items, want, sizeof(*bigger));

		if (!bigger)
			return -ENOMEM;
		c->items = bigger;
		c->allocated = want;
	}

	kept.flags |= FINDING_EARLIER;
	kept.start = part.start;
	kept.len = part.len;
	if (fs_owner_has_offset(item->kind)) {
		kept.offset += part.start - item->start;
	} else if (item->kind == FS_OWNER_INODES && c->old->geom.block_size) {
		uint64_t count;

		fsgeom_inodes_at(
			&c->old->geom,
			(struct byte_range){findings_fs_byte(c->old, part.start), part.len},
			&kept.offset, &count);
		kept.n_inodes = count > UINT16_MAX ? UINT16_MAX : (uint16_t)count;
	}
	c->items[c->n_items++] = kept;
	return rangeset_add(&c->known, part);
}

/* @covered: what the later look finds of the same victim, ascending */
static int consider(struct carry *c, const struct finding *item, const struct rangeset *covered)
{
	CLEANUP(rangeset_deinit) struct rangeset part = RANGESET_NULL;
	struct rangeset near = {covered->ranges + rangeset_find(covered, item->start), 0, 0};
	int r;

	r = rangeset_add(&part, range_of(item));
	if (r)
		return r;
	if (is_loss(item)) {
		while (near.ranges + near.n < covered->ranges + covered->n &&
		       near.ranges[near.n].start < item->start + item->len)
			near.n++;
		r = rangeset_subtract_set(&part, &near);
	} else {
		r = rangeset_intersect(&part, &c->blind, &part);
	}
	if (!r)
		r = rangeset_intersect(&part, &c->now->asked, &part);
	for (size_t i = 0; !r && i < part.n; i++)
		r = keep(c, item, part.ranges[i]);
	return r;
}

static int compare_looks(struct carry *c, const size_t *old_order, const size_t *now_order)
{
	CLEANUP(rangeset_deinit) struct rangeset covered = RANGESET_NULL;
	const struct finding *victim = NULL;
	const struct found_file *found = NULL;
	size_t at = 0;
	int r;

	for (size_t i = 0; i < c->old->n_items; i++) {
		const struct finding *item = &c->old->items[old_order[i]];

		if (item->kind == FS_OWNER_UNKNOWN)
			continue;
		if (!victim || compare_victims(victim, item)) {
			victim = item;
			found = NULL;
			rangeset_clear(&covered);
			while (at < c->now->n_items &&
			       compare_victims(&c->now->items[now_order[at]], victim) < 0)
				at++;
			for (; at < c->now->n_items &&
			       !compare_victims(&c->now->items[now_order[at]], victim);
			     at++) {
				const struct finding *same = &c->now->items[now_order[at]];

				found = file_of(c->now, same);
				r = rangeset_add(&covered, range_of(same));
				if (r)
					return r;
			}
		}
		if (other_file(file_of(c->old, item), found))
			continue;
		r = consider(c, item, &covered);
		if (r)
			return r;
	}
	return 0;
}

/* ---- the new answer ---- */

static int copy_text(char **to, const char *from, const char *otherwise)
{
	const char *text = from ? from : otherwise;

	if (!text)
		return 0;
	*to = strdup(text);
	return *to ? 0 : -ENOMEM;
}

static int copy_head(const struct carry *c, struct findings *out)
{
	int r;

	out->devno = c->now->devno;
	out->device_size = c->now->device_size;
	out->geom = c->now->geom.block_size ? c->now->geom : c->old->geom;
	out->reasons = c->now->reasons;
	out->offline = c->now->offline;
	if ((r = copy_text(&out->device, c->now->device, NULL)) ||
	    (r = copy_text(&out->fs_type, c->now->fs_type, c->old->fs_type)) ||
	    (r = copy_text(&out->mountpoint, c->now->mountpoint, NULL)) ||
	    (r = elsewhere_copy(c->now->elsewhere, &out->elsewhere)) ||
	    (r = copy_text(&out->detail, c->now->detail, NULL)) ||
	    (r = through_cut(c->now->geom.block_size ? c->now->through : c->old->through,
			     &c->now->asked, &out->through)))
		return r;
	if (c->old->whole && c->blind.n) {
		/* the earlier record was cut: only its totals tell what it had seen */
		out->whole = malloc(sizeof(*out->whole));
		if (!out->whole)
			return -ENOMEM;
		*out->whole = *c->old->whole;
		out->whole->unknown_bytes +=
			rangeset_bytes(&c->now->asked) - rangeset_bytes(&c->old->asked);
		findings_add_reason(out, REASON_TRUNCATED);
	}
	return rangeset_copy(&out->asked, &c->now->asked);
}

static int copy_facts(const struct found_file *file, uint32_t flags, struct findings *out)
{
	struct found_file copy = *file;

	copy.flags |= flags;
	return findings_add_file(out, &copy);
}

static int copy_file(const struct findings *from, const struct found_file *file, uint32_t flags,
		     struct findings *out)
{
	uint32_t cursor = 0;
	const char *path;
	int r;

	r = copy_facts(file, flags, out);
	while (!r && (path = findings_path_next(from, file, &cursor)))
		r = findings_add_path(out, out->n_files - 1, path);
	return r;
}

/*
 * The same file, of whose names the device shows fewer now, as a directory cannot be read or as they were
 * not looked for; or shows them from the filesystem's root, as no mount shows the file any more.
 */
static bool wants_names(const struct carry *c, const struct found_file *old,
			const struct found_file *now)
{
	bool all = now->flags & FOUND_FILE_PATHS && !(now->flags & FOUND_FILE_NO_PATH);
	uint32_t cursor = 0;
	const char *had = findings_path_next(c->old, old, &cursor);
	bool unseen = !c->now->mountpoint && had && *had == '/';

	return c->now->offline && !other_file(old, now) &&
	       (unseen || (!all && old->n_paths > now->n_paths));
}

static bool any_wants_names(const struct carry *c)
{
	const struct found_file *now;

	for (size_t i = 0; i < c->old->n_files; i++) {
		now = findings_file_by_ino(c->now, c->old->files[i].ino);
		if (now && wants_names(c, &c->old->files[i], now))
			return true;
	}
	return false;
}

static int copy_names(const struct findings *from, const struct found_file *file,
		      struct findings *out)
{
	uint32_t cursor = 0;
	const char *path;
	struct found_file *to = &out->files[out->n_files - 1];
	int r = 0;

	to->flags &= ~(FOUND_FILE_PATHS | FOUND_FILE_NO_PATH);
	to->flags |= file->flags & (FOUND_FILE_PATHS | FOUND_FILE_NO_PATH);
	while (!r && (path = findings_path_next(from, file, &cursor)))
		r = findings_add_path(out, out->n_files - 1, path);
	return r;
}

/* Files of both, by inode number; of one that both have the later facts. */
static int merge_files(const struct carry *c, const bool *wanted, struct findings *out)
{
	const struct findings *old = c->old, *now = c->now;
	size_t i = 0, j = 0;
	int r = 0;

	while (!r && (i < old->n_files || j < now->n_files)) {
		bool both = i < old->n_files && j < now->n_files &&
			    old->files[i].ino == now->files[j].ino;
		bool mine = j == now->n_files ||
			    (i < old->n_files && old->files[i].ino < now->files[j].ino);

		if (both) {
			uint32_t flags =
				wanted[i] ? old->files[i].flags & FOUND_FILE_IN_LOST_CLUSTER : 0;

			if (!wants_names(c, &old->files[i], &now->files[j]))
				r = copy_file(now, &now->files[j], flags, out);
			else if (!(r = copy_facts(&now->files[j], flags, out)))
				r = copy_names(old, &old->files[i], out);
			i++;
			j++;
		} else if (mine) {
			if (wanted[i])
				r = copy_file(old, &old->files[i], 0, out);
			i++;
		} else {
			r = copy_file(now, &now->files[j++], 0, out);
		}
	}
	return r;
}

/* Which files of the earlier look the carried items speak of. */
static void mark_wanted(const struct carry *c, bool *wanted)
{
	for (size_t i = 0; i < c->n_items; i++) {
		const struct finding *item = &c->items[i];

		if (item->file < c->old->n_files)
			wanted[item->file] = true;
		if (item->kind != FS_OWNER_INODES)
			continue;
		for (size_t k = findings_first_file(c->old, item->offset);
		     k < c->old->n_files && c->old->files[k].ino - item->offset < item->n_inodes;
		     k++)
			if (c->old->files[k].flags & FOUND_FILE_IN_LOST_CLUSTER)
				wanted[k] = true;
	}
}

static int add_item(const struct findings *from, const struct finding *item, struct findings *out)
{
	const struct found_file *file = file_of(from, item);
	struct finding copy = *item;

	if (file)
		copy.file = (uint32_t)(findings_file_by_ino(out, file->ino) - out->files);
	return findings_add(out, &copy);
}

/* What is unknown now, but for what is carried. */
static int add_unknown(const struct carry *c, const struct finding *item, struct findings *out)
{
	CLEANUP(rangeset_deinit) struct rangeset part = RANGESET_NULL;
	struct finding copy = *item;
	int r;

	r = rangeset_add(&part, range_of(item));
	if (!r)
		r = rangeset_subtract_set(&part, &c->known);
	for (size_t i = 0; !r && i < part.n; i++) {
		copy.start = part.ranges[i].start;
		copy.len = part.ranges[i].len;
		r = findings_add(out, &copy);
	}
	return r;
}

static int put_together(const struct carry *c, struct findings **ret)
{
	CLEANUP(findings_freep) struct findings *out = NULL;
	CLEANUP(freep) bool *wanted = calloc(c->old->n_files + 1, sizeof(*wanted));
	int r;

	if (!wanted)
		return -ENOMEM;
	mark_wanted(c, wanted);
	r = findings_new(&out);
	if (!r)
		r = copy_head(c, out);
	if (!r)
		r = merge_files(c, wanted, out);
	for (size_t i = 0; !r && i < c->now->n_items; i++)
		r = c->now->items[i].kind == FS_OWNER_UNKNOWN
			    ? add_unknown(c, &c->now->items[i], out)
			    : add_item(c->now, &c->now->items[i], out);
	for (size_t i = 0; !r && i < c->n_items; i++)
		r = add_item(c->old, &c->items[i], out);
	for (size_t i = 0; !r && i < c->now->n_holders; i++) {
		const struct found_holder *holder = &c->now->holders[i];
		uint32_t file = FINDING_NO_FILE;

		if (holder->file < c->now->n_files)
			file = (uint32_t)(findings_file_by_ino(out,
							       c->now->files[holder->file].ino) -
					  out->files);
		r = findings_copy_holder(out, file, c->now, holder);
	}
	if (r)
		return r;
	findings_sort(out);

	*ret = steal(out);
	return 0;
}

static bool other_filesystem(const struct findings *a, const struct findings *b)
{
	return a->geom.block_size && b->geom.block_size &&
	       memcmp(a->geom.uuid, b->geom.uuid, sizeof(a->geom.uuid)) != 0;
}

int carry_over(const struct findings *old, struct findings **now)
{
	CLEANUP(carry_deinit) struct carry c = {.old = old, .now = *now};
	CLEANUP(findings_freep) struct findings *out = NULL;
	CLEANUP(freep) size_t *old_order = NULL, *now_order = NULL;
	int r = 0;

	if (old->place && !(*now)->place) { /* the device has gone, or its addresses have */
		r = place_cut(old->place, &(*now)->asked, &(*now)->place);
		if (r)
			return r;
	}
	if (other_filesystem(old, *now))
		return 0;
	for (size_t i = 0; !r && (*now)->reasons & BLIND && i < (*now)->n_items; i++)
		if ((*now)->items[i].kind == FS_OWNER_UNKNOWN)
			r = rangeset_add(&c.blind, range_of(&(*now)->items[i]));
	if (!r)
		r = order_by_victim(old, &old_order);
	if (!r)
		r = order_by_victim(*now, &now_order);
	if (!r)
		r = compare_looks(&c, old_order, now_order);
	if (r || (!c.n_items && !any_wants_names(&c)))
		return r;
	r = put_together(&c, &out);
	if (r)
		return r;

	out->place = steal((*now)->place);
	findings_inside_move(out, *now);
	findings_free(*now);
	*now = steal(out);
	return 0;
}
