/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The container of an answer: arrays that grow by half, and a pool of paths.
 *
 * A path is an entry in the pool: the position of the file's next path (4
 * bytes, unaligned), then the bytes and NUL. The paths of a file form a ring,
 * whose last entry the file knows, so that adding one more takes the same time
 * for the first and the hundred-thousandth hard link. Positions count from 1.
 *
 * Findings come in almost sorted, as the kernel's map is: only owners of the
 * same block may be out of order. Hence sorting by insertion as long as that
 * stays cheap; unlike the C library's merge sort it takes no second copy of a
 * million findings. Where the order turns out to be worse, qsort() finishes.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include "cleanup.h"
#include "findings.h"
#include "findings_inside.h"

#define DOUBLES_CHECKED 64 /* paths of a file that a new one is compared with */
#define INSERTION_MOVES 4  /* an item, on average, before qsort() is the cheaper way */

int findings_new(struct findings **ret)
{
	struct findings *f = calloc(1, sizeof(*f));

	if (!f)
		return -ENOMEM;

	*ret = f;
	return 0;
}

struct findings *findings_free(struct findings *f)
{
	if (!f)
		return NULL;

	free(f->device);
	free(f->fs_type);
	free(f->mountpoint);
	elsewhere_free(f->elsewhere);
	free(f->detail);
	free(f->place);
	through_free(f->through);
	findings_inside_clear(f);
	rangeset_deinit(&f->asked);
	rangeset_deinit(&f->failed);
	free(f->items);
	free(f->files);
	free(f->holders);
	free(f->maps);
	free(f->homes);
	free(f->pool);
	free(f->whole);
	free(f);
	return NULL;
}

void findings_freep(struct findings **f)
{
	*f = findings_free(*f);
}

void *findings_grow(void *array, size_t *allocated, size_t n, size_t size)
{
	size_t want = *allocated + *allocated / 2, bytes;
	void *bigger;

	if (n <= *allocated)
		return array;
	if (want < n)
		want = n;
	if (want < 8)
		want = 8;
	if (__builtin_mul_overflow(want, size, &bytes))
		return NULL;
	bigger = realloc(array, bytes);
	if (bigger)
		*allocated = want;
	return bigger;
}

int findings_add(struct findings *f, const struct finding *item)
{
	struct finding *items =
		findings_grow(f->items, &f->items_allocated, f->n_items + 1, sizeof(*items));

	if (!items)
		return -ENOMEM;

	f->items = items;
	items[f->n_items++] = *item;
	return 0;
}

int findings_add_file(struct findings *f, const struct found_file *file)
{
	struct found_file *files;

	if (f->n_files && f->files[f->n_files - 1].ino >= file->ino)
		return -EINVAL;
	if (f->n_files >= FINDING_NO_FILE)
		return -ENOMEM;
	files = findings_grow(f->files, &f->files_allocated, f->n_files + 1, sizeof(*files));
	if (!files)
		return -ENOMEM;

	f->files = files;
	files[f->n_files] = *file;
	files[f->n_files].n_paths = 0;
	files[f->n_files].last_path = 0;
	f->n_files++;
	return 0;
}

static uint32_t next_path(const struct findings *f, uint32_t entry)
{
	uint32_t next;

	memcpy(&next, f->pool + entry - 1, sizeof(next));
	return next;
}

const char *findings_path_next(const struct findings *f, const struct found_file *file,
			       uint32_t *cursor)
{
	uint32_t next;

	if (!file->last_path || *cursor == file->last_path)
		return NULL;

	next = next_path(f, *cursor ? *cursor : file->last_path);
	*cursor = next;
	return f->pool + next - 1 + sizeof(next);
}

int findings_add_path(struct findings *f, size_t file, const char *path)
{
	struct found_file *owner = &f->files[file];
	size_t need = sizeof(uint32_t) + strlen(path) + 1;
	uint32_t cursor = 0, entry, next;
	const char *known;
	char *pool;

	for (int i = 0; i < DOUBLES_CHECKED && (known = findings_path_next(f, owner, &cursor)); i++)
		if (!strcmp(known, path))
			return 0;
	if (need > UINT32_MAX - f->pool_len - 1)
		return -ENOMEM;
	pool = findings_grow(f->pool, &f->pool_allocated, f->pool_len + need, 1);
	if (!pool)
		return -ENOMEM;

	f->pool = pool;
	entry = (uint32_t)f->pool_len + 1;
	next = owner->last_path ? next_path(f, owner->last_path) : entry;
	memcpy(pool + f->pool_len, &next, sizeof(next));
	memcpy(pool + f->pool_len + sizeof(next), path, need - sizeof(next));
	f->pool_len += need;
	if (owner->last_path)
		memcpy(pool + owner->last_path - 1, &entry, sizeof(entry));
	owner->last_path = entry;
	owner->n_paths++;
	return 0;
}

size_t findings_first_file(const struct findings *f, uint64_t ino)
{
	size_t low = 0, high = f->n_files;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (f->files[middle].ino >= ino)
			high = middle;
		else
			low = middle + 1;
	}
	return low;
}

struct found_file *findings_file_by_ino(const struct findings *f, uint64_t ino)
{
	size_t i = findings_first_file(f, ino);

	return i < f->n_files && f->files[i].ino == ino ? &f->files[i] : NULL;
}

