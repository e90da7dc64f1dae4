/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Plans by table: which steps for which findings and choice, in which order, and when there are none. An owner
 * left out, or a page written to while a file has it, would destroy data, so every step is spelled out.
 */
#include "unit.h"
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include "jsonio.h"
#include "plan.h"
#include "record.h"

#define PAGE    4096ull
#define NO_FILE FINDING_NO_FILE

/* Files 0: inode 10 (20000 bytes), 1: inode 11 (a reflink copy), 2: inode 12 (5000 bytes), 3: inode 13 (deleted), 4: inode 14 (in quarantine) */
static const struct plan_inode inodes[] = {
	{10, 20000, 111, 111}, {11, 20000, 222, 222}, {12, 5000, 333, 333},
	{13, 20000, 444, 444}, {14, 4096, 555, 555},
};

struct world {
	struct findings *f;
	struct rangeset bad, known_bad, listed, declared;
};

static void world_init(struct world *w, const struct finding *items, size_t n)
{
	static const uint32_t flags[] = {0, 0, 0, FOUND_FILE_DELETED, 0};

	memset(w, 0, sizeof(*w));
	assert_int_equal(findings_new(&w->f), 0);
	w->f->device = strdup("pmem0");
	w->f->mountpoint = strdup("/mnt");
	w->f->geom.block_size = 4096;
	w->f->geom.features = FSGEOM_RMAPBT | FSGEOM_REFLINK;
	for (size_t i = 0; i < ARRAY_SIZE(inodes); i++) {
		struct found_file file = {.ino = inodes[i].ino,
					  .size = inodes[i].size,
					  .gen = 7,
					  .mode = S_IFREG,
					  .nlink = 1,
					  .flags = flags[i]};

		assert_int_equal(findings_add_file(w->f, &file), 0);
	}
	assert_int_equal(findings_add_path(w->f, 4, "/mnt/" PLAN_QUARANTINE_DIR "/32768.bad"), 0);
	for (size_t i = 0; i < n; i++) {
		assert_int_equal(findings_add(w->f, &items[i]), 0);
		assert_int_equal(
			rangeset_add(&w->bad, (struct byte_range){items[i].start, items[i].len}),
			0);
	}
	findings_sort(w->f);
	assert_int_equal(rangeset_copy(&w->known_bad, &w->bad), 0);
	assert_int_equal(rangeset_copy(&w->listed, &w->bad), 0);
}

static void world_deinit(struct world *w)
{
	findings_free(w->f);
	rangeset_deinit(&w->bad);
	rangeset_deinit(&w->known_bad);
	rangeset_deinit(&w->listed);
	rangeset_deinit(&w->declared);
}

static struct plan_facts facts_of(const struct world *w, enum plan_choice choice)
{
	return (struct plan_facts){
		.f = w->f,
		.bad = &w->bad,
		.known_bad = &w->known_bad,
		.listed = &w->listed,
		.declared = &w->declared,
		.inodes = inodes,
		.n_inodes = ARRAY_SIZE(inodes),
		.incident = 17,
		.choice = choice,
		.argument = choice == PLAN_SALVAGE ? "/rescue" : NULL,
		.backup = {"/backup", 1, 2, 20000, 3},
	};
}

/* "hold 10@4096+4096 …": step, inode, offset and length in the file, of the page at 8*PAGE and on as pN */
static char *describe(const struct plan *plan)
{
	char *text = NULL;
	size_t len;
	FILE *out = open_memstream(&text, &len);

	for (size_t i = 0; i < plan->n_steps; i++) {
		const struct plan_step *step = &plan->steps[i];

		fprintf(out, "%s%s", i ? " " : "", plan_action_token(step->action));
		if (step->action >= PLAN_HOLD && step->action <= PLAN_KEEP)
			fprintf(out, ":p%d", (int)(step->page / PAGE));
		if (step->action <= PLAN_REPLACE)
			fprintf(out, ":%d", (int)plan->facts->f->files[step->file].ino);
		if (step->action >= PLAN_HOLD && step->action <= PLAN_REPLACE)
			fprintf(out, "@%d+%d", (int)step->offset, (int)step->len);
	}
	fclose(out);
	return text;
}

#define DATA(page, sector, n, offset, file, flags)                                                 \
	{                                                                                          \
		(page) * PAGE + (sector)*512, (n)*512, (offset) + (sector)*512, 10 + (file), file, \
			FS_OWNER_DATA, flags, 0                                                    \
	}
