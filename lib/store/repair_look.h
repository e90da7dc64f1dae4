/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef PMEMRAS_REPAIR_LOOK_H
#define PMEMRAS_REPAIR_LOOK_H

/* The facts that a repair of one incident is planned on, all looked at now. Changes nothing. */
#include "blkdev.h"
#include "capture.h"
#include "plan.h"
#include "store.h"

struct repair_look {
	struct incident incident;
	int64_t device_row;
	struct blkdev dev;
	struct rangeset bad; /* of the incident */
	struct rangeset
		known_bad;        /* of the device: every list, incident and declaration there is */
	struct rangeset declared; /* … and what else nobody may call cleared (plan.h) */
	struct rangeset
		listed; /* what counts as bad now: the kernel's list, declarations, events */
	struct findings *findings; /* of known_bad */
	struct plan_inode *inodes;
	size_t n_inodes;
	bool read_only;
	uint32_t granule; /* what the device reads at least, bytes; 0 not known */
};

#define REPAIR_LOOK_NULL ((struct repair_look){0})
void repair_look_deinit(struct repair_look *look);

/**
 * repair_look() - look at an incident and its device
 * @id: of an incident; where it was merged, the one that took it in is meant
 *
 * Return: 0, -ENOENT no such incident, -ENODEV its device is not there, -ENOMEM, -ECANCELED, STORE_E_*,
 * -errno of reading the device's list.
 */
int repair_look(const struct sysroot *root, struct store *store, int64_t id,
		const struct capture_options *options, struct repair_look *ret);

/* What can be seen to be bad now: the kernel's list and declarations. @ret (initialised) is replaced. */
int repair_listed(const struct sysroot *root, struct store *store, const struct blkdev *dev,
		  int64_t device_row, struct rangeset *ret);
/*
 * What incidents of the device hold bad that was heard of, from the kernel or a filesystem, and that
 * nothing shows. Likewise.
 */
int repair_heard(struct store *store, int64_t device_row, struct rangeset *ret);
/* What is listed, and whatever any incident of the device holds bad. Likewise. */
int repair_known_bad(struct store *store, int64_t device_row, const struct rangeset *listed,
		     struct rangeset *ret);

/* The facts of @look, for plan_make(); the choice is left to the caller. */
struct plan_facts repair_facts(const struct repair_look *look);

/*
 * Opens the filesystem that @look's findings are on, at a mount point. -ENOENT none; as fs_xfs_open().
 * The descriptor pins the mount: short-lived.
 */
int repair_open_fs(const struct sysroot *root, const struct repair_look *look, int *ret_fd);

#endif
