/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Asks all inodes.
 *
 * Each thread takes one allocation group after the other, reads its inodes in batches, opens
 * those that have blocks, and keeps of their extents what touches the wanted ranges: memory grows with
 * what is found, not with the filesystem.
 *
 * An inode that cannot be read must not end the batch, and must not be forgotten: its blocks are
 * nobody's then. BULKSTAT fails on one only where it is the first of a batch, so the next one in use
 * after a failed position is it.
 */
#include <errno.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>
#include "cleanup.h"
#include "crew.h"
#include "fd.h"
#include "fs_bmap.h"
#include "fs_file.h"
#include "fs_sweep.h"
#include "fs_xfs.h"
#include "xfs_compat.h"

#define BATCH 512u

struct asking {
	struct crew *crew;
	struct fs_sweep *sweep;
	struct fs_bmap map;
	struct xfs_bulkstat_req *req;
	const struct xfs_bulkstat *inode; /* whose extents are being walked */
};

/* ---- results ---- */

int fs_claims_add(struct fs_claims *claims, const struct fs_claim *claim)
{
	if (claims->n == claims->allocated) {
		size_t larger = claims->allocated ? claims->allocated * 2 : 64;
		struct fs_claim *grown = reallocarray(claims->items, larger, sizeof(*grown));

		if (!grown)
			return -ENOMEM;
		claims->items = grown;
		claims->allocated = larger;
	}
	claims->items[claims->n++] = *claim;
	return 0;
}

static int take_extent(const struct fsmap_rec *rec, void *data)
{
	const struct asking *a = data;
	struct fs_sweep *sweep = a->sweep;
	int r;

	if (!rangeset_overlaps(sweep->wanted, rec->phys))
		return 0;
	pthread_mutex_lock(&a->crew->lock);
	r = fs_claims_add(&sweep->claims, &(struct fs_claim){*rec, a->inode->bs_gen, false});
	pthread_mutex_unlock(&a->crew->lock);
	return r;
}

static void count_unreadable(const struct asking *a)
{
	pthread_mutex_lock(&a->crew->lock);
	a->sweep->unreadable++;
	pthread_mutex_unlock(&a->crew->lock);
}

/* ---- one inode ---- */

static int walk_forks(const struct asking *a, int fd)
{
	static const struct byte_range all = {0, 0};
	const struct xfs_bulkstat *bs = a->inode;
	int r = 0;

	if (a->sweep->cow)
		return fs_bmap_walk(&a->map, fd, bs->bs_ino, FS_BMAP_COW, all, 8, take_extent,
				    (void *)a);
	/* data of a realtime file lie on another device */
	if (bs->bs_extents && !(bs->bs_xflags & FS_XFLAG_REALTIME))
		r = fs_bmap_walk(&a->map, fd, bs->bs_ino, FS_BMAP_DATA, all, bs->bs_extents,
				 take_extent, (void *)a);
	if (!r && bs->bs_aextents)
		r = fs_bmap_walk(&a->map, fd, bs->bs_ino, FS_BMAP_ATTR, all, bs->bs_aextents,
				 take_extent, (void *)a);
	return r;
}

static int ask_inode(struct asking *a)
{
	const struct fs_sweep *sweep = a->sweep;
	const struct xfs_bulkstat *bs = a->inode;
	CLEANUP(fd_closep) int fd = -1;
	int r;

	/* not by bs_blocks: that is 0 where the data fork is kept in the inode, whatever the attributes have */
	if ((sweep->cow ? !bs->bs_blocks : !bs->bs_extents && !bs->bs_aextents) ||
	    bs->bs_ctime < sweep->changed_since)
		return 0;
	if (!S_ISREG(bs->bs_mode) && (!S_ISDIR(bs->bs_mode) || sweep->cow))
		return 0; /* links, devices: nobody can open those by number */
	r = fs_file_open_any(a->map.fs_fd, bs->bs_ino, bs->bs_gen, FS_BMAP_OPEN, &fd);
	if (!r)
		r = walk_forks(a, fd);
	switch (r) {
	case 0:
	case -ESTALE: /* gone: what it had is free now, or another's */
	case -ENOENT: return 0;
	case -ENOMEM:
	case -EPERM:
	case -EMFILE:
	case -ENFILE: return r;
	default: count_unreadable(a); return 0;
	}
}

/* ---- one group ---- */

