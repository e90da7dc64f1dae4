/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * sysfs badblocks text to bytes.
 *
 * The text comes from the kernel, but also from recorded machines and pipes, so
 * anything that is not exactly "SECTOR COUNT" is refused by line: half a list
 * understood is a loss overlooked. The one exception is the kernel's own: what
 * does not fit into a page is cut, possibly inside the last line, where the
 * digits that are left would name another sector or a smaller count.
 */
#include <errno.h>
#include <string.h>
#include "badblocks.h"
#include "cleanup.h"
#include "number.h"

static int parse_line(const char *line, const char *end, struct byte_range *ret)
{
	uint64_t sector, count;
	int r;

	r = number_scan(&line, end, 10, &sector);
	if (r)
		return r;
	while (line < end && (*line == ' ' || *line == '\t'))
		line++;
	r = number_scan(&line, end, 10, &count);
	if (r)
		return r;
	if (line != end || !count)
		return -EINVAL;
	if (sector > UINT64_MAX / SECTOR_SIZE || count > UINT64_MAX / SECTOR_SIZE)
		return -ERANGE;
	return range_make(sector * SECTOR_SIZE, count * SECTOR_SIZE, ret);
}

int badblocks_parse(const char *text, size_t len, struct rangeset *ret, bool *ret_cut,
		    unsigned int *ret_line)
{
	CLEANUP(rangeset_deinit) struct rangeset set = RANGESET_NULL;
	const char *end = text + len;
	bool cut = len >= BADBLOCKS_NEAR_FULL;
	unsigned int number = 0;
	int r;

	while (text < end) {
		const char *newline = memchr(text, '\n', (size_t)(end - text));
		struct byte_range bad;

		if (!newline && cut)
			break;
		number++;
		r = parse_line(text, newline ? newline : end, &bad);
		if (!r)
			r = rangeset_append_unsorted(&set, bad);
		if (r) {
			if (ret_line && r != -ENOMEM)
				*ret_line = number;
			return r;
		}
		text = newline ? newline + 1 : end;
	}

	rangeset_normalise(&set);
	rangeset_move(ret, &set);
	*ret_cut = cut;
	return 0;
}
