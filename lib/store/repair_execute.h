/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef PMEMRAS_REPAIR_EXECUTE_H
#define PMEMRAS_REPAIR_EXECUTE_H

/*
 * Carrying out a repair: what is recorded in the store's journal, step by step, each verified first. Killed
 * between any two instructions, it goes on where it was when it is called again with the same job.
 */
#include "casework.h"
#include "store_repair.h"

struct repair_options {
	bool force; /* also files that somebody else has open */
	const struct plan_backup
		*backup; /* RESTORE; NULL: what is not saved from it yet is not repaired */
	const struct casework_observer *observer; /* may be NULL */
};

struct repair_outcome {
	size_t pages, skipped; /* of the job: repaired and proved; given up unchanged */
	size_t stuck;          /* changed in part: to be gone on with */
	size_t quarantined;    /* of pages: whose block stays in quarantine */
	bool over;             /* the incident is repaired, nothing of it is bad any more */
	char why[256];         /* of the last page that was not repaired, or "" */
};

/**
 * repair_execute() - do what @job says
 * @job: as recorded (store_repair_begin(), or store_repair() of an unfinished one); its steps tell what came of
 *       each afterwards
 *
 * Return: 0: see @ret, whose steps may have been refused; -ENODEV, -ENOENT, -ESTALE, -EROFS, -EXDEV, -EBUSY,
 * -EOPNOTSUPP, -errno: the filesystem cannot be worked on, nothing was changed; STORE_E_*, -ENOMEM: ended in the
 * middle, to be gone on with.
 */
int repair_execute(const struct sysroot *root, struct store *store, struct job *job,
		   const struct repair_options *options, uint64_t now_usec,
		   struct repair_outcome *ret);

#endif
