/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The locator beside a model that cannot get a border wrong: a random machine is painted cell
 * by cell (64 bytes), the locator gets the same machine as records, queries and inode facts,
 * and its findings, painted again, must be the very same cells.
 *
 * The model knows XFS's layout in its own words: inode numbers are enumerated, places are looked
 * up by counting.
 */
#include "unit.h"
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include "locator.h"

#define CELL        64
#define ROUNDS      400
#define MAX_BLOCKS  256
#define MAX_INODES  2048
#define MAX_RECORDS 400

#define XFS(code) (0x58ull << 32 | (code))

enum fate { GONE, PRESENT, LOST, SILENT }; /* LOST: added as unreadable; SILENT: a span says so */

struct model_inode {
	uint64_t number;
	uint64_t place; /* byte on the device */
	enum fate fate;
	uint32_t mode; /* 0: the filesystem's own */
	uint64_t size;
};

struct model {
	uint64_t seed;
	struct fsgeom geom;
	uint64_t device;                       /* bytes, a little more than the filesystem */
	struct model_inode inodes[MAX_INODES]; /* by place */
	size_t n_inodes;
	struct fsmap_rec records[MAX_RECORDS];
	size_t n_records;
	bool shareable[MAX_BLOCKS];
	struct rangeset bad;
};

/* One owner of one cell. */
struct paint {
	uint64_t cell, ino, offset;
	uint32_t kind, flags;
};

struct picture {
	struct paint *items;
	size_t n, allocated;
};

static void picture_deinit(struct picture *p)
{
	free(p->items);
}

static void model_deinit(struct model *m)
{
	rangeset_deinit(&m->bad);
}

static void paint(struct picture *p, struct paint what)
{
	if (p->n == p->allocated) {
		p->allocated = p->allocated * 2 + 64;
		p->items = realloc(p->items, p->allocated * sizeof(*p->items));
		assert_non_null(p->items);
	}
	p->items[p->n++] = what;
}

static uint64_t rnd(struct model *m, uint64_t below)
{
	m->seed = m->seed * 6364136223846793005u + 1442695040888963407u;
	return (m->seed >> 33) % below;
}

static void make_geometry(struct model *m)
{
	static const uint32_t sizes[][3] = {
		{1024, 512, 512},   {4096, 512, 512}, {4096, 4096, 512},
		{2048, 1024, 1024}, {512, 512, 256},
	};
	const uint32_t *size = sizes[rnd(m, ARRAY_SIZE(sizes))];
	struct fsgeom *geom = &m->geom;

	geom->block_size = size[0];
	geom->sector_size = size[1];
	geom->inode_size = size[2];
	geom->ag_blocks = 20 + (uint32_t)rnd(m, 40);
	geom->ag_count = 1 + (uint32_t)rnd(m, 4);
	geom->data_blocks =
		(geom->ag_count - 1) * geom->ag_blocks + 8 + rnd(m, geom->ag_blocks - 8);
	if (rnd(m, 2)) {
		geom->log.start = rnd(m, geom->data_blocks - 8) * geom->block_size;
		geom->log.len = (1 + rnd(m, 8)) * geom->block_size;
	}
	m->device = geom->data_blocks * geom->block_size + rnd(m, 9) * SECTOR_SIZE;
	assert_int_equal(fsgeom_validate(geom), 0);
}

static void make_inodes(struct model *m)
{
	unsigned int block_bits = 0, index_bits = 0;

	while (1u << block_bits < m->geom.ag_blocks)
		block_bits++;
	while (m->geom.inode_size << index_bits < m->geom.block_size)
		index_bits++;
	for (uint64_t block = 0; block < m->geom.data_blocks; block++) {
		uint64_t ag = block / m->geom.ag_blocks, in_ag = block % m->geom.ag_blocks;

		for (uint64_t i = 0; i < m->geom.block_size / m->geom.inode_size; i++) {
			struct model_inode *inode = &m->inodes[m->n_inodes++];
			static const uint32_t modes[] = {S_IFREG, S_IFREG, S_IFREG, S_IFREG,
							 S_IFREG, S_IFDIR, S_IFLNK, 0};

			assert_true(m->n_inodes <= MAX_INODES);
			inode->number = (ag << block_bits | in_ag) << index_bits | i;
			inode->place = block * m->geom.block_size + i * m->geom.inode_size;
			inode->fate = rnd(m, 3) ? GONE : PRESENT;
			if (!rnd(m, 12))
				inode->fate = LOST;
			if (!rnd(m, 40))
				inode->fate = SILENT;
			inode->mode = modes[rnd(m, ARRAY_SIZE(modes))];
			inode->size = rnd(m, 100) * CELL;
		}
	}
}

