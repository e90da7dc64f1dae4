/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef PMEMRAS_REPAIR_BACKUP_H
#define PMEMRAS_REPAIR_BACKUP_H

/* Is a file fit to restore another's lost bytes from? */
#include "repair_look.h"

/* How much is compared before and behind each bad page. */
#define REPAIR_BACKUP_AROUND (64 * 1024)

/**
 * repair_backup_look() - compare a backup with the damaged file
 * @plan: a RESTORE, as planned before anything was known of the backup's content; restore_file is whose it is
 * @ret:  path, dev, ino, size and modified_nsec are given; the others are set
 *
 * Bytes of the file that are bad, or in a page that is, are not read. Return: 0; -ESTALE the file is gone, or
 * the backup is another now; -ENOMEM; -errno of reading either.
 */
int repair_backup_look(const struct sysroot *root, const struct repair_look *look,
		       const struct plan *plan, struct plan_backup *ret);

#endif
