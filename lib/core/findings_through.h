/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef PMEMRAS_FINDINGS_THROUGH_H
#define PMEMRAS_FINDINGS_THROUGH_H

/* What was found on a filesystem's device, told of a device below it. */
#include "findings.h"

/**
 * findings_below() - move findings down to where the question came from
 * @f:       of the filesystem's device; its asked, failed and findings become bytes of the device below, split
 *           where pieces end. Device name, number and size are left to the caller.
 * @through: becomes @f's
 * @asked:   bytes of the device below; what of it no piece holds becomes UNKNOWN, with
 *           REASON_UNRESOLVED_LAYER
 *
 * Return: 0; -ENOMEM, after which @f is to be given up.
 */
int findings_below(struct findings *f, struct through **through, const struct rangeset *asked);

/* Byte of the filesystem's device. */
static inline uint64_t findings_fs_byte(const struct findings *f, uint64_t byte)
{
	return through_byte(f->through, byte);
}

#endif
