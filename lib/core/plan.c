/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * From findings to steps.
 *
 * A bad page that is cleared while a file still has it turns lost bytes into zeros behind
 * that file's back, and one that a file lets go of becomes free space and is handed to
 * the next. So the order for each page is: hold it with a file of ours, put a good
 * page into every owner, and only then, when nobody else has it, write to it. That wants blocks that
 * can be moved from file to file (reflink) and all owners known; where either is
 * missing there are no steps, and the plan says so.
 *
 * Findings name sectors and their owners. Here they are turned around: every owner
 * of every page that is bad in part, each once, in the order of the device. A page is repaired
 * whole or not at all: one owner that cannot be dealt with keeps the others as they are.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include "cleanup.h"
#include "plan.h"

/* One owner of one page. */
struct share {
	uint64_t page, ino, offset;
	uint32_t file;
	uint32_t obstacle; /* 1u << PLAN_OBSTACLE_*, 0: can be dealt with */
};

struct shares {
	struct share *items;
	size_t n, allocated;
};

static void shares_deinit(struct shares *shares)
{
	free(shares->items);
}

void plan_deinit(struct plan *plan)
{
	free(plan->steps);
	free(plan->advice);
	rangeset_deinit(&plan->repaired);
	rangeset_deinit(&plan->quarantined);
	*plan = PLAN_NULL;
}

/* ---- what owns each page ---- */

static uint32_t obstacle_of(const struct plan_facts *facts, const struct finding *item)
{
	const uint32_t gone = FOUND_FILE_VANISHED | FOUND_FILE_DELETED | FOUND_FILE_UNREADABLE |
			      FOUND_FILE_INTERNAL;
	const struct found_file *file =
		item->file < facts->f->n_files ? &facts->f->files[item->file] : NULL;
	const struct plan_inode *inode;

	if (!plan_is_file_data(item))
		return 1u << PLAN_OBSTACLE_NOT_FILE;
	inode = plan_inode(facts, item->ino);
	if (!file || file->flags & gone || !S_ISREG(file->mode) || !inode)
		return 1u << PLAN_OBSTACLE_FILE_GONE;
	/* preallocated behind its end: nothing is stored in it */
	if (item->offset - item->offset % PAGE_BYTES >= inode->size)
		return 1u << PLAN_OBSTACLE_NOT_FILE;
	return 0;
}

static int add_share(struct shares *shares, const struct share *share)
{
	if (shares->n == shares->allocated) {
		size_t larger = shares->allocated ? shares->allocated * 2 : 64;
		struct share *grown = reallocarray(shares->items, larger, sizeof(*grown));

		if (!grown)
			return -ENOMEM;
		shares->items = grown;
		shares->allocated = larger;
	}
	shares->items[shares->n++] = *share;
	return 0;
}

/* PLAN_PAGES_MAX reached: 1. */
static int share_item(const struct plan_facts *facts, const struct finding *item,
		      const struct rangeset *pages, struct shares *shares)
{
	struct share share = {.ino = item->ino, .file = item->file};
	uint64_t end = item->start + item->len;
	int r;

	share.obstacle = obstacle_of(facts, item);
	for (share.page = item->start - item->start % PAGE_BYTES; share.page < end;
	     share.page += PAGE_BYTES) {
		uint64_t from = share.page > item->start ? share.page : item->start;

		if (!rangeset_contains(pages, (struct byte_range){share.page, PAGE_BYTES}))
			continue;
		if (shares->n == PLAN_PAGES_MAX)
			return 1;
		share.offset = item->offset + (from - item->start);
		share.offset -= share.offset % PAGE_BYTES;
		r = add_share(shares, &share);
		if (r)
			return r;
	}
	return 0;
}

static int by_page(const void *left, const void *right)
{
	const struct share *a = left, *b = right;

	if (a->page != b->page)
		return a->page < b->page ? -1 : 1;
	if (a->ino != b->ino)
		return a->ino < b->ino ? -1 : 1;
	if (a->offset != b->offset)
		return a->offset < b->offset ? -1 : 1;
	return a->obstacle < b->obstacle ? -1 : a->obstacle > b->obstacle;
}

