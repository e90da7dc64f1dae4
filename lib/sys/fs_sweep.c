/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Asks all inodes.
 *
 * Each thread takes one allocation group after the other, reads its inodes in batches, opens
 * those that have blocks, and keeps of their extents what touches the wanted ranges: memory grows with
 * what is found, not with the filesystem. The calling thread only tells how far it is, so that
 * what it calls need not be safe for threads.
 *
 * An inode that cannot be read must not end the batch, and must not be forgotten: its blocks are
 * nobody's then. BULKSTAT fails on one only where it is the first of a batch, so the next one in use
 * after a failed position is it.
 */
#include <errno.h>
#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>
#include "cleanup.h"
#include "fd.h"
#include "fs_bmap.h"
#include "fs_sweep.h"
#include "fs_xfs.h"
#include "xfs_compat.h"

#define BATCH       512u
#define THREADS_MAX 16u
#define TELL_NSEC   100000000 /* between calls of progress */

struct pool {
	struct fs_sweep *sweep;
	atomic_uint next_ag;
	atomic_ullong asked, unreadable;
	atomic_bool stop;

	pthread_mutex_t lock; /* of what follows, and of the results in sweep */
	pthread_cond_t ended;
	unsigned int running;
	int r; /* the first failure */
};

struct asking {
	struct pool *pool;
	struct fs_bmap map;
	struct xfs_bulkstat_req *req;
	const struct xfs_bulkstat *inode; /* whose extents are being walked */
};

/* ---- results ---- */

static int grow(void **array, size_t *allocated, size_t n, size_t size)
{
	size_t larger = *allocated ? *allocated * 2 : 64;
	void *grown;

	if (n < *allocated)
		return 0;
	grown = reallocarray(*array, larger, size);
	if (!grown)
		return -ENOMEM;
	*array = grown;
	*allocated = larger;
	return 0;
}

static int take_extent(const struct fsmap_rec *rec, void *data)
{
	const struct asking *a = data;
	struct fs_sweep *sweep = a->pool->sweep;
	int r;

	if (!rangeset_overlaps(sweep->wanted, rec->phys))
		return 0;
	pthread_mutex_lock(&a->pool->lock);
	r = grow((void **)&sweep->claims, &sweep->claims_allocated, sweep->n_claims,
		 sizeof(*sweep->claims));
	if (!r)
		sweep->claims[sweep->n_claims++] = (struct fs_claim){*rec, a->inode->bs_gen};
	pthread_mutex_unlock(&a->pool->lock);
	return r;
}

static int take_unopened(const struct asking *a)
{
	struct fs_sweep *sweep = a->pool->sweep;
	const struct xfs_bulkstat *bs = a->inode;
	int r;

	pthread_mutex_lock(&a->pool->lock);
	r = grow((void **)&sweep->unopened, &sweep->unopened_allocated, sweep->n_unopened,
		 sizeof(*sweep->unopened));
	if (!r)
		sweep->unopened[sweep->n_unopened++] =
			(struct fs_unopened){bs->bs_ino, bs->bs_gen, bs->bs_mode};
	pthread_mutex_unlock(&a->pool->lock);
	return r;
}

/* ---- one inode ---- */

static int walk_forks(const struct asking *a, int fd)
{
	static const struct byte_range all = {0, 0};
	const struct xfs_bulkstat *bs = a->inode;
	int r = 0;

	if (a->pool->sweep->cow)
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
	const struct fs_sweep *sweep = a->pool->sweep;
	const struct xfs_bulkstat *bs = a->inode;
	CLEANUP(fd_closep) int fd = -1;
	int r;

	/* not by bs_blocks: that is 0 where the data fork is kept in the inode, whatever the attributes have */
	if ((sweep->cow ? !bs->bs_blocks : !bs->bs_extents && !bs->bs_aextents) ||
	    bs->bs_ctime < sweep->changed_since)
		return 0;
	if (!S_ISREG(bs->bs_mode) && (!S_ISDIR(bs->bs_mode) || sweep->cow))
		return sweep->cow ? 0 : take_unopened(a);
	r = fs_bmap_open(&a->map, bs->bs_ino, bs->bs_gen, &fd);
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
	default: atomic_fetch_add(&a->pool->unreadable, 1); return 0;
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
			atomic_fetch_add(&a->pool->unreadable, 1);
		return 0;
	}
	atomic_fetch_add(&a->pool->unreadable, 1);
	*at = broken + 1;
	return 1;
}

