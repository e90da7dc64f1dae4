/* SPDX-License-Identifier: GPL-2.0-or-later */
/* One answer and what parts of it say. Every border is gone over by test-locator_model.c. */
#include "unit.h"
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include "findings.h"
#include "unit_alloc.h"

#define SET(reason) (1u << REASON_##reason)
#define UNRMAP      SET(NO_RMAPBT)
#define END         (1u << 20)

/* A sector 0x…: what lies there. Files 131 (two reflinked), 140 (no name), 150 in a lost inode block. */
static const struct finding items[] = {
	{.start = 0,
	 .len = 8,
	 .kind = FS_OWNER_DATA,
	 .ino = 131,
	 .offset = 100,
	 .flags = FINDING_SHARED},
	{.start = 4,
	 .len = 2,
	 .kind = FS_OWNER_DATA,
	 .ino = 140,
	 .offset = 0,
	 .flags = FINDING_SHARED},
	{.start = 8, .len = 8, .kind = FS_OWNER_FREE},
	{.start = 32, .len = 4, .kind = FS_OWNER_UNKNOWN},
	{.start = 40, .len = 4, .kind = FS_OWNER_DIRECTORY, .ino = 139, .offset = 3},
	{.start = 48, .len = 4, .kind = FS_OWNER_INODES, .offset = 48, .n_inodes = 4},
	{.start = 56, .len = 4, .kind = FS_OWNER_OUTSIDE},
	{.start = 64,
	 .len = 8,
	 .kind = FS_OWNER_DATA,
	 .ino = 50,
	 .offset = 0,
	 .flags = FINDING_PAST_EOF},
	{.start = 72, .len = 1, .kind = FS_OWNER_DATA, .ino = 145},
};

static const struct byte_range asked[] = {{0, 16}, {32, 4}, {40, 4}, {48, 4},
					  {56, 4}, {64, 9}, {90, 2}, {END, 2}};

static const struct {
	uint64_t ino;
	uint32_t flags;
	const char *path;
	int holder;
} files[] = {
	{50, FOUND_FILE_PATHS | FOUND_FILE_IN_LOST_CLUSTER, "/mnt/in-lost-block", 5},
	{131, FOUND_FILE_PATHS, "/mnt/a", 7},
	{139, FOUND_FILE_PATHS, "/mnt/directory", 0},
	{140, 0, NULL, 8},
	{145, FOUND_FILE_VANISHED, NULL, 0},
};

