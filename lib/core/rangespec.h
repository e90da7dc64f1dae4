/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef PMEMRAS_RANGESPEC_H
#define PMEMRAS_RANGESPEC_H

/*
 * The range grammar of the command line: START+LENGTH. A number is decimal
 * or 0x hexadecimal and may end in s (512-byte sectors), K, M, G, T (powers of
 * 1024; k, m, g, t as well). START alone is refused: a length that is guessed is a length that is
 * wrong. Lists: a range per line, either in this grammar or as sysfs prints
 * badblocks ("SECTOR COUNT"); empty lines and comments (from # to
 * the end of the line) are skipped.
 */
#include <stddef.h>
#include "rangeset.h"

enum rangespec_error {
	RANGESPEC_OK,
	RANGESPEC_E_SYNTAX = 1, /* not START+LENGTH */
	RANGESPEC_E_NUMBER,	/* not a number, or an unknown suffix */
	RANGESPEC_E_EMPTY,	/* length 0 */
	RANGESPEC_E_OVERFLOW,	/* beyond 2^63 bytes */
};

/* "expected START+LENGTH, for example 2048266s+1s or 0x3e820000+4K", …; never NULL */
const char *rangespec_strerror(enum rangespec_error e);

/* Return: 0 or a positive RANGESPEC_E_*; @ret untouched on failure. */
int rangespec_parse(const char *text, struct byte_range *ret);

/**
 * rangespec_parse_list() - a whole list
 * @text:     @len bytes, need not end in NUL; any bytes
 * @set:      the ranges are appended (rangeset_append_unsorted), the set is normalised at the end
 * @ret_line: the failing line, from 1
 *
 * Return: 0, a positive RANGESPEC_E_* (nothing appended), -ENOMEM.
 */
int rangespec_parse_list(const char *text, size_t len, struct rangeset *set, unsigned int *ret_line);

/* "2048266s+1s" where both are whole sectors, else "START+LENGTH" in bytes. @buf holds 48. */
#define RANGESPEC_BUF 48
char *rangespec_format(struct byte_range r, char buf[RANGESPEC_BUF]);

#endif
