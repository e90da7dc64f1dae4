/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef PMEMRAS_CARRY_H
#define PMEMRAS_CARRY_H

/*
 * What an earlier look knew and a later one cannot see: a file system that
 * has shut down answers nothing, and a deleted file leaves free space behind,
 * but what was lost was lost.
 */
#include "findings.h"

/**
 * carry_over() - complete a look with what an earlier one at the same place knew
 * @old: findings of the earlier look (sorted), also at less than @now was
 * @now: findings of the later look (sorted); replaced where there is something to carry, else left alone
 *
 * Carried are, marked FINDING_EARLIER and without holders:
 * - all that was known about bytes whose owner is unknown now because nobody could be asked
 *   (shut down, not mounted, device gone, no permission, a layer above, I/O error);
 * - where it physically is, where the machine does not tell any more;
 * - losses that @now does not find any more: freed, or somebody else's by now.
 * Names of a file that @now finds are carried where it could not look for any (shut down), not marked.
 * Not carried is anything of another file system (other uuid), or of a file whose inode number is in use
 * by another one by now.
 *
 * Return: 0, -ENOMEM.
 */
int carry_over(const struct findings *old, struct findings **now);

#endif
