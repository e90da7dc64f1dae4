/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The container of an answer: growth, paths, holders, order, totals. */
#include "unit.h"
#include "unit_alloc.h"
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include "findings.h"

static struct findings *make(void)
{
	struct findings *f;

	assert_int_equal(findings_new(&f), 0);
	return f;
}

static void add_file(struct findings *f, uint64_t ino)
{
	struct found_file file = {.ino = ino};

	assert_int_equal(findings_add_file(f, &file), 0);
}

static void test_sizes(void **state)
{
	/* a million of each must stay affordable */
	assert_int_equal(sizeof(struct finding), 40);
	assert_int_equal(sizeof(struct found_file), 40);
}

static void test_new_free(void **state)
{
	struct findings *f = make(), *none = NULL;

	assert_int_equal(f->n_items, 0);
	assert_null(findings_path_next(f, &(struct found_file){0}, &(uint32_t){0}));
	assert_null(findings_free(f));
	assert_null(findings_free(NULL));
	findings_freep(&none);
	allocations_left = 0;
	assert_int_equal(findings_new(&none), -ENOMEM);
	allocations_left = -1;
	assert_null(none);
}

static void test_files(void **state)
{
	CLEANUP(findings_freep) struct findings *f = make();
	static const uint64_t inos[] = {3, 128, 129, 1000, UINT64_MAX};
	struct found_file file = {.ino = 1000, .n_paths = 9, .last_path = 9};

	assert_null(findings_file_by_ino(f, 3));
	assert_int_equal(findings_first_file(f, 0), 0);
	for (size_t i = 0; i < ARRAY_SIZE(inos); i++) {
		file.ino = inos[i];
		assert_int_equal(findings_add_file(f, &file), 0);
		assert_int_equal(f->files[i].n_paths, 0);
	}
	assert_int_equal(findings_add_file(f, &file), -EINVAL); /* again */
	file.ino = 500;
	assert_int_equal(findings_add_file(f, &file), -EINVAL); /* not ascending */
	assert_int_equal(f->n_files, ARRAY_SIZE(inos));

	for (size_t i = 0; i < ARRAY_SIZE(inos); i++) {
		assert_ptr_equal(findings_file_by_ino(f, inos[i]), &f->files[i]);
		assert_int_equal(findings_first_file(f, inos[i]), i);
		assert_int_equal(findings_first_file(f, inos[i] - 1), i == 2 ? 1 : i);
	}
	assert_null(findings_file_by_ino(f, 130));
	assert_int_equal(findings_first_file(f, 130), 3);
}

static const char *const three[] = {"/srv/a", "/srv/b\n\xff", "/srv/very/long/name"};

static void test_paths(void **state)
{
	CLEANUP(findings_freep) struct findings *f = make();
	uint32_t cursor[3] = {0};

	for (uint64_t ino = 10; ino < 13; ino++)
		add_file(f, ino);
	/* interleaved over files; the middle one has none */
	for (size_t i = 0; i < ARRAY_SIZE(three); i++) {
		assert_int_equal(findings_add_path(f, 0, three[i]), 0);
		assert_int_equal(findings_add_path(f, 2, three[2 - i]), 0);
		assert_int_equal(findings_add_path(f, 0, three[0]), 0); /* a double */
	}
	assert_int_equal(f->files[0].n_paths, 3);
	assert_int_equal(f->files[1].n_paths, 0);
	assert_int_equal(f->files[2].n_paths, 3);
	/* length + 5 each */
	assert_int_equal(f->pool_len, 2 * (6 + 8 + 19 + 3 * 5));

	for (size_t i = 0; i < ARRAY_SIZE(three); i++) {
		assert_string_equal(findings_path_next(f, &f->files[0], &cursor[0]), three[i]);
		assert_string_equal(findings_path_next(f, &f->files[2], &cursor[2]), three[2 - i]);
	}
	for (int again = 0; again < 2; again++)
		for (size_t file = 0; file < 3; file++)
			assert_null(findings_path_next(f, &f->files[file], &cursor[file]));
}