void findings_add_reason(struct findings *f, enum reason reason)
{
	if ((unsigned int)reason < REASON_N)
		f->reasons |= 1u << reason;
}

static unsigned int impact_flags(const struct finding *item)
{
	static const struct {
		uint8_t finding;
		uint8_t impact;
	} map[] = {
		{FINDING_UNWRITTEN, IMPACT_UNWRITTEN},
		{FINDING_PAST_EOF, IMPACT_PAST_EOF},
		{FINDING_INODES_UNUSED, IMPACT_INODES_UNUSED},
		{FINDING_PRIMARY, IMPACT_PRIMARY},
		{FINDING_INODES_UNREADABLE, IMPACT_INODES_UNREADABLE},
	};
	unsigned int flags = 0;

	for (size_t i = 0; i < ARRAY_SIZE(map); i++)
		if (item->flags & map[i].finding)
			flags |= map[i].impact;
	return flags;
}

enum impact finding_impact(const struct finding *item)
{
	return impact_of(item->kind, impact_flags(item));
}

const char *finding_says(const struct finding *item)
{
	return impact_says(item->kind, impact_flags(item));
}

static int compare_u64(uint64_t a, uint64_t b)
{
	return (a > b) - (a < b);
}

static int compare_items(const void *left, const void *right)
{
	const struct finding *a = left, *b = right;
	int r;

	if ((r = compare_u64(a->start, b->start)) || (r = compare_u64(a->ino, b->ino)) ||
	    (r = compare_u64(a->kind, b->kind)) || (r = compare_u64(a->offset, b->offset)) ||
	    (r = compare_u64(a->len, b->len)))
		return r;
	return compare_u64(a->flags, b->flags);
}

void findings_sort(struct findings *f)
{
	struct finding *items = f->items;
	size_t budget = f->n_items > SIZE_MAX / INSERTION_MOVES ? 0 : f->n_items * INSERTION_MOVES;

	for (size_t i = 1; i < f->n_items; i++) {
		struct finding item = items[i];
		size_t at = i;

		while (at && budget && compare_items(&items[at - 1], &item) > 0) {
			items[at] = items[at - 1];
			at--;
			budget--;
		}
		items[at] = item;
		if (!budget) {
			qsort(items, f->n_items, sizeof(*items), compare_items);
			return;
		}
	}
}

static size_t count_bits(const uint8_t *bits, size_t n)
{
	size_t count = 0;

	for (size_t i = 0; i < n; i++)
		count += (size_t)__builtin_popcount(bits[i]);
	return count;
}

/* Files with a finding whose impact is @impact; @bits: scratch, a bit for each file. */
static uint64_t count_files(const struct findings *f, enum impact impact, uint8_t *bits, size_t n)
{
	memset(bits, 0, n);
	for (size_t i = 0; i < f->n_items; i++)
		if (f->items[i].file < f->n_files && finding_impact(&f->items[i]) == impact)
			bits[f->items[i].file / 8] |= (uint8_t)(1u << (f->items[i].file % 8));
	return count_bits(bits, n);
}

int findings_summarise(const struct findings *f, struct findings_summary *ret)
{
	CLEANUP(freep) uint8_t *bits = NULL;
	struct findings_summary sum = {0};
	uint64_t end[IMPACT_N] = {0}, bytes[IMPACT_N] = {0};
	size_t n = f->n_files / 8 + 1;

	if (f->whole) {
		*ret = *f->whole;
		return 0;
	}
	bits = malloc(n);
	if (!bits)
		return -ENOMEM;

	/* bytes[i]: covered by findings of impact i or worse; end[i]: how far they reach so far */
	for (size_t i = 0; i < f->n_items; i++) {
		const struct finding *item = &f->items[i];
		enum impact impact = finding_impact(item);

		for (int as = 0; as <= (int)impact; as++) {
			uint64_t from = item->start > end[as] ? item->start : end[as];

			if (item->start + item->len > from) {
				bytes[as] += item->start + item->len - from;
				end[as] = item->start + item->len;
			}
		}
		if (impact > sum.worst)
			sum.worst = impact;
	}

	sum.metadata_bytes = bytes[IMPACT_METADATA];
	sum.data_bytes = bytes[IMPACT_DATA] - bytes[IMPACT_METADATA];
	sum.unknown_bytes = bytes[IMPACT_UNKNOWN] - bytes[IMPACT_DATA];
	sum.nothing_bytes = bytes[IMPACT_NOTHING] - bytes[IMPACT_UNKNOWN];
	/* no answer about something, or none at all with a reason (a file that cannot be mapped) */
	if (rangeset_bytes(&f->asked) > bytes[IMPACT_NOTHING])
		sum.unknown_bytes += rangeset_bytes(&f->asked) - bytes[IMPACT_NOTHING];
	if ((sum.unknown_bytes || (!f->n_items && f->reasons)) && sum.worst < IMPACT_UNKNOWN)
		sum.worst = IMPACT_UNKNOWN;
	sum.n_data_files = count_files(f, IMPACT_DATA, bits, n);
	sum.n_metadata_files = count_files(f, IMPACT_METADATA, bits, n);
	for (size_t i = 0; i < f->n_files; i++)
		if (f->files[i].flags & FOUND_FILE_IN_LOST_CLUSTER)
			sum.n_lost_inodes++;

	*ret = sum;
	return 0;
}
