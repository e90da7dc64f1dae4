/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What follows from findings alone: which file data are shared, and which reasons they
 * themselves give for not being complete. Used where an answer is put together (locator_finish.c)
 * and where one is taken apart (findings_cut.c), so that both say the same.
 *
 * - FINDING_SHARED says that file data overlaps another finding. The kernel's
 *   FMR_OF_SHARED is not used: it speaks of some part of a whole extent, while
 *   all owners of the bad part are known here;
 * - overlaps of anything but file data cannot be: the map changed between two
 *   looks, which is a reason;
 * - what is unknown has a reason.
 */
#include <sys/stat.h>
#include "findings.h"

/* With one of these, blocks of unknown owner are explained. */
#define EXPLAINS_UNKNOWN                                                                           \
	(1u << REASON_NO_RMAPBT | 1u << REASON_SHUTDOWN | 1u << REASON_NOT_PERMITTED |             \
	 1u << REASON_UNRESOLVED_LAYER | 1u << REASON_NOT_XFS | 1u << REASON_NOT_MOUNTED |         \
	 1u << REASON_DEVICE_GONE | 1u << REASON_NOT_LOCATED | 1u << REASON_IO_ERROR |             \
	 1u << REASON_MOUNTED)

/*
 * Flags shared data. It is enough to compare each finding with the one that
 * reaches farthest so far: any other that reaches into it overlaps that one
 * as well, and was flagged when the later of the two came. What an earlier
 * look knew says nothing about what overlaps now.
 */
static void find_overlaps(struct findings *f)
{
	struct finding *farthest = NULL;
	uint64_t data_end = 0, other_end = 0;

	for (size_t i = 0; i < f->n_items; i++) {
		struct finding *item = &f->items[i];
		uint64_t end = item->start + item->len;

		if (item->flags & FINDING_EARLIER)
			continue;
		if (item->start < other_end)
			findings_add_reason(f, REASON_CHANGED);
		if (item->kind != FS_OWNER_DATA) {
			if (item->start < data_end)
				findings_add_reason(f, REASON_CHANGED);
			if (end > other_end)
				other_end = end;
			continue;
		}
		if (item->start < data_end) {
			item->flags |= FINDING_SHARED;
			farthest->flags |= FINDING_SHARED;
		}
		if (end > data_end) {
			data_end = end;
			farthest = item;
		}
	}
}

/* What keeps the names of a file from being complete. */
static void judge_paths(struct findings *f, struct found_file *file)
{
	uint32_t links = S_ISDIR(file->mode) || !file->mode ? 1 : file->nlink;

	if (file->flags & (FOUND_FILE_VANISHED | FOUND_FILE_INTERNAL | FOUND_FILE_DELETED))
		return;
	if (!(file->flags & FOUND_FILE_PATHS)) {
		if (!(f->reasons & 1u << REASON_SHUTDOWN)) /* which explains it: nobody to ask */
			findings_add_reason(f, REASON_NO_PATHS);
		return;
	}
	if (file->n_paths < links)
		file->flags |= FOUND_FILE_NO_PATH;
	if (file->flags & FOUND_FILE_NO_PATH)
		findings_add_reason(f, REASON_PATHS_OUTSIDE);
}

void findings_judge(struct findings *f)
{
	find_overlaps(f);
	for (size_t i = 0; i < f->n_files; i++) {
		judge_paths(f, &f->files[i]);
		if (f->files[i].flags & FOUND_FILE_VANISHED)
			findings_add_reason(f, REASON_CHANGED);
		if (f->files[i].flags & FOUND_FILE_UNREADABLE)
			findings_add_reason(f, REASON_INODES_UNREADABLE);
	}
	for (size_t i = 0; i < f->n_items; i++) {
		if (f->items[i].flags & FINDING_INODES_UNREADABLE)
			findings_add_reason(f, REASON_INODES_UNREADABLE);
		if (f->items[i].kind == FS_OWNER_OUTSIDE)
			findings_add_reason(f, REASON_OUTSIDE_FS);
		if (f->items[i].kind == FS_OWNER_UNKNOWN && !(f->reasons & EXPLAINS_UNKNOWN))
			findings_add_reason(f, REASON_UNKNOWN_OWNER);
	}
}

void findings_drop_idle_reasons(struct findings *f)
{
	for (size_t i = 0; i < f->n_items; i++)
		if (f->items[i].kind == FS_OWNER_UNKNOWN)
			return;
	f->reasons &= ~(1u << REASON_NO_RMAPBT | 1u << REASON_NOT_PERMITTED);
}
