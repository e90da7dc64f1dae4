/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What the loss of a block means, and how to say so to somebody who has been
 * woken up for it: first what is lost, then what is not or what will happen,
 * and, where there is a command for it, which.
 *
 * Two rules. What cannot be told is never called nothing. And "nothing lost"
 * is only said of stored contents: the bad block stays bad, so the sentence
 * says what the next use of it will do.
 */
#include <stddef.h>
#include "impact.h"
#include "token.h"

static const char *const tokens[IMPACT_N] = {
	[IMPACT_NOTHING] = "none",
	[IMPACT_UNKNOWN] = "unknown",
	[IMPACT_DATA] = "data",
	[IMPACT_METADATA] = "metadata",
};

const char *impact_token(enum impact impact)
{
	return (unsigned int)impact < IMPACT_N ? tokens[impact] : tokens[IMPACT_UNKNOWN];
}

int impact_from_token(const char *token)
{
	return token_find(tokens, IMPACT_N, token);
}

/* For every kind: what its loss means without flags, and in words. */
static const struct {
	enum impact impact;
	const char *says;
} kinds[FS_OWNER_N] = {
	[FS_OWNER_UNKNOWN] = {IMPACT_UNKNOWN,
			      "in use, but by what is not known: count it as lost until it is"},
	[FS_OWNER_FREE] = {IMPACT_NOTHING,
			   "free space: nothing lost, but the next file written there may fail"},
	[FS_OWNER_OUTSIDE] =
		{IMPACT_UNKNOWN,
		 "behind the end of the filesystem: none of its files or metadata; whether "
		 "something else is stored there is not known"},
	[FS_OWNER_SUPERBLOCK] =
		{IMPACT_METADATA,
		 "a backup copy of the superblock: no file is hit, the primary one is in use; "
		 "xfs_repair writes the copy anew"},
	[FS_OWNER_AGF] =
		{IMPACT_METADATA,
		 "an allocation group's free-space header (AGF): no file contents lost; the "
		 "filesystem may shut down when it allocates there; xfs_repair rebuilds it"},
	[FS_OWNER_AGI] =
		{IMPACT_METADATA,
		 "an allocation group's inode header (AGI): no file contents lost; creating and "
		 "deleting files there may fail or shut the filesystem down; xfs_repair rebuilds "
		 "it"},
	[FS_OWNER_AGFL] =
		{IMPACT_METADATA,
		 "an allocation group's list of reserved free blocks (AGFL): no file contents "
		 "lost; "
		 "the filesystem may shut down when it allocates there; xfs_repair rebuilds it"},
	[FS_OWNER_FS] =
		{IMPACT_METADATA,
		 "fixed metadata of the filesystem: no file contents lost; the filesystem may shut "
		 "down when it needs it; run xfs_repair unmounted"},
	[FS_OWNER_AG_PADDING] = {IMPACT_NOTHING,
				 "unused rest of an allocation group's header block: nothing lost"},
	[FS_OWNER_AG_BTREE] =
		{IMPACT_METADATA,
		 "a free-space or reverse-map btree block: no file contents lost; the filesystem "
		 "may "
		 "shut down when it allocates or frees there; xfs_repair rebuilds it"},
	[FS_OWNER_INOBT] = {IMPACT_METADATA, "an inode btree block (which inodes exist): no file "
					     "contents lost; files there may "
					     "become unreachable until xfs_repair rebuilds it"},
	[FS_OWNER_REFCOUNT] =
		{IMPACT_METADATA,
		 "a reference-count btree block (which blocks files share): no file contents lost; "
		 "writes to reflinked files there may fail; xfs_repair rebuilds it"},
	[FS_OWNER_INODES] = {IMPACT_METADATA,
			     "an inode block: owner, mode, size and block map of the files listed "
			     "are lost, and "
			     "with the map the way to their contents; restore them from a backup"},
	[FS_OWNER_LOG] = {IMPACT_METADATA,
			  "the filesystem's journal: no file contents lost yet; a crash now may "
			  "lose the latest "
			  "changes and the next mount may fail; unmount cleanly, then xfs_repair"},
	[FS_OWNER_COW] =
		{IMPACT_NOTHING,
		 "copy-on-write staging space: nothing stored is lost, but a write under way to a "
		 "reflinked file may fail"},
	[FS_OWNER_DEFECTIVE] = {IMPACT_NOTHING,
				"marked defective by the filesystem already: nothing lost"},
	[FS_OWNER_DATA] =
		{IMPACT_DATA,
		 "contents of this file: these bytes are lost, the rest of the file is not"},
	[FS_OWNER_DIRECTORY] = {IMPACT_METADATA,
				"names in this directory: files in it may become unreachable by "
				"name, their contents "
				"are not hit; xfs_repair moves them to lost+found"},
	[FS_OWNER_SYMLINK] = {IMPACT_METADATA, "the target of this symbolic link: the link is "
					       "broken, what it points to is not hit"},
	[FS_OWNER_INTERNAL] =
		{IMPACT_METADATA,
		 "the filesystem's own records (quota or realtime): no file contents lost; "
		 "quotacheck or xfs_repair rebuilds them"},
	[FS_OWNER_ATTR] = {IMPACT_METADATA, "extended attributes of this file (ACLs, labels, "
					    "capabilities): some are lost, the "
					    "contents are not"},
	[FS_OWNER_EXTENT_MAP] =
		{IMPACT_METADATA,
		 "part of this file's block map: the contents are intact but cannot be found "
		 "without "
		 "it; restore the file from a backup, or copy it now while it still reads"},
	[FS_OWNER_ATTR_MAP] = {IMPACT_METADATA, "part of the map of this file's extended "
						"attributes (ACLs, labels): they may be lost, "
						"the contents are not"},
};

