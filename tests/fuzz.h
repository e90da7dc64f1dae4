/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef PMEMRAS_FUZZ_H
#define PMEMRAS_FUZZ_H

/*
 * What every fuzzer includes. A fuzzer is more than "does not crash": it checks
 * with fuzz_require() what must hold for any input whatsoever.
 */
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "cleanup.h"
#include "rangeset.h"

/* One input; always 0. Any bytes; @data may be NULL where @size is 0. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define fuzz_require(condition)                                                                    \
	do {                                                                                       \
		if (!(condition)) {                                                                \
			fprintf(stderr, "%s:%d: does not hold: %s\n", __FILE__, __LINE__,          \
				#condition);                                                       \
			abort();                                                                   \
		}                                                                                  \
	} while (0)

/* Sorted, disjoint, not touching, not empty, not wrapping, of whole @granule bytes, up to @end. */
static inline void fuzz_require_normal(const struct rangeset *set, uint64_t granule, uint64_t end)
{
	for (size_t i = 0; i < set->n; i++) {
		struct byte_range r = set->ranges[i];

		fuzz_require(r.len && r.len <= UINT64_MAX - r.start && range_end(r) <= end);
		fuzz_require(r.start % granule == 0 && r.len % granule == 0);
		fuzz_require(!i || r.start > range_end(set->ranges[i - 1]));
	}
}

/* A copy of the input with a NUL behind it; free(). */
static inline char *fuzz_text(const uint8_t *data, size_t size)
{
	char *text = malloc(size + 1);

	fuzz_require(text);
	if (size)
		memcpy(text, data, size);
	text[size] = '\0';
	return text;
}

/* The length of the first @lines lines of @text, newlines included. */
static inline size_t fuzz_lines(const char *text, size_t size, unsigned int lines)
{
	size_t n = 0;

	while (lines && n < size)
		lines -= text[n++] == '\n';
	return n;
}

#endif