/*
 * Bad sectors of one page each bring its owners. One and the same owner counts once, and as one that
 * can be dealt with where any of its sectors is stored data: a tail page's sectors
 * behind the end of the file are not.
 */
static void unite(struct shares *shares)
{
	size_t kept = 0;

	qsort(shares->items, shares->n, sizeof(*shares->items), by_page);
	for (size_t i = 0; i < shares->n; i++) {
		const struct share *last = kept ? &shares->items[kept - 1] : NULL;
		const struct share *one = &shares->items[i];

		if (last && last->page == one->page && last->ino == one->ino &&
		    last->offset == one->offset)
			continue;
		shares->items[kept++] = *one;
	}
	shares->n = kept;
}

static int gather(const struct plan_facts *facts, struct plan *plan, struct shares *ret)
{
	CLEANUP(rangeset_deinit) struct rangeset pages = RANGESET_NULL;
	int r = rangeset_round_out(facts->bad, PAGE_BYTES, &pages);

	for (size_t i = 0; !r && i < facts->f->n_items; i++)
		r = share_item(facts, &facts->f->items[i], &pages, ret);
	if (r == 1) {
		plan->obstacles |= 1u << PLAN_OBSTACLE_TOO_MANY;
		ret->n = 0;
		r = 0;
	}
	if (!r)
		unite(ret);
	return r;
}

/* ---- steps ---- */

static int add_step(struct plan *plan, enum plan_action action, const struct share *share,
		    uint32_t len)
{
	if (plan->n_steps == plan->allocated) {
		size_t larger = plan->allocated ? plan->allocated * 2 : 16;
		struct plan_step *grown = reallocarray(plan->steps, larger, sizeof(*grown));

		if (!grown)
			return -ENOMEM;
		plan->steps = grown;
		plan->allocated = larger;
	}
	plan->steps[plan->n_steps++] = (struct plan_step){
		.action = action,
		.file = share ? share->file : FINDING_NO_FILE,
		.page = share ? share->page : 0,
		.offset = share ? share->offset : 0,
		.len = len,
	};
	return 0;
}

static uint32_t length_in(const struct plan_facts *facts, const struct share *share)
{
	uint64_t left = plan_inode(facts, share->ino)->size - share->offset;

	return left < PAGE_BYTES ? (uint32_t)left : PAGE_BYTES;
}

/* 0: the @n owners of a page can all be dealt with. */
static uint32_t page_obstacles(const struct plan_facts *facts, const struct share *owners, size_t n)
{
	uint32_t obstacles = 0;

	for (size_t i = 0; i < n; i++)
		obstacles |= owners[i].obstacle;
	if (!obstacles &&
	    !rangeset_overlaps(facts->listed, (struct byte_range){owners[0].page, PAGE_BYTES}))
		obstacles = 1u << PLAN_OBSTACLE_NOT_LISTED;
	for (size_t i = 1; !obstacles && i < n; i++) {
		if (length_in(facts, &owners[i]) != length_in(facts, &owners[0]))
			obstacles = 1u << PLAN_OBSTACLE_TAILS;
	}
	return obstacles;
}

static bool is_kept(const struct plan_facts *facts, uint64_t page)
{
	return facts->choice == PLAN_QUARANTINE ||
	       rangeset_overlaps(facts->declared, (struct byte_range){page, PAGE_BYTES});
}

/* The content is the same for all owners; a backup is of one of them. */
static const struct share *first_owner(const struct plan *plan, const struct share *owners,
				       size_t n)
{
	const struct share *first = &owners[0];

	for (size_t i = 0; i < n; i++) {
		if (owners[i].file == plan->restore_file)
			first = &owners[i];
	}
	return first;
}

static int hold_page(struct plan *plan, const struct share *owners, size_t n)
{
	const struct share *first = first_owner(plan, owners, n);

	return add_step(plan, PLAN_HOLD, first, length_in(plan->facts, first));
}