/* Nothing is stored in these bytes of a file, whoever owns them. */
static bool holds_nothing(enum fs_owner_kind kind, unsigned int flags)
{
	return fs_owner_has_offset(kind) && flags & (IMPACT_UNWRITTEN | IMPACT_PAST_EOF);
}

static bool is_unused(enum fs_owner_kind kind, unsigned int flags)
{
	return kind == FS_OWNER_INODES && flags & IMPACT_INODES_UNUSED &&
	       !(flags & IMPACT_INODES_UNREADABLE);
}

enum impact impact_of(enum fs_owner_kind kind, unsigned int flags)
{
	if ((unsigned int)kind >= FS_OWNER_N)
		return IMPACT_UNKNOWN;
	if (holds_nothing(kind, flags) || is_unused(kind, flags))
		return IMPACT_NOTHING;
	return kinds[kind].impact;
}

const char *impact_says(enum fs_owner_kind kind, unsigned int flags)
{
	if ((unsigned int)kind >= FS_OWNER_N)
		kind = FS_OWNER_UNKNOWN;
	if (holds_nothing(kind, flags) && flags & IMPACT_UNWRITTEN)
		return "preallocated space of this file, never written: nothing lost, but the next "
		       "write there may fail";
	if (holds_nothing(kind, flags))
		return "space behind the end of this file: nothing lost, but it may fail when the "
		       "file grows";
	if (is_unused(kind, flags))
		return "an inode block in which no inode is in use: nothing lost, but creating "
		       "files "
		       "may fail";
	if (kind == FS_OWNER_INODES && flags & IMPACT_INODES_UNREADABLE)
		return "an inode block: owner, mode, size and block map of the files in it are "
		       "lost; "
		       "which inodes are in use could not be read in full";
	if (kind == FS_OWNER_SUPERBLOCK && flags & IMPACT_PRIMARY)
		return "the primary superblock: no file contents lost, a mounted filesystem goes "
		       "on, "
		       "but the next mount will fail; xfs_repair restores it from a copy";
	return kinds[kind].says;
}
