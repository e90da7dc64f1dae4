/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Second part of the locator: which inodes want a look, and what a look told.
 *
 * Wanted are the owners of findings and every number in a bad inode block,
 * sorted. Facts come in ascending order too, so that files are appended, never
 * inserted, and what is passed over is known at once: an owner that was not
 * added has vanished, a number that only lies in a bad inode block is not in
 * use. Neither is ever concluded where somebody said that the look failed
 * (locator_inodes_unreadable()).
 */
#include <errno.h>
#include <stdlib.h>
#include "cleanup.h"
#include "locator.h"

#define RECENT_INOS 64 /* remembered, so that interleaved files are listed only a few times */

static int compare_inos(const void *left, const void *right)
{
	uint64_t a = *(const uint64_t *)left, b = *(const uint64_t *)right;

	return (a > b) - (a < b);
}

/* First index from @from on whose inode number is at least @ino. */
static size_t wanted_find(const struct locator *l, size_t from, uint64_t ino)
{
	size_t low = from, high = l->n_wanted, step = 1;

	/* gallop: what is looked for is mostly near */
	while (low + step < high && l->wanted[low + step] < ino) {
		low += step;
		step *= 2;
	}
	if (low + step < high)
		high = low + step;
	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (l->wanted[middle] >= ino)
			high = middle;
		else
			low = middle + 1;
	}
	return low;
}

/* Owners of findings, each at least once; with @ret NULL only counted. */
static size_t list_owners(const struct findings *f, uint64_t *ret)
{
	uint64_t recent[RECENT_INOS] = {0};
	size_t n = 0;

	for (size_t i = 0; i < f->n_items; i++) {
		uint64_t ino = f->items[i].ino;

		if (!fs_owner_is_file(f->items[i].kind) ||
		    (ino && recent[ino % RECENT_INOS] == ino))
			continue;
		recent[ino % RECENT_INOS] = ino;
		if (ret)
			ret[n] = ino;
		n++;
	}
	return n;
}

static int list_clusters(struct locator *l)
{
	const struct findings *f = l->findings;
	int r;

	for (size_t i = 0; i < f->n_items; i++) {
		if (f->items[i].kind != FS_OWNER_INODES)
			continue;
		r = rangeset_append_unsorted(
			&l->clusters.numbers,
			(struct byte_range){f->items[i].offset, f->items[i].n_inodes});
		if (r)
			return r;
	}
	rangeset_normalise(&l->clusters.numbers);
	return 0;
}

static void sort_wanted(struct locator *l)
{
	size_t kept = 0, i;

	for (i = 1; i < l->n_wanted && l->wanted[i - 1] <= l->wanted[i]; i++)
		;
	if (i < l->n_wanted)
		qsort(l->wanted, l->n_wanted, sizeof(*l->wanted), compare_inos);
	for (i = 0; i < l->n_wanted; i++)
		if (!kept || l->wanted[kept - 1] != l->wanted[i])
			l->wanted[kept++] = l->wanted[i];
	l->n_wanted = kept;
}

/* Tell numbers that own blocks from those that only lie in a bad inode block. */
static int mark_owners(struct locator *l)
{
	const struct findings *f = l->findings;

	l->owners = calloc(l->n_wanted / 8 + 1, 1);
	if (!l->owners)
		return -ENOMEM;
	for (size_t i = 0; i < f->n_items; i++) {
		size_t at;

		if (!fs_owner_is_file(f->items[i].kind))
			continue;
		at = wanted_find(l, 0, f->items[i].ino);
		l->owners[at / 8] |= (uint8_t)(1u << (at % 8));
	}
	return 0;
}

