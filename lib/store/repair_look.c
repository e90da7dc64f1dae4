/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What the store remembers of an incident was true when it was written. A repair is planned on
 * what is true now: the device is looked up, its list read, and all that is known to be bad
 * is located again, as the pages of an incident and the files it hit may hold more
 * bad sectors than the incident itself.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include "casework_priv.h"
#include "cleanup.h"
#include "fd.h"
#include "fs_file.h"
#include "fs_xfs.h"
#include "nsmounts.h"
#include "repair_look.h"

void repair_look_deinit(struct repair_look *look)
{
	incident_deinit(&look->incident);
	blkdev_deinit(&look->dev);
	rangeset_deinit(&look->bad);
	rangeset_deinit(&look->known_bad);
	rangeset_deinit(&look->declared);
	rangeset_deinit(&look->listed);
	findings_free(look->findings);
	free(look->inodes);
	*look = REPAIR_LOOK_NULL;
}

int repair_listed(const struct sysroot *root, struct store *store, const struct blkdev *dev,
		  int64_t device_row, struct rangeset *ret)
{
	CLEANUP(rangeset_deinit) struct rangeset list = RANGESET_NULL;
	CLEANUP(rangeset_deinit) struct rangeset declared = RANGESET_NULL;
	bool cut = false;
	int r;

	r = blkdev_badblocks(root, dev, &list, &cut);
	if (r == -ENOENT)
		r = 0;
	if (!r)
		r = store_declared(store, device_row, &declared);
	if (!r)
		r = rangeset_add_set(&list, &declared);
	if (r)
		return r;

	rangeset_move(ret, &list);
	return 0;
}

int repair_known_bad(struct store *store, int64_t device_row, const struct rangeset *listed,
		     struct rangeset *ret)
{
	CLEANUP(casebook_deinit) struct casebook book = CASEBOOK_NULL;
	CLEANUP(rangeset_deinit) struct rangeset known = RANGESET_NULL;
	int r;

	r = rangeset_copy(&known, listed);
	if (!r)
		r = store_casebook(store, device_row, &book);
	for (size_t i = 0; !r && i < book.n; i++) {
		CLEANUP(rangeset_deinit) struct rangeset bad = RANGESET_NULL;

		r = incident_bad(book.incidents[i], &bad);
		if (!r)
			r = rangeset_add_set(&known, &bad);
	}
	if (r)
		return r;

	rangeset_move(ret, &known);
	return 0;
}

int repair_heard(struct store *store, int64_t device_row, struct rangeset *ret)
{
	CLEANUP(casebook_deinit) struct casebook book = CASEBOOK_NULL;
	CLEANUP(rangeset_deinit) struct rangeset heard = RANGESET_NULL;
	int r = store_casebook(store, device_row, &book);

	for (size_t i = 0; !r && i < book.n; i++) {
		const struct incident *incident = book.incidents[i];

		for (size_t k = 0; !r && k < incident->n_sightings; k++) {
			const struct sighting *sighting = &incident->sightings[k];

			if (sighting->source != SOURCE_BADBLOCKS &&
			    sighting->source != SOURCE_DECLARED)
				r = rangeset_add_set(&heard, &sighting->bad);
		}
	}
	if (r)
		return r;

	rangeset_move(ret, &heard);
	return 0;
}

/* Pages that were heard of and are on no list: nothing could show that writing there made them good. */
static int leave_unproved(struct repair_look *look, const struct rangeset *heard)
{
	CLEANUP(rangeset_deinit) struct rangeset pages = RANGESET_NULL;
	CLEANUP(rangeset_deinit) struct rangeset unproved = RANGESET_NULL;
	int r = rangeset_round_out(&look->listed, PAGE_BYTES, &pages);

	if (!r)
		r = rangeset_diff(heard, &pages, &unproved);
	return r ? r : rangeset_add_set(&look->declared, &unproved);
}

static int gather_bad(const struct sysroot *root, struct store *store, struct repair_look *look)
{
	CLEANUP(rangeset_deinit) struct rangeset heard = RANGESET_NULL;
	int r;

	r = incident_bad(&look->incident, &look->bad);
	if (!r)
		r = store_declared(store, look->device_row, &look->declared);
	if (!r)
		r = repair_listed(root, store, &look->dev, look->device_row, &look->listed);
	if (!r)
		r = repair_heard(store, look->device_row, &heard);
	if (!r)
		r = leave_unproved(look, &heard);
	if (!r)
		r = rangeset_add_set(&look->listed, &heard);
	if (!r)
		r = repair_known_bad(store, look->device_row, &look->listed, &look->known_bad);
	return r ? r : rangeset_add_set(&look->known_bad, &look->bad);
}