/* Hard links by the hundred thousand: linear, in order, none lost. */
static void test_many_paths(void **state)
{
	CLEANUP(findings_freep) struct findings *f = make();
	uint32_t cursor = 0;
	char path[32];

	add_file(f, 10);
	add_file(f, 11);
	for (int i = 0; i < 100000; i++) {
		snprintf(path, sizeof(path), "/links/%d", i);
		assert_int_equal(findings_add_path(f, i & 1, path), 0);
	}
	assert_int_equal(f->files[1].n_paths, 50000);
	for (int i = 1; i < 100000; i += 2) {
		const char *got = findings_path_next(f, &f->files[1], &cursor);

		snprintf(path, sizeof(path), "/links/%d", i);
		assert_string_equal(got, path);
	}
	assert_null(findings_path_next(f, &f->files[1], &cursor));
}

static void test_holders(void **state)
{
	static const struct {
		uint32_t file;
		pid_t pid;
		bool mapped;
		const char *comm;
	} in[] = {
		{2, 700, false, "mysqld"}, {0, 33, true, "tail"},
		{2, 20, false, "cp"},      {2, 700, true, "mysqld"},
		{5, 1, false, "systemd"},  {2, 20, false, "cp"},
		{0, 32, false, "\xff\n"},  {2, 900, false, "fifteen bytes!!"},
	};
	static const struct {
		uint32_t file;
		pid_t pids[4];
		size_t n;
	} want[] = {
		{0, {32, 33}, 2}, {1, {0}, 0}, {2, {20, 700, 900}, 3}, {5, {1}, 1}, {6, {0}, 0}};
	CLEANUP(findings_freep) struct findings *f = make();

	for (size_t i = 0; i < ARRAY_SIZE(in); i++) {
		struct found_holder holder = {
			.file = in[i].file, .pid = in[i].pid, .mapped = in[i].mapped};

		strcpy(holder.comm, in[i].comm);
		assert_int_equal(findings_add_holder(f, &holder), 0);
	}
	assert_int_equal(f->n_holders, 6);
	for (size_t i = 0; i < ARRAY_SIZE(want); i++) {
		size_t n = 99;
		const struct found_holder *holder = findings_holders(f, want[i].file, &n);

		UNIT_ROW(want, i, NULL);
		assert_int_equal(n, want[i].n);
		assert_int_equal(holder != NULL, n > 0);
		for (size_t k = 0; k < n; k++) {
			assert_int_equal(holder[k].file, want[i].file);
			assert_int_equal(holder[k].pid, want[i].pids[k]);
			assert_int_equal(holder[k].mapped,
					 holder[k].pid == 700 || holder[k].pid == 33);
		}
	}
}

/* What failed to grow is as it was. */
static void test_no_memory(void **state)
{
	CLEANUP(findings_freep) struct findings *f = make();
	struct found_holder holder = {.pid = 1};
	struct findings_summary sum = {.data_bytes = 7};
	struct finding item = {.len = 512};
	struct found_file file = {.ino = 1};
	bool failed;

	for (int i = 0; i < 100; i++) {
		size_t items = f->n_items, holders = f->n_holders;

		allocations_left = 0;
		failed = findings_add(f, &item) == -ENOMEM;
		assert_int_equal(f->n_items, items + !failed);
		failed = findings_add_holder(f, &holder) == -ENOMEM;
		assert_int_equal(f->n_holders, holders + !failed);
		allocations_left = -1;
		assert_int_equal(findings_add(f, &item), 0);
		holder.pid++;
		assert_int_equal(findings_add_holder(f, &holder), 0);
		holder.pid++;
	}
	allocations_left = 0;
	assert_int_equal(findings_add_file(f, &file), -ENOMEM);
	assert_int_equal(findings_summarise(f, &sum), -ENOMEM);
	allocations_left = -1;
	assert_int_equal(sum.data_bytes, 7);
	assert_int_equal(findings_add_file(f, &file), 0);
	allocations_left = 0;
	assert_int_equal(findings_add_path(f, 0, "/a"), -ENOMEM);
	allocations_left = -1;
	assert_int_equal(f->files[0].n_paths, 0);
	assert_int_equal(findings_add_path(f, 0, "/a"), 0);
}

