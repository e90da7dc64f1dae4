/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The name in the second field may hold blanks, brackets and newlines, but nothing behind it does: so
 * fields are counted from the last bracket.
 */
#include "mcekill.h"

#include <errno.h>
#include <stdint.h>
#include <string.h>

#include "number.h"

#define FIELD_NAME  2
#define FIELD_FLAGS 9

int mcekill_parse(const char *stat, size_t len, enum mcekill *ret)
{
	const char *at = len ? memrchr(stat, ')', len) : NULL, *end = stat + len;
	uint64_t flags;

	for (int field = FIELD_NAME; at && field < FIELD_FLAGS; field++) {
		at = memchr(at, ' ', (size_t)(end - at));
		if (at)
			at++;
	}
	if (!at || number_scan(&at, end, 10, &flags) || flags > UINT32_MAX ||
	    (at != end && *at != ' '))
		return -EBADMSG;

	if (!(flags & MCEKILL_FLAG_PROCESS))
		*ret = MCEKILL_DEFAULT;
	else
		*ret = flags & MCEKILL_FLAG_EARLY ? MCEKILL_EARLY : MCEKILL_LATE;
	return 0;
}
