/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Any text as a table: what is read can be computed, and comes back where it came from. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include "cleanup.h"
#include "dmtable.h"
#include "fuzz.h"

struct back {
	const struct dmtable *table;
	struct dmpiece from;
	unsigned int n;
};

static int compare(const struct dmpiece *piece, void *data)
{
	const struct back *back = data;

	fuzz_require(piece->dev == back->from.dev);
	fuzz_require(piece->lower.start == back->from.lower.start);
	fuzz_require(piece->lower.len == back->from.lower.len);
	return 0;
}

static int check(const struct dmpiece *piece, void *data)
{
	struct back *back = data;

	fuzz_require(piece->lower.len);
	back->from = *piece;
	dmtable_map_down(back->table, (struct byte_range){piece->upper, piece->lower.len}, compare,
			 back);
	return ++back->n == 100; /* enough of a fine-grained one */
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	CLEANUP(dmtable_deinit) struct dmtable table = DMTABLE_NULL;
	CLEANUP(freep) char *text = malloc(size + 1);
	struct back back = {.table = &table};
	int r;

	if (!text)
		return 0;
	memcpy(text, data, size);
	text[size] = '\0';
	r = dmtable_parse(text, &table);
	fuzz_require(r == 0 || r == -EBADMSG || r == -ENOMEM);
	for (size_t i = 0; i < table.n; i++)
		for (size_t k = 0; k < table.targets[i].n_legs && k < 8; k++) {
			back.n = 0;
			dmtable_map_up(&table, table.targets[i].legs[k].dev,
				       (struct byte_range){0, UINT64_MAX}, check, &back);
		}
	return 0;
}
