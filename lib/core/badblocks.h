/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef PMEMRAS_BADBLOCKS_H
#define PMEMRAS_BADBLOCKS_H

/*
 * The text of a sysfs badblocks attribute: "FIRST-SECTOR COUNT\n" a line, in
 * 512-byte sectors (Linux block/badblocks.c, badblocks_show()). sysfs hands
 * out at most one page, so a text that comes near that size may be cut.
 */
#include <stddef.h>
#include "rangeset.h"

/* A text this long may lack lines: one page less the longest line. */
#define BADBLOCKS_NEAR_FULL (4096 - 40)

/**
 * badblocks_parse() - sysfs badblocks text to bytes
 * @text:       @len bytes, need not end in NUL; a last line without a newline
 *              is dropped when the text is near-full (it may be cut), else read
 * @ret:        replaced with the listed bytes
 * @ret_cut:    the kernel may know of more than the text shows
 * @ret_line:   on -EINVAL the number of the bad line, from 1; may be NULL
 *
 * Return: 0, -EINVAL (a line is not two decimal numbers, or has count 0),
 * -ERANGE (beyond 2^64 bytes; @ret_line set), -ENOMEM. @ret is untouched on failure.
 */
int badblocks_parse(const char *text, size_t len, struct rangeset *ret, bool *ret_cut,
		    unsigned int *ret_line);

#endif
