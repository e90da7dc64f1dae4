/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * sysfs badblocks text. What is understood must be what strtoull() reads out of
 * the same lines, must survive being written and read again, and a refusal must name
 * the first line that is wrong and leave everything as it was.
 */
#include <errno.h>
#include <inttypes.h>
#include "badblocks.h"
#include "fuzz.h"

/* The same lines by other means; the parser has accepted them. */
static void read_otherwise(const char *text, bool cut, struct rangeset *ret)
{
	while (*text) {
		const char *newline = strchr(text, '\n');
		uint64_t sector, count;
		char *end;

		if (!newline && cut)
			return;
		sector = strtoull(text, &end, 10);
		count = strtoull(end, &end, 10);
		fuzz_require(*end == '\n' || !*end);
		fuzz_require(!rangeset_add(ret, (struct byte_range){sector * 512, count * 512}));
		text = newline ? newline + 1 : end;
	}
}

static void write_and_read(const struct rangeset *set)
{
	CLEANUP(rangeset_deinit) struct rangeset again = RANGESET_NULL;
	CLEANUP(freep) char *text = malloc(set->n * 48 + 1);
	size_t used = 0;
	bool cut;

	fuzz_require(text);
	for (size_t i = 0; i < set->n; i++)
		used += (size_t)sprintf(text + used, "%" PRIu64 " %" PRIu64 "\n",
					set->ranges[i].start / 512, set->ranges[i].len / 512);
	fuzz_require(!badblocks_parse(text, used, &again, &cut, NULL));
	fuzz_require(rangeset_equal(set, &again));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	CLEANUP(rangeset_deinit) struct rangeset set = RANGESET_NULL, other = RANGESET_NULL;
	CLEANUP(freep) char *text = fuzz_text(data, size);
	bool cut = size < BADBLOCKS_NEAR_FULL, before = cut;
	unsigned int line = 0;
	int r;

	fuzz_require(!rangeset_add(&set, (struct byte_range){3, 1}));
	r = badblocks_parse(size ? (const char *)data : "", size, &set, &cut, &line);
	if (r) {
		fuzz_require(r == -EINVAL || r == -ERANGE);
		fuzz_require(set.n == 1 && set.ranges[0].start == 3 && set.ranges[0].len == 1);
		fuzz_require(cut == before && line);
		/* the lines before are good, the line is not */
		fuzz_require(
			!badblocks_parse(text, fuzz_lines(text, size, line - 1), &set, &cut, NULL));
		size = fuzz_lines(text, size, line);
		fuzz_require(badblocks_parse(text, size, &set, &cut, NULL) == r ||
			     (size >= BADBLOCKS_NEAR_FULL && text[size - 1] != '\n'));
		return 0;
	}

	fuzz_require(cut == (size >= BADBLOCKS_NEAR_FULL) && !line);
	fuzz_require_normal(&set, 512, UINT64_MAX);
	read_otherwise(text, cut, &other);
	fuzz_require(rangeset_equal(&set, &other));
	write_and_read(&set);
	return 0;
}
