/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Opening what a repair works on. The journal may be older than the machine's last start: names
 * and numbers of devices mean nothing then, so the device is found by its identity, and
 * the filesystem on it must be the one that the plan was about.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/statvfs.h>
#include <unistd.h>
#include "casework_priv.h"
#include "cleanup.h"
#include "fd.h"
#include "fs_quarantine.h"
#include "fs_xfs.h"
#include "repair_work.h"
#include "store_repair.h"

void repair_work_deinit(struct repair_work *w)
{
	fd_closep(&w->device);
	fd_closep(&w->dir);
	fd_closep(&w->fs);
	free(w->page);
	free(w->other);
	blkdev_deinit(&w->dev);
}

static int open_fs(struct repair_work *w)
{
	CLEANUP(mounts_deinit) struct mounts mounts = MOUNTS_NULL;
	const struct mount *mount;
	struct statvfs vfs;
	struct fsgeom geom;
	int r;

	r = mounts_read(w->root, &mounts);
	if (!r)
		r = fs_xfs_open(&mounts, w->dev.devno, &w->fs, &mount);
	if (!r)
		r = fs_xfs_geometry(w->fs, &geom);
	if (r)
		return r;
	if (memcmp(geom.uuid, w->job->fs_uuid, sizeof(geom.uuid)))
		return -ESTALE;
	if (geom.block_size != PAGE_BYTES || !(geom.features & FSGEOM_REFLINK))
		return -EOPNOTSUPP;
	if (fstatvfs(w->fs, &vfs))
		return -errno;
	return vfs.f_flag & ST_RDONLY ? -EROFS : 0;
}

int repair_work_open(struct repair_work *w)
{
	struct store_device device;
	void *page, *other;
	int r;

	if (!w->root->live)
		return -EOPNOTSUPP;
	r = store_device(w->store, w->job->device, &device);
	if (!r)
		r = casework_find_device(w->root, &device.id, &w->dev);
	if (r)
		return r == -ENOENT ? -ENODEV : r;
	r = open_fs(w);
	if (!r)
		r = fs_quarantine_open(w->fs, true, &w->dir);
	if (!r)
		r = blkdev_open_direct(&w->dev, &w->device);
	if (r)
		return r;
	if (posix_memalign(&page, PAGE_BYTES, PAGE_BYTES))
		return -ENOMEM;
	w->page = page;
	if (posix_memalign(&other, PAGE_BYTES, PAGE_BYTES))
		return -ENOMEM;
	w->other = other;
	return 0;
}

int repair_refuse(struct repair_work *w, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	vsnprintf(w->why, sizeof(w->why), format, args);
	va_end(args);
	return REPAIR_REFUSED;
}

int repair_failed(struct repair_work *w, const char *what, int r)
{
	if (r >= 0 || r == -ENOMEM)
		return r;
	return repair_refuse(w, "%s: %s", what, strerror(-r));
}

int repair_step_begun(struct repair_work *w, size_t index)
{
	if (w->job->steps[index].state != JOB_STEP_PLANNED)
		return 0;
	return store_repair_step(w->store, w->job, index, JOB_STEP_BEGUN, NULL, w->now_usec);
}

int repair_step_done(struct repair_work *w, size_t index, const char *note)
{
	if (w->job->steps[index].state == JOB_STEP_DONE)
		return 0;
	return store_repair_step(w->store, w->job, index, JOB_STEP_DONE, note, w->now_usec);
}

void repair_bad_name(uint64_t page, char buf[REPAIR_NAME])
{
	snprintf(buf, REPAIR_NAME, "%" PRIu64 ".bad", page);
}

void repair_good_name(const struct job *job, uint64_t page, char buf[REPAIR_NAME])
{
	snprintf(buf, REPAIR_NAME, "%.16s-%" PRIu64 ".good", job->hash, page);
}

int repair_read(int fd, void *buffer, size_t len, uint64_t at)
{
	size_t done = 0;

	while (done < len) {
		ssize_t n = pread(fd, (char *)buffer + done, len - done, (off_t)(at + done));

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return n ? -errno : -ENODATA;
		done += (size_t)n;
	}
	return 0;
}

int repair_write(int fd, const void *buffer, size_t len, uint64_t at)
{
	size_t done = 0;

	while (done < len) {
		ssize_t n = pwrite(fd, (const char *)buffer + done, len - done, (off_t)(at + done));

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return n ? -errno : -EIO;
		done += (size_t)n;
	}
	return 0;
}
