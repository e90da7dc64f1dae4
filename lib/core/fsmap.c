/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What a reverse-map record says about its owner, and the part of it that is
 * of interest.
 *
 * An owner is an inode number, or, with FSMAP_SPECIAL, a code of two halves:
 * who defined it ('X' for XFS, 0 for all filesystems) and a number. Codes that
 * are not known here count as "unknown", never as free: a newer kernel may
 * have found new uses for a block.
 *
 * Sources: linux/fsmap.h (FMR_OWNER), xfs_fs.h (XFS_FMR_OWN_*),
 * ioctl_getfsmap(2), ioctl_xfs_getfsmap(2).
 */
#include <stddef.h>
#include <string.h>
#include "cleanup.h"
#include "fsmap.h"

#define OWNER(type, code) (((uint64_t)(type) << 32) | (code))

static const char *const tokens[FS_OWNER_N] = {
	[FS_OWNER_UNKNOWN] = "unknown",
	[FS_OWNER_FREE] = "free",
	[FS_OWNER_OUTSIDE] = "outside-filesystem",
	[FS_OWNER_SUPERBLOCK] = "superblock",
	[FS_OWNER_AGF] = "agf",
	[FS_OWNER_AGI] = "agi",
	[FS_OWNER_AGFL] = "agfl",
	[FS_OWNER_FS] = "fixed-metadata",
	[FS_OWNER_AG_PADDING] = "ag-padding",
	[FS_OWNER_AG_BTREE] = "ag-btree",
	[FS_OWNER_INOBT] = "inode-btree",
	[FS_OWNER_REFCOUNT] = "refcount-btree",
	[FS_OWNER_INODES] = "inodes",
	[FS_OWNER_LOG] = "log",
	[FS_OWNER_COW] = "cow-staging",
	[FS_OWNER_DEFECTIVE] = "defective",
	[FS_OWNER_DATA] = "file-data",
	[FS_OWNER_DIRECTORY] = "directory",
	[FS_OWNER_SYMLINK] = "symlink",
	[FS_OWNER_INTERNAL] = "internal-file",
	[FS_OWNER_ATTR] = "attributes",
	[FS_OWNER_EXTENT_MAP] = "extent-map",
	[FS_OWNER_ATTR_MAP] = "attribute-map",
};

static const struct {
	uint64_t code;
	enum fs_owner_kind kind;
} special[] = {
	{OWNER(0, 1), FS_OWNER_FREE},        {OWNER(0, 2), FS_OWNER_UNKNOWN},
	{OWNER(0, 3), FS_OWNER_FS},          {OWNER('X', 1), FS_OWNER_FS},
	{OWNER('X', 2), FS_OWNER_LOG},       {OWNER('X', 3), FS_OWNER_AG_BTREE},
	{OWNER('X', 4), FS_OWNER_INOBT},     {OWNER('X', 5), FS_OWNER_INODES},
	{OWNER('X', 6), FS_OWNER_REFCOUNT},  {OWNER('X', 7), FS_OWNER_COW},
	{OWNER('X', 8), FS_OWNER_DEFECTIVE},
};

const char *fs_owner_token(enum fs_owner_kind kind)
{
	return (unsigned int)kind < FS_OWNER_N ? tokens[kind] : tokens[FS_OWNER_UNKNOWN];
}

int fs_owner_from_token(const char *token)
{
	for (int i = 0; token && i < FS_OWNER_N; i++)
		if (!strcmp(token, tokens[i]))
			return i;
	return -1;
}

bool fs_owner_is_file(enum fs_owner_kind kind)
{
	return kind >= FS_OWNER_DATA && kind <= FS_OWNER_ATTR_MAP;
}

bool fs_owner_has_offset(enum fs_owner_kind kind)
{
	return kind >= FS_OWNER_DATA && kind <= FS_OWNER_ATTR;
}

bool fs_owner_in_ag(enum fs_owner_kind kind)
{
	return kind >= FS_OWNER_SUPERBLOCK && kind <= FS_OWNER_INODES;
}

enum fs_owner_kind fsmap_owner_kind(const struct fsmap_rec *rec)
{
	if (rec->flags & FSMAP_SPECIAL) {
		for (size_t i = 0; i < ARRAY_SIZE(special); i++)
			if (special[i].code == rec->owner)
				return special[i].kind;
		return FS_OWNER_UNKNOWN;
	}
	if (rec->flags & FSMAP_EXTENT_MAP)
		return rec->flags & FSMAP_ATTR_FORK ? FS_OWNER_ATTR_MAP : FS_OWNER_EXTENT_MAP;
	return rec->flags & FSMAP_ATTR_FORK ? FS_OWNER_ATTR : FS_OWNER_DATA;
}

bool fsmap_clamp(const struct fsmap_rec *rec, struct byte_range window, struct fsmap_rec *ret)
{
	struct byte_range part = range_intersect(rec->phys, window);
	uint64_t skipped = part.start - rec->phys.start;

	if (!part.len)
		return false;

	*ret = *rec;
	ret->phys = part;
	if (!(rec->flags & (FSMAP_SPECIAL | FSMAP_EXTENT_MAP)))
		ret->offset += skipped;
	return true;
}
