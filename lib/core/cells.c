/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A cell is as many whole sectors as make the fewest cells that fit. */
#include "cells.h"

#include <errno.h>
#include <stdlib.h>

#include "cleanup.h"

enum cell_kind cell_kind_of(enum fs_owner_kind owner)
{
	switch (owner) {
	case FS_OWNER_FREE: return CELL_FREE;
	case FS_OWNER_DATA:
	case FS_OWNER_COW: return CELL_DATA;
	case FS_OWNER_LOG: return CELL_LOG;
	case FS_OWNER_UNKNOWN:
	case FS_OWNER_OUTSIDE:
	case FS_OWNER_DEFECTIVE:
	case FS_OWNER_N: return CELL_UNKNOWN;
	default: return CELL_METADATA;
	}
}

int cells_init(struct cells *cells, struct byte_range range, size_t n_max)
{
	uint64_t sectors = range.len / SECTOR_SIZE;
	struct cells new = {.range = range};

	if (!sectors || !n_max)
		return -EINVAL;
	new.size = (sectors / n_max + (sectors % n_max != 0)) * SECTOR_SIZE;
	new.n = (size_t)(range.len / new.size + (range.len % new.size != 0));
	new.bytes = calloc(new.n, sizeof(*new.bytes));
	new.bad = calloc(new.n, sizeof(*new.bad));
	if (!new.bytes || !new.bad) {
		cells_deinit(&new);
		return -ENOMEM;
	}
	*cells = new;
	return 0;
}

void cells_deinit(struct cells *cells)
{
	free(cells->bytes);
	free(cells->bad);
	*cells = CELLS_NULL;
}

void cells_add(struct cells *cells, struct byte_range bytes, enum cell_kind kind)
{
	bytes = range_intersect(bytes, cells->range);
	while (bytes.len) {
		uint64_t at = bytes.start - cells->range.start;
		uint64_t len = cells->size - at % cells->size;

		if (len > bytes.len)
			len = bytes.len;
		cells->bytes[at / cells->size][kind] += len;
		bytes.start += len;
		bytes.len -= len;
	}
}

void cells_add_bad(struct cells *cells, const struct rangeset *bad)
{
	for (size_t i = 0; i < cells->n; i++)
		cells->bad[i] = cells->bad[i] ||
				rangeset_overlaps(bad, (struct byte_range){cells->range.start +
										   i * cells->size,
									   cells->size});
}

enum cell_kind cells_kind(const struct cells *cells, size_t i)
{
	enum cell_kind most = CELL_UNKNOWN;

	for (int kind = 1; kind < CELL_KIND_N; kind++)
		if (cells->bytes[i][kind] && cells->bytes[i][kind] >= cells->bytes[i][most])
			most = (enum cell_kind)kind;
	return most;
}
