/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <string.h>
#include "token.h"

int token_find(const char *const *tokens, size_t n, const char *token)
{
	for (size_t i = 0; token && i < n; i++)
		if (tokens[i] && !strcmp(tokens[i], token))
			return (int)i;
	return -1;
}
