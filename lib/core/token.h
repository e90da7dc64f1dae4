/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef PMEMRAS_TOKEN_H
#define PMEMRAS_TOKEN_H

/* Words that stand for the values of an enum, in records and in the store. */
#include <stddef.h>

/* Which of @n tokens (NULL ones are no match) it is; -1 none of them, NULL included. */
int token_find(const char *const *tokens, size_t n, const char *token);

#endif