/* The first inode in use from @from on. 1 found, 0 there is none, -errno. */
static int next_in_use(const struct asking *a, uint32_t agno, uint64_t from, uint64_t *ret)
{
	union {
		struct xfs_inumbers_req req;
		char space[XFS_INUMBERS_REQ_SIZE(1)];
	} u;
	uint64_t at = from > 63 ? from - 63 : 0; /* a chunk may have begun before */

	for (;;) {
		const struct xfs_inumbers *chunk = &u.req.inumbers[0];

		memset(&u, 0, sizeof(u));
		u.req.hdr.ino = at;
		u.req.hdr.icount = 1;
		u.req.hdr.flags = XFS_BULK_IREQ_AGNO;
		u.req.hdr.agno = agno;
		if (ioctl(a->map.fs_fd, XFS_IOC_INUMBERS, &u.req))
			return -errno;
		if (!u.req.hdr.ocount)
			return 0;
		for (unsigned int i = 0; i < 64; i++)
			if (chunk->xi_allocmask >> i & 1 && chunk->xi_startino + i >= from) {
				*ret = chunk->xi_startino + i;
				return 1;
			}
		at = chunk->xi_startino + 64;
	}
}

/* BULKSTAT failed at @at: on to behind the inode that it failed on. 1 go on there, 0 end of group, -errno */
static int step_over(struct asking *a, uint32_t agno, uint64_t *at)
{
	uint64_t broken = 0;
	int r = next_in_use(a, agno, *at, &broken);

	if (r == -EIO && fs_xfs_is_shut_down(a->map.fs_fd))
		return r;
	if (r == -EPERM || r == -ENOMEM)
		return r;
	if (r != 1) {
		if (r) /* the rest of the group */
			count_unreadable(a);
		return 0;
	}
	count_unreadable(a);
	*at = broken + 1;
	return 1;
}

static int ask_group(struct asking *a, uint32_t agno)
{
	uint64_t at = 0; /* the first of the group */
	int r;

	while (!crew_stopped(a->crew)) {
		memset(&a->req->hdr, 0, sizeof(a->req->hdr));
		a->req->hdr.ino = at;
		a->req->hdr.icount = BATCH;
		a->req->hdr.flags = XFS_BULK_IREQ_AGNO;
		a->req->hdr.agno = agno;
		if (ioctl(a->map.fs_fd, XFS_IOC_BULKSTAT, a->req)) {
			if (errno == EPERM || errno == ENOMEM || errno == ENOTTY)
				return -errno;
			r = step_over(a, agno, &at);
			if (r < 1)
				return r;
			continue;
		}
		if (!a->req->hdr.ocount)
			return 0;
		for (uint32_t i = 0; i < a->req->hdr.ocount; i++) {
			a->inode = &a->req->bulkstat[i];
			r = ask_inode(a);
			if (r)
				return r;
		}
		atomic_fetch_add(&a->crew->done, a->req->hdr.ocount);
		if (a->req->hdr.ino <= at)
			return 0;
		at = a->req->hdr.ino;
	}
	return 0;
}

/* ---- threads ---- */

static void asking_deinit(struct asking *a)
{
	fs_bmap_deinit(&a->map);
	free(a->req);
}

static int ask_groups(struct crew *crew, void *data)
{
	CLEANUP(asking_deinit)
	struct asking a = {.crew = crew, .sweep = data, .map = FS_BMAP_NULL};
	unsigned int agno;
	int r;

	/* descriptors of its own: a table that threads share costs each open and close a third more */
	unshare(CLONE_FILES);
	r = fs_bmap_init(&a.map, a.sweep->fd);
	a.req = malloc(XFS_BULKSTAT_REQ_SIZE(BATCH));
	if (r || !a.req)
		return -ENOMEM;
	while (!r && crew_next(crew, &agno))
		r = ask_group(&a, agno);
	return r;
}

int fs_sweep_run(struct fs_sweep *sweep)
{
	struct crew crew = {
		.parts = sweep->geom->ag_count,
		.work = ask_groups,
		.data = sweep,
		.progress = sweep->progress,
		.listener = sweep->data,
		.total = sweep->expected,
	};

	sweep->unreadable = 0;
	return crew_run(&crew);
}

void fs_sweep_deinit(struct fs_sweep *sweep)
{
	free(sweep->claims.items);
	sweep->claims = (struct fs_claims){.items = NULL};
}
