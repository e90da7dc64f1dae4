/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The number of an incident is a plain positive number, as every table shows it. */
#include <string.h>
#include "idarg.h"
#include "number.h"

int idarg_parse(const struct ctl *ctl, const char *word, int64_t *ret)
{
	const char *at = word, *end = word + strlen(word);
	uint64_t number = 0;

	if (number_scan(&at, end, 10, &number) || at != end || !number || number > INT64_MAX)
		return ctl_usage(
			ctl, "%s: not the number of an incident; pmemrasctl list shows them", word);
	*ret = (int64_t)number;
	return 0;
}
