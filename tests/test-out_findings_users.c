/* SPDX-License-Identifier: GPL-2.0-or-later */
/* "In use": who comes first, and what the kernel does to them. */
#include "unit.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "cleanup.h"
#include "mapsline.h"
#include "out_findings_users.h"

#define KNOWN HOLDER_EARLY_KNOWN
#define EARLY (HOLDER_EARLY_KNOWN | HOLDER_EARLY)
#define TOUCH "          Touching lost bytes through a mapping sends SIGBUS.\n"

static const struct {
	const char *why;
	bool pmem;
	struct found_holder holders[2];
	bool lost[2]; /* has lost bytes mapped, not others */
	const char *text;
} vectors[] = {
	{.why = "merely open",
	 .pmem = true,
	 .holders = {{.pid = 7, .comm = "tail", .flags = HOLDER_OPEN | HOLDER_OPEN_READ}},
	 .text = "In use    tail, pid 7: has it open, to read\n"},
	{.why = "mapped, early kill, before one that has it open",
	 .pmem = true,
	 .holders = {{.pid = 7, .comm = "tail", .flags = HOLDER_OPEN | HOLDER_OPEN_READ},
		     {.pid = 8, .comm = "db", .mapped = true, .flags = EARLY}},
	 .lost = {false, true},
	 .text = "In use    db, pid 8: has lost bytes mapped, shared, read-write; early kill\n"
		 "          tail, pid 7: has it open, to read\n" TOUCH
		 "          Early kill: of a memory failure below a mapping the kernel sends\n"
		 "          SIGBUS at once, before anybody touches it.\n"},
	{.why = "other parts, not early",
	 .pmem = true,
	 .holders = {{.pid = 7, .comm = "db", .mapped = true, .flags = KNOWN | HOLDER_UID},
		     {.pid = 8, .comm = "db", .mapped = true, .flags = KNOWN}},
	 .lost = {false, true},
	 .text = "In use    db, pid 8: has lost bytes mapped, shared, read-write\n"
		 "          db, pid 7, uid 0: has other parts of it mapped, not the lost "
		 "bytes\n" TOUCH "          Nobody asked for early kill (PR_MCE_KILL), so the "
		 "kernel sends no\n"
		 "          signal before that.\n"},
	{.why = "of one it is not known",
	 .pmem = true,
	 .holders = {{.pid = 7, .comm = "db", .mapped = true, .flags = KNOWN},
		     {.pid = 8, .comm = "db", .mapped = true}},
	 .lost = {true, true},
	 .text = "In use    db, pid 7: has lost bytes mapped, shared, read-write\n"
		 "          db, pid 8: has lost bytes mapped, shared, read-write\n" TOUCH},
	{.why = "no persistent memory: no memory failures",
	 .holders = {{.pid = 7, .comm = "db", .mapped = true, .flags = EARLY}},
	 .lost = {true},
	 .text = "In use    db, pid 7: has lost bytes mapped, shared, read-write\n" TOUCH},
};

static void test_text(void **state)
{
	for (size_t i = 0; i < ARRAY_SIZE(vectors); i++) {
		const struct found_map map = {{0, 8192},
					      MAPSLINE_READ | MAPSLINE_WRITE | MAPSLINE_SHARED};
		const struct found_file file = {.ino = 131, .size = 1 << 20};
		const struct finding item = {.len = 512, .ino = 131, .kind = FS_OWNER_DATA};
		CLEANUP(findings_freep) struct findings *f = NULL;
		CLEANUP(hits_deinit) struct hits hits = HITS_NULL;
		CLEANUP(freep) char *text = NULL;
		struct section s = {0};
		size_t len = 0;

		UNIT_ROW(vectors, i, vectors[i].why);
		assert_int_equal(findings_new(&f), 0);
		assert_int_equal(findings_add_file(f, &file), 0);
		assert_int_equal(findings_add(f, &item), 0);
		if (vectors[i].pmem) {
			f->place = calloc(1, sizeof(*f->place));
			assert_non_null(f->place);
		}
		for (size_t j = 0; j < 2 && vectors[i].holders[j].pid; j++)
			assert_int_equal(findings_add_holder_maps(f, &vectors[i].holders[j], &map,
								  vectors[i].lost[j]),
					 0);
		assert_int_equal(hits_group(f, &hits), 0);
		s.out = open_memstream(&text, &len);
		assert_non_null(s.out);
		assert_int_equal(out_findings_users(&s, f, &hits), 0);
		assert_int_equal(fclose(s.out), 0);
		assert_string_equal(text, vectors[i].text);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(test_text)};

	return cmocka_run_group_tests_name("out_findings_users", tests, NULL, NULL);
}
