/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Findings brought together victim by victim: who is one, in which order, and who is a reflink
 * copy. */
#include "unit.h"
#include <stdio.h>
#include <string.h>
#include "hits.h"

#define DATA FS_OWNER_DATA

static void test_group(void **state)
{
	static const struct {
		const char *name;
		struct finding items[8];
		const char *hits;
	} vectors[] = {
		{"none", {{0}}, ""},
		{"one",
		 {{.start = 0, .len = 512, .ino = 131, .kind = DATA}},
		 "file data 131 512 1"},
		{"extents of one file are one",
		 {{.start = 0, .len = 512, .offset = 4096, .ino = 131, .kind = DATA},
		  {.start = 512, .len = 512, .ino = 132, .kind = DATA},
		  {.start = 1024, .len = 512, .offset = 0, .ino = 131, .kind = DATA}},
		 "file data 131 1024 2; file data 132 512 1"},
		{"data and attributes of one file are two",
		 {{.start = 0, .len = 512, .ino = 131, .kind = FS_OWNER_ATTR},
		  {.start = 512, .len = 512, .ino = 131, .kind = DATA}},
		 "file data 131 512 1; extended attributes 131 512 1"},
		{"worst first: data, metadata, unknown, nothing",
		 {{.start = 0, .len = 512, .kind = FS_OWNER_FREE},
		  {.start = 512, .len = 512, .kind = FS_OWNER_UNKNOWN},
		  {.start = 1024, .len = 512, .kind = FS_OWNER_LOG},
		  {.start = 1536, .len = 512, .ino = 9, .kind = DATA},
		  {.start = 2048, .len = 512, .kind = FS_OWNER_FREE}},
		 "file data 9 512 1; log 0 512 1; unknown 0 512 1; free space 0 1024 2"},
		{"unwritten is another loss than written",
		 {{.start = 0, .len = 512, .ino = 131, .kind = DATA},
		  {.start = 512, .len = 512, .ino = 131, .kind = DATA, .flags = FINDING_UNWRITTEN}},
		 "file data 131 512 1; file data 131 512 1"},
		{"reflink: the second owner is a copy",
		 {{.start = 0, .len = 512, .ino = 131, .kind = DATA, .flags = FINDING_SHARED},
		  {.start = 0, .len = 512, .ino = 977, .kind = DATA, .flags = FINDING_SHARED}},
		 "file data 131 512 1; file data 977 512 1 copy"},
		{"reflink: not where it owns a block of its own too",
		 {{.start = 0, .len = 512, .ino = 131, .kind = DATA, .flags = FINDING_SHARED},
		  {.start = 0, .len = 512, .ino = 977, .kind = DATA, .flags = FINDING_SHARED},
		  {.start = 4096, .len = 512, .offset = 4096, .ino = 977, .kind = DATA}},
		 "file data 131 512 1; file data 977 1024 2"},
		{"a file that shares blocks with itself is no copy of anybody",
		 {{.start = 0, .len = 512, .ino = 131, .kind = DATA, .flags = FINDING_SHARED},
		  {.start = 0,
		   .len = 512,
		   .offset = 8192,
		   .ino = 131,
		   .kind = DATA,
		   .flags = FINDING_SHARED}},
		 "file data 131 1024 2"},
		{"primary superblock and copy",
		 {{.start = 0, .len = 512, .kind = FS_OWNER_SUPERBLOCK, .flags = FINDING_PRIMARY},
		  {.start = 1 << 20, .len = 512, .kind = FS_OWNER_SUPERBLOCK}},
		 "superblock 0 512 1; superblock 0 512 1"},
	};

	for (size_t i = 0; i < ARRAY_SIZE(vectors); i++) {
		CLEANUP(findings_freep) struct findings *f = NULL;
		CLEANUP(hits_deinit) struct hits hits = HITS_NULL;
		char text[512] = "";

		UNIT_ROW(vectors, i, vectors[i].name);
		assert_int_equal(findings_new(&f), 0);
		for (size_t j = 0; j < 8 && vectors[i].items[j].len; j++) {
			struct finding item = vectors[i].items[j];

			item.file = FINDING_NO_FILE;
			assert_int_equal(findings_add(f, &item), 0);
		}
		findings_sort(f);
		assert_int_equal(hits_group(f, &hits), 0);
		for (size_t j = 0; j < hits.n; j++) {
			const struct hit *hit = &hits.items[j];
			size_t at = strlen(text);

			snprintf(text + at, sizeof(text) - at, "%s%s %d %d %d%s", j ? "; " : "",
				 hits_kind_says((enum fs_owner_kind)hit->kind), (int)hit->ino,
				 (int)hit->bytes, (int)hit->n, hit->same_block ? " copy" : "");
		}
		assert_string_equal(text, vectors[i].hits);
	}
}

/* Each kind has words of its own. */
static void test_kinds(void **state)
{
	for (int i = 0; i < FS_OWNER_N; i++) {
		const char *says = hits_kind_says((enum fs_owner_kind)i);

		print_message("%s: %s\n", fs_owner_token((enum fs_owner_kind)i), says);
		for (int j = 0; j < i; j++)
			assert_string_not_equal(hits_kind_says((enum fs_owner_kind)j), says);
	}
	assert_string_equal(hits_kind_says(FS_OWNER_N), "unknown");
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_group),
		cmocka_unit_test(test_kinds),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
