/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef PMEMRAS_FSMAP_H
#define PMEMRAS_FSMAP_H

/*
 * Reverse-map records as FS_IOC_GETFSMAP returns them (linux/fsmap.h), in
 * bytes, and their typed owner. Special owner codes are those of xfs_fs.h.
 */
#include "range.h"

#define FSMAP_PREALLOC	   0x1u
#define FSMAP_ATTR_FORK	   0x2u
#define FSMAP_EXTENT_MAP   0x4u
#define FSMAP_SHARED	   0x8u
#define FSMAP_SPECIAL	   0x10u
#define FSMAP_LAST	   0x20u

struct fsmap_rec {
	struct byte_range phys; /* on the filesystem's device */
	uint64_t owner;		/* inode number, or special owner code with FSMAP_SPECIAL */
	uint64_t offset;	/* in the file; means nothing for SPECIAL and EXTENT_MAP */
	uint32_t flags;		/* FSMAP_* */
};

/* What owns a block, as far as the reverse map and the geometry tell. */
enum fs_owner_kind {
	FS_OWNER_UNKNOWN, /* allocated, owner not recorded; never "free" */
	FS_OWNER_FREE,
	FS_OWNER_OUTSIDE, /* behind the end of the filesystem, on the same device */
	FS_OWNER_SUPERBLOCK, /* primary (AG 0) or a copy: FINDING_PRIMARY */
	FS_OWNER_AGF,
	FS_OWNER_AGI,
	FS_OWNER_AGFL,
	FS_OWNER_FS,	   /* fixed filesystem metadata that none of the four above names */
	FS_OWNER_AG_PADDING, /* rest of an AG's header blocks: nothing is stored there */
	FS_OWNER_AG_BTREE, /* free-space or reverse-map btree block */
	FS_OWNER_INOBT,	   /* inode btree, free-inode btree */
	FS_OWNER_REFCOUNT, /* reference-count btree */
	FS_OWNER_INODES,   /* inode cluster */
	FS_OWNER_LOG,
	FS_OWNER_COW, /* copy-on-write staging, nothing stored yet */
	FS_OWNER_DEFECTIVE,
	FS_OWNER_DATA,	     /* data fork of a regular file, or of an inode not looked at */
	FS_OWNER_DIRECTORY,  /* data fork of a directory */
	FS_OWNER_SYMLINK,    /* target of a symbolic link */
	FS_OWNER_INTERNAL,   /* data fork of the filesystem's own inodes: quota, realtime maps */
	FS_OWNER_ATTR,	     /* extended-attribute fork (ACLs, labels, parent pointers) */
	FS_OWNER_EXTENT_MAP, /* bmbt block of the data fork */
	FS_OWNER_ATTR_MAP,   /* bmbt block of the attribute fork */
	FS_OWNER_N,
};

/* JSON token, "file-data"; never NULL */
const char *fs_owner_token(enum fs_owner_kind kind);
/* -1 where @token names none, NULL included */
int fs_owner_from_token(const char *token);
/* has an inode: DATA … ATTR_MAP */
bool fs_owner_is_file(enum fs_owner_kind kind);
/* a file offset means something: DATA … ATTR */
bool fs_owner_has_offset(enum fs_owner_kind kind);
/* lies in one allocation group by nature: headers, btrees, inodes */
bool fs_owner_in_ag(enum fs_owner_kind kind);

/* Kind from flags and owner code alone. DATA may turn into DIRECTORY or SYMLINK once the inode
 * is looked at, FS into SUPERBLOCK … AGFL once the geometry is (fsgeom.h). */
enum fs_owner_kind fsmap_owner_kind(const struct fsmap_rec *rec);

/**
 * fsmap_clamp() - the part of @rec that lies in @window
 *
 * The file offset moves with the start where it means something.
 *
 * Return: false where they do not overlap (@ret untouched).
 */
bool fsmap_clamp(const struct fsmap_rec *rec, struct byte_range window, struct fsmap_rec *ret);

#endif
