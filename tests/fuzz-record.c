/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Findings records. What is understood keeps the promises of findings.h, and
 * writing it gives a record that reads and writes as itself: a store that is
 * read and written for years does not drift.
 */
#include <errno.h>
#include "fuzz.h"
#include "record.h"

static void require_files(const struct findings *f)
{
	for (size_t i = 0; i < f->n_files; i++) {
		const struct found_file *file = &f->files[i];
		uint32_t cursor = 0, n = 0;
		const char *path;

		fuzz_require(!i || file->ino > file[-1].ino);
		fuzz_require(findings_file_by_ino(f, file->ino) == file);
		while ((path = findings_path_next(f, file, &cursor))) {
			fuzz_require(path > f->pool && path < f->pool + f->pool_len);
			fuzz_require(*path);
			n++;
		}
		fuzz_require(n == file->n_paths);
	}
	for (size_t i = 0; i < f->n_holders; i++) {
		const struct found_holder *holder = &f->holders[i];

		fuzz_require((holder->file < f->n_files || holder->file == FINDING_NO_FILE) &&
			     holder->pid >= 0);
		fuzz_require(!i || holder->file >= holder[-1].file);
		fuzz_require(memchr(holder->comm, '\0', sizeof(holder->comm)));
	}
}

static void require_sound(const struct findings *f)
{
	struct findings_summary sum;

	fuzz_require_normal(&f->asked, 1, UINT64_MAX);
	fuzz_require(f->reasons < 1u << REASON_N);
	fuzz_require(!f->geom.block_size || !fsgeom_validate(&f->geom));
	for (size_t i = 0; i < f->n_items; i++) {
		const struct finding *item = &f->items[i];

		fuzz_require(item->len <= UINT64_MAX - item->start);
		fuzz_require(!i || item->start >= item[-1].start);
		fuzz_require(item->kind < FS_OWNER_N);
		fuzz_require(finding_impact(item) < IMPACT_N && *finding_says(item));
		fuzz_require(fs_owner_is_file(item->kind) || !item->ino);
		if (item->file != FINDING_NO_FILE)
			fuzz_require(item->file < f->n_files &&
				     f->files[item->file].ino == item->ino);
	}
	require_files(f);
	fuzz_require(!findings_summarise(f, &sum) && sum.worst < IMPACT_N);
}

static char *write_record(const struct findings *f, size_t limit)
{
	CLEANUP(record_freep) struct json_object *object = NULL;
	const char *text;
	char *copy;

	fuzz_require(!record_from_findings(f, limit, &object));
	text = json_object_to_json_string_ext(object, JSON_C_TO_STRING_PLAIN);
	fuzz_require(text);
	copy = strdup(text);
	fuzz_require(copy);
	return copy;
}

/* Written and read again: the text of the second writing. */
static char *rewrite(const char *text, size_t limit)
{
	CLEANUP(findings_freep) struct findings *again = NULL;

	fuzz_require(!record_parse_findings(text, strlen(text), &again));
	require_sound(again);
	return write_record(again, limit);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	CLEANUP(findings_freep) struct findings *f = NULL;
	CLEANUP(freep) char *whole = NULL, *whole_again = NULL, *cut = NULL, *cut_again = NULL;
	int r;

	r = record_parse_findings(size ? (const char *)data : "", size, &f);
	fuzz_require(r == 0 || r == -EBADMSG);
	fuzz_require(!r == !!f);
	if (r)
		return 0;
	require_sound(f);

	whole = write_record(f, SIZE_MAX);
	whole_again = rewrite(whole, SIZE_MAX);
	fuzz_require(!strcmp(whole, whole_again));
	cut = write_record(f, 1);
	cut_again = rewrite(cut, 1);
	fuzz_require(!strcmp(cut, cut_again));
	return 0;
}