#define OTHER(page, kind)                                                                          \
	{                                                                                          \
		(page) * PAGE, 512, 0, 0, NO_FILE, kind, 0, 0                                      \
	}

struct vector {
	const char *name;
	enum plan_choice choice;
	struct finding items[4];
	size_t n;
	const char *steps;
	uint32_t obstacles;
	const char *advice; /* owner tokens */
	int declared_page;  /* 0 none */
};

#define P8_SOLE "hold:p8:10@4096+4096 build:p8:10@4096+4096 replace:p8:10@4096+4096 "
#define O(x)    (1u << PLAN_OBSTACLE_##x)

static const struct vector vectors[] = {
	{"one sector",
	 PLAN_ZERO,
	 {DATA(8, 2, 1, 4096, 0, 0)},
	 1,
	 P8_SOLE "clear:p8 prove",
	 0,
	 "",
	 0},
	{"two sectors of a page are one repair",
	 PLAN_ZERO,
	 {DATA(8, 2, 1, 4096, 0, 0), DATA(8, 6, 2, 4096, 0, 0)},
	 2,
	 P8_SOLE "clear:p8 prove",
	 0,
	 "",
	 0},
	{"declared: kept",
	 PLAN_ZERO,
	 {DATA(8, 2, 1, 4096, 0, 0)},
	 1,
	 P8_SOLE "keep:p8 prove",
	 0,
	 "",
	 8},
	{"quarantine: kept",
	 PLAN_QUARANTINE,
	 {DATA(8, 2, 1, 4096, 0, 0)},
	 1,
	 P8_SOLE "keep:p8 prove",
	 0,
	 "",
	 0},
	{"every owner, at its own offset",
	 PLAN_ZERO,
	 {DATA(8, 2, 1, 4096, 0, FINDING_SHARED), DATA(8, 2, 1, 8192, 1, FINDING_SHARED)},
	 2,
	 "hold:p8:10@4096+4096 build:p8:10@4096+4096 replace:p8:10@4096+4096 "
	 "replace:p8:11@8192+4096 clear:p8 prove",
	 0,
	 "",
	 0},
	{"twice in one file",
	 PLAN_ZERO,
	 {DATA(8, 2, 1, 4096, 0, FINDING_SHARED), DATA(8, 2, 1, 8192, 0, FINDING_SHARED)},
	 2,
	 "hold:p8:10@4096+4096 build:p8:10@4096+4096 replace:p8:10@4096+4096 "
	 "replace:p8:10@8192+4096 clear:p8 prove",
	 0,
	 "",
	 0},
	{"two pages of one range",
	 PLAN_ZERO,
	 {DATA(8, 7, 2, 4096, 0, 0)},
	 1,
	 "hold:p8:10@4096+4096 hold:p9:10@8192+4096 build:p8:10@4096+4096 "
	 "replace:p8:10@4096+4096 clear:p8 build:p9:10@8192+4096 replace:p9:10@8192+4096 "
	 "clear:p9 prove",
	 0,
	 "",
	 0},
	{"a tail ends where the file does",
	 PLAN_ZERO,
	 {DATA(8, 0, 1, 4096, 2, 0), DATA(8, 4, 1, 4096, 2, FINDING_PAST_EOF)},
	 2,
	 "hold:p8:12@4096+904 build:p8:12@4096+904 replace:p8:12@4096+904 clear:p8 prove",
	 0,
	 "",
	 0},
	{"sharers that end differently",
	 PLAN_ZERO,
	 {DATA(8, 0, 1, 4096, 2, FINDING_SHARED), DATA(8, 0, 1, 4096, 0, FINDING_SHARED)},
	 2,
	 "",
	 O(TAILS),
	 "file-data",
	 0},
	{"a deleted owner keeps the others as they are",
	 PLAN_ZERO,
	 {DATA(8, 0, 1, 4096, 0, FINDING_SHARED), DATA(8, 0, 1, 4096, 3, FINDING_SHARED)},
	 2,
	 "",
	 O(FILE_GONE),
	 "file-data",
	 0},
	{"unwritten",
	 PLAN_ZERO,
	 {DATA(8, 0, 1, 4096, 0, FINDING_UNWRITTEN)},
	 1,
	 "",
	 0,
	 "file-data",
	 0},
	{"behind the end",
	 PLAN_ZERO,
	 {DATA(8, 0, 1, 8192, 2, FINDING_PAST_EOF)},
	 1,
	 "",
	 0,
	 "file-data",
	 0},
	{"free space and metadata get advice",
	 PLAN_ZERO,
	 {DATA(8, 2, 1, 4096, 0, 0), OTHER(9, FS_OWNER_FREE), OTHER(10, FS_OWNER_INODES)},
	 3,
	 P8_SOLE "clear:p8 prove",
	 0,
	 "free inodes",
	 0},
	{"undecided", PLAN_UNDECIDED, {DATA(8, 2, 1, 4096, 0, 0)}, 1, "", 0, "", 0},
	{"salvage is of files",
	 PLAN_SALVAGE,
	 {DATA(8, 2, 1, 4096, 0, FINDING_SHARED), DATA(8, 2, 1, 8192, 1, FINDING_SHARED),
	  DATA(9, 0, 1, 8192, 0, 0)},
	 3,
	 "copy-out:10 copy-out:11",
	 0,
	 "",
	 0},
	{"restore: the file that has all",
	 PLAN_RESTORE,
	 {DATA(8, 2, 1, 4096, 0, FINDING_SHARED), DATA(8, 2, 1, 8192, 1, FINDING_SHARED),
	  DATA(9, 0, 1, 12288, 1, 0)},
	 3,
	 "hold:p8:11@8192+4096 hold:p9:11@12288+4096 build:p8:11@8192+4096 "
	 "replace:p8:10@4096+4096 replace:p8:11@8192+4096 clear:p8 build:p9:11@12288+4096 "
	 "replace:p9:11@12288+4096 clear:p9 prove",
	 0,
	 "",
	 0},
	{"restore: of several files",
	 PLAN_RESTORE,
	 {DATA(8, 2, 1, 4096, 0, 0), DATA(9, 0, 1, 12288, 1, 0)},
	 2,
	 "",
	 O(SEVERAL_FILES),
	 "file-data",
	 0},
	{"in quarantine", PLAN_ZERO, {DATA(8, 2, 1, 0, 4, 0)}, 1, "", 0, "", 0},
	{"in quarantine, and one more copy",
	 PLAN_ZERO,
	 {DATA(8, 2, 1, 8192, 1, FINDING_SHARED), DATA(8, 2, 1, 0, 4, FINDING_SHARED)},
	 2,
	 "hold:p8:11@8192+4096 build:p8:11@8192+4096 replace:p8:11@8192+4096 clear:p8 prove",
	 0,
	 "",
	 0},
	{"what is in quarantine is not copied out",
	 PLAN_SALVAGE,
	 {DATA(8, 2, 1, 8192, 1, FINDING_SHARED), DATA(8, 2, 1, 0, 4, FINDING_SHARED)},
	 2,
	 "copy-out:11",
	 0,
	 "",
	 0},
	{"exec", PLAN_EXEC, {DATA(8, 2, 1, 4096, 0, 0)}, 1, "run prove", 0, "file-data", 0},
};