static int order(const struct finding *a, const struct finding *b)
{
	if (a->start != b->start)
		return a->start < b->start ? -1 : 1;
	if (a->ino != b->ino)
		return a->ino < b->ino ? -1 : 1;
	return (int)a->kind - (int)b->kind;
}

/* Nearly sorted, backwards, random, all the same: sorted, and nothing lost. */
static void test_sort(void **state)
{
	for (int shape = 0; shape < 5; shape++) {
		CLEANUP(findings_freep) struct findings *f = make();
		uint64_t seed = 7, sum = 0, got = 0;
		const size_t n = 5000;

		for (size_t i = 0; i < n; i++) {
			uint64_t start = i * 512;
			struct finding item = {.len = i + 1};

			seed = seed * 6364136223846793005u + 1442695040888963407u;
			if (shape == 1 && i % 10 == 0)
				start += 5 * 512;
			if (shape == 2)
				start = (n - i) * 512;
			if (shape == 3)
				start = (seed >> 40) % 1000 * 512;
			item.start = start;
			if (shape == 4)
				item.start = 0;
			item.ino = (seed >> 33) % 3;
			item.kind = (uint8_t)((seed >> 50) % 5);
			assert_int_equal(findings_add(f, &item), 0);
			sum += item.len * item.len;
		}
		findings_sort(f);
		assert_int_equal(f->n_items, n);
		for (size_t i = 0; i < n; i++) {
			got += f->items[i].len * f->items[i].len;
			assert_true(!i || order(&f->items[i - 1], &f->items[i]) <= 0);
		}
		assert_int_equal(got, sum);
	}
}

#define DATA FS_OWNER_DATA
#define NO   FINDING_NO_FILE

