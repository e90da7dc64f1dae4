/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef PMEMRAS_IMPACT_H
#define PMEMRAS_IMPACT_H

/* What losing a block means, from its owner. The order of enum impact is that of severity. */
#include "fsmap.h"

enum impact {
	IMPACT_NOTHING,	 /* nothing stored there: free, unwritten, CoW staging, beyond end of file */
	IMPACT_UNKNOWN,	 /* cannot be told: never counts as nothing */
	IMPACT_DATA,	 /* bytes of a file */
	IMPACT_METADATA, /* names, attributes, maps, inodes, btrees, headers, log */
	IMPACT_N,
};

#define IMPACT_UNWRITTEN 0x1u /* preallocated, never written */
#define IMPACT_PAST_EOF	 0x2u
#define IMPACT_INODES_UNUSED 0x4u /* an inode cluster block in which no inode is in use */
#define IMPACT_PRIMARY 0x8u /* the superblock of AG 0, not a copy */
#define IMPACT_INODES_UNREADABLE 0x10u /* whether inodes are in use could not be read */

enum impact impact_of(enum fs_owner_kind kind, unsigned int flags);
const char *impact_token(enum impact impact); /* "none", "unknown", "data", "metadata" */
int impact_from_token(const char *token); /* -1 where it names none, NULL included */

/* A sentence without a full stop: what is lost and what is not, in a sysadmin's words. Never NULL. */
const char *impact_says(enum fs_owner_kind kind, unsigned int flags);

#endif
