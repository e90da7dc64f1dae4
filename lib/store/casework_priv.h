/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef PMEMRAS_CASEWORK_PRIV_H
#define PMEMRAS_CASEWORK_PRIV_H

/* What the casework's own files share: inside a transaction, news is gathered; after it, told. */
#include "casework.h"

struct casework_news {
	struct casework_news_item {
		int64_t id;
		unsigned int bits; /* CHANGE_* */
	} * items;
	size_t n, allocated;
};
void casework_news_deinit(struct casework_news *news); /* for CLEANUP() */
int casework_news_add(struct casework_news *news, int64_t id, unsigned int bits);

/* Ends the transaction: rolls back and returns @r where it is an error, else commits and tells. */
int casework_finish(struct store *store, int r, const struct casework_news *news,
		    const struct casework_observer *observer);
int casework_tell(struct store *store, const struct casework_news *news,
		  const struct casework_observer *observer);

/* These run inside a transaction. */
int casework_save(struct store *store, int64_t device, const struct casebook_changes *changes,
		  uint64_t now_usec, struct casework_news *news);
int casework_set_present(struct store *store, const struct store_device *device, bool present,
			 uint64_t now_usec, struct casework_news *news);
/* The row of a device that is present. */
int casework_ensure_present(struct store *store, const struct devid *id, uint64_t now_usec,
			    struct casework_news *news, int64_t *ret_row);
/* @source holds @bad bad on the device of @row */
int casework_take_in(struct store *store, int64_t row, enum media_source source,
		     const struct rangeset *bad, uint64_t now_usec, struct casework_news *news);

/* ---- casework_look.c ---- */
/* The device on record among those present; blkdev_deinit(). -ENOENT: gone. */
int casework_find_device(const struct sysroot *root, const struct devid *id, struct blkdev *ret);

/* ---- casework_roll.c ---- */
/* Every block device there is. */
struct casework_machine {
	struct casework_machine_item {
		struct blkdev dev;
		int64_t row;       /* in the store, 0: not on record */
		bool another_path; /* to the medium of a row that another device is taken for */
	} * items;
	size_t n, allocated;
};
void casework_machine_deinit(struct casework_machine *machine); /* for CLEANUP() */
int casework_machine_read(const struct sysroot *root, struct casework_machine *ret);
/* Finds the rows of @machine's devices, one transaction where anything is new. */
int casework_call_roll(struct store *store, struct casework_machine *machine, uint64_t now_usec,
		       const struct casework_observer *observer);

#endif
