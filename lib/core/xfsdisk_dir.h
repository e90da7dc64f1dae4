/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef PMEMRAS_XFSDISK_DIR_H
#define PMEMRAS_XFSDISK_DIR_H

/*
 * The entries of a directory, in the order in which they lie on the device.
 *
 * Source: "XFS Algorithms & Data Structures" (xfs-documentation), chapter
 * "Directories"; "Self Describing Metadata" for the headers.
 */
#include "xfsdisk.h"

struct xfsdisk_dirent {
	uint64_t ino;     /* not verified to be in use */
	const char *name; /* not terminated; no NUL, no slash, neither "." nor ".." */
	uint8_t name_len; /* at least 1 */
	bool may_be_dir;  /* by the type in the entry; true where that has none */
};

struct xfsdisk_dir_sink {
	/* 0 continues, nonzero stops and comes back. */
	int (*entry)(const struct xfsdisk_dirent *entry, void *data);
	/* A part of the directory that cannot be read, or is damaged, so that names are missing. Likewise. */
	int (*lost)(uint64_t ino, void *data);
	void *data;
};

/**
 * xfsdisk_dir_read() - all entries of a directory
 * @ino:    its number
 * @inode:  all of it, verified (xfsdisk_inode_bytes()); that of a directory
 * @budget: bytes that may still be read; what was read is taken off, what would be more is lost
 *
 * Return: 0, what the sink returned, -ENOMEM, -errno of the source other than -EIO.
 */
int xfsdisk_dir_read(const struct xfsdisk *disk, uint64_t ino, const uint8_t *inode,
		     uint64_t *budget, const struct xfsdisk_dir_sink *sink);

#endif
