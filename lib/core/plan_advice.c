/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What the steps of a plan leave as it is, summed up by what was hit: there may be a million findings of
 * free space, and one thing to say about them.
 */
#include <errno.h>
#include <stdlib.h>
#include "cleanup.h"
#include "plan.h"

/* How much of @item is in the incident, and no step does anything about. */
static int left_of(const struct plan *plan, const struct finding *item, uint64_t *ret)
{
	const struct plan_facts *facts = plan->facts;
	struct byte_range range = {item->start, item->len};
	struct rangeset whole = {.ranges = &range, .n = 1};
	CLEANUP(rangeset_deinit) struct rangeset left = RANGESET_NULL;
	int r;

	r = rangeset_intersect(&whole, facts->bad, &left);
	if (!r && item->kind == FS_OWNER_DATA)
		r = rangeset_subtract_set(&left, &plan->repaired);
	if (!r && item->kind == FS_OWNER_DATA)
		r = rangeset_subtract_set(&left, &plan->quarantined);
	if (r)
		return r;
	if (facts->choice == PLAN_SALVAGE && plan_is_file_data(item) &&
	    plan_inode(facts, item->ino))
		rangeset_clear(&left);
	*ret = rangeset_bytes(&left);
	return 0;
}

static int advise(struct plan *plan, const struct finding *item, uint64_t bytes)
{
	enum impact impact = finding_impact(item);
	struct plan_advice *grown;

	for (size_t i = 0; i < plan->n_advice; i++) {
		struct plan_advice *one = &plan->advice[i];

		if (one->kind == item->kind && one->impact == (uint8_t)impact) {
			one->bytes += bytes;
			return 0;
		}
	}
	if (plan->n_advice == plan->advice_allocated) {
		size_t larger = plan->advice_allocated ? plan->advice_allocated * 2 : 8;

		grown = reallocarray(plan->advice, larger, sizeof(*grown));
		if (!grown)
			return -ENOMEM;
		plan->advice = grown;
		plan->advice_allocated = larger;
	}
	plan->advice[plan->n_advice++] = (struct plan_advice){item->kind, (uint8_t)impact, bytes};
	return 0;
}

int plan_advise(struct plan *plan)
{
	const struct plan_facts *facts = plan->facts;
	int r = 0;

	for (size_t i = 0; !r && i < facts->f->n_items; i++) {
		const struct finding *item = &facts->f->items[i];
		uint64_t left = 0;

		if (plan_is_file_data(item) && facts->choice == PLAN_UNDECIDED)
			continue; /* the choices are the advice */
		r = left_of(plan, item, &left);
		if (!r && left)
			r = advise(plan, item, left);
	}
	return r;
}