/* Sizes are around where the extents' offsets lie. */
static void add_extent(struct model *m, uint64_t block, uint64_t blocks, uint64_t owner,
		       uint32_t flags)
{
	struct fsmap_rec *rec = &m->records[m->n_records];

	assert_true(m->n_records < MAX_RECORDS);
	*rec = (struct fsmap_rec){
		.phys = {block * m->geom.block_size, blocks * m->geom.block_size},
		.owner = owner,
		.flags = flags,
	};
	if (!(flags & FSMAP_SPECIAL)) {
		struct model_inode *inode = &m->inodes[owner];

		rec->owner = inode->number;
		/* no file offset twice, or two owners would look alike */
		rec->offset = m->n_records * 64 * m->geom.block_size;
		if (!flags && inode->mode == S_IFREG && inode->fate == PRESENT && rnd(m, 2))
			inode->size =
				rec->offset + rnd(m, blocks * m->geom.block_size / CELL) * CELL;
		for (uint64_t i = 0; !flags && inode->mode == S_IFREG && i < blocks; i++)
			m->shareable[block + i] = true;
	}
	m->n_records++;
}

static void make_base(struct model *m, uint64_t block, uint64_t blocks)
{
	static const struct {
		uint64_t owner; /* 0: a file */
		uint32_t flags;
	} kinds[] = {
		{0, 0},
		{0, 0},
		{0, 0},
		{0, FSMAP_PREALLOC},
		{0, FSMAP_ATTR_FORK},
		{0, FSMAP_EXTENT_MAP},
		{0, FSMAP_EXTENT_MAP | FSMAP_ATTR_FORK},
		{1, FSMAP_SPECIAL},
		{2, FSMAP_SPECIAL},
		{XFS(3), FSMAP_SPECIAL},
		{XFS(4), FSMAP_SPECIAL},
		{XFS(5), FSMAP_SPECIAL},
		{XFS(5), FSMAP_SPECIAL},
		{XFS(6), FSMAP_SPECIAL},
		{XFS(7), FSMAP_SPECIAL},
		{XFS(8), FSMAP_SPECIAL},
		{XFS(99), FSMAP_SPECIAL},
	};
	size_t kind = rnd(m, ARRAY_SIZE(kinds) + 1);

	if (kind == ARRAY_SIZE(kinds))
		return; /* a hole */
	add_extent(m, block, blocks, kinds[kind].owner ? kinds[kind].owner : rnd(m, m->n_inodes),
		   kinds[kind].flags);
}

/* Another file on blocks of files. */
static void make_sharer(struct model *m)
{
	uint64_t first = rnd(m, m->geom.data_blocks), last = first, file = rnd(m, m->n_inodes);

	while (last < m->geom.data_blocks && m->shareable[last] && last < first + 6)
		last++;
	if (last > first && m->inodes[file].mode == S_IFREG)
		add_extent(m, first, last - first, file, rnd(m, 2) ? FSMAP_SHARED : 0);
}

static void make_records(struct model *m)
{
	uint64_t headers = (4 * m->geom.sector_size + m->geom.block_size - 1) / m->geom.block_size;
	uint64_t block = 0;

	while (block < m->geom.data_blocks) {
		uint64_t left = m->geom.ag_blocks - block % m->geom.ag_blocks;
		uint64_t blocks = 1 + rnd(m, 8);

		if (left == m->geom.ag_blocks)
			blocks = headers;
		if (blocks > left)
			blocks = left;
		if (blocks > m->geom.data_blocks - block)
			blocks = m->geom.data_blocks - block;
		if (left == m->geom.ag_blocks && rnd(m, 4))
			add_extent(m, block, blocks, XFS(1), FSMAP_SPECIAL);
		else if (left < m->geom.ag_blocks)
			make_base(m, block, blocks);
		block += blocks;
	}
	for (int i = 0; i < 60; i++)
		make_sharer(m);
}

