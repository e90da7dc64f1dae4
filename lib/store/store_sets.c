/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Sets of bytes as text: what a person can read in the database is what a
 * person can rescue from it. One set has one text, so equal sets can be told
 * by comparing texts in SQL.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "cleanup.h"
#include "store_priv.h"

#define RANGE_TEXT (2 * 20 + 3) /* two numbers, plus, space, NUL */

int store_sets_format(const struct rangeset *set, char **ret)
{
	CLEANUP(freep) char *text = NULL;
	size_t size, used = 0;

	if (set->n && range_end(set->ranges[set->n - 1]) > INT64_MAX)
		return -ERANGE;
	if (__builtin_mul_overflow(set->n + 1, (size_t)RANGE_TEXT, &size))
		return -ENOMEM;
	text = malloc(size);
	if (!text)
		return -ENOMEM;

	text[0] = '\0';
	for (size_t i = 0; i < set->n; i++)
		used += (size_t)snprintf(text + used, size - used, "%s%" PRIu64 "+%" PRIu64,
					 i ? " " : "", set->ranges[i].start, set->ranges[i].len);

	*ret = steal(text);
	return 0;
}

/* A decimal number below 2^63 without leading zeros; moves @text behind it. */
static bool parse_number(const char **text, uint64_t *ret)
{
	uint64_t number = 0;
	const char *at = *text;

	if (*at == '0' && at[1] >= '0' && at[1] <= '9')
		return false;
	for (; *at >= '0' && *at <= '9'; at++) {
		if (number > (INT64_MAX - (uint64_t)(*at - '0')) / 10)
			return false;
		number = number * 10 + (uint64_t)(*at - '0');
	}
	if (at == *text)
		return false;

	*text = at;
	*ret = number;
	return true;
}

int store_sets_parse(const char *text, struct rangeset *ret)
{
	CLEANUP(rangeset_deinit) struct rangeset set = RANGESET_NULL;

	while (*text) {
		struct byte_range r;
		int error;

		if (set.n && *text++ != ' ')
			return STORE_E_CORRUPT;
		if (!parse_number(&text, &r.start) || *text++ != '+' ||
		    !parse_number(&text, &r.len))
			return STORE_E_CORRUPT;
		if (!r.len || r.len > INT64_MAX - r.start)
			return STORE_E_CORRUPT;
		if (set.n && r.start <= range_end(set.ranges[set.n - 1]))
			return STORE_E_CORRUPT;
		error = rangeset_add(&set, r);
		if (error)
			return error;
	}

	rangeset_move(ret, &set);
	return 0;
}
