/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The list is sorted, and short; each piece looks for its own line again. */
#include "iomem.h"

#include <errno.h>
#include <string.h>

#include "number.h"

struct line {
	struct byte_range range;
	const char *name;
	size_t name_len;
};

/* "START-END : NAME" without indent. 0; -ENOENT: a line of something else; -EBADMSG */
static int parse(const char *at, const char *end, struct line *ret)
{
	uint64_t first, last;

	if (*at == ' ')
		return -ENOENT;
	if (number_scan(&at, end, 16, &first) || at == end || *at++ != '-' ||
	    number_scan(&at, end, 16, &last) || end - at < 3 || memcmp(at, " : ", 3) != 0 ||
	    last < first || last == UINT64_MAX)
		return -EBADMSG;
	*ret = (struct line){{first, last - first + 1}, at + 3, (size_t)(end - at - 3)};
	return 0;
}

/* The piece that @start begins, up to @limit. */
static int find(const char *text, uint64_t start, uint64_t limit, struct iomem_piece *ret)
{
	struct iomem_piece piece = {.name = ""};
	uint64_t end = limit;
	bool seen = false, shown = false;

	while (*text) {
		const char *eol = strchrnul(text, '\n');
		struct line line;
		int r = parse(text, eol, &line);

		text = *eol ? eol + 1 : eol;
		if (r == -ENOENT)
			continue;
		if (r)
			return r;
		seen = true;
		shown = shown || range_end(line.range) > 1;
		if (start >= line.range.start && start < range_end(line.range)) {
			size_t n = line.name_len < sizeof(piece.name) ? line.name_len
								      : sizeof(piece.name) - 1;

			memcpy(piece.name, line.name, n);
			piece.name[n] = '\0';
			if (end > range_end(line.range))
				end = range_end(line.range);
		} else if (line.range.start > start && line.range.start < end) {
			end = line.range.start;
		}
	}
	if (!shown)
		return seen ? -EACCES : -EBADMSG;
	piece.spa.range = (struct byte_range){start, end - start};
	*ret = piece;
	return 0;
}

int iomem_split(const char *text, struct spa_range spa,
		int (*fn)(const struct iomem_piece *piece, void *data), void *data)
{
	uint64_t at = spa.range.start, end = range_end(spa.range);

	while (at < end) {
		struct iomem_piece piece;
		int r = find(text, at, end, &piece);

		if (!r)
			r = fn(&piece, data);
		if (r)
			return r;
		at = range_end(piece.spa.range);
	}
	return 0;
}
