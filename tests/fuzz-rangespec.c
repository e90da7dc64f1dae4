/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Range lists and single ranges. A list is understood exactly when each of its lines
 * is, alone; what is understood survives being written and read again; a refusal
 * names its line and appends nothing.
 */
#include <errno.h>
#include "fuzz.h"
#include "rangespec.h"

#define END_MAX (UINT64_C(1) << 63)

static void write_and_read(const struct rangeset *set)
{
	CLEANUP(rangeset_deinit) struct rangeset again = RANGESET_NULL;
	CLEANUP(freep) char *text = malloc(set->n * (RANGESPEC_BUF + 1) + 1);
	unsigned int line = 0;
	size_t used = 0;

	fuzz_require(text);
	for (size_t i = 0; i < set->n; i++) {
		struct byte_range one;
		char buf[RANGESPEC_BUF];

		fuzz_require(!rangespec_parse(rangespec_format(set->ranges[i], buf), &one));
		fuzz_require(one.start == set->ranges[i].start && one.len == set->ranges[i].len);
		used += (size_t)sprintf(text + used, "%s\n", buf);
	}
	fuzz_require(!rangespec_parse_list(text, used, &again, &line));
	fuzz_require(rangeset_equal(set, &again));
}

/* Line by line into @ret; the result and the line of the first that fails. */
static int parse_lines(const char *text, size_t size, struct rangeset *ret, unsigned int *ret_line)
{
	for (unsigned int number = 1; size; number++) {
		size_t n = fuzz_lines(text, size, 1);
		unsigned int line = 0;
		int r;

		/* with and without its newline */
		r = rangespec_parse_list(text, n, ret, &line);
		if (text[n - 1] == '\n') {
			CLEANUP(rangeset_deinit) struct rangeset bare = RANGESET_NULL;

			fuzz_require(rangespec_parse_list(text, n - 1, &bare, &line) == r);
		}
		if (r) {
			fuzz_require(line == 1);
			*ret_line = number;
			return r;
		}
		text += n;
		size -= n;
	}
	return 0;
}

static void check_list(const char *text, size_t size)
{
	CLEANUP(rangeset_deinit) struct rangeset set = RANGESET_NULL, lines = RANGESET_NULL;
	unsigned int line = 0, failing = 0;
	int r;

	r = rangespec_parse_list(text, size, &set, &line);
	fuzz_require(r >= 0 && r <= RANGESPEC_E_OVERFLOW);
	fuzz_require(parse_lines(text, size, &lines, &failing) == r);
	fuzz_require(line == failing);
	fuzz_require_normal(&lines, 1, END_MAX);
	write_and_read(&lines);
	if (r)
		fuzz_require(!set.n && line);
	else
		fuzz_require(rangeset_equal(&set, &lines));
}

/* A single range is also a list of one line. */
static void check_spec(const char *text)
{
	CLEANUP(rangeset_deinit) struct rangeset set = RANGESET_NULL;
	struct byte_range one = {3, 4};
	unsigned int line;
	int r;

	r = rangespec_parse(text, &one);
	fuzz_require(r >= 0 && r <= RANGESPEC_E_OVERFLOW);
	fuzz_require(*rangespec_strerror(r));
	if (r) {
		fuzz_require(one.start == 3 && one.len == 4);
		return;
	}
	fuzz_require(!rangespec_parse_list(text, strlen(text), &set, &line));
	fuzz_require(set.n == 1);
	fuzz_require(set.ranges[0].start == one.start && set.ranges[0].len == one.len);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	CLEANUP(freep) char *text = fuzz_text(data, size);

	check_list(size ? (const char *)data : "", size);
	check_spec(text);
	text[fuzz_lines(text, strlen(text), 1)] = '\0';
	text[strcspn(text, "\n")] = '\0';
	check_spec(text);
	return 0;
}
