/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef PMEMRAS_REPAIR_PAGE_H
#define PMEMRAS_REPAIR_PAGE_H

/* One bad page: hold it, build a good one, put that into every owner, then clear it or keep it. */
#include "repair_work.h"

/* The page's HOLD, once more where it is done. @first and result as below. */
int repair_page_begin(struct repair_work *w, size_t first);
/**
 * repair_page() - the steps of a page, those that are not done yet
 * @first: the page's BUILD
 *
 * Return: 0 all done; REPAIR_REFUSED: see repair_page_is_unchanged(); what ends the whole.
 */
int repair_page(struct repair_work *w, size_t first);
/* Has none of its owners got the good page yet? */
bool repair_page_is_unchanged(const struct job *job, size_t first);
/* Takes back what was begun, and marks the steps as skipped: no owner has been changed. */
int repair_page_give_up(struct repair_work *w, size_t first);

/* Note of a page's last step. */
#define REPAIR_CLEARED "cleared"
#define REPAIR_KEPT    "kept"

/* ---- what the parts of it, and the proof, share ---- */
struct repair_page {
	struct repair_work *w;
	size_t hold, build,
		last; /* indexes of its steps; REPLACE is what is between the last two */
	uint64_t at;  /* byte of the device */
	struct fs_block bad, good;
	char bad_name[REPAIR_NAME], good_name[REPAIR_NAME];
};
struct repair_page repair_page_of(struct repair_work *w, size_t first);
void repair_page_deinit(struct repair_page *p); /* for CLEANUP() */
static inline struct byte_range repair_page_range(const struct repair_page *p)
{
	return (struct byte_range){p->at, PAGE_BYTES};
}
/* @ret: it is the bad page that @block is. -errno */
int repair_page_has(const struct repair_page *p, struct fs_block block, bool *ret);

/* repair_page_hold.c */
int repair_page_hold(struct repair_page *p);
/* The quarantine file as it is; one that an interrupted run left without the block is removed. */
int repair_page_find_hold(struct repair_page *p, bool *ret_held);

/* repair_page_build.c: p->good, and its content in w->page */
int repair_page_build(struct repair_page *p);
int repair_page_find_good(struct repair_page *p);

#endif
