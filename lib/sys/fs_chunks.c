/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Inodes come in chunks of 64, and where an inode lies follows from its number. Since a chunk may have
 * holes (sparse inodes, made where free space is scarce), and INUMBERS tells only which of its inodes
 * are in use, a block without any in use may be a hole, which belongs to somebody else. It is taken
 * for inodes only where the group has as many inodes as its chunks have room for, and so no
 * holes at all.
 */
#include <errno.h>
#include <string.h>
#include <sys/ioctl.h>
#include "cleanup.h"
#include "fs_chunks.h"
#include "xfs_compat.h"

#define CHUNK  64u
#define A_CALL 128u

struct group {
	const struct fsgeom *geom;
	const struct rangeset *wanted;
	struct rangeset certain, perhaps;
	uint64_t chunks;
};

static void group_deinit(struct group *g)
{
	rangeset_deinit(&g->certain);
	rangeset_deinit(&g->perhaps);
}

static int take_chunk(struct group *g, const struct xfs_inumbers *chunk)
{
	uint32_t block = g->geom->block_size, inodes = block / g->geom->inode_size;
	uint64_t first;

	g->chunks++;
	if (!fsgeom_inode_byte(g->geom, chunk->xi_startino, &first))
		return 0;
	if (!rangeset_overlaps(g->wanted,
			       (struct byte_range){first, (uint64_t)CHUNK * g->geom->inode_size}))
		return 0;
	for (uint32_t i = 0; i < CHUNK; i += inodes) {
		uint64_t mask = inodes >= CHUNK ? UINT64_MAX : ((UINT64_C(1) << inodes) - 1) << i;
		struct byte_range one = {first + (uint64_t)i * g->geom->inode_size, block};
		int r;

		if (one.start % block) /* the block holds several chunks */
			one.start -= one.start % block;
		r = rangeset_add(chunk->xi_allocmask & mask ? &g->certain : &g->perhaps, one);
		if (r)
			return r;
	}
	return 0;
}

static int walk_chunks(struct group *g, int fd, uint32_t agno)
{
	union {
		struct xfs_inumbers_req req;
		char space[XFS_INUMBERS_REQ_SIZE(A_CALL)];
	} u;
	uint64_t at = 0;

	for (;;) {
		memset(&u.req.hdr, 0, sizeof(u.req.hdr));
		u.req.hdr.ino = at;
		u.req.hdr.icount = A_CALL;
		u.req.hdr.flags = XFS_BULK_IREQ_AGNO;
		u.req.hdr.agno = agno;
		if (ioctl(fd, XFS_IOC_INUMBERS, &u.req))
			return -errno;
		if (!u.req.hdr.ocount)
			return 0;
		for (uint32_t i = 0; i < u.req.hdr.ocount; i++) {
			int r = take_chunk(g, &u.req.inumbers[i]);

			if (r)
				return r;
		}
		if (u.req.hdr.ino <= at)
			return 0;
		at = u.req.hdr.ino;
	}
}

/* How many inodes the group has, used or not; 0 where that is not told. */
static uint64_t count_inodes(int fd, uint32_t agno)
{
	struct xfs_ag_geometry ag = {.ag_number = agno};

	return ioctl(fd, XFS_IOC_AG_GEOMETRY, &ag) ? 0 : ag.ag_icount;
}

static int find_in_group(int fd, const struct fsgeom *geom, const struct rangeset *wanted,
			 uint32_t agno, struct rangeset *ret)
{
	CLEANUP(group_deinit) struct group g = {.geom = geom, .wanted = wanted};
	uint64_t before = count_inodes(fd, agno);
	int r;

	r = walk_chunks(&g, fd, agno);
	if (!r)
		r = rangeset_add_set(ret, &g.certain);
	/* no holes, and nothing changed meanwhile */
	if (!r && (!(geom->features & FSGEOM_SPARSE_INODES) ||
		   (before == g.chunks * CHUNK && before == count_inodes(fd, agno))))
		r = rangeset_add_set(ret, &g.perhaps);
	return r;
}

int fs_chunks_find(int fd, const struct fsgeom *geom, const struct rangeset *wanted,
		   struct rangeset *ret)
{
	CLEANUP(rangeset_deinit) struct rangeset found = RANGESET_NULL;
	uint64_t ag_bytes = (uint64_t)geom->ag_blocks * geom->block_size;
	int r;

	for (uint32_t agno = 0; agno < geom->ag_count; agno++) {
		struct byte_range group = {fsgeom_ag_start(geom, agno), ag_bytes};

		if (!rangeset_overlaps(wanted, group))
			continue;
		r = find_in_group(fd, geom, wanted, agno, &found);
		if (r)
			return r;
	}
	r = rangeset_intersect(&found, wanted, &found);
	if (r)
		return r;
	rangeset_move(ret, &found);
	return 0;
}
