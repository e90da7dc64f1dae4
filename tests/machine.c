/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Makes random filesystems and paints the truth about them: see machine.h. */
#include "unit.h"
#include <sys/stat.h>
#include "machine.h"

void picture_deinit(struct picture *p)
{
	free(p->items);
}

void model_deinit(struct model *m)
{
	rangeset_deinit(&m->bad);
}

void picture_add(struct picture *p, struct paint what)
{
	if (p->n == p->allocated) {
		p->allocated = p->allocated * 2 + 64;
		p->items = realloc(p->items, p->allocated * sizeof(*p->items));
		assert_non_null(p->items);
	}
	p->items[p->n++] = what;
}

uint64_t model_random(struct model *m, uint64_t below)
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
	const uint32_t *size = sizes[model_random(m, ARRAY_SIZE(sizes))];
	struct fsgeom *geom = &m->geom;

	geom->block_size = size[0];
	geom->sector_size = size[1];
	geom->inode_size = size[2];
	geom->ag_blocks = 20 + (uint32_t)model_random(m, 40);
	geom->ag_count = 1 + (uint32_t)model_random(m, 4);
	geom->data_blocks =
		(geom->ag_count - 1) * geom->ag_blocks + 8 + model_random(m, geom->ag_blocks - 8);
	if (model_random(m, 2)) {
		geom->log.start = model_random(m, geom->data_blocks - 8) * geom->block_size;
		geom->log.len = (1 + model_random(m, 8)) * geom->block_size;
	}
	m->device = geom->data_blocks * geom->block_size + model_random(m, 9) * SECTOR_SIZE;
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
			inode->fate = model_random(m, 3) ? GONE : PRESENT;
			if (!model_random(m, 12))
				inode->fate = LOST;
			if (!model_random(m, 40))
				inode->fate = SILENT;
			inode->mode = modes[model_random(m, ARRAY_SIZE(modes))];
			inode->size = model_random(m, 100) * CELL;
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
		if (!flags && inode->mode == S_IFREG && inode->fate == PRESENT &&
		    model_random(m, 2))
			inode->size = rec->offset +
				      model_random(m, blocks * m->geom.block_size / CELL) * CELL;
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
	size_t kind = model_random(m, ARRAY_SIZE(kinds) + 1);

	if (kind == ARRAY_SIZE(kinds))
		return; /* a hole */
	add_extent(m, block, blocks,
		   kinds[kind].owner ? kinds[kind].owner : model_random(m, m->n_inodes),
		   kinds[kind].flags);
}

/* Another file on blocks of files. */
static void make_sharer(struct model *m)
{
	uint64_t first = model_random(m, m->geom.data_blocks), last = first,
		 file = model_random(m, m->n_inodes);

	while (last < m->geom.data_blocks && m->shareable[last] && last < first + 6)
		last++;
	if (last > first && m->inodes[file].mode == S_IFREG)
		add_extent(m, first, last - first, file, model_random(m, 2) ? FSMAP_SHARED : 0);
}

static void make_records(struct model *m)
{
	uint64_t headers = (4 * m->geom.sector_size + m->geom.block_size - 1) / m->geom.block_size;
	uint64_t block = 0;

	while (block < m->geom.data_blocks) {
		uint64_t left = m->geom.ag_blocks - block % m->geom.ag_blocks;
		uint64_t blocks = 1 + model_random(m, 8);

		if (left == m->geom.ag_blocks)
			blocks = headers;
		if (blocks > left)
			blocks = left;
		if (blocks > m->geom.data_blocks - block)
			blocks = m->geom.data_blocks - block;
		if (left == m->geom.ag_blocks && model_random(m, 4))
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
	size_t n = 1 + model_random(m, 12);

	for (size_t i = 0; i < n; i++) {
		uint64_t start = model_random(m, sectors),
			 len = 1 + model_random(m, model_random(m, 3) ? 4 : 60);

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

struct model_inode *model_inode_at(struct model *m, uint64_t byte)
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
		what.offset = model_inode_at(m, byte)->number;
		return what;
	case XFS(6): what.kind = FS_OWNER_REFCOUNT; return what;
	case XFS(7): what.kind = FS_OWNER_COW; return what;
	case XFS(8): what.kind = FS_OWNER_DEFECTIVE; return what;
	}
	return by_place(m, byte, FS_OWNER_UNKNOWN);
}

void model_paint(struct model *m, struct picture *p)
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
				picture_add(p, of_record(m, &m->records[k], byte));
			}
			if (!owned)
				picture_add(p, by_place(m, byte, FS_OWNER_UNKNOWN));
		}
	}
}

void model_make(struct model *m)
{
	make_geometry(m);
	make_inodes(m);
	make_records(m);
	make_bad(m);
}