static void test_steps(void **state)
{
	for (size_t i = 0; i < ARRAY_SIZE(vectors); i++) {
		const struct vector *v = &vectors[i];
		CLEANUP(plan_deinit) struct plan plan = PLAN_NULL;
		CLEANUP(freep) char *steps = NULL;
		CLEANUP(freep) char *advice = strdup("");
		struct plan_facts facts;
		struct world w;

		UNIT_ROW(vectors, i, v->name);
		world_init(&w, v->items, v->n);
		if (v->declared_page)
			assert_int_equal(
				rangeset_add(&w.declared,
					     (struct byte_range){(uint64_t)v->declared_page * PAGE,
								 512}),
				0);
		facts = facts_of(&w, v->choice);
		assert_int_equal(plan_make(&facts, &plan), 0);
		steps = describe(&plan);
		assert_string_equal(steps, v->steps);
		assert_int_equal(plan.obstacles, v->obstacles);
		for (size_t k = 0; k < plan.n_advice; k++) {
			char *longer = NULL;

			assert_true(
				asprintf(&longer, "%s%s%s", advice, k ? " " : "",
					 fs_owner_token((enum fs_owner_kind)plan.advice[k].kind)) >=
				0);
			free(advice);
			advice = longer;
		}
		assert_string_equal(advice, v->advice);
		world_deinit(&w);
	}
}

