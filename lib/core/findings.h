/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef PMEMRAS_FINDINGS_H
#define PMEMRAS_FINDINGS_H

/*
 * The answer to "what do these ranges hold": findings ordered by device
 * offset, the inodes they name, and the paths of those. Compact, as there may
 * be a million: a finding takes 40 bytes, a file 40, a path its length + 5.
 *
 * Findings cover everything that was asked and lies on the device: what nobody
 * owns is a finding of kind FREE, what nobody can name one of kind UNKNOWN. A
 * block with several owners has a finding for each.
 */
#include <stddef.h>
#include <sys/types.h>
#include "elsewhere.h"
#include "findings_holders.h"
#include "fsgeom.h"
#include "impact.h"
#include "place.h"
#include "reason.h"
#include "rangeset.h"
#include "through.h"

#define FINDING_SHARED            0x1u /* file data that another finding overlaps: reflink */
#define FINDING_UNWRITTEN         0x2u
#define FINDING_PAST_EOF          0x4u
#define FINDING_INODES_UNUSED     0x8u  /* looked: none of the inodes is in use */
#define FINDING_PRIMARY           0x10u /* SUPERBLOCK: that of AG 0, not a copy */
#define FINDING_INODES_UNREADABLE 0x20u /* INODES: could not be looked at, all or some */
#define FINDING_EARLIER           0x40u /* known from an earlier look, see carry.h */
#define FINDING_NO_FILE           UINT32_MAX

struct finding {
	uint64_t start;    /* byte on the device */
	uint64_t len;      /* bytes */
	uint64_t offset;   /* DATA, ATTR, DIRECTORY, SYMLINK: byte in the fork.
			    INODES: number of the first inode in the range */
	uint64_t ino;      /* file kinds only, else 0 */
	uint32_t file;     /* index into files, or FINDING_NO_FILE */
	uint8_t kind;      /* enum fs_owner_kind */
	uint8_t flags;     /* FINDING_* */
	uint16_t n_inodes; /* INODES: how many inode numbers the range covers */
};

#define FOUND_FILE_VANISHED        0x1u /* gone, or another generation, by the time it was looked at */
#define FOUND_FILE_DELETED         0x2u  /* no link left, held open or about to go */
#define FOUND_FILE_PATHS           0x4u  /* paths were looked for */
#define FOUND_FILE_NO_PATH         0x8u  /* looked for, some or all links not found */
#define FOUND_FILE_IN_LOST_CLUSTER 0x10u /* listed because its inode lies in a bad inode block */
#define FOUND_FILE_UNREADABLE      0x20u /* in use, but could not be looked at: size, mode, gen are 0 */
#define FOUND_FILE_INTERNAL        0x40u /* the filesystem's own (quota, realtime): has no path */

struct found_file {
	uint64_t ino;
	uint64_t size; /* bytes */
	uint32_t gen;
	uint32_t mode; /* as st_mode; 0 where the inode was not looked at */
	uint32_t nlink;
	uint32_t n_paths;
	uint32_t last_path; /* internal */
	uint32_t flags;     /* FOUND_FILE_* */
};

/* Totals, each byte of the device counted once, by the worst that holds for it. */
struct findings_summary {
	uint64_t data_bytes, metadata_bytes, unknown_bytes, nothing_bytes;
	uint64_t n_data_files;     /* files that lost data */
	uint64_t n_metadata_files; /* that lost names, attributes or their map */
	uint64_t n_lost_inodes;    /* inodes in use in lost inode blocks */
	enum impact worst;         /* METADATA > DATA > UNKNOWN > NOTHING */
};

/* What bytes of a file hold that is the image behind a loop device: an answer of that device's own. */
struct findings_inside {
	struct through
		*from; /* bytes of this device to those of the loop device; devices: the file */
	struct findings *found;
};

