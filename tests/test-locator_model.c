/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The locator beside a model that cannot get a border wrong: a random machine is painted cell
 * by cell (64 bytes), the locator gets the same machine as records, queries and inode facts,
 * and its findings, painted again, must be the very same cells. So must be those of any part
 * that is cut out of them (findings_cut.c).
 */
#include "unit.h"
#include <string.h>
#include "locator.h"
#include "machine.h"

#define ROUNDS 400

/* Flags that hold for a finding as a whole are checked by themselves. */
#define CELL_FLAGS (FINDING_UNWRITTEN | FINDING_PAST_EOF | FINDING_PRIMARY)

static void paint_findings(const struct model *m, const struct findings *f, struct picture *p)
{
	for (size_t i = 0; i < f->n_items; i++) {
		const struct finding *item = &f->items[i];
		const uint64_t size = m->geom.inode_size;

		assert_true(item->len && item->start % CELL == 0 && item->len % CELL == 0);
		for (uint64_t byte = item->start; byte < item->start + item->len; byte += CELL) {
			struct paint what = {byte, item->ino, item->offset, item->kind,
					     item->flags & CELL_FLAGS};

			if (fs_owner_has_offset(item->kind))
				what.offset += byte - item->start;
			if (item->kind == FS_OWNER_INODES)
				what.offset += byte / size - item->start / size;
			picture_add(p, what);
		}
	}
}

static int compare_paint(const void *left, const void *right)
{
	return memcmp(left, right, sizeof(struct paint));
}

static void compare_pictures(struct picture *want, struct picture *got)
{
	if (want->n)
		qsort(want->items, want->n, sizeof(*want->items), compare_paint);
	if (got->n)
		qsort(got->items, got->n, sizeof(*got->items), compare_paint);
	for (size_t i = 0; i < want->n && i < got->n; i++) {
		const struct paint *a = &want->items[i], *b = &got->items[i];

		if (compare_paint(a, b))
			fail_msg("want cell %ju %s %ju@%ju %#x, got cell %ju %s %ju@%ju %#x",
				 (uintmax_t)a->cell, fs_owner_token(a->kind), (uintmax_t)a->ino,
				 (uintmax_t)a->offset, a->flags, (uintmax_t)b->cell,
				 fs_owner_token(b->kind), (uintmax_t)b->ino, (uintmax_t)b->offset,
				 b->flags);
	}
	assert_int_equal(got->n, want->n);
}

/* Does more than one file own a cell of the finding? */
static bool is_shared(const struct finding *item, const struct picture *want)
{
	size_t owners = 0;
	uint64_t last = UINT64_MAX;

	if (item->kind != FS_OWNER_DATA)
		return false;
	for (uint64_t byte = item->start; byte < item->start + item->len; byte += CELL) {
		for (size_t i = 0; i < want->n; i++) {
			if (want->items[i].cell != byte || want->items[i].kind != FS_OWNER_DATA)
				continue;
			owners = byte == last ? owners + 1 : 1;
			last = byte;
			if (owners > 1)
				return true;
		}
	}
	return false;
}

/*
 * A part knows more than a look at it would: that an inode nobody could read owns blocks elsewhere.
 * And where a finding was clipped, it may be the rest of it that could not be read.
 */
static bool is_known_from_elsewhere(const struct findings *f, const struct findings *whole,
				    const struct model_inode *inode)
{
	const struct found_file *file = findings_file_by_ino(whole, inode->number);

	return f != whole && inode->fate == SILENT && file &&
	       file->flags & FOUND_FILE_IN_LOST_CLUSTER;
}

static bool is_clipped(const struct findings *whole, const struct finding *item)
{
	for (size_t i = 0; i < whole->n_items; i++)
		if (whole->items[i].start == item->start && whole->items[i].len == item->len)
			return false;
	return true;
}

static void check_inodes(struct model *m, const struct findings *whole, const struct finding *item)
{
	bool silent = false, used = false;
	uint64_t last = UINT64_MAX, count = 0;

	for (uint64_t byte = item->start; byte < item->start + item->len; byte += CELL) {
		struct model_inode *inode = model_inode_at(m, byte);

		count += inode->number != last;
		last = inode->number;
		silent |= inode->fate == SILENT;
		used |= inode->fate == PRESENT || inode->fate == LOST;
	}
	assert_int_equal(item->n_inodes, count);
	if (is_clipped(whole, item) && item->flags & FINDING_INODES_UNREADABLE)
		silent = true;
	assert_int_equal(!!(item->flags & FINDING_INODES_UNREADABLE), silent);
	assert_int_equal(!!(item->flags & FINDING_INODES_UNUSED), !silent && !used);
}