static int repair_page(struct plan *plan, const struct share *owners, size_t n)
{
	const struct plan_facts *facts = plan->facts;
	const struct share *first = first_owner(plan, owners, n);
	uint32_t len = length_in(facts, first);
	int r = add_step(plan, PLAN_BUILD, first, len);

	for (size_t i = 0; !r && i < n; i++)
		r = add_step(plan, PLAN_REPLACE, &owners[i], len);
	if (!r)
		r = add_step(plan, is_kept(facts, first->page) ? PLAN_KEEP : PLAN_CLEAR, first,
			     len);
	if (!r)
		r = rangeset_add(&plan->repaired, (struct byte_range){first->page, PAGE_BYTES});
	plan->n_pages++;
	return r;
}

static size_t owners_of_page(const struct shares *shares, size_t first)
{
	size_t n = 1;

	while (first + n < shares->n && shares->items[first + n].page == shares->items[first].page)
		n++;
	return n;
}

/* A file of ours: what of it is bad is where it should be. */
static bool is_quarantine(const struct plan_facts *facts, uint32_t file)
{
	const struct findings *f = facts->f;
	size_t top = f->mountpoint ? strlen(f->mountpoint) : 0;
	uint32_t cursor = 0;
	const char *path = findings_path_next(f, &f->files[file], &cursor);

	if (!path || !top || strncmp(path, f->mountpoint, top))
		return false;
	path += top;
	path += *path == '/';
	return !strncmp(path, PLAN_QUARANTINE_DIR "/", strlen(PLAN_QUARANTINE_DIR "/"));
}

/*
 * A quarantine file that has a page together with others (it was held while one more copy was made)
 * gets no good page: it is what the bad one is left to.
 */
static size_t drop_quarantine(const struct plan *plan, struct share *owners, size_t n)
{
	size_t kept = 0;

	for (size_t i = 0; i < n; i++) {
		struct share one = owners[i];

		if (one.file < plan->facts->f->n_files && is_quarantine(plan->facts, one.file))
			continue;
		owners[i] = owners[kept];
		owners[kept++] = one;
	}
	return kept;
}

/* Its steps by @add; without any where it is not to be repaired, or must not be. */
static int plan_page(struct plan *plan, struct share *owners, size_t n,
		     int (*add)(struct plan *plan, const struct share *owners, size_t n))
{
	size_t kept = n > 1 ? drop_quarantine(plan, owners, n) : n;
	uint32_t obstacles;

	if (!kept)
		return 0;
	obstacles = page_obstacles(plan->facts, owners, kept);
	/* what stores no data of files is advised about, and stands in nobody's way */
	if (obstacles == 1u << PLAN_OBSTACLE_NOT_FILE && n == 1)
		return 0;
	if (n == 1 && owners->file < plan->facts->f->n_files &&
	    is_quarantine(plan->facts, owners->file))
		return rangeset_add(&plan->quarantined,
				    (struct byte_range){owners->page, PAGE_BYTES});
	plan->obstacles |= obstacles;
	return obstacles ? 0 : add(plan, owners, kept);
}

/*
 * All pages are held before any file is changed: that no file has been written to since the plan can be
 * told only until then.
 */
static int repair_pages(struct plan *plan, const struct shares *shares)
{
	int r = 0;

	for (size_t i = 0, n; !r && i < shares->n; i += n) {
		n = owners_of_page(shares, i);
		r = plan_page(plan, &shares->items[i], n, hold_page);
	}
	for (size_t i = 0, n; !r && i < shares->n; i += n) {
		n = owners_of_page(shares, i);
		r = plan_page(plan, &shares->items[i], n, repair_page);
	}
	return !r && plan->n_steps ? add_step(plan, PLAN_PROVE, NULL, 0) : r;
}

/* A file that has all pages that are to be restored; FINDING_NO_FILE: none has. */
static uint32_t file_of_all(const struct plan_facts *facts, const struct shares *shares)
{
	for (size_t k = 0; shares->n && k < owners_of_page(shares, 0); k++) {
		uint32_t file = shares->items[k].file;
		bool all = true;

		for (size_t i = 0, n; all && i < shares->n; i += n) {
			bool found = false;

			n = owners_of_page(shares, i);
			if (page_obstacles(facts, &shares->items[i], n))
				continue;
			for (size_t j = 0; j < n; j++)
				found = found || shares->items[i + j].file == file;
			all = found;
		}
		if (all && file < facts->f->n_files)
			return file;
	}
	return FINDING_NO_FILE;
}

