/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef PMEMRAS_MACHINE_H
#define PMEMRAS_MACHINE_H

/*
 * A random XFS, made from a seed, and the truth about it: painted cell by cell, so that no
 * border can be got wrong. It knows XFS's layout in its own words: inode numbers are
 * enumerated, places are looked up by counting.
 */
#include "findings.h"

#define CELL        64
#define MAX_BLOCKS  256
#define MAX_INODES  2048
#define MAX_RECORDS 400

#define XFS(code) (0x58ull << 32 | (code))

enum fate { GONE, PRESENT, LOST, SILENT }; /* LOST: added as unreadable; SILENT: a span says so */

struct model_inode {
	uint64_t number;
	uint64_t place; /* byte on the device */
	enum fate fate;
	uint32_t mode; /* 0: the filesystem's own */
	uint64_t size;
};

struct model {
	uint64_t seed;
	struct fsgeom geom;
	uint64_t device;                       /* bytes, a little more than the filesystem */
	struct model_inode inodes[MAX_INODES]; /* by place */
	size_t n_inodes;
	struct fsmap_rec records[MAX_RECORDS];
	size_t n_records;
	bool shareable[MAX_BLOCKS];
	struct rangeset bad;
};

/* One owner of one cell. */
struct paint {
	uint64_t cell, ino, offset;
	uint32_t kind, flags;
};

struct picture {
	struct paint *items;
	size_t n, allocated;
};

void picture_deinit(struct picture *p);
void picture_add(struct picture *p, struct paint what);

/* @m zero but for its seed */
void model_make(struct model *m);
void model_deinit(struct model *m);
uint64_t model_random(struct model *m, uint64_t below);
struct model_inode *model_inode_at(struct model *m, uint64_t byte);
/* Every owner of every bad cell, each as the findings should have it. */
void model_paint(struct model *m, struct picture *p);

#endif
