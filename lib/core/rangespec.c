/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The range grammar that people type and paste: START+LENGTH, and lists of it.
 *
 * A list may mix both spellings because its lines come out of different
 * tools: a '+' makes a line START+LENGTH, anything else must be the two plain
 * decimal numbers of a badblocks list. Each failure is told apart, as the
 * reader of the message is the one who has to mend the line.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include "number.h"
#include "rangespec.h"

#define RANGESPEC_END_MAX (UINT64_C(1) << 63)

const char *rangespec_strerror(enum rangespec_error e)
{
	switch (e) {
	case RANGESPEC_OK: return "a valid range";
	case RANGESPEC_E_SYNTAX:
		return "expected START+LENGTH, for example 2048266s+1s or 0x3e820000+4K";
	case RANGESPEC_E_NUMBER:
		return "not a number: decimal or 0x hexadecimal digits, then at most one of s "
		       "(512-byte sectors), K, M, G, T";
	case RANGESPEC_E_EMPTY: return "the length is 0";
	case RANGESPEC_E_OVERFLOW: return "reaches beyond 2^63 bytes, larger than any device";
	}
	return "unknown error";
}

/* Bytes a suffix stands for; 0 where it is none. */
static uint64_t suffix_unit(char suffix)
{
	switch (suffix) {
	case 's': return SECTOR_SIZE;
	case 'K':
	case 'k': return UINT64_C(1) << 10;
	case 'M':
	case 'm': return UINT64_C(1) << 20;
	case 'G':
	case 'g': return UINT64_C(1) << 30;
	case 'T':
	case 't': return UINT64_C(1) << 40;
	default: return 0;
	}
}

/* All of [text, end), one number with its suffix, in bytes */
static int parse_number(const char *text, const char *end, uint64_t *ret)
{
	unsigned int base = 10;
	uint64_t value, unit;
	bool overflow;
	int r;

	if (end - text > 1 && text[0] == '0' && (text[1] == 'x' || text[1] == 'X')) {
		base = 16;
		text += 2;
	}
	r = number_scan(&text, end, base, &value);
	if (r)
		return r == -ERANGE ? RANGESPEC_E_OVERFLOW : RANGESPEC_E_NUMBER;
	if (end - text > 1)
		return RANGESPEC_E_NUMBER;
	unit = text < end ? suffix_unit(*text) : 1;
	if (!unit)
		return RANGESPEC_E_NUMBER;
	overflow = __builtin_mul_overflow(value, unit, &value);
	if (overflow)
		return RANGESPEC_E_OVERFLOW;

	*ret = value;
	return 0;
}

static int check_range(uint64_t start, uint64_t len, struct byte_range *ret)
{
	if (!len)
		return RANGESPEC_E_EMPTY;
	if (start > RANGESPEC_END_MAX || len > RANGESPEC_END_MAX - start)
		return RANGESPEC_E_OVERFLOW;

	*ret = (struct byte_range){start, len};
	return 0;
}

static int parse_spec(const char *text, const char *end, struct byte_range *ret)
{
	const char *plus = memchr(text, '+', (size_t)(end - text));
	uint64_t start, len;
	int r;

	if (!plus || plus == text || plus + 1 == end)
		return RANGESPEC_E_SYNTAX;
	r = parse_number(text, plus, &start);
	if (r)
		return r;
	r = parse_number(plus + 1, end, &len);
	if (r)
		return r;
	return check_range(start, len, ret);
}

int rangespec_parse(const char *text, struct byte_range *ret)
{
	return parse_spec(text, text + strlen(text), ret);
}

static bool is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\r';
}

/* "SECTOR COUNT" as sysfs prints it */
static int parse_sectors(const char *text, const char *end, struct byte_range *ret)
{
	const char *first_end = text, *second;
	uint64_t sector, count;
	int r;

	while (first_end < end && !is_blank(*first_end))
		first_end++;
	for (second = first_end; second < end && is_blank(*second); second++)
		;
	if (second == end)
		return RANGESPEC_E_SYNTAX;

	r = number_scan(&text, first_end, 10, &sector);
	if (!r)
		r = number_scan(&second, end, 10, &count);
	if (r)
		return r == -ERANGE ? RANGESPEC_E_OVERFLOW : RANGESPEC_E_NUMBER;
	if (second < end && is_blank(*second))
		return RANGESPEC_E_SYNTAX; /* a third column */
	if (text != first_end || second != end)
		return RANGESPEC_E_NUMBER;
	if (sector > RANGESPEC_END_MAX / SECTOR_SIZE || count > RANGESPEC_END_MAX / SECTOR_SIZE)
		return RANGESPEC_E_OVERFLOW;
	return check_range(sector * SECTOR_SIZE, count * SECTOR_SIZE, ret);
}

/* A line without its newline; len 0 in @ret: nothing on it */
static int parse_line(const char *line, const char *end, struct byte_range *ret)
{
	const char *comment;

	if (line == end)
		return 0;
	comment = memchr(line, '#', (size_t)(end - line));
	if (comment)
		end = comment;
	while (line < end && is_blank(*line))
		line++;
	while (line < end && is_blank(end[-1]))
		end--;
	if (line == end)
		return 0;
	if (memchr(line, '+', (size_t)(end - line)))
		return parse_spec(line, end, ret);
	return parse_sectors(line, end, ret);
}

int rangespec_parse_list(const char *text, size_t len, struct rangeset *set, unsigned int *ret_line)
{
	const char *end = text + len;
	size_t before = set->n;
	unsigned int number = 0;

	while (text < end) {
		const char *newline = memchr(text, '\n', (size_t)(end - text));
		struct byte_range found = {0, 0};
		int r;

		number++;
		r = parse_line(text, newline ? newline : end, &found);
		if (!r)
			r = rangeset_append_unsorted(set, found);
		if (r) {
			set->n = before;
			if (r > 0)
				*ret_line = number;
			return r;
		}
		text = newline ? newline + 1 : end;
	}

	rangeset_normalise(set);
	return 0;
}

char *rangespec_format(struct byte_range r, char buf[RANGESPEC_BUF])
{
	if (r.start % SECTOR_SIZE || r.len % SECTOR_SIZE)
		snprintf(buf, RANGESPEC_BUF, "%" PRIu64 "+%" PRIu64, r.start, r.len);
	else
		snprintf(buf, RANGESPEC_BUF, "%" PRIu64 "s+%" PRIu64 "s", r.start / SECTOR_SIZE,
			 r.len / SECTOR_SIZE);
	return buf;
}
