/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What somebody declared bad is an incident's fact as much as what a kernel list says. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include "cleanup.h"
#include "declared.h"

struct collector {
	int64_t row;
	const struct rangeset *within;
	struct declared *declared;
};

void declared_deinit(struct declared *declared)
{
	for (size_t i = 0; i < declared->n; i++)
		free(declared->items[i].note);
	free(declared->items);
	rangeset_deinit(&declared->ranges);
	*declared = DECLARED_NULL;
}

static int collect(const struct store_declared *item, void *data)
{
	struct collector *collector = data;
	struct declared *declared = collector->declared;
	struct store_declared copy = *item;
	int r;

	if (item->device != collector->row ||
	    (collector->within && !rangeset_overlaps(collector->within, item->range)))
		return 0;
	if (declared->n == declared->allocated) {
		size_t larger = declared->allocated ? declared->allocated * 2 : 8;
		struct store_declared *grown =
			reallocarray(declared->items, larger, sizeof(*grown));

		if (!grown)
			return -ENOMEM;
		declared->items = grown;
		declared->allocated = larger;
	}
	r = rangeset_add(&declared->ranges, item->range);
	if (r)
		return r;
	copy.note = item->note ? strdup(item->note) : NULL;
	if (item->note && !copy.note)
		return -ENOMEM;
	declared->items[declared->n++] = copy;
	return 0;
}

int declared_load(struct store *store, int64_t row, const struct rangeset *within,
		  struct declared *ret)
{
	CLEANUP(declared_deinit) struct declared declared = DECLARED_NULL;
	struct collector collector = {row, within, &declared};
	int r = store_declared_each(store, collect, &collector);

	if (r)
		return r;
	*ret = declared;
	declared = DECLARED_NULL;
	return 0;
}