/* What makes all repair impossible: no steps, whatever was found. */
static void test_general(void **state)
{
	static const struct finding item = DATA(8, 2, 1, 4096, 0, 0);
	enum { BOTH = FSGEOM_RMAPBT | FSGEOM_REFLINK };
	static const struct {
		uint32_t reasons, block_size, features;
		bool read_only, unlisted;
		uint32_t obstacles;
	} rows[] = {
		{1u << REASON_NO_RMAPBT, 4096, BOTH, false, false, O(INCOMPLETE)},
		{1u << REASON_NO_PATHS, 4096, BOTH, false, false, 0},
		{0, 1024, BOTH, false, false, O(BLOCK_SIZE)},
		{0, 65536, BOTH, false, false, O(BLOCK_SIZE)},
		{0, 4096, FSGEOM_RMAPBT, false, false, O(NO_REFLINK)},
		{0, 4096, BOTH, true, false, O(READ_ONLY)},
		{0, 4096, BOTH, false, true, O(NOT_LISTED)},
		{1u << REASON_CHANGED, 4096, FSGEOM_RMAPBT, true, false,
		 O(INCOMPLETE) | O(NO_REFLINK) | O(READ_ONLY)},
		{0, 4096, FSGEOM_REFLINK, false, false, O(NO_RMAPBT)},
	};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		CLEANUP(plan_deinit) struct plan plan = PLAN_NULL;
		struct plan_facts facts;
		struct world w;

		UNIT_ROW(rows, i, NULL);
		world_init(&w, &item, 1);
		w.f->reasons = rows[i].reasons;
		w.f->geom.block_size = rows[i].block_size;
		w.f->geom.features = rows[i].features;
		if (rows[i].unlisted)
			rangeset_clear(&w.listed);
		facts = facts_of(&w, PLAN_ZERO);
		facts.read_only = rows[i].read_only;
		assert_int_equal(plan_make(&facts, &plan), 0);
		assert_int_equal(plan.obstacles, rows[i].obstacles);
		assert_int_equal(plan.n_steps != 0, rows[i].obstacles == 0);
		world_deinit(&w);
	}
}

/* Another incident's sector in a file: not read either, and whole pages around both. */
static void test_unreadable(void **state)
{
	static const struct finding items[] = {DATA(8, 2, 1, 4096, 0, 0),
					       DATA(9, 0, 2, 16384, 0, 0)};
	CLEANUP(rangeset_deinit) struct rangeset pages = RANGESET_NULL;
	CLEANUP(rangeset_deinit) struct rangeset lost = RANGESET_NULL;
	struct plan_facts facts;
	struct world w;

	world_init(&w, items, 2);
	assert_int_equal(rangeset_subtract(&w.bad, (struct byte_range){9 * PAGE, PAGE}), 0);
	facts = facts_of(&w, PLAN_SALVAGE);
	assert_int_equal(plan_unreadable(&facts, 0, &pages, &lost), 0);
	assert_int_equal(pages.n, 2);
	assert_int_equal(pages.ranges[0].start, 4096);
	assert_int_equal(pages.ranges[1].start, 16384);
	assert_int_equal(rangeset_bytes(&pages), 2 * PAGE);
	assert_int_equal(rangeset_bytes(&lost), 3 * 512);
	world_deinit(&w);
}

/* Whatever decides what would be done is in the record that a plan is named after. */
static void test_record(void **state)
{
	static const struct finding item = DATA(8, 2, 1, 4096, 0, 0);
	CLEANUP(freep) char *first = NULL;

	for (int i = 0; i < 6; i++) {
		CLEANUP(plan_deinit) struct plan plan = PLAN_NULL;
		CLEANUP(jsonio_freep) struct json_object *record = NULL;
		struct plan_inode changed[ARRAY_SIZE(inodes)];
		struct plan_facts facts;
		const char *text;
		struct world w;

		memcpy(changed, inodes, sizeof(inodes));
		world_init(&w, &item, 1);
		facts = facts_of(&w, PLAN_ZERO);
		facts.inodes = changed;
		switch (i) {
		case 2: changed[0].changed_nsec++; break;
		case 3: w.f->files[0].gen++; break;
		case 4: facts.choice = PLAN_QUARANTINE; break;
		case 5: w.f->items[0].offset += 4096; break;
		}
		assert_int_equal(plan_make(&facts, &plan), 0);
		assert_int_equal(plan_record(&plan, &record), 0);
		text = json_object_to_json_string_ext(record, JSON_C_TO_STRING_PLAIN);
		if (i == 0)
			first = strdup(text);
		else
			assert_int_equal(strcmp(first, text) == 0, i == 1);
		world_deinit(&w);
	}
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_steps),
		cmocka_unit_test(test_general),
		cmocka_unit_test(test_unreadable),
		cmocka_unit_test(test_record),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
