/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * libsmartcols lays a table out when it is complete. A table of a million rows
 * would be held in memory for that; so it is cut into parts of some thousand
 * rows, each laid out by itself with the widths that its columns declare as usual, and
 * only the first with headings.
 *
 * Cells come from the columns' own text functions, which escape what is not
 * ours; libsmartcols must not escape a second time.
 */
#include <errno.h>
#include <libsmartcols.h>
#include <stdlib.h>
#include <string.h>
#include "cleanup.h"
#include "out_table.h"

#define GAP  "  " /* between columns */
#define WIDE 4096 /* columns of a screen: wider than any table */

static int new_part(struct out_table *table)
{
	struct libscols_table *part = scols_new_table();

	if (!part)
		return -ENOMEM;
	scols_unref_table(table->part);
	table->part = part;
	table->n_rows = 0;

	scols_table_set_stream(part, table->ctl->out);
	scols_table_enable_noencoding(part, 1);
	if (scols_table_set_column_separator(part, GAP))
		return -ENOMEM;
	if (table->several) {
		/* no column may give way in one part and not in another */
		scols_table_set_termforce(part, SCOLS_TERMFORCE_NEVER);
		scols_table_set_termwidth(part, WIDE);
	}
	scols_table_enable_noheadings(part, table->headed);
	for (size_t i = 0; i < table->n_columns; i++) {
		const struct column *column = table->columns[i];
		int flags =
			(column->flags & COLUMN_RIGHT ? SCOLS_FL_RIGHT : 0) |
			(column->flags & COLUMN_WIDE && table->ctl->out_is_terminal ? SCOLS_FL_WRAP
										    : 0);
		struct libscols_column *made = scols_table_new_column(part, column->name, 0, flags);

		if (!made)
			return -ENOMEM;
	}
	return 0;
}

int out_table_init(struct out_table *table, const struct ctl *ctl, size_t n_rows,
		   const struct column *const *columns, size_t n_columns)
{
	*table = OUT_TABLE_NULL;
	table->ctl = ctl;
	memcpy(table->columns, columns, n_columns * sizeof(columns[0]));
	table->n_columns = n_columns;
	table->several = n_rows > OUT_TABLE_PART;
	return new_part(table);
}

void out_table_deinit(struct out_table *table)
{
	scols_unref_table(table->part);
	*table = OUT_TABLE_NULL;
}

static int print_part(struct out_table *table)
{
	if (scols_table_get_nlines(table->part) == 0) {
		/* libsmartcols prints no headings for an empty table */
		for (size_t i = 0; !table->headed && i < table->n_columns; i++)
			fprintf(table->ctl->out, "%s%s", i ? GAP : "", table->columns[i]->name);
		if (!table->headed)
			fputc('\n', table->ctl->out);
	} else {
		int r = scols_print_table(table->part);

		if (r)
			return r < 0 ? r : -EIO;
	}
	table->headed = true;
	return 0;
}

/* libsmartcols' own hint gives way to the width of the heading, so cells are filled up here. */
static void print_cell(const struct out_table *table, const struct column *column, const void *row,
		       FILE *cell)
{
	int width = table->several ? (int)column->width : 0;
	CLEANUP(freep) char *text = NULL;
	size_t len = 0;
	FILE *alone;

	if (!width) {
		column->text(row, cell);
		return;
	}
	alone = open_memstream(&text, &len);
	if (!alone)
		return;
	column->text(row, alone);
	if (!fclose(alone) && text)
		fprintf(cell, "%*s", column->flags & COLUMN_RIGHT ? width : -width, text);
}

int out_table_add(struct out_table *table, const void *row)
{
	struct libscols_line *line;
	int r;

	if (table->n_rows == OUT_TABLE_PART) {
		r = print_part(table);
		if (!r)
			r = new_part(table);
		if (r)
			return r;
	}

	line = scols_table_new_line(table->part, NULL);
	if (!line)
		return -ENOMEM;
	for (size_t i = 0; i < table->n_columns; i++) {
		CLEANUP(freep) char *text = NULL;
		size_t len = 0;
		FILE *cell = open_memstream(&text, &len);

		if (!cell)
			return -ENOMEM;
		print_cell(table, table->columns[i], row, cell);
		if (fclose(cell) || !text)
			return -ENOMEM;
		r = scols_line_refer_data(line, i, text);
		if (r)
			return r;
		text = NULL; /* the line's now */
	}
	table->n_rows++;
	return 0;
}

int out_table_finish(struct out_table *table)
{
	return table->n_rows || !table->headed ? print_part(table) : 0;
}

int out_table_init_by_name(struct out_table *table, const struct ctl *ctl, size_t n_rows,
			   const struct column *columns, const char *spec)
{
	const struct column *picked[COLUMNS_MAX];
	size_t n = 0, bad_len = 0;
	const char *bad = NULL;
	int r;

	if (columns_pick(columns, spec, picked, &n, &bad, &bad_len))
		return ctl_usage(ctl, "--output %s: there is no column \"%.*s\"", spec,
				 (int)bad_len, bad);
	r = out_table_init(table, ctl, n_rows, picked, n);
	return r ? ctl_failed(ctl, "the table", r) : 0;
}
