/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef PMEMRAS_ESCAPE_H
#define PMEMRAS_ESCAPE_H

/*
 * Names from outside on their way to people: a path may hold any byte but NUL
 * and '/'. On a terminal, control characters (C0, C1, DEL, bidi overrides U+202A-202E, U+2066-2069,
 * line separators) and bytes that are not UTF-8 are shown as \n, \t, \xHH, a
 * backslash as \\, so that no name can forge a line or paint the screen.
 */
#include <stdbool.h>
#include <stddef.h>

/* @ret: malloced, the caller's. -ENOMEM. */
int escape_terminal(const char *raw, char **ret);

/* Also false for a NUL within @len. */
bool utf8_valid(const char *text, size_t len);
/* Bytes that are not UTF-8, and NUL, become U+FFFD each; malloced, the caller's. -ENOMEM. */
int utf8_replace(const char *raw, size_t len, char **ret);

/* RFC 4648 with padding; malloced, the caller's. -ENOMEM. */
int base64_encode(const void *data, size_t len, char **ret);
/*
 * -EBADMSG where @text is not what base64_encode() makes, -ENOMEM. @ret: malloced, the caller's; a
 * NUL that @ret_len does not count follows the bytes.
 */
int base64_decode(const char *text, size_t len, void **ret, size_t *ret_len);

#endif