static int ask_group(struct asking *a, uint32_t agno)
{
	struct pool *pool = a->pool;
	uint64_t at = 0; /* the first of the group */
	int r;

	while (!atomic_load(&pool->stop)) {
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
		atomic_fetch_add(&pool->asked, a->req->hdr.ocount);
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

static int ask_groups(struct pool *pool)
{
	CLEANUP(asking_deinit) struct asking a = {.pool = pool, .map = FS_BMAP_NULL};
	int r;

	r = fs_bmap_init(&a.map, pool->sweep->fd);
	a.req = malloc(XFS_BULKSTAT_REQ_SIZE(BATCH));
	if (r || !a.req)
		return -ENOMEM;
	while (!r && !atomic_load(&pool->stop)) {
		uint32_t agno = atomic_fetch_add(&pool->next_ag, 1);

		if (agno >= pool->sweep->geom->ag_count)
			break;
		r = ask_group(&a, agno);
	}
	return r;
}

static void *run(void *data)
{
	struct pool *pool = data;
	int r = ask_groups(pool);

	pthread_mutex_lock(&pool->lock);
	if (r && !pool->r) {
		pool->r = r;
		atomic_store(&pool->stop, true);
	}
	pool->running--;
	pthread_cond_signal(&pool->ended);
	pthread_mutex_unlock(&pool->lock);
	return NULL;
}

static unsigned int how_many(const struct fs_sweep *sweep)
{
	unsigned int n = sweep->threads;
	cpu_set_t cpus;

	if (!n)
		n = sched_getaffinity(0, sizeof(cpus), &cpus) ? 1 : (unsigned int)CPU_COUNT(&cpus);
	if (n > THREADS_MAX)
		n = THREADS_MAX;
	return n > sweep->geom->ag_count ? sweep->geom->ag_count : n;
}

/* Until all have ended. */
static void wait_and_tell(struct pool *pool)
{
	const struct fs_sweep *sweep = pool->sweep;
	int r;

	pthread_mutex_lock(&pool->lock);
	while (pool->running) {
		struct timespec until;

		clock_gettime(CLOCK_MONOTONIC, &until);
		until.tv_nsec += TELL_NSEC;
		until.tv_sec += until.tv_nsec / 1000000000;
		until.tv_nsec %= 1000000000;
		pthread_cond_timedwait(&pool->ended, &pool->lock, &until);
		if (!pool->running || !sweep->progress || atomic_load(&pool->stop))
			continue;
		pthread_mutex_unlock(&pool->lock);
		r = sweep->progress(atomic_load(&pool->asked), sweep->expected, sweep->data);
		pthread_mutex_lock(&pool->lock);
		if (r && !pool->r) {
			pool->r = r;
			atomic_store(&pool->stop, true);
		}
	}
	pthread_mutex_unlock(&pool->lock);
}

static void pool_init(struct pool *pool, struct fs_sweep *sweep)
{
	pthread_condattr_t attributes;

	memset(pool, 0, sizeof(*pool));
	pool->sweep = sweep;
	pthread_mutex_init(&pool->lock, NULL);
	pthread_condattr_init(&attributes);
	pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
	pthread_cond_init(&pool->ended, &attributes);
	pthread_condattr_destroy(&attributes);
}

int fs_sweep_run(struct fs_sweep *sweep)
{
	pthread_t threads[THREADS_MAX];
	unsigned int wanted = how_many(sweep), n = 0;
	struct pool pool;
	int r = 0;

	pool_init(&pool, sweep);
	for (; n < wanted; n++) {
		pthread_mutex_lock(&pool.lock);
		pool.running++;
		pthread_mutex_unlock(&pool.lock);
		r = -pthread_create(&threads[n], NULL, run, &pool);
		if (r)
			break;
	}
	if (r) { /* fewer do as well */
		pthread_mutex_lock(&pool.lock);
		pool.running--;
		if (!n)
			pool.r = r;
		pthread_mutex_unlock(&pool.lock);
	}
	wait_and_tell(&pool);
	for (unsigned int i = 0; i < n; i++)
		pthread_join(threads[i], NULL);
	pthread_mutex_destroy(&pool.lock);
	pthread_cond_destroy(&pool.ended);
	sweep->asked = atomic_load(&pool.asked);
	sweep->unreadable = atomic_load(&pool.unreadable);
	return pool.r;
}

void fs_sweep_deinit(struct fs_sweep *sweep)
{
	free(sweep->claims);
	free(sweep->unopened);
	sweep->claims = NULL;
	sweep->unopened = NULL;
	sweep->n_claims = sweep->claims_allocated = 0;
	sweep->n_unopened = sweep->unopened_allocated = 0;
}