static const struct {
	const char *what;
	struct finding items[6]; /* up to the first of length 0; sorted */
	struct findings_summary sum;
} sums[] = {
	{"nothing", {{0}}, {0}},
	{"free space only",
	 {{0, 4096, 0, 0, NO, FS_OWNER_FREE, 0, 0}},
	 {.nothing_bytes = 4096, .worst = IMPACT_NOTHING}},
	{"one of each",
	 {{0, 512, 0, 0, NO, FS_OWNER_FREE, 0, 0},
	  {512, 1024, 0, 9, 0, DATA, 0, 0},
	  {2048, 2048, 0, 0, NO, FS_OWNER_LOG, 0, 0},
	  {8192, 4096, 0, 0, NO, FS_OWNER_UNKNOWN, 0, 0}},
	 {1024, 2048, 4096, 512, 1, 0, 0, IMPACT_METADATA}},
	{"shared: counted once, two files",
	 {{0, 4096, 0, 9, 0, DATA, FINDING_SHARED, 0},
	  {0, 4096, 0, 10, 1, DATA, FINDING_SHARED, 0}},
	 {.data_bytes = 4096, .n_data_files = 2, .worst = IMPACT_DATA}},
	{"shared in part",
	 {{0, 4096, 0, 9, 0, DATA, 0, 0},
	  {1024, 8192, 0, 10, 1, DATA, 0, 0},
	  {2048, 512, 0, 11, 2, DATA, 0, 0}},
	 {.data_bytes = 9216, .n_data_files = 3, .worst = IMPACT_DATA}},
	{"one file, twice",
	 {{0, 512, 0, 9, 0, DATA, 0, 0}, {4096, 512, 0, 9, 0, DATA, 0, 0}},
	 {.data_bytes = 1024, .n_data_files = 1, .worst = IMPACT_DATA}},
	{"data for one owner, behind the end for the other: data",
	 {{0, 4096, 0, 9, 0, DATA, FINDING_PAST_EOF, 0}, {1024, 1024, 0, 10, 1, DATA, 0, 0}},
	 {.data_bytes = 1024, .nothing_bytes = 3072, .n_data_files = 1, .worst = IMPACT_DATA}},
	{"unwritten", {{0, 4096, 0, 9, 0, DATA, FINDING_UNWRITTEN, 0}}, {.nothing_bytes = 4096}},
	{"the worst of a byte counts, whatever the order",
	 {{0, 4096, 0, 0, NO, FS_OWNER_FREE, 0, 0},
	  {0, 2048, 0, 9, 0, DATA, 0, 0},
	  {1024, 2048, 0, 9, 0, FS_OWNER_ATTR, 0, 0},
	  {1024, 512, 0, 0, NO, FS_OWNER_UNKNOWN, 0, 0}},
	 {1024, 2048, 0, 1024, 1, 1, 0, IMPACT_METADATA}},
	{"unknown outweighs nothing",
	 {{0, 512, 0, 0, NO, FS_OWNER_FREE, 0, 0}, {0, 512, 0, 0, NO, FS_OWNER_UNKNOWN, 0, 0}},
	 {.unknown_bytes = 512, .worst = IMPACT_UNKNOWN}},
	{"metadata of a file: not a file that lost data",
	 {{0, 512, 0, 9, 0, FS_OWNER_DIRECTORY, 0, 0},
	  {512, 512, 0, 9, 0, FS_OWNER_EXTENT_MAP, 0, 0},
	  {4096, 512, 0, 10, 1, FS_OWNER_ATTR, 0, 0}},
	 {.metadata_bytes = 1536, .n_metadata_files = 2, .worst = IMPACT_METADATA}},
	{"inode blocks, in use and not",
	 {{0, 512, 128, 0, NO, FS_OWNER_INODES, 0, 1},
	  {512, 512, 129, 0, NO, FS_OWNER_INODES, FINDING_INODES_UNUSED, 1},
	  {1024, 512, 130, 0, NO, FS_OWNER_INODES, FINDING_INODES_UNREADABLE, 1}},
	 {.metadata_bytes = 1024, .nothing_bytes = 512, .worst = IMPACT_METADATA}},
	{"up to the top",
	 {{UINT64_MAX - 1024, 512, 0, 9, 0, DATA, 0, 0},
	  {UINT64_MAX - 512, 512, 0, 9, 0, DATA, 0, 0}},
	 {.data_bytes = 1024, .n_data_files = 1, .worst = IMPACT_DATA}},
};

static void assert_sum(const struct findings *f, const struct findings_summary *want)
{
	struct findings_summary sum;

	assert_int_equal(findings_summarise(f, &sum), 0);
	assert_int_equal(sum.data_bytes, want->data_bytes);
	assert_int_equal(sum.metadata_bytes, want->metadata_bytes);
	assert_int_equal(sum.unknown_bytes, want->unknown_bytes);
	assert_int_equal(sum.nothing_bytes, want->nothing_bytes);
	assert_int_equal(sum.n_data_files, want->n_data_files);
	assert_int_equal(sum.n_metadata_files, want->n_metadata_files);
	assert_int_equal(sum.n_lost_inodes, want->n_lost_inodes);
	assert_int_equal(sum.worst, want->worst);
}

static void test_summary(void **state)
{
	for (size_t i = 0; i < ARRAY_SIZE(sums); i++) {
		CLEANUP(findings_freep) struct findings *f = make();

		UNIT_ROW(sums, i, sums[i].what);
		for (uint64_t ino = 9; ino < 12; ino++)
			add_file(f, ino);
		for (size_t k = 0; k < 6 && sums[i].items[k].len; k++)
			assert_int_equal(findings_add(f, &sums[i].items[k]), 0);
		assert_sum(f, &sums[i].sum);
	}
}

