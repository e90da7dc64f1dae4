/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef PMEMRAS_NUMBER_H
#define PMEMRAS_NUMBER_H

/*
 * Digits of outside text to a number. Unlike strtoull() it takes text that
 * does not end in NUL, no sign, no white space and no locale.
 */
#include <stdint.h>

/**
 * number_scan() - an unsigned number at the start of a text
 * @text: where to begin; moved behind the last digit on success
 * @end:  end of the text
 * @base: 10 or 16 (digits in either case, the caller has taken off "0x")
 *
 * Return: 0; -EINVAL: no digit there; -ERANGE: beyond 64 bits. @text and @ret are untouched on
 * failure.
 */
int number_scan(const char **text, const char *end, unsigned int base, uint64_t *ret);

#endif