/* Files with bad data of the incident, whatever else has them. */
static int copy_out(struct plan *plan)
{
	const struct findings *f = plan->facts->f;
	CLEANUP(freep) bool *hit = calloc(f->n_files + 1, sizeof(*hit));
	int r = 0;

	if (!hit)
		return -ENOMEM;
	for (size_t i = 0; i < f->n_items; i++) {
		const struct finding *item = &f->items[i];

		if (item->file < f->n_files && plan_is_file_data(item) &&
		    rangeset_overlaps(plan->facts->bad,
				      (struct byte_range){item->start, item->len}))
			hit[item->file] = true;
	}
	for (uint32_t file = 0; !r && file < f->n_files; file++) {
		struct share share = {.file = file};

		if (!hit[file] || !S_ISREG(f->files[file].mode) || is_quarantine(plan->facts, file))
			continue;
		if (!plan_inode(plan->facts, f->files[file].ino))
			plan->obstacles |= 1u << PLAN_OBSTACLE_FILE_GONE;
		else
			r = add_step(plan, PLAN_COPY_OUT, &share, 0);
	}
	return r;
}

/* What makes any repair of pages impossible here. */
static uint32_t general_obstacles(const struct plan_facts *facts)
{
	const uint32_t harmless = 1u << REASON_NO_PATHS | 1u << REASON_PATHS_OUTSIDE |
				  1u << REASON_INODES_UNREADABLE | 1u << REASON_OUTSIDE_FS |
				  1u << REASON_LIST_CUT;
	const struct findings *f = facts->f;
	uint32_t obstacles = 0;

	if (f->through)
		obstacles |= 1u << PLAN_OBSTACLE_LAYERED;
	if (f->reasons & ~harmless)
		obstacles |= 1u << PLAN_OBSTACLE_INCOMPLETE;
	if (f->geom.block_size && f->geom.block_size != PAGE_BYTES)
		obstacles |= 1u << PLAN_OBSTACLE_BLOCK_SIZE;
	if (f->geom.block_size && !(f->geom.features & FSGEOM_REFLINK))
		obstacles |= 1u << PLAN_OBSTACLE_NO_REFLINK;
	if (f->geom.block_size && !(f->geom.features & FSGEOM_RMAPBT))
		obstacles |= 1u << PLAN_OBSTACLE_NO_RMAPBT;
	if (facts->read_only)
		obstacles |= 1u << PLAN_OBSTACLE_READ_ONLY;
	return obstacles;
}

static int make_repair(struct plan *plan)
{
	CLEANUP(shares_deinit) struct shares shares = {0};
	int r;

	plan->obstacles = general_obstacles(plan->facts);
	if (plan->facts->choice == PLAN_RESTORE)
		plan->obstacles |= plan->facts->backup.obstacles;
	if (plan->obstacles)
		return 0;
	r = gather(plan->facts, plan, &shares);
	if (r)
		return r;
	if (plan->facts->choice == PLAN_RESTORE) {
		plan->restore_file = file_of_all(plan->facts, &shares);
		if (shares.n && plan->restore_file == FINDING_NO_FILE) {
			plan->obstacles |= 1u << PLAN_OBSTACLE_SEVERAL_FILES;
			return 0;
		}
	}
	return repair_pages(plan, &shares);
}

int plan_make(const struct plan_facts *facts, struct plan *ret)
{
	CLEANUP(plan_deinit)
	struct plan plan = {.facts = facts, .restore_file = FINDING_NO_FILE};
	int r = 0;

	switch (facts->choice) {
	case PLAN_ZERO:
	case PLAN_RESTORE:
	case PLAN_QUARANTINE: r = make_repair(&plan); break;
	case PLAN_SALVAGE: r = copy_out(&plan); break;
	case PLAN_EXEC:
		r = add_step(&plan, PLAN_RUN, NULL, 0);
		if (!r)
			r = add_step(&plan, PLAN_PROVE, NULL, 0);
		break;
	case PLAN_UNDECIDED:
	case PLAN_CHOICE_N: break;
	}
	if (!r)
		r = plan_advise(&plan);
	if (r)
		return r;

	*ret = plan;
	plan = PLAN_NULL;
	return 0;
}
