/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef PMEMRAS_CELLS_H
#define PMEMRAS_CELLS_H

/* A stretch of a device in some cells of equal size, to be drawn: what most of each is, and whether any of it is bad. */
#include <stddef.h>
#include "fsmap.h"
#include "rangeset.h"

enum cell_kind {
	CELL_UNKNOWN, /* also what nobody said anything of */
	CELL_FREE,
	CELL_DATA, /* contents of files */
	CELL_METADATA,
	CELL_LOG,
	CELL_KIND_N,
};

enum cell_kind cell_kind_of(enum fs_owner_kind owner);

struct cells {
	struct byte_range range;
	uint64_t size; /* bytes of a cell; the last may have less */
	size_t n;
	uint64_t (*bytes)[CELL_KIND_N];
	bool *bad;
};

#define CELLS_NULL ((struct cells){.n = 0})
/* @n_max: cells at most; none is smaller than a sector. -ENOMEM; -EINVAL: nothing to be drawn. */
int cells_init(struct cells *cells, struct byte_range range, size_t n_max);
void cells_deinit(struct cells *cells);
/* What lies in the stretch counts; shared blocks may be added several times. */
void cells_add(struct cells *cells, struct byte_range bytes, enum cell_kind kind);
void cells_add_bad(struct cells *cells, const struct rangeset *bad);
/* What most of a cell is; UNKNOWN only where nothing else is as much. */
enum cell_kind cells_kind(const struct cells *cells, size_t i);

#endif