int locator_wanted(struct locator *l, const uint64_t **ret, size_t *ret_n)
{
	CLEANUP(freep) uint64_t *list = NULL;
	size_t n;
	int r;

	if (!l->listed) {
		rangeset_clear(&l->clusters.numbers);
		r = list_clusters(l);
		if (r)
			return r;
		n = list_owners(l->findings, NULL);
		list = calloc(n + rangeset_bytes(&l->clusters.numbers) + 1, sizeof(*list));
		if (!list)
			return -ENOMEM;
		list_owners(l->findings, list);
		for (size_t i = 0; i < l->clusters.numbers.n; i++)
			for (uint64_t k = 0; k < l->clusters.numbers.ranges[i].len; k++)
				list[n++] = l->clusters.numbers.ranges[i].start + k;

		free(l->wanted);
		l->wanted = steal(list);
		l->n_wanted = n;
		sort_wanted(l);
		if (l->clusters.numbers.n) {
			r = mark_owners(l);
			if (r)
				return r;
		}
		l->listed = true;
	}

	*ret = l->wanted;
	*ret_n = l->n_wanted;
	return 0;
}

static bool owns_blocks(const struct locator *l, size_t i)
{
	return !l->owners || l->owners[i / 8] & 1u << (i % 8);
}

static bool in_set(const struct inode_set *set, uint64_t ino)
{
	return rangeset_contains(&set->numbers, (struct byte_range){ino, 1});
}

/* The wanted inodes from l->next up to @end were not added: those that own blocks have gone. */
static int pass_over(struct locator *l, size_t end)
{
	int r;

	for (; l->next < end; l->next++) {
		struct found_file file = {.ino = l->wanted[l->next]};

		if (!owns_blocks(l, l->next))
			continue;
		file.flags = FOUND_FILE_VANISHED;
		if (in_set(&l->unreadable, file.ino)) {
			file.flags = FOUND_FILE_UNREADABLE;
			if (in_set(&l->clusters, file.ino))
				file.flags |= FOUND_FILE_IN_LOST_CLUSTER;
		}
		r = findings_add_file(l->findings, &file);
		if (r)
			return r;
	}
	return 0;
}

int locator_add_inode(struct locator *l, const struct found_file *inode)
{
	struct found_file file = *inode;
	const uint64_t *unused;
	size_t at, n;
	int r;

	r = locator_wanted(l, &unused, &n);
	if (r)
		return r;
	if (l->next && l->wanted[l->next - 1] >= inode->ino)
		return -EINVAL;
	at = wanted_find(l, l->next, inode->ino);
	r = pass_over(l, at);
	if (r)
		return r;
	if (at == l->n_wanted || l->wanted[at] != inode->ino)
		return 0;

	if (in_set(&l->clusters, inode->ino))
		file.flags |= FOUND_FILE_IN_LOST_CLUSTER;
	if (file.mode && !file.nlink)
		file.flags |= FOUND_FILE_DELETED;
	r = findings_add_file(l->findings, &file);
	if (r)
		return r;
	l->next = at + 1;
	return 0;
}

int locator_inodes_unreadable(struct locator *l, uint64_t first, uint64_t count)
{
	struct byte_range numbers = {first, count};
	struct findings *f = l->findings;
	int r;

	if (numbers.len > UINT64_MAX - first)
		numbers.len = UINT64_MAX - first;
	r = rangeset_add(&l->unreadable.numbers, numbers);
	if (r)
		return r;

	for (size_t i = 0; i < f->n_files; i++) {
		if (!(f->files[i].flags & FOUND_FILE_VANISHED) ||
		    !range_overlaps(numbers, (struct byte_range){f->files[i].ino, 1}))
			continue;
		f->files[i].flags = FOUND_FILE_UNREADABLE;
		if (in_set(&l->clusters, f->files[i].ino))
			f->files[i].flags |= FOUND_FILE_IN_LOST_CLUSTER;
	}
	return 0;
}

int locator_end_inodes(struct locator *l)
{
	const uint64_t *wanted;
	size_t n;
	int r;

	if (!l->listed) {
		r = locator_inodes_unreadable(l, 0, UINT64_MAX);
		if (r)
			return r;
	}
	r = locator_wanted(l, &wanted, &n);
	if (r)
		return r;
	return pass_over(l, n);
}
