/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Questions to the facts that a plan is computed from. */
#include "cleanup.h"
#include "plan.h"

const struct plan_inode *plan_inode(const struct plan_facts *facts, uint64_t ino)
{
	size_t low = 0, high = facts->n_inodes;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (facts->inodes[middle].ino < ino)
			low = middle + 1;
		else
			high = middle;
	}
	return low < facts->n_inodes && facts->inodes[low].ino == ino ? &facts->inodes[low] : NULL;
}

int plan_lost_of_page(const struct plan_facts *facts, uint64_t page, struct rangeset *ret)
{
	struct byte_range one = {page, PAGE_BYTES};
	struct rangeset as_set = {.ranges = &one, .n = 1};
	int r = rangeset_intersect(facts->known_bad, &as_set, ret);

	return r || facts->granule <= SECTOR_SIZE ? r
						  : rangeset_round_out(ret, facts->granule, ret);
}

int plan_unreadable(const struct plan_facts *facts, uint32_t file, struct rangeset *ret,
		    struct rangeset *ret_lost)
{
	CLEANUP(rangeset_deinit) struct rangeset lost = RANGESET_NULL;
	int r;

	for (size_t i = 0; i < facts->f->n_items; i++) {
		const struct finding *item = &facts->f->items[i];

		if (item->file != file || !plan_is_file_data(item))
			continue;
		r = rangeset_append_unsorted(&lost, (struct byte_range){item->offset, item->len});
		if (r)
			return r;
	}
	rangeset_normalise(&lost);
	r = rangeset_round_out(&lost, PAGE_BYTES, ret);
	if (!r && ret_lost)
		rangeset_move(ret_lost, &lost);
	return r;
}