static const struct {
	const char *what;
	const char *ranges; /* sectors */
	uint32_t whole;     /* reasons of the whole answer */
	const char *want;
	uint32_t reasons;
} cuts[] = {
	{"all of a file, and who shares it: names were looked for of one", "0+8", 0,
	 "0+8 file-data 131@100 shared /mnt/a 7\n4+2 file-data 140@0 shared 8", SET(NO_PATHS)},
	{"before what is shared", "0+4", SET(NO_PATHS) | SET(CHANGED),
	 "0+4 file-data 131@100 /mnt/a 7", 0},
	{"behind it: the offset moves", "6+2", 0, "6+2 file-data 131@106 /mnt/a 7", 0},
	{"within both", "5+1", 0,
	 "5+1 file-data 131@105 shared /mnt/a 7\n5+1 file-data 140@1 shared 8", SET(NO_PATHS)},
	{"over an end", "7+3", 0, "7+1 file-data 131@107 /mnt/a 7\n8+2 free", 0},
	{"several ranges", "1+1 7+1 41+1", 0,
	 "1+1 file-data 131@101 /mnt/a 7\n7+1 file-data 131@107 /mnt/a 7\n"
	 "41+1 directory 139@4 /mnt/directory",
	 0},
	{"free: nothing that stood in the way elsewhere", "9+1",
	 UNRMAP | SET(NOT_PERMITTED) | SET(CHANGED) | SET(PATHS_OUTSIDE) | SET(OUTSIDE_FS) |
		 SET(UNKNOWN_OWNER) | SET(INODES_UNREADABLE) | SET(BEYOND_END),
	 "9+1 free", 0},
	{"unknown, with the reason there is", "33+1", UNRMAP, "33+1 unknown", UNRMAP},
	{"unknown, as the file system itself says", "33+1", 0, "33+1 unknown", SET(UNKNOWN_OWNER)},
	{"who cannot be asked is no less so for a part", "9+1",
	 SET(SHUTDOWN) | SET(DEVICE_GONE) | SET(NOT_MOUNTED) | SET(LIST_CUT), "9+1 free",
	 SET(SHUTDOWN) | SET(DEVICE_GONE) | SET(NOT_MOUNTED) | SET(LIST_CUT)},
	{"the kernel failed here", "33+2", SET(IO_ERROR), "33+2 unknown", SET(IO_ERROR)},
	{"and not there", "9+1", SET(IO_ERROR), "9+1 free", 0},
	{"inodes in use: listed", "49+2", 0, "49+2 inodes 50..50 /mnt/in-lost-block 5 lost", 0},
	{"others of the block: none", "48+2", 0, "48+2 inodes unused", 0},
	{"the same file as an owner, its inode not in question", "65+2", 0,
	 "65+2 file-data 50@1 past-eof /mnt/in-lost-block 5", 0},
	{"behind the file system", "57+1", 0, "57+1 outside-filesystem", SET(OUTSIDE_FS)},
	{"behind the device", "1048576+1", SET(BEYOND_END), "", SET(BEYOND_END)},
	{"gone by now", "72+1", 0, "72+1 file-data 145@0", SET(CHANGED)},
	{"never asked about", "20+4", 0, "", 0},
	{"a truncated answer does not tell what is missing", "6+2",
	 SET(TRUNCATED) | SET(UNKNOWN_OWNER), "6+2 file-data 131@106 shared /mnt/a 7",
	 SET(TRUNCATED) | SET(UNKNOWN_OWNER)},
	{"nothing", "", 0, "", 0},
};

static struct byte_range sectors(uint64_t start, uint64_t len)
{
	return (struct byte_range){start * SECTOR_SIZE, len * SECTOR_SIZE};
}

static void add_files(struct findings *f)
{
	for (size_t i = 0; i < ARRAY_SIZE(files); i++) {
		struct found_file file = {
			.ino = files[i].ino, .flags = files[i].flags, .mode = 0100644, .nlink = 1};
		struct found_holder holder = {.file = (uint32_t)i, .pid = files[i].holder};

		assert_int_equal(findings_add_file(f, &file), 0);
		if (files[i].path)
			assert_int_equal(findings_add_path(f, i, files[i].path), 0);
		if (files[i].holder)
			assert_int_equal(findings_add_holder(f, &holder), 0);
	}
}

static struct findings *make(uint32_t reasons)
{
	struct findings *f;

	assert_int_equal(findings_new(&f), 0);
	f->geom = (struct fsgeom){.block_size = 4096,
				  .sector_size = 512,
				  .inode_size = 512,
				  .ag_blocks = 1 << 18,
				  .ag_count = 1,
				  .data_blocks = 1 << 17};
	f->device = strdup("pmem0");
	f->fs_type = strdup("xfs");
	f->mountpoint = strdup("/mnt");
	f->detail = strdup("detail");
	f->devno = 77;
	f->device_size = (uint64_t)END * SECTOR_SIZE;
	f->reasons = reasons;
	assert_int_equal(rangeset_add(&f->failed, sectors(32, 8)), 0);
	for (size_t i = 0; i < ARRAY_SIZE(asked); i++)
		assert_int_equal(rangeset_add(&f->asked, sectors(asked[i].start, asked[i].len)), 0);
	add_files(f);
	for (size_t i = 0; i < ARRAY_SIZE(items); i++) {
		struct finding item = items[i];

		item.start *= SECTOR_SIZE;
		item.len *= SECTOR_SIZE;
		if (fs_owner_has_offset(item.kind))
			item.offset *= SECTOR_SIZE;
		item.file = FINDING_NO_FILE;
		if (item.ino)
			item.file = (uint32_t)findings_first_file(f, item.ino);
		assert_int_equal(findings_add(f, &item), 0);
	}
	return f;
}

