/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef PMEMRASCTL_COLUMNS_H
#define PMEMRASCTL_COLUMNS_H

/*
 * One table of columns feeds a command's table on the screen, the help of
 * its --output option, and tells which key of the JSON record the
 * column shows.
 */
#include <stddef.h>
#include <stdio.h>

#define COLUMN_RIGHT   0x1u /* numbers */
#define COLUMN_DEFAULT 0x2u /* shown when -o is not given */
#define COLUMN_WIDE    0x4u /* gives way when the terminal is narrow */

struct column {
	const char *name; /* "DEVICE", NULL ends a table */
	const char *json; /* key of the record, "" where it is computed from several */
	const char *help; /* one line */
	unsigned int flags;
	unsigned int
		width; /* of the widest usual text: keeps tables printed in parts aligned; 0 for the last */
	/* Writes the cell's text (for people: escaped) to @out. */
	void (*text)(const void *row, FILE *out);
};

#define COLUMNS_MAX 24

/**
 * columns_pick() - which columns to show, in which order
 * @table: all there are, at most COLUMNS_MAX
 * @spec:  "ID,LOST" in any case; "+NOTE" adds to the default ones; NULL: the default ones
 * @ret_bad: on -EINVAL the name that is none, with its length; points into @spec
 *
 * Return: 0, -EINVAL.
 */
int columns_pick(const struct column *table, const char *spec,
		 const struct column *ret[COLUMNS_MAX], size_t *ret_n, const char **ret_bad,
		 size_t *ret_bad_len);

#endif
