/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Choosing columns by name, as util-linux does: a comma-separated list
 * replaces the default, a list that begins with "+" adds to it.
 */
#include <errno.h>
#include <string.h>
#include <strings.h>
#include "columns.h"

int columns_pick(const struct column *table, const char *spec,
		 const struct column *ret[COLUMNS_MAX], size_t *ret_n, const char **ret_bad,
		 size_t *ret_bad_len)
{
	const struct column *picked[COLUMNS_MAX];
	size_t n = 0;

	if (!spec || spec[0] == '+') {
		for (size_t i = 0; table[i].name; i++) {
			if (table[i].flags & COLUMN_DEFAULT)
				picked[n++] = &table[i];
		}
		if (spec)
			spec++;
	}

	while (spec) {
		size_t len = strcspn(spec, ","), i = 0;

		while (table[i].name &&
		       (strlen(table[i].name) != len || strncasecmp(table[i].name, spec, len)))
			i++;
		if (!table[i].name || n == COLUMNS_MAX) {
			*ret_bad = spec;
			*ret_bad_len = len;
			return -EINVAL;
		}
		picked[n++] = &table[i];
		spec = spec[len] ? spec + len + 1 : NULL;
	}

	memcpy(ret, picked, n * sizeof(picked[0]));
	*ret_n = n;
	return 0;
}