struct findings {
	char *device; /* name: "pmem0" */
	dev_t devno;
	uint64_t device_size; /* bytes */
	char *fs_type;        /* "xfs", NULL where unknown */
	char *mountpoint;     /* NULL where not mounted; raw bytes */
	struct elsewhere *
		elsewhere; /* whose mount that is, reached through "/proc/PID/root"; NULL: our own */
	bool offline; /* read off the device, not told by the kernel; without a mount point, paths begin
			      at the filesystem's root and without a slash ("." is the root itself) */
	struct fsgeom geom;    /* zero where not XFS */
	struct rangeset asked; /* bytes, as asked (sectors rounded out) */
	uint32_t reasons;      /* 1u << REASON_*; 0 means complete */
	struct rangeset
		failed; /* where the kernel failed to answer (REASON_IO_ERROR); empty where that is
				   not known. Not part of a record. */
	struct place *place; /* of persistent memory: where it physically is, NULL otherwise */
	struct through
		*through; /* how its filesystem lies on it; NULL: the device is the filesystem's */
	struct findings_inside *inside; /* see findings_inside.h */
	size_t n_inside;
	char *detail; /* what the reasons are about, "ext4", "pmem0p1, pmem0p2"; may be NULL */

	struct finding *items;
	size_t n_items, items_allocated;
	struct found_file *files; /* ordered by ino */
	size_t n_files, files_allocated;
	struct found_holder *holders; /* ordered by file, then process */
	size_t n_holders, holders_allocated;
	struct found_map *maps; /* those of a holder together */
	size_t n_maps, maps_allocated;
	struct found_home *homes;
	size_t n_homes, homes_allocated;
	char *pool; /* paths, texts of homes */
	size_t pool_len, pool_allocated;
	struct findings_summary *whole; /* REASON_TRUNCATED: totals of all there were; else NULL */
};

int findings_new(struct findings **ret);
struct findings *findings_free(struct findings *f); /* always NULL; takes NULL */
void findings_freep(struct findings **f);

/* -ENOMEM on failure, nothing changed */
int findings_add(struct findings *f, const struct finding *item);
/* -EINVAL unless ino ascends; n_paths and last_path of @file are ignored */
int findings_add_file(struct findings *f, const struct found_file *file);
/* In the order added; one that is among the first 64 already is dropped. */
int findings_add_path(struct findings *f, size_t file, const char *path);
/* Index of the first file whose ino is at least @ino; n_files where there is none. */
size_t findings_first_file(const struct findings *f, uint64_t ino);
struct found_file *findings_file_by_ino(const struct findings *f, uint64_t ino); /* NULL: none */

/* The paths of a file: cursor starts at 0; NULL at the end. Raw bytes, NUL-terminated. */
const char *findings_path_next(const struct findings *f, const struct found_file *file,
			       uint32_t *cursor);

void findings_add_reason(struct findings *f, enum reason reason);
enum impact finding_impact(const struct finding *item);
const char *finding_says(const struct finding *item);

/* By offset, inode, kind: needed before summing up and rendering; cheap where nearly so already. */
void findings_sort(struct findings *f);
/*
 * What follows from the findings (sorted) alone: FINDING_SHARED, FOUND_FILE_NO_PATH, and reasons CHANGED,
 * NO_PATHS, PATHS_OUTSIDE, INODES_UNREADABLE, OUTSIDE_FS, and UNKNOWN_OWNER where none that @f already
 * has explains what is unknown.
 */
void findings_judge(struct findings *f);
/* What made owners unknown (NO_RMAPBT, NOT_PERMITTED) is no reason where none is. */
void findings_drop_idle_reasons(struct findings *f);
/**
 * findings_cut() - the part of an answer that answers for some of the ranges
 * @whole:  sorted, of a look at @ranges and more
 * @ranges: device bytes, rounded out to sectors; what @whole was not asked about has no findings, and so
 *          counts as unknown
 * @ret:    the caller owns the findings; sorted
 *
 * What a look at @ranges alone would have found, with the reasons that hold for it. Of a truncated
 * answer what was dropped counts as unknown.
 *
 * Return: 0, -ENOMEM.
 */
int findings_cut(const struct findings *whole, const struct rangeset *ranges,
		 struct findings **ret);
/* @f sorted. 0, -ENOMEM. Nothing found about something asked is unknown, not nothing. */
int findings_summarise(const struct findings *f, struct findings_summary *ret);

/* For the parts of this module: room for @n elements of @size bytes: @array, or where it moved to, or NULL. */
void *findings_grow(void *array, size_t *allocated, size_t n, size_t size);

#endif
