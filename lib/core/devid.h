/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef PMEMRAS_DEVID_H
#define PMEMRAS_DEVID_H

/*
 * Who a device is, over renames and reboots. Kernel names move (pmem0 becomes
 * pmem1), so a device is known by the strongest of: uuid of its nd namespace,
 * WWN or serial of the hardware, uuid of the filesystem on it, name. The bad
 * block may hit the very sector that carries an identity, hence all of them
 * are kept and any may be missing. Nothing but zeros counts as missing.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define DEVID_TEXT 128

struct devid {
	char nd_uuid[37]; /* lower case text, "" where there is none */
	char hw_id[DEVID_TEXT]; /* wwid or serial, or "" */
	char fs_uuid[37];
	char name[64]; /* kernel name, last seen */
	uint64_t size; /* bytes, 0 unknown */
};

enum devid_match {
	DEVID_DIFFERENT, /* a stronger identity says no, or nothing in common */
	DEVID_SAME_NAME, /* only the name (and size) agree, nothing contradicts */
	/*
	 * The filesystem's uuid agrees, nothing stronger contradicts. Under another name only where it
	 * need not be a copy: sizes agree, and not just one side has an identity of its medium.
	 */
	DEVID_SAME_FS,
	DEVID_SAME,	 /* nd or hardware identity agrees */
};

enum devid_match devid_compare(const struct devid *a, const struct devid *b);

/*
 * The best match of @who among @known: index, or -1. Two equally good ones are
 * decided by name; still two: -1 (ambiguous: better a second entry than the wrong one).
 */
ptrdiff_t devid_find(const struct devid *who, const struct devid *known, size_t n);

/* Fields that @seen knows replace those of @id (a name always does). True where anything changed. */
bool devid_update(struct devid *id, const struct devid *seen);

/* The strongest as text: "nd:UUID", "hw:…", "fs:UUID", "name:loop0". */
#define DEVID_BUF (DEVID_TEXT + 8)
char *devid_format(const struct devid *id, char buf[DEVID_BUF]);

#endif
