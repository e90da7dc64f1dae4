/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef PMEMRASCTL_OUT_TABLE_H
#define PMEMRASCTL_OUT_TABLE_H

/*
 * Tables on the screen (libsmartcols) from a column table. Rows are printed in
 * parts, so that a million of them need no more memory than some thousand.
 */
#include "columns.h"
#include "ctl.h"

#define OUT_TABLE_PART 4096 /* rows held before they are printed */

struct out_table {
	const struct ctl *ctl;
	const struct column *columns[COLUMNS_MAX];
	size_t n_columns;
	struct libscols_table *part;
	size_t n_rows; /* in this part */
	bool several;  /* there will be more parts than one */
	bool headed;   /* an earlier part had the headings */
};

#define OUT_TABLE_NULL ((struct out_table){0})

/*
 * @columns: as columns_pick() gave them
 * @n_rows:  that will come, about: where they make several parts, columns get their usual width
 * 0, -ENOMEM
 */
int out_table_init(struct out_table *table, const struct ctl *ctl, size_t n_rows,
		   const struct column *const *columns, size_t n_columns);
void out_table_deinit(struct out_table *table);
/* 0, -ENOMEM, -EIO */
int out_table_add(struct out_table *table, const void *row);
/* Prints what is left; headings too where there was no row. */
int out_table_finish(struct out_table *table);

/* Picks columns by the option's value (NULL: default ones); complains and returns CTL_USAGE. */
int out_table_init_by_name(struct out_table *table, const struct ctl *ctl, size_t n_rows,
			   const struct column *columns, const char *spec);

#endif