static void check_findings(struct model *m, const struct findings *whole, const struct findings *f,
			   const struct picture *want)
{
	for (size_t i = 0; i < f->n_items; i++) {
		const struct finding *item = &f->items[i], *last = item - 1;

		if (i)
			assert_true(last->start < item->start ||
				    (last->start == item->start && last->ino <= item->ino));
		assert_int_equal(!!(item->flags & FINDING_SHARED), is_shared(item, want));
		if (item->kind == FS_OWNER_INODES)
			check_inodes(m, whole, item);
		if (!fs_owner_is_file(item->kind)) {
			assert_int_equal(item->file, FINDING_NO_FILE);
			continue;
		}
		assert_true(item->file < f->n_files);
		assert_int_equal(f->files[item->file].ino, item->ino);
	}
}

/* Files: all owners, and those in use in a bad inode block; each as its fate wants it. */
static uint32_t check_files(struct model *m, const struct findings *whole, const struct findings *f,
			    const struct picture *want)
{
	uint32_t reasons = 0;
	size_t n = 0;

	for (size_t i = 0; i < m->n_inodes; i++) {
		const struct model_inode *inode = &m->inodes[i];
		bool owner = false, victim = false;
		uint32_t flags;

		for (size_t k = 0; k < want->n; k++) {
			owner |= fs_owner_is_file(want->items[k].kind) &&
				 want->items[k].ino == inode->number;
			victim |= want->items[k].kind == FS_OWNER_INODES &&
				  want->items[k].offset == inode->number;
		}
		if (victim && inode->fate == SILENT)
			reasons |= 1u << REASON_INODES_UNREADABLE;
		if (!owner &&
		    (!victim || inode->fate == GONE ||
		     (inode->fate == SILENT && !is_known_from_elsewhere(f, whole, inode)))) {
			assert_null(findings_file_by_ino(f, inode->number));
			continue;
		}
		n++;
		assert_non_null(findings_file_by_ino(f, inode->number));
		flags = findings_file_by_ino(f, inode->number)->flags;
		assert_int_equal(!!(flags & FOUND_FILE_IN_LOST_CLUSTER),
				 victim && inode->fate != GONE);
		assert_int_equal(!!(flags & FOUND_FILE_VANISHED), inode->fate == GONE);
		assert_int_equal(!!(flags & FOUND_FILE_UNREADABLE),
				 inode->fate == LOST || inode->fate == SILENT);
		if (inode->fate == GONE)
			reasons |= 1u << REASON_CHANGED;
		if (inode->fate == LOST || inode->fate == SILENT)
			reasons |= 1u << REASON_INODES_UNREADABLE;
	}
	assert_int_equal(f->n_files, n);
	return reasons;
}

static void check_reasons(struct model *m, const struct findings *whole, const struct findings *f,
			  const struct picture *want)
{
	uint32_t reasons = check_files(m, whole, f, want);

	for (size_t i = 0; i < want->n; i++) {
		if (want->items[i].kind == FS_OWNER_UNKNOWN)
			reasons |= 1u << REASON_UNKNOWN_OWNER;
		if (want->items[i].kind == FS_OWNER_OUTSIDE)
			reasons |= 1u << REASON_OUTSIDE_FS;
	}
	for (size_t i = 0; i < f->n_items; i++) /* as is_clipped() has it */
		if (f != whole && f->items[i].flags & FINDING_INODES_UNREADABLE)
			reasons |= 1u << REASON_INODES_UNREADABLE;
	assert_int_equal(f->reasons, reasons);
}

/* @f answers for m->bad; @whole is what it was cut out of, or @f. */
static void check(struct model *m, const struct findings *whole, const struct findings *f)
{
	CLEANUP(picture_deinit) struct picture want = {0}, got = {0};

	model_paint(m, &want);
	check_findings(m, whole, f, &want);
	check_reasons(m, whole, f, &want);
	paint_findings(m, f, &got);
	compare_pictures(&want, &got);
}