int repair_open_fs(const struct sysroot *root, const struct repair_look *look, int *ret_fd)
{
	CLEANUP(mounts_deinit) struct mounts mounts = MOUNTS_NULL;
	CLEANUP(blkdev_deinit) struct blkdev top = BLKDEV_NULL;
	const struct findings *f = look->findings;
	dev_t devno = look->dev.devno;
	const struct mount *mount;
	int r;

	if (!f->mountpoint)
		return -ENOENT;
	if (f->through) {
		r = blkdev_resolve(root, f->through->top, &top);
		if (r)
			return r;
		devno = top.devno;
	}
	r = nsmounts_read(root, devno, &mounts);
	return r ? r : fs_xfs_open(&mounts, devno, ret_fd, &mount);
}

/* A file that cannot be opened is left out: it is not to be touched. */
static int look_at_file(struct repair_look *look, int fs_fd, const struct found_file *file)
{
	CLEANUP(fd_closep) int fd = -1;
	struct plan_inode inode;

	if (!S_ISREG(file->mode) || file->flags & (FOUND_FILE_VANISHED | FOUND_FILE_UNREADABLE))
		return 0;
	if (fs_file_open(fs_fd, file->ino, file->gen, O_RDONLY | O_NOATIME, &fd) ||
	    fs_file_look(fd, &inode))
		return 0;
	look->inodes[look->n_inodes++] = inode;
	return 0;
}

static int look_at_files(const struct sysroot *root, struct repair_look *look)
{
	CLEANUP(fd_closep) int fs_fd = -1;
	struct findings *f = look->findings;
	struct statvfs vfs;
	int r = 0;

	look->inodes = calloc(f->n_files + 1, sizeof(*look->inodes));
	if (!look->inodes)
		return -ENOMEM;
	if (!f->n_files || !root->live || repair_open_fs(root, look, &fs_fd))
		return 0; /* without them nothing is planned */
	look->read_only = !fstatvfs(fs_fd, &vfs) && vfs.f_flag & ST_RDONLY;
	for (size_t i = 0; !r && i < f->n_files; i++)
		r = look_at_file(look, fs_fd, &f->files[i]);
	return r;
}

/* A device that cannot be looked at is read in sectors, which will be refused then. */
static void look_at_granule(const struct sysroot *root, struct repair_look *look)
{
	CLEANUP(fd_closep) int fd = -1;
	uint64_t size;

	if (!root->live || look->dev.pmem || blkdev_open_direct(&look->dev, &fd) ||
	    blkdev_limits(fd, &look->granule, &size))
		look->granule = 0;
}

int repair_look(const struct sysroot *root, struct store *store, int64_t id,
		const struct capture_options *options, struct repair_look *ret)
{
	CLEANUP(repair_look_deinit) struct repair_look look = REPAIR_LOOK_NULL;
	struct store_device device;
	int r;

	r = store_incident(store, id, true, &look.incident, &look.device_row);
	if (!r)
		r = store_device(store, look.device_row, &device);
	if (r)
		return r;
	r = casework_find_device(root, &device.id, &look.dev);
	if (r)
		return r == -ENOENT ? -ENODEV : r;
	r = gather_bad(root, store, &look);
	if (!r)
		r = capture_locate(root, &look.dev, &look.known_bad, options, &look.findings);
	if (r)
		return r;
	findings_sort(look.findings);
	look_at_granule(root, &look);
	r = look_at_files(root, &look);
	if (r)
		return r;

	*ret = look;
	look = REPAIR_LOOK_NULL;
	return 0;
}

struct plan_facts repair_facts(const struct repair_look *look)
{
	return (struct plan_facts){
		.f = look->findings,
		.bad = &look->bad,
		.known_bad = &look->known_bad,
		.declared = &look->declared,
		.listed = &look->listed,
		.inodes = look->inodes,
		.n_inodes = look->n_inodes,
		.read_only = look->read_only,
		.granule = look->granule,
		.incident = look->incident.id,
	};
}