static void make_bad(struct model *m)
{
	uint64_t sectors = m->device / SECTOR_SIZE;
	size_t n = 1 + rnd(m, 12);

	for (size_t i = 0; i < n; i++) {
		uint64_t start = rnd(m, sectors), len = 1 + rnd(m, rnd(m, 3) ? 4 : 60);

		if (len > sectors - start)
			len = sectors - start;
		assert_int_equal(rangeset_add(&m->bad, (struct byte_range){start * SECTOR_SIZE,
									   len * SECTOR_SIZE}),
				 0);
	}
}

static struct model_inode *inode_by_number(struct model *m, uint64_t number)
{
	for (size_t i = 0; i < m->n_inodes; i++)
		if (m->inodes[i].number == number)
			return &m->inodes[i];
	return NULL;
}

static struct model_inode *inode_by_place(struct model *m, uint64_t byte)
{
	for (size_t i = 0; i < m->n_inodes; i++)
		if (m->inodes[i].place <= byte && byte < m->inodes[i].place + m->geom.inode_size)
			return &m->inodes[i];
	return NULL;
}

/* What a place is when the map says only "fixed metadata" or "unknown", or nothing. */
static struct paint by_place(const struct model *m, uint64_t byte, enum fs_owner_kind kind)
{
	static const enum fs_owner_kind header[] = {FS_OWNER_SUPERBLOCK, FS_OWNER_AGF, FS_OWNER_AGI,
						    FS_OWNER_AGFL};
	const uint64_t ag_bytes = (uint64_t)m->geom.ag_blocks * m->geom.block_size;
	const uint64_t in_ag = byte % ag_bytes;
	struct paint what = {.cell = byte, .kind = kind};

	if (byte >= m->geom.data_blocks * m->geom.block_size)
		what.kind = FS_OWNER_OUTSIDE;
	else if (in_ag < 4 * m->geom.sector_size)
		what.kind = header[in_ag / m->geom.sector_size];
	else if (in_ag < m->geom.block_size)
		what.kind = FS_OWNER_AG_PADDING;
	else if (byte >= m->geom.log.start && byte - m->geom.log.start < m->geom.log.len)
		what.kind = FS_OWNER_LOG;
	if (byte < m->geom.sector_size)
		what.flags = FINDING_PRIMARY;
	return what;
}

static struct paint of_file(struct model *m, const struct fsmap_rec *rec, uint64_t byte)
{
	struct model_inode *inode = inode_by_number(m, rec->owner);
	struct paint what = {.cell = byte, .ino = rec->owner};
	bool attr = rec->flags & FSMAP_ATTR_FORK;

	if (rec->flags & FSMAP_EXTENT_MAP) {
		what.kind = attr ? FS_OWNER_ATTR_MAP : FS_OWNER_EXTENT_MAP;
		return what;
	}
	what.kind = attr ? FS_OWNER_ATTR : FS_OWNER_DATA;
	what.offset = rec->offset + (byte - rec->phys.start);
	if (rec->flags & FSMAP_PREALLOC)
		what.flags |= FINDING_UNWRITTEN;
	if (attr || inode->fate != PRESENT)
		return what;
	if (S_ISDIR(inode->mode))
		what.kind = FS_OWNER_DIRECTORY;
	else if (S_ISLNK(inode->mode))
		what.kind = FS_OWNER_SYMLINK;
	else if (!inode->mode)
		what.kind = FS_OWNER_INTERNAL;
	else if (what.offset >= inode->size && !(rec->flags & FSMAP_PREALLOC))
		what.flags |= FINDING_PAST_EOF;
	return what;
}

static struct paint of_record(struct model *m, const struct fsmap_rec *rec, uint64_t byte)
{
	struct paint what = {.cell = byte, .kind = FS_OWNER_UNKNOWN};

	if (!(rec->flags & FSMAP_SPECIAL))
		return of_file(m, rec, byte);
	switch (rec->owner) {
	case 1: what.kind = FS_OWNER_FREE; return what;
	case XFS(1): return by_place(m, byte, FS_OWNER_FS);
	case XFS(3): what.kind = FS_OWNER_AG_BTREE; return what;
	case XFS(4): what.kind = FS_OWNER_INOBT; return what;
	case XFS(5):
		what.kind = FS_OWNER_INODES;
		what.offset = inode_by_place(m, byte)->number;
		return what;
	case XFS(6): what.kind = FS_OWNER_REFCOUNT; return what;
	case XFS(7): what.kind = FS_OWNER_COW; return what;
	case XFS(8): what.kind = FS_OWNER_DEFECTIVE; return what;
	}
	return by_place(m, byte, FS_OWNER_UNKNOWN);
}