/* Deals the bad sectors out to some incidents: each gets what a look at its own would find. */
static void check_parts(struct model *m, const struct findings *whole)
{
	struct rangeset parts[3] = {0};
	CLEANUP(rangeset_deinit) struct rangeset bad = RANGESET_NULL;

	rangeset_move(&bad, &m->bad);
	for (size_t i = 0; i < bad.n; i++) {
		struct byte_range r = bad.ranges[i];

		while (r.len) {
			uint64_t len = (1 + model_random(m, 20)) * SECTOR_SIZE;
			struct byte_range part = {r.start, len < r.len ? len : r.len};

			assert_int_equal(rangeset_add(&parts[model_random(m, 3)], part), 0);
			r = (struct byte_range){range_end(part), r.len - part.len};
		}
	}
	for (size_t i = 0; i < ARRAY_SIZE(parts); i++) {
		CLEANUP(findings_freep) struct findings *f = NULL;

		assert_int_equal(findings_cut(whole, &parts[i], &f), 0);
		assert_true(rangeset_equal(&f->asked, &parts[i]));
		rangeset_move(&m->bad, &parts[i]);
		check(m, whole, f);
	}
}

/* The machine as the kernel would tell it, for one query: any order, whole extents, and too many.
 */
static void answer(struct model *m, struct locator *l, struct byte_range query)
{
	const size_t step = 7919; /* a prime above their number: each comes once */
	const size_t first = model_random(m, MAX_RECORDS);

	for (size_t i = 0; i < m->n_records; i++) {
		struct fsmap_rec rec = m->records[(first + i * step) % m->n_records];

		/* free space is cut to the query */
		if (rec.flags & FSMAP_SPECIAL && rec.owner == 1)
			rec.phys = range_intersect(rec.phys, query);
		if (rec.phys.len)
			assert_int_equal(locator_add_record(l, query, &rec), 0);
	}
}

static void ask(struct model *m, struct locator *l)
{
	CLEANUP(rangeset_deinit) struct rangeset queries = RANGESET_NULL;

	assert_int_equal(rangeset_round_out(&m->bad, m->geom.block_size, &queries), 0);
	assert_int_equal(
		rangeset_bridge(&queries, model_random(m, 20) * m->geom.block_size, &queries), 0);
	for (size_t i = 0; i < queries.n; i++)
		answer(m, l, queries.ranges[i]);
}

static int compare_numbers(const void *left, const void *right)
{
	const struct model_inode *a = left, *b = right;

	return (a->number > b->number) - (a->number < b->number);
}

static void look(struct model *m, struct locator *l)
{
	bool early = model_random(m, 2);

	for (size_t i = 0; early && i < m->n_inodes; i++)
		if (m->inodes[i].fate == SILENT)
			assert_int_equal(locator_inodes_unreadable(l, m->inodes[i].number, 1), 0);
	qsort(m->inodes, m->n_inodes, sizeof(*m->inodes), compare_numbers);
	for (size_t i = 0; i < m->n_inodes; i++) {
		const struct model_inode *inode = &m->inodes[i];
		struct found_file file = {.ino = inode->number, .nlink = 1};

		if (inode->fate == PRESENT) {
			file.mode = inode->mode;
			file.size = inode->size;
			file.flags = inode->mode ? 0 : FOUND_FILE_INTERNAL;
		} else {
			file.flags = FOUND_FILE_UNREADABLE;
		}
		if (inode->fate == PRESENT || inode->fate == LOST)
			assert_int_equal(locator_add_inode(l, &file), 0);
	}
	for (size_t i = 0; !early && i < m->n_inodes; i++)
		if (m->inodes[i].fate == SILENT)
			assert_int_equal(locator_inodes_unreadable(l, m->inodes[i].number, 1), 0);
	assert_int_equal(locator_end_inodes(l), 0);
	for (size_t i = 0; i < l->findings->n_files; i++) {
		l->findings->files[i].flags |= FOUND_FILE_PATHS;
		assert_int_equal(findings_add_path(l->findings, i, "/somewhere"), 0);
	}
}

static void play(uint64_t seed)
{
	CLEANUP(model_deinit) struct model m = {.seed = seed};
	CLEANUP(locator_deinit) struct locator l = LOCATOR_NULL;
	CLEANUP(findings_freep) struct findings *f = NULL;

	model_make(&m);

	assert_int_equal(locator_init(&l, &m.bad, &m.geom), 0);
	ask(&m, &l);
	look(&m, &l);
	assert_int_equal(locator_finish(&l, &f), 0);

	check(&m, f, f);
	check_parts(&m, f);
}

static void test_model(void **state)
{
	for (uint64_t seed = 1; seed <= ROUNDS; seed++) {
		UNIT_ROW(seed, seed, NULL);
		play(seed);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_model),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
