/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Inodes lie together in chunks, with the extents of most files in them: a million take half a gigabyte to
 * read, and no call for each.
 *
 * Nothing here is believed. What cannot be read is left out without a word: whoever is missing is
 * found by asking everybody.
 */
#include <errno.h>
#include <string.h>
#include <sys/stat.h>
#include "blkdev_source.h"
#include "cleanup.h"
#include "crew.h"
#include "fs_propose.h"
#include "xfsdisk_fork.h"
#include "xfsdisk_inobt.h"

#define COUNT_EACH 512u

struct reading {
	struct crew *crew;
	struct fs_sweep *sweep;
	const struct xfsdisk *disk;
	const struct found_file *inode;
	unsigned int seen;
};

struct proposing {
	struct fs_sweep *sweep;
	const struct blkdev *dev;
};

static int take_extent(const struct fsmap_rec *rec, void *data)
{
	const struct reading *g = data;
	struct fs_claim claim = {*rec, g->inode->gen, S_ISLNK(g->inode->mode)};
	int r;

	/* a block of an extent map is nothing that the kernel could confirm */
	if (rec->flags & FSMAP_EXTENT_MAP || !rangeset_overlaps(g->sweep->wanted, rec->phys))
		return 0;
	pthread_mutex_lock(&g->crew->lock);
	r = fs_claims_add(&g->sweep->claims, &claim);
	pthread_mutex_unlock(&g->crew->lock);
	return r;
}

static int take_inode(const struct found_file *inode, const uint8_t *bytes, bool mapped, void *data)
{
	struct reading *g = data;
	const struct xfsdisk_fork_sink sink = {take_extent, NULL, g};
	int r = 0;

	if (++g->seen == COUNT_EACH) {
		atomic_fetch_add(&g->crew->done, g->seen);
		g->seen = 0;
		if (crew_stopped(g->crew))
			return -ECANCELED;
	}
	g->inode = inode;
	if (S_ISREG(inode->mode) || S_ISDIR(inode->mode) || S_ISLNK(inode->mode))
		r = xfsdisk_fork_walk(g->disk, inode->ino, bytes, XFSDISK_FORK_DATA, &sink);
	if (r >= 0 && (S_ISREG(inode->mode) || S_ISDIR(inode->mode)))
		r = xfsdisk_fork_walk(g->disk, inode->ino, bytes, XFSDISK_FORK_ATTR, &sink);
	return r < 0 ? r : 0; /* damaged, or of another time */
}

static int read_groups(struct crew *crew, void *data)
{
	const struct proposing *p = data;
	CLEANUP(blkdev_source_deinit) struct blkdev_source source = BLKDEV_SOURCE_NULL;
	struct reading g = {.crew = crew, .sweep = p->sweep};
	const struct xfsdisk_inode_sink sink = {.inode = take_inode, .data = &g};
	struct xfsdisk_source as;
	struct xfsdisk disk;
	unsigned int agno;
	int r;

	r = blkdev_source_init(p->dev, &source);
	if (r)
		return r;
	as = blkdev_source_as(&source);
	r = xfsdisk_open(&as, &disk);
	if (r || memcmp(disk.geom.uuid, p->sweep->geom->uuid, sizeof(disk.geom.uuid)) != 0)
		return r < 0 ? r : -EOPNOTSUPP;
	g.disk = &disk;
	while (r >= 0 && crew_next(crew, &agno)) {
		if (agno >= disk.geom.ag_count) /* grown since */
			continue;
		r = xfsdisk_inobt_inodes(&disk, agno, &sink);
		if (r == -EIO) /* its header; other groups have theirs */
			r = 0;
	}
	return r < 0 ? r : 0;
}

int fs_propose(struct fs_sweep *sweep, const struct blkdev *dev)
{
	struct proposing p = {sweep, dev};
	struct crew crew = {
		.parts = sweep->geom->ag_count,
		.work = read_groups,
		.data = &p,
		.progress = sweep->progress,
		.listener = sweep->data,
		.total = sweep->expected,
	};

	return crew_run(&crew);
}
