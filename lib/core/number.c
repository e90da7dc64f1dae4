/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * One scanner of digits for all parsers of outside text. It stops at the first
 * byte that is no digit, so that the caller decides what may follow, and it
 * refuses what does not fit instead of saturating: a saturated start would be
 * a wrong range, and a wrong range is a wrong answer.
 */
#include <errno.h>
#include "number.h"

static unsigned int digit_value(char c)
{
	if (c >= '0' && c <= '9')
		return (unsigned int)(c - '0');
	if (c >= 'a' && c <= 'f')
		return (unsigned int)(c - 'a') + 10;
	if (c >= 'A' && c <= 'F')
		return (unsigned int)(c - 'A') + 10;
	return UINT32_MAX;
}

int number_scan(const char **text, const char *end, unsigned int base, uint64_t *ret)
{
	const char *p = *text;
	uint64_t value = 0;

	for (; p < end && digit_value(*p) < base; p++) {
		if (__builtin_mul_overflow(value, base, &value) ||
		    __builtin_add_overflow(value, digit_value(*p), &value))
			return -ERANGE;
	}
	if (p == *text)
		return -EINVAL;

	*text = p;
	*ret = value;
	return 0;
}