static void paint_model(struct model *m, struct picture *p)
{
	for (size_t i = 0; i < m->bad.n; i++) {
		struct byte_range r = m->bad.ranges[i];

		for (uint64_t byte = r.start; byte < range_end(r); byte += CELL) {
			bool owned = false;

			for (size_t k = 0; k < m->n_records; k++) {
				if (!range_overlaps(m->records[k].phys,
						    (struct byte_range){byte, 1}))
					continue;
				owned = true;
				paint(p, of_record(m, &m->records[k], byte));
			}
			if (!owned)
				paint(p, by_place(m, byte, FS_OWNER_UNKNOWN));
		}
	}
}

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
			paint(p, what);
		}
	}
}

static int compare_paint(const void *left, const void *right)
{
	return memcmp(left, right, sizeof(struct paint));
}

static void compare_pictures(struct picture *want, struct picture *got)
{
	qsort(want->items, want->n, sizeof(*want->items), compare_paint);
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

static void check_inodes(struct model *m, const struct finding *item)
{
	bool silent = false, used = false;
	uint64_t last = UINT64_MAX, count = 0;

	for (uint64_t byte = item->start; byte < item->start + item->len; byte += CELL) {
		struct model_inode *inode = inode_by_place(m, byte);

		count += inode->number != last;
		last = inode->number;
		silent |= inode->fate == SILENT;
		used |= inode->fate == PRESENT || inode->fate == LOST;
	}
	assert_int_equal(item->n_inodes, count);
	assert_int_equal(!!(item->flags & FINDING_INODES_UNREADABLE), silent);
	assert_int_equal(!!(item->flags & FINDING_INODES_UNUSED), !silent && !used);
}

static void check_findings(struct model *m, const struct findings *f, const struct picture *want)
{
	for (size_t i = 0; i < f->n_items; i++) {
		const struct finding *item = &f->items[i], *last = item - 1;

		if (i)
			assert_true(last->start < item->start ||
				    (last->start == item->start && last->ino <= item->ino));
		assert_int_equal(!!(item->flags & FINDING_SHARED), is_shared(item, want));
		if (item->kind == FS_OWNER_INODES)
			check_inodes(m, item);
		if (!fs_owner_is_file(item->kind)) {
			assert_int_equal(item->file, FINDING_NO_FILE);
			continue;
		}
		assert_true(item->file < f->n_files);
		assert_int_equal(f->files[item->file].ino, item->ino);
	}
}

/* Files: all owners, and those in use in a bad inode block; each as its fate wants it. */
static uint32_t check_files(struct model *m, const struct findings *f, const struct picture *want)
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
		if (!owner && (!victim || inode->fate == GONE || inode->fate == SILENT)) {
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

static void check_reasons(struct model *m, const struct findings *f, const struct picture *want)
{
	uint32_t reasons = check_files(m, f, want);

	for (size_t i = 0; i < want->n; i++) {
		if (want->items[i].kind == FS_OWNER_UNKNOWN)
			reasons |= 1u << REASON_UNKNOWN_OWNER;
		if (want->items[i].kind == FS_OWNER_OUTSIDE)
			reasons |= 1u << REASON_OUTSIDE_FS;
	}
	assert_int_equal(f->reasons, reasons);
}

/* The machine as the kernel would tell it, for one query: any order, whole extents, and too many.
 */
static void answer(struct model *m, struct locator *l, struct byte_range query)
{
	const size_t step = 7919; /* a prime above their number: each comes once */
	const size_t first = rnd(m, MAX_RECORDS);

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
	assert_int_equal(rangeset_bridge(&queries, rnd(m, 20) * m->geom.block_size, &queries), 0);
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
	bool early = rnd(m, 2);

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
	CLEANUP(picture_deinit) struct picture want = {0}, got = {0};
	CLEANUP(locator_deinit) struct locator l = LOCATOR_NULL;
	CLEANUP(findings_freep) struct findings *f = NULL;

	make_geometry(&m);
	make_inodes(&m);
	make_records(&m);
	make_bad(&m);
	paint_model(&m, &want);

	assert_int_equal(locator_init(&l, &m.bad, &m.geom), 0);
	ask(&m, &l);
	look(&m, &l);
	assert_int_equal(locator_finish(&l, &f), 0);

	check_findings(&m, f, &want);
	check_reasons(&m, f, &want);
	paint_findings(&m, f, &got);
	compare_pictures(&want, &got);
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
