/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef PMEMRAS_STORE_REPAIR_H
#define PMEMRAS_STORE_REPAIR_H

/*
 * The journal of repairs: what is about to be done is on the medium before it is done. And the
 * record of bytes of files that hold zeros, or a backup's content, since then. Conventions as in store.h.
 */
#include "job.h"
#include "store.h"

/* Records @job with all its steps. It gets its id, and began_usec. -ENOENT: no such incident or device. */
int store_repair_begin(struct store *store, struct job *job, uint64_t now_usec);
/*
 * Step @index of @job gets @state and @note (NULL: keeps what it has), here and on the medium. On failure
 * neither.
 */
int store_repair_step(struct store *store, struct job *job, size_t index, enum job_step_state state,
		      const char *note, uint64_t now_usec);
/* Likewise the whole; DONE and GIVEN_UP have ended. */
int store_repair_state(struct store *store, struct job *job, enum job_state state,
		       uint64_t now_usec);
/* -ENOENT. @ret (initialised) is replaced. */
int store_repair(struct store *store, int64_t id, struct job *ret);
/* Those that have not ended, of @device (0: of all), by id. @ret: free(). */
int store_repairs_unfinished(struct store *store, int64_t device, int64_t **ret, size_t *ret_n);
/* The last of @incident that ended with something done; -ENOENT. */
int store_repair_last(struct store *store, int64_t incident, int64_t *ret_id);

/* @ret (initialised) is replaced: pages of @device that repairs have left in quarantine. */
int store_repair_kept(struct store *store, int64_t device, struct rangeset *ret);

/* ---- bytes of files that are not what was written to them ---- */
struct store_loss {
	int64_t row, repair, incident, device;
	uint64_t ino;
	uint32_t gen;
	char *path;              /* as it was then; may be NULL */
	struct byte_range range; /* of the file */
	bool restored;           /* from a backup; else zeros */
	uint64_t at_usec;
};
int store_loss_add(struct store *store, const struct job *job, const struct job_step *step,
		   const struct rangeset *ranges, uint64_t now_usec);
/* By device, inode and range. @fn may not change the store; 0 continues, nonzero stops and comes back. */
int store_loss_each(struct store *store, int (*fn)(const struct store_loss *loss, void *data),
		    void *data);

#endif
