/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Findings come by device offset; a file of many extents is scattered over
 * them. Two sorts bring them together: findings by victim, then victims by
 * severity and place. A victim is an inode and a kind (a file's data and its
 * attributes are lost in different ways), or a kind alone.
 *
 * Reflink copies: owners of the same block are told apart by order only. The
 * first owner is listed with its loss; a later one whose every block has
 * been listed already is "same block", which is what a person must
 * know before taking it for a backup.
 */
#include <errno.h>
#include <stdlib.h>
#include "cleanup.h"
#include "hits.h"

#define TELLING_FLAGS                                                                              \
	(FINDING_UNWRITTEN | FINDING_PAST_EOF | FINDING_INODES_UNUSED | FINDING_PRIMARY |          \
	 FINDING_INODES_UNREADABLE)

const char *hits_kind_says(enum fs_owner_kind kind)
{
	static const char *const says[FS_OWNER_N] = {
		[FS_OWNER_UNKNOWN] = "unknown",
		[FS_OWNER_FREE] = "free space",
		[FS_OWNER_OUTSIDE] = "behind the filesystem",
		[FS_OWNER_SUPERBLOCK] = "superblock",
		[FS_OWNER_AGF] = "free-space header (AGF)",
		[FS_OWNER_AGI] = "inode header (AGI)",
		[FS_OWNER_AGFL] = "free list (AGFL)",
		[FS_OWNER_FS] = "filesystem header",
		[FS_OWNER_AG_PADDING] = "header padding",
		[FS_OWNER_AG_BTREE] = "free-space or reverse-map tree",
		[FS_OWNER_INOBT] = "inode tree",
		[FS_OWNER_REFCOUNT] = "reference-count tree",
		[FS_OWNER_INODES] = "inodes",
		[FS_OWNER_LOG] = "log",
		[FS_OWNER_COW] = "copy-on-write staging",
		[FS_OWNER_DEFECTIVE] = "known defective",
		[FS_OWNER_DATA] = "file data",
		[FS_OWNER_DIRECTORY] = "directory",
		[FS_OWNER_SYMLINK] = "symbolic link",
		[FS_OWNER_INTERNAL] = "internal file",
		[FS_OWNER_ATTR] = "extended attributes",
		[FS_OWNER_EXTENT_MAP] = "extent map",
		[FS_OWNER_ATTR_MAP] = "extent map of attributes",
	};

	return (unsigned int)kind < FS_OWNER_N && says[kind] ? says[kind] : "unknown";
}

void hits_deinit(struct hits *hits)
{
	free(hits->order);
	free(hits->items);
	*hits = HITS_NULL;
}

static int compare(uint64_t a, uint64_t b)
{
	return a < b ? -1 : a > b;
}

static bool same_victim(const struct finding *a, const struct finding *b)
{
	return a->kind == b->kind && a->ino == b->ino && a->file == b->file &&
	       (a->flags & TELLING_FLAGS) == (b->flags & TELLING_FLAGS);
}

static int by_victim(const void *a, const void *b, void *data)
{
	const struct findings *f = data;
	size_t ia = *(const size_t *)a, ib = *(const size_t *)b;
	const struct finding *fa = &f->items[ia], *fb = &f->items[ib];
	int r = compare(fa->ino, fb->ino);

	r = r ? r : compare(fa->kind, fb->kind);
	r = r ? r : compare(fa->file, fb->file);
	r = r ? r : compare(fa->flags & TELLING_FLAGS, fb->flags & TELLING_FLAGS);
	if (!r && fs_owner_has_offset((enum fs_owner_kind)fa->kind))
		r = compare(fa->offset, fb->offset);
	return r ? r : compare(ia, ib);
}

/* Data first: it is what people look for, and what no tool can rebuild. */
static unsigned int rank(enum impact impact)
{
	switch (impact) {
	case IMPACT_DATA: return 0;
	case IMPACT_METADATA: return 1;
	case IMPACT_UNKNOWN: return 2;
	default: return 3;
	}
}

static int by_severity(const void *a, const void *b)
{
	const struct hit *ha = a, *hb = b;
	int r = compare(rank(ha->impact), rank(hb->impact));

	return r ? r : compare(ha->place, hb->place);
}

static struct hit hit_of(const struct finding *item, size_t index, size_t first)
{
	return (struct hit){
		.kind = item->kind,
		.flags = item->flags & TELLING_FLAGS,
		.impact = finding_impact(item),
		.file = item->file,
		.ino = item->ino,
		.place = index,
		.first = first,
	};
}

static int mark_copies(const struct findings *f, struct hits *hits)
{
	CLEANUP(rangeset_deinit) struct rangeset told = RANGESET_NULL;
	int r;

	for (size_t i = 0; i < hits->n && hits->items[i].impact == IMPACT_DATA; i++) {
		struct hit *hit = &hits->items[i];

		hit->same_block = hit->shared;
		for (size_t j = 0; hit->shared && j < hit->n; j++) {
			const struct finding *item = &f->items[hits->order[hit->first + j]];
			struct byte_range on_device = {item->start, item->len};

			if (!rangeset_contains(&told, on_device))
				hit->same_block = false;
			r = rangeset_add(&told, on_device);
			if (r)
				return r;
		}
	}
	return 0;
}

int hits_group(const struct findings *f, struct hits *ret)
{
	CLEANUP(hits_deinit) struct hits hits = HITS_NULL;
	struct hit *hit = NULL;
	int r;

	hits.order = calloc(f->n_items + 1, sizeof(*hits.order));
	hits.items = calloc(f->n_items + 1, sizeof(*hits.items));
	if (!hits.order || !hits.items)
		return -ENOMEM;

	for (size_t i = 0; i < f->n_items; i++)
		hits.order[i] = i;
	qsort_r(hits.order, f->n_items, sizeof(*hits.order), by_victim, (void *)f);

	for (size_t i = 0; i < f->n_items; i++) {
		const struct finding *item = &f->items[hits.order[i]];

		if (!hit || !same_victim(&f->items[hits.order[hit->first]], item)) {
			hit = &hits.items[hits.n++];
			*hit = hit_of(item, hits.order[i], i);
			hits.n_impact[hit->impact]++;
		}
		hit->n++;
		hit->place = hits.order[i] < hit->place ? hits.order[i] : hit->place;
		hit->bytes += item->len;
		hit->shared = hit->shared || item->flags & FINDING_SHARED;
	}
	qsort(hits.items, hits.n, sizeof(*hits.items), by_severity);

	r = mark_copies(f, &hits);
	if (r)
		return r;
	*ret = hits;
	hits = HITS_NULL;
	return 0;
}
