/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Looking at many inodes. BULKSTAT fills a buffer with the inodes in use from a
 * number on. One call costs about as much as ten inodes do, so numbers that lie
 * close together are fetched in one call, together with whatever lies between.
 *
 * Two things can stand behind a wanted number that BULKSTAT leaves out: it is
 * not in use, or it is one of the filesystem's own (quota, realtime), which
 * BULKSTAT hides. And where BULKSTAT fails, the block that holds the inode can
 * be lost. INUMBERS tells them apart: it reads the inode btree, which knows what
 * is in use without reading the inodes themselves.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/vfs.h>
#include <time.h>
#include "cleanup.h"
#include "fs_inodes.h"
#include "xfs_compat.h"

#define BATCH     256u
#define NEIGHBOUR 16u /* inode numbers: a gap of this many is cheaper read than skipped */
#define CHUNK     64u /* inodes that one record of INUMBERS speaks of */
#define WAITS     40u /* in one look, all together */
#define WAITS_ONE 5u  /* for one inode */
#define WAIT_NSEC 10000000

struct look {
	int fd;
	const struct fs_inodes_sink *sink;
	struct xfs_bulkstat_req *batch, *one;
	unsigned int waits; /* left */
};

/* Inodes in use from @first on, at most @count; how many is in req->hdr.ocount. */
static int bulkstat(struct look *look, struct xfs_bulkstat_req *req, uint64_t first, uint32_t count)
{
	memset(&req->hdr, 0, sizeof(req->hdr));
	req->hdr.ino = first;
	req->hdr.icount = count;
	return ioctl(look->fd, XFS_IOC_BULKSTAT, req) ? -errno : 0;
}

/* 1 in use, 0 not, -errno */
static int in_use(struct look *look, uint64_t ino)
{
	union {
		struct xfs_inumbers_req req;
		char space[XFS_INUMBERS_REQ_SIZE(2)];
	} u = {0};

	/* chunks need not start at multiples of 64: the first that ends behind @ino - 64 */
	u.req.hdr.ino = ino < CHUNK ? 0 : ino - CHUNK + 1;
	u.req.hdr.icount = 2;
	if (ioctl(look->fd, XFS_IOC_INUMBERS, &u.req))
		return -errno;
	for (uint32_t i = 0; i < u.req.hdr.ocount && i < 2; i++) {
		uint64_t start = u.req.inumbers[i].xi_startino;

		if (ino >= start && ino - start < CHUNK)
			return u.req.inumbers[i].xi_allocmask >> (ino - start) & 1;
	}
	return 0;
}

static int hand_on(struct look *look, const struct xfs_bulkstat *bs)
{
	struct found_file inode = {
		.ino = bs->bs_ino,
		.size = bs->bs_size,
		.gen = bs->bs_gen,
		.mode = bs->bs_mode,
		.nlink = bs->bs_nlink,
		.flags = bs->bs_nlink ? 0 : FOUND_FILE_DELETED,
	};

	return look->sink->inode(&inode, look->sink->data);
}

/* 1 found and in look->one, 0 not there or hidden, -errno */
static int bulkstat_one(struct look *look, uint64_t ino)
{
	int r = bulkstat(look, look->one, ino, 1);

	if (r)
		return r;
	return look->one->hdr.ocount && look->one->bulkstat[0].bs_ino == ino;
}

/*
 * In use by INUMBERS, and yet BULKSTAT does not have it: made since we looked, or deleted and about to be
 * freed in the background, or one of the filesystem's own. 1 it is there (in look->one), 0 it is
 * not in use (any more), 2 its own, -errno
 */
static int wait_for_hidden(struct look *look, uint64_t ino)
{
	static const struct timespec nap = {0, WAIT_NSEC};
	struct statfs fs;
	int r;

	for (unsigned int i = 0;; i++) {
		r = bulkstat_one(look, ino);
		if (r)
			return r;
		r = in_use(look, ino);
		if (r < 1)
			return r;
		if (i == WAITS_ONE || !look->waits)
			return 2;
		look->waits--;
		fstatfs(look->fd, &fs); /* sets the freeing going */
		nanosleep(&nap, NULL);
	}
}

/* BULKSTAT left it out or failed on it. */
static int look_behind(struct look *look, uint64_t ino, bool failed)
{
	struct found_file inode = {.ino = ino, .flags = FOUND_FILE_UNREADABLE};
	int r = in_use(look, ino);

	if (r < 0)
		return look->sink->unreadable(ino, look->sink->data);
	if (!r)
		return 0;
	if (!failed) {
		r = wait_for_hidden(look, ino);
		if (r == 1)
			return hand_on(look, &look->one->bulkstat[0]);
		if (!r)
			return 0;
		if (r == 2)
			inode.flags = FOUND_FILE_INTERNAL;
	}
	return look->sink->inode(&inode, look->sink->data);
}

/* Alone, whatever happens to its neighbours. */
static int look_at_one(struct look *look, uint64_t ino)
{
	int r = bulkstat_one(look, ino);

	if (r == -EPERM || r == -EACCES || r == -ENOMEM || r == -ENOTTY)
		return r;
	return r == 1 ? hand_on(look, &look->one->bulkstat[0]) : look_behind(look, ino, r < 0);
}

/* inos[0] … inos[n - 1] lie close together */
static int look_at_run(struct look *look, const uint64_t *inos, size_t n)
{
	const struct xfs_bulkstat_req *req = look->batch;
	uint64_t next = inos[0];
	size_t i = 0;
	int r;

	while (i < n && inos[n - 1] > next) {
		uint64_t span = inos[n - 1] - next + 1;

		if (bulkstat(look, look->batch, next, span < BATCH ? (uint32_t)span : BATCH) ||
		    !req->hdr.ocount || req->hdr.ino <= next)
			break;
		next = req->hdr.ino;
		for (uint32_t k = 0; k < req->hdr.ocount && i < n; k++) {
			const struct xfs_bulkstat *bs = &req->bulkstat[k];

			for (; i < n && inos[i] < bs->bs_ino; i++) {
				r = look_behind(look, inos[i], false);
				if (r)
					return r;
			}
			if (i < n && inos[i] == bs->bs_ino) {
				r = hand_on(look, bs);
				if (r)
					return r;
				i++;
			}
		}
	}
	for (; i < n; i++) {
		r = look_at_one(look, inos[i]);
		if (r)
			return r;
	}
	return 0;
}

static void req_freep(struct xfs_bulkstat_req **req)
{
	free(*req);
}

int fs_inodes_look(int fd, const uint64_t *inos, size_t n, const struct fs_inodes_sink *sink)
{
	CLEANUP(req_freep) struct xfs_bulkstat_req *batch = malloc(XFS_BULKSTAT_REQ_SIZE(BATCH));
	CLEANUP(req_freep) struct xfs_bulkstat_req *one = malloc(XFS_BULKSTAT_REQ_SIZE(1));
	struct look look = {fd, sink, batch, one, WAITS};
	size_t told = 0;

	if (!batch || !one)
		return -ENOMEM;
	for (size_t i = 0; i < n;) {
		size_t end = i + 1;
		int r;

		while (end < n && end - i < 4 * BATCH && inos[end] - inos[end - 1] <= NEIGHBOUR)
			end++;
		r = look_at_run(&look, inos + i, end - i);
		if (r)
			return r;
		i = end;
		if (sink->progress && i - told >= 1000) {
			told = i;
			r = sink->progress(i, n, sink->data);
			if (r)
				return r;
		}
	}
	return 0;
}