static void print_file(const struct findings *f, const struct found_file *file, FILE *out)
{
	const struct found_holder *holder;
	uint32_t cursor = 0;
	const char *path;
	size_t n;

	while ((path = findings_path_next(f, file, &cursor)))
		fprintf(out, " %s", path);
	holder = findings_holders(f, (uint32_t)(file - f->files), &n);
	for (size_t i = 0; i < n; i++)
		fprintf(out, " %d", holder[i].pid);
	if (file->flags & FOUND_FILE_IN_LOST_CLUSTER)
		fputs(" lost", out);
}

static void print_item(const struct findings *f, const struct finding *item, FILE *out)
{
	fprintf(out, "%ju+%ju %s", (uintmax_t)item->start / SECTOR_SIZE,
		(uintmax_t)item->len / SECTOR_SIZE, fs_owner_token(item->kind));
	if (item->ino)
		fprintf(out, " %ju@%ju", (uintmax_t)item->ino,
			(uintmax_t)item->offset / SECTOR_SIZE);
	if (item->flags & FINDING_SHARED)
		fputs(" shared", out);
	if (item->flags & FINDING_PAST_EOF)
		fputs(" past-eof", out);
	if (item->flags & FINDING_INODES_UNUSED)
		fputs(" unused", out);
	if (item->ino) {
		assert_true(item->file < f->n_files);
		assert_int_equal(f->files[item->file].ino, item->ino);
		print_file(f, &f->files[item->file], out);
	} else {
		assert_int_equal(item->file, FINDING_NO_FILE);
	}
	if (item->kind != FS_OWNER_INODES)
		return;
	for (size_t i = 0; i < f->n_files; i++) {
		if (f->files[i].ino - item->offset >= item->n_inodes)
			continue;
		fprintf(out, " %ju..%ju", (uintmax_t)f->files[i].ino, (uintmax_t)f->files[i].ino);
		print_file(f, &f->files[i], out);
	}
}

static char *print(const struct findings *f)
{
	char *text;
	size_t len;
	FILE *out = open_memstream(&text, &len);

	for (size_t i = 0; i < f->n_items; i++) {
		if (i)
			fputc('\n', out);
		print_item(f, &f->items[i], out);
	}
	fclose(out);
	return text;
}

static void parse(const char *text, struct rangeset *ret)
{
	unsigned long long start, len;
	int used;

	while (sscanf(text, "%llu+%llu%n", &start, &len, &used) == 2) {
		assert_int_equal(rangeset_add(ret, sectors(start, len)), 0);
		text += used;
	}
	assert_int_equal(*text, '\0');
}

static void test_cuts(void **state)
{
	for (size_t i = 0; i < ARRAY_SIZE(cuts); i++) {
		CLEANUP(findings_freep) struct findings *whole = make(cuts[i].whole), *part = NULL;
		CLEANUP(rangeset_deinit) struct rangeset ranges = RANGESET_NULL;
		CLEANUP(freep) char *text = NULL;

		UNIT_ROW(cuts, i, cuts[i].what);
		parse(cuts[i].ranges, &ranges);
		assert_int_equal(findings_cut(whole, &ranges, &part), 0);
		text = print(part);
		assert_string_equal(text, cuts[i].want);
		assert_int_equal(part->reasons, cuts[i].reasons);
		assert_true(rangeset_equal(&part->asked, &ranges));
		assert_string_equal(part->device, "pmem0");
		assert_string_equal(part->fs_type, "xfs");
		assert_string_equal(part->mountpoint, "/mnt");
		assert_string_equal(part->detail, "detail");
		assert_int_equal(part->devno, 77);
		assert_int_equal(part->device_size, whole->device_size);
		assert_memory_equal(&part->geom, &whole->geom, sizeof(part->geom));
	}
}