static void test_summary_of_silence(void **state)
{
	CLEANUP(findings_freep) struct findings *f = make();
	struct findings_summary want = {.unknown_bytes = 1536, .worst = IMPACT_UNKNOWN};
	struct findings_summary whole = {1, 2, 3, 4, 5, 6, 7, IMPACT_DATA};
	struct found_file file = {.ino = 131, .flags = FOUND_FILE_IN_LOST_CLUSTER};
	struct finding item = {0, 512, 131, 0, NO, FS_OWNER_INODES, 0, 1};

	/* asked, and no answer: unknown, not nothing */
	assert_int_equal(rangeset_add(&f->asked, (struct byte_range){0, 512}), 0);
	assert_int_equal(rangeset_add(&f->asked, (struct byte_range){4096, 1024}), 0);
	assert_sum(f, &want);

	assert_int_equal(findings_add_file(f, &file), 0);
	assert_int_equal(findings_add(f, &item), 0);
	want = (struct findings_summary){
		.unknown_bytes = 1024, /* still no answer about these */
		.metadata_bytes = 512,
		.n_lost_inodes = 1,
		.worst = IMPACT_METADATA,
	};
	assert_sum(f, &want);

	/* a truncated record's own totals come first */
	f->whole = malloc(sizeof(whole));
	assert_non_null(f->whole);
	*f->whole = whole;
	assert_sum(f, &whole);
}

static void test_reasons(void **state)
{
	CLEANUP(findings_freep) struct findings *f = make();

	findings_add_reason(f, REASON_N);
	findings_add_reason(f, -1);
	assert_int_equal(f->reasons, 0);
	findings_add_reason(f, REASON_SHUTDOWN);
	findings_add_reason(f, REASON_NO_RMAPBT);
	findings_add_reason(f, REASON_SHUTDOWN);
	assert_int_equal(f->reasons, 1u << REASON_SHUTDOWN | 1u << REASON_NO_RMAPBT);
}

static const struct {
	uint8_t kind, flags;
	enum impact impact;
	unsigned int says;
} words[] = {
	{FS_OWNER_DATA, 0, IMPACT_DATA, 0},
	{FS_OWNER_DATA, FINDING_SHARED, IMPACT_DATA, 0},
	{FS_OWNER_DATA, FINDING_UNWRITTEN, IMPACT_NOTHING, IMPACT_UNWRITTEN},
	{FS_OWNER_DATA, FINDING_PAST_EOF, IMPACT_NOTHING, IMPACT_PAST_EOF},
	{FS_OWNER_INODES, FINDING_INODES_UNUSED, IMPACT_NOTHING, IMPACT_INODES_UNUSED},
	{FS_OWNER_INODES, FINDING_INODES_UNREADABLE, IMPACT_METADATA, IMPACT_INODES_UNREADABLE},
	{FS_OWNER_SUPERBLOCK, FINDING_PRIMARY, IMPACT_METADATA, IMPACT_PRIMARY},
	{FS_OWNER_SUPERBLOCK, 0, IMPACT_METADATA, 0},
};

static void test_words(void **state)
{
	for (size_t i = 0; i < ARRAY_SIZE(words); i++) {
		struct finding item = {.kind = words[i].kind, .flags = words[i].flags};

		UNIT_ROW(words, i, fs_owner_token(words[i].kind));
		assert_int_equal(finding_impact(&item), words[i].impact);
		assert_string_equal(finding_says(&item), impact_says(item.kind, words[i].says));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_sizes),      cmocka_unit_test(test_new_free),
		cmocka_unit_test(test_files),      cmocka_unit_test(test_paths),
		cmocka_unit_test(test_many_paths), cmocka_unit_test(test_holders),
		cmocka_unit_test(test_no_memory),  cmocka_unit_test(test_sort),
		cmocka_unit_test(test_summary),    cmocka_unit_test(test_summary_of_silence),
		cmocka_unit_test(test_reasons),    cmocka_unit_test(test_words),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
