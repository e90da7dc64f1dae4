/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * A library may be mapped by thousands of processes, which belong to a few units: so what a process
 * belongs to is an entry of its own, and its texts lie in the pool of the paths, each entry found
 * again where it was among the last few. Positions in the pool count from 1.
 *
 * Mappings of a holder lie together, by offset. A holder that is told of twice gets a new,
 * merged run of them; the old one stays unused, which costs nothing in practice: who collects
 * tells of each once.
 */
#include "findings_holders.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "cleanup.h"
#include "findings.h"

#define HOMES_CHECKED 64 /* that a new one is compared with */
#define TEXTS         5

/* Positions in the pool, 0: none. In the order of home_texts(). */
struct found_home {
	uint32_t texts[TEXTS];
	enum cgroup_container kind;
};

/* ---- holders ---- */

/* Index of the first holder of @file that is @pid or later, or of a later file. */
static size_t first_holder(const struct findings *f, uint32_t file, pid_t pid)
{
	size_t low = 0, high = f->n_holders;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		const struct found_holder *holder = &f->holders[middle];

		if (holder->file > file || (holder->file == file && holder->pid >= pid))
			high = middle;
		else
			low = middle + 1;
	}
	return low;
}

const struct found_holder *findings_holders(const struct findings *f, uint32_t file, size_t *ret_n)
{
	size_t first = first_holder(f, file, 0), last = first;

	while (last < f->n_holders && f->holders[last].file == file)
		last++;
	*ret_n = last - first;
	return *ret_n ? f->holders + first : NULL;
}

static int compare_maps(const void *left, const void *right)
{
	const struct found_map *a = left, *b = right;

	if (a->range.start != b->range.start)
		return (a->range.start > b->range.start) - (a->range.start < b->range.start);
	if (a->range.len != b->range.len)
		return (a->range.len > b->range.len) - (a->range.len < b->range.len);
	return (a->perms > b->perms) - (a->perms < b->perms);
}

/* @old, then @maps, as one run behind all others. */
static int add_run(struct findings *f, const struct found_holder *old, const struct found_map *maps,
		   size_t n, uint32_t *ret_first, uint32_t *ret_n)
{
	size_t first = f->n_maps, all = n + old->n_maps, kept = 0;
	struct found_map *run;

	if (!n || all > UINT32_MAX || first > UINT32_MAX - all) {
		*ret_first = old->first_map;
		*ret_n = old->n_maps;
		return n ? -ENOMEM : 0;
	}
	run = findings_grow(f->maps, &f->maps_allocated, first + all, sizeof(*run));
	if (!run)
		return -ENOMEM;
	f->maps = run;
	run += first;
	if (old->n_maps)
		memcpy(run, f->maps + old->first_map, old->n_maps * sizeof(*run));
	memcpy(run + old->n_maps, maps, n * sizeof(*run));
	qsort(run, all, sizeof(*run), compare_maps);
	for (size_t i = 0; i < all; i++) {
		struct found_map *last = kept ? &run[kept - 1] : NULL;

		if (last && last->perms == run[i].perms &&
		    run[i].range.start <= range_end(last->range)) {
			if (range_end(run[i].range) > range_end(last->range))
				last->range.len = range_end(run[i].range) - last->range.start;
		} else {
			run[kept++] = run[i];
		}
	}
	f->n_maps = first + kept;
	*ret_first = (uint32_t)first;
	*ret_n = (uint32_t)kept;
	return 0;
}

int findings_add_holder_maps(struct findings *f, const struct found_holder *holder,
			     const struct found_map *maps, size_t n_maps)
{
	struct found_holder fresh = *holder, *holders;
	size_t at = first_holder(f, holder->file, holder->pid);
	struct found_holder *known = at < f->n_holders ? &f->holders[at] : NULL;
	int r;

	fresh.n_maps = fresh.first_map = 0;
	fresh.mapped = fresh.mapped || n_maps;
	fresh.comm[sizeof(fresh.comm) - 1] = '\0';
	if (known && known->file == holder->file && known->pid == holder->pid) {
		r = add_run(f, known, maps, n_maps, &known->first_map, &known->n_maps);
		if (r)
			return r;
		known->mapped |= fresh.mapped;
		if (!(known->flags & HOLDER_UID))
			known->uid = fresh.uid;
		known->flags |= fresh.flags;
		if (!known->home)
			known->home = fresh.home;
		return 0;
	}
	holders = findings_grow(f->holders, &f->holders_allocated, f->n_holders + 1,
				sizeof(*holders));
	if (!holders)
		return -ENOMEM;
	f->holders = holders;
	r = add_run(f, &fresh, maps, n_maps, &fresh.first_map, &fresh.n_maps);
	if (r)
		return r;

	memmove(holders + at + 1, holders + at, (f->n_holders - at) * sizeof(*holders));
	holders[at] = fresh;
	f->n_holders++;
	return 0;
}