/* What was not answered is unknown, not nothing. */
static void test_unanswered(void **state)
{
	CLEANUP(findings_freep) struct findings *whole = make(0), *part = NULL;
	CLEANUP(rangeset_deinit) struct rangeset ranges = RANGESET_NULL;
	struct findings_summary sum;

	parse("8+2 20+4", &ranges);
	assert_int_equal(findings_cut(whole, &ranges, &part), 0);
	assert_int_equal(findings_summarise(part, &sum), 0);
	assert_int_equal(sum.nothing_bytes, 2 * SECTOR_SIZE);
	assert_int_equal(sum.unknown_bytes, 4 * SECTOR_SIZE);
	assert_int_equal(sum.worst, IMPACT_UNKNOWN);
}

/* Bytes within a sector: the sector, as for a look. */
static void test_rounded(void **state)
{
	CLEANUP(findings_freep) struct findings *whole = make(0), *part = NULL;
	CLEANUP(rangeset_deinit) struct rangeset ranges = RANGESET_NULL;
	CLEANUP(freep) char *text = NULL;

	assert_int_equal(rangeset_add(&ranges, (struct byte_range){9 * SECTOR_SIZE + 1, 1}), 0);
	assert_int_equal(findings_cut(whole, &ranges, &part), 0);
	text = print(part);
	assert_string_equal(text, "9+1 free");
	assert_int_equal(rangeset_bytes(&part->asked), SECTOR_SIZE);
}

/* What an earlier look knew neither shares with what this one found nor contradicts it. */
static void test_earlier(void **state)
{
	CLEANUP(findings_freep) struct findings *whole = make(0), *part = NULL;
	CLEANUP(rangeset_deinit) struct rangeset ranges = RANGESET_NULL;
	CLEANUP(freep) char *text = NULL;

	whole->items[1].flags = FINDING_EARLIER;
	whole->files[3].flags = FOUND_FILE_PATHS | FOUND_FILE_DELETED;
	parse("4+1", &ranges);
	assert_int_equal(findings_cut(whole, &ranges, &part), 0);
	text = print(part);
	assert_string_equal(text, "4+1 file-data 131@104 /mnt/a 7\n4+1 file-data 140@0 8");
	assert_int_equal(part->items[1].flags, FINDING_EARLIER);
	assert_int_equal(part->reasons, 0);
}

/* Where it is not known what the kernel failed at, it may have been this. */
static void test_failed_anywhere(void **state)
{
	CLEANUP(findings_freep) struct findings *whole = make(SET(IO_ERROR)), *part = NULL;
	CLEANUP(rangeset_deinit) struct rangeset ranges = RANGESET_NULL;

	rangeset_clear(&whole->failed);
	parse("9+1", &ranges);
	assert_int_equal(findings_cut(whole, &ranges, &part), 0);
	assert_int_equal(part->reasons, SET(IO_ERROR));
}

/* Wherever memory ends, nothing is left behind. */
static void test_no_memory(void **state)
{
	CLEANUP(findings_freep) struct findings *whole = make(0);
	CLEANUP(rangeset_deinit) struct rangeset ranges = RANGESET_NULL;
	int left, r = -ENOMEM;

	parse("0+16 41+1 48+4 64+9", &ranges);
	for (left = 0; r; left++) {
		CLEANUP(findings_freep) struct findings *part = NULL;

		allocations_left = left;
		r = findings_cut(whole, &ranges, &part);
		allocations_left = -1;
		assert_int_equal(r, part ? 0 : -ENOMEM);
	}
	assert_true(left > 5);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_cuts),
		cmocka_unit_test(test_unanswered),
		cmocka_unit_test(test_rounded),
		cmocka_unit_test(test_earlier),
		cmocka_unit_test(test_failed_anywhere),
		cmocka_unit_test(test_no_memory),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