int findings_add_holder(struct findings *f, const struct found_holder *holder)
{
	return findings_add_holder_maps(f, holder, NULL, 0);
}

int findings_copy_holder(struct findings *to, uint32_t file, const struct findings *from,
			 const struct found_holder *holder)
{
	struct found_holder copy = *holder;
	struct holder_home home;
	const struct found_map *maps;
	size_t n;
	int r;

	findings_home(from, holder->home, &home);
	r = findings_add_home(to, &home, &copy.home);
	if (r)
		return r;
	copy.file = file;
	maps = findings_holder_maps(from, holder, &n);
	return findings_add_holder_maps(to, &copy, maps, n);
}

const struct found_map *findings_holder_maps(const struct findings *f,
					     const struct found_holder *holder, size_t *ret_n)
{
	*ret_n = holder->n_maps;
	return holder->n_maps ? f->maps + holder->first_map : NULL;
}

uint64_t findings_holder_overlap(const struct findings *f, const struct found_holder *holder,
				 struct byte_range bytes)
{
	uint64_t sum = 0, done = bytes.start;
	const struct found_map *maps;
	size_t n;

	maps = findings_holder_maps(f, holder, &n);
	for (size_t i = 0; i < n && maps[i].range.start < range_end(bytes); i++) {
		struct byte_range left = {done, range_end(bytes) - done};
		struct byte_range common = range_intersect(maps[i].range, left);

		if (!common.len)
			continue;
		sum += common.len;
		done = range_end(common);
	}
	return sum;
}

/* ---- where they belong ---- */

static void home_texts(const struct holder_home *home, const char *ret[TEXTS])
{
	const char *const texts[TEXTS] = {home->user, home->unit, home->user_unit, home->slice,
					  home->container};

	memcpy(ret, texts, sizeof(texts));
}

static int add_text(struct findings *f, const char *text, uint32_t *ret)
{
	size_t len = text ? strlen(text) + 1 : 0;
	char *pool;

	*ret = 0;
	if (!text || !*text)
		return 0;
	if (len > UINT32_MAX - f->pool_len - 1)
		return -ENOMEM;
	pool = findings_grow(f->pool, &f->pool_allocated, f->pool_len + len, 1);
	if (!pool)
		return -ENOMEM;
	f->pool = pool;
	memcpy(pool + f->pool_len, text, len);
	*ret = (uint32_t)f->pool_len + 1;
	f->pool_len += len;
	return 0;
}

static const char *text_at(const struct findings *f, uint32_t at)
{
	return at ? f->pool + at - 1 : NULL;
}

static bool same(const struct findings *f, const struct found_home *home,
		 const char *const texts[TEXTS], enum cgroup_container kind)
{
	for (size_t i = 0; i < TEXTS; i++) {
		const char *known = text_at(f, home->texts[i]);

		if (strcmp(known ? known : "", texts[i] ? texts[i] : ""))
			return false;
	}
	return home->kind == kind;
}

int findings_add_home(struct findings *f, const struct holder_home *home, uint32_t *ret)
{
	const char *texts[TEXTS];
	struct found_home *homes, fresh = {.kind = home->kind};
	bool any = false;

	home_texts(home, texts);
	for (size_t i = 0; i < TEXTS; i++)
		any = any || (texts[i] && *texts[i]);
	if (!any) {
		*ret = 0;
		return 0;
	}
	for (size_t i = f->n_homes; i > 0 && f->n_homes - i < HOMES_CHECKED; i--) {
		if (same(f, &f->homes[i - 1], texts, home->kind)) {
			*ret = (uint32_t)i;
			return 0;
		}
	}
	if (f->n_homes >= UINT32_MAX - 1)
		return -ENOMEM;
	homes = findings_grow(f->homes, &f->homes_allocated, f->n_homes + 1, sizeof(*homes));
	if (!homes)
		return -ENOMEM;
	f->homes = homes;
	for (size_t i = 0; i < TEXTS; i++) {
		int r = add_text(f, texts[i], &fresh.texts[i]);

		if (r)
			return r;
	}
	homes[f->n_homes++] = fresh;
	*ret = (uint32_t)f->n_homes;
	return 0;
}

void findings_home(const struct findings *f, uint32_t home, struct holder_home *ret)
{
	const struct found_home *known = home ? &f->homes[home - 1] : NULL;

	*ret = (struct holder_home){0};
	if (!known)
		return;
	ret->user = text_at(f, known->texts[0]);
	ret->unit = text_at(f, known->texts[1]);
	ret->user_unit = text_at(f, known->texts[2]);
	ret->slice = text_at(f, known->texts[3]);
	ret->container = text_at(f, known->texts[4]);
	ret->kind = known->kind;
}
