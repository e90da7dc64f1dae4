/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Two looks at one place, as lines: what is carried from the earlier into the later. */
#include <stdio.h>
#include <string.h>
#include "carry.h"
#include "unit.h"

#define SHUT (1u << REASON_SHUTDOWN)
#define RMAP (1u << REASON_NO_RMAPBT)
#define GONE (1u << REASON_DEVICE_GONE)

/*
 * A look: "START+LEN KIND [INO/GEN[@OFFSET]]" a line, sectors but for the numbers
 * of inodes; ! at the end: FINDING_EARLIER.
 */
static const struct {
	const char *what;
	const char *old, *now;
	uint32_t reasons; /* of the later look */
	uint8_t uuid; /* of its file system; that of the earlier is 1, 0: nobody could be asked */
	const char *want; /* NULL: the later look is left alone */
} looks[] = {
	{"shut down: all is known from before", "0+8 file-data 131/5@100", "0+8 unknown", SHUT, 0,
	 "0+8 file-data 131/5@100!"},
	{"more is lost, then shut down", "0+2 file-data 131/5@100\n2+2 free", "0+8 unknown", SHUT,
	 0, "0+2 file-data 131/5@100!\n2+2 free!\n4+4 unknown"},
	{"every reflink owner", "0+2 file-data 131/5@100\n0+2 file-data 977/2@0", "0+2 unknown",
	 GONE, 0, "0+2 file-data 131/5@100!\n0+2 file-data 977/2@0!"},
	{"part of it is answered: clipped, offsets move", "0+8 file-data 131/5@100",
	 "0+2 file-data 131/5@100\n2+6 unknown", SHUT, 1,
	 "0+2 file-data 131/5@100\n2+6 file-data 131/5@102!"},
	{"unknown, but not for want of somebody to ask: free space is not carried", "0+8 free",
	 "0+8 unknown", RMAP, 1, NULL},
	{"but a loss is", "0+8 directory 131/5@0", "0+8 unknown", RMAP, 1,
	 "0+8 directory 131/5@0!"},
	{"the same again", "0+8 file-data 131/5@100", "0+8 file-data 131/5@100", 0, 1, NULL},
	{"what moved within the file is the same loss", "0+8 file-data 131/5@100",
	 "0+8 file-data 131/5@300", 0, 1, NULL},
	{"deleted since: free now, lost for all that", "0+8 file-data 131/5@100", "0+8 free", 0, 1,
	 "0+8 free\n0+8 file-data 131/5@100!"},
	{"somebody else's by now", "0+8 file-data 131/5@100", "0+8 file-data 140/1@0", 0, 1,
	 "0+8 file-data 131/5@100!\n0+8 file-data 140/1@0"},
	{"half of it somebody else's", "0+8 file-data 131/5@100",
	 "0+4 file-data 131/5@100\n4+4 file-data 140/1@0", 0, 1,
	 "0+4 file-data 131/5@100\n4+4 file-data 131/5@104!\n4+4 file-data 140/1@0"},
	{"the inode number was given again: cannot be told apart", "0+8 file-data 131/5@100",
	 "0+8 file-data 131/6@100", 0, 1, NULL},
	{"was free, is used", "0+8 free", "0+8 file-data 131/5@0", 0, 1, NULL},
	{"was unknown", "0+8 unknown", "0+8 unknown", SHUT, 0, NULL},
	{"made anew: what another file system lost is history", "0+8 file-data 131/5@100",
	 "0+8 free", 0, 2, NULL},
	{"carried once, carried on", "0+8 file-data 131/5@100!", "0+8 unknown", GONE, 0,
	 "0+8 file-data 131/5@100!"},
	{"and seen again", "0+8 file-data 131/5@100!", "0+8 file-data 131/5@100", 0, 1, NULL},
	{"metadata has no offset", "0+8 ag-btree", "0+4 ag-btree\n4+4 unknown", SHUT, 1,
	 "0+4 ag-btree\n4+4 ag-btree!"},
};

static void add_file(struct findings *f, uint64_t ino, uint32_t gen)
{
	struct found_file file = {.ino = ino, .gen = gen, .mode = 0100000, .nlink = 1};
	char path[32];

	if (findings_file_by_ino(f, ino))
		return;
	assert_int_equal(findings_add_file(f, &file), 0);
	snprintf(path, sizeof(path), "/mnt/%llu.%u", (unsigned long long)ino, gen);
	assert_int_equal(findings_add_path(f, f->n_files - 1, path), 0);
}

struct line {
	struct finding item;
	uint32_t gen;
};

static size_t parse(const char *text, struct line *lines)
{
	size_t n = 0;

	for (const char *next; *text; text = next) {
		unsigned long long start, len, ino = 0, offset = 0;
		unsigned int gen = 0;
		char kind[32], one[80];
		struct finding *item = &lines[n].item;

		next = strchrnul(text, '\n');
		snprintf(one, sizeof(one), "%.*s", (int)(next - text), text);
		next += *next == '\n';
		assert_true(sscanf(one, "%llu+%llu %31[a-z-] %llu/%u@%llu", &start, &len, kind,
				   &ino, &gen, &offset) >= 3);
		*item = (struct finding){.start = start * 512,
					 .len = len * 512,
					 .ino = ino,
					 .file = FINDING_NO_FILE};
		for (char *end = kind + strlen(kind); end > kind && end[-1] == ' '; end--)
			end[-1] = '\0';
		assert_true(fs_owner_from_token(kind) >= 0);
		item->kind = (uint8_t)fs_owner_from_token(kind);
		item->offset = fs_owner_has_offset(item->kind) ? offset * 512 : 0;
		item->flags = one[strlen(one) - 1] == '!' ? FINDING_EARLIER : 0;
		lines[n++].gen = gen;
	}
	return n;
}

static struct findings *make(const char *text, uint32_t reasons, uint8_t uuid)
{
	struct findings *f;
	struct line lines[8];
	size_t n = parse(text, lines);

	assert_int_equal(findings_new(&f), 0);
	f->device = strdup("pmem0");
	f->reasons = reasons;
	f->geom.block_size = uuid ? 4096 : 0;
	f->geom.uuid[0] = uuid;
	for (unsigned int ino = 0; ino < 1000; ino++) /* files go in by number */
		for (size_t i = 0; i < n; i++)
			if (ino && lines[i].item.ino == ino)
				add_file(f, ino, lines[i].gen);
	for (size_t i = 0; i < n; i++) {
		struct finding item = lines[i].item;

		if (item.ino)
			item.file = (uint32_t)(findings_file_by_ino(f, item.ino) - f->files);
		assert_int_equal(findings_add(f, &item), 0);
		assert_int_equal(rangeset_add(&f->asked, (struct byte_range){item.start, item.len}),
				 0);
	}
	findings_sort(f);
	return f;
}

static char *print(const struct findings *f)
{
	char *text;
	size_t len;
	FILE *out = open_memstream(&text, &len);

	for (size_t i = 0; i < f->n_items; i++) {
		const struct finding *item = &f->items[i];

		fprintf(out, "%s%llu+%llu %s", i ? "\n" : "", (unsigned long long)item->start / 512,
			(unsigned long long)item->len / 512, fs_owner_token(item->kind));
		if (item->ino) {
			const struct found_file *file;
			uint32_t cursor = 0;
			char path[32];

			assert_true(item->file < f->n_files);
			file = &f->files[item->file];
			assert_int_equal(file->ino, item->ino);
			snprintf(path, sizeof(path), "/mnt/%llu.%u", (unsigned long long)item->ino,
				 file->gen);
			assert_string_equal(findings_path_next(f, file, &cursor), path);
			fprintf(out, " %llu/%u@%llu", (unsigned long long)item->ino, file->gen,
				(unsigned long long)item->offset / 512);
		}
		if (item->flags & FINDING_EARLIER)
			fputc('!', out);
	}
	fclose(out);
	return text;
}

static void test_looks(void **state)
{
	for (size_t i = 0; i < ARRAY_SIZE(looks); i++) {
		CLEANUP(findings_freep) struct findings *old = make(looks[i].old, 0, 1);
		CLEANUP(findings_freep)
		struct findings *now = make(looks[i].now, looks[i].reasons, looks[i].uuid);
		CLEANUP(freep) char *got = NULL;
		const struct findings *before = now;

		UNIT_ROW(looks, i, looks[i].what);
		assert_int_equal(carry_over(old, &now), 0);
		assert_int_equal(now == before, !looks[i].want);
		got = print(now);
		assert_string_equal(got, looks[i].want ?: looks[i].now);
		assert_int_equal(now->reasons, looks[i].reasons);
		assert_string_equal(now->device, "pmem0");
	}
}

/* Lost inode blocks carry the files in them; holders of the earlier look are not carried, those of the later are. */
static void test_company(void **state)
{
	CLEANUP(findings_freep) struct findings *old = make("0+8 file-data 300/1@0", 0, 1);
	CLEANUP(findings_freep)
	struct findings *now = make("0+8 unknown\n8+8 file-data 299/4@0\n16+8 unknown", SHUT, 0);
	struct finding inodes = {.start = 16 * 512,
				 .len = 4096,
				 .offset = 128,
				 .n_inodes = 8,
				 .file = FINDING_NO_FILE,
				 .kind = FS_OWNER_INODES};
	struct found_file in_block = {.ino = 400, .flags = FOUND_FILE_IN_LOST_CLUSTER};
	struct found_holder holder = {.file = 0, .pid = 7, .comm = "reader"};
	size_t n;

	/* number 400 is outside of the block, 300 has other losses only */
	assert_int_equal(findings_add_file(old, &in_block), 0);
	inodes.offset = 396;
	assert_int_equal(findings_add(old, &inodes), 0);
	assert_int_equal(rangeset_add(&old->asked, (struct byte_range){16 * 512, 4096}), 0);
	findings_sort(old);
	old->geom.block_size = 0; /* not clipped, so nothing is computed from it */
	assert_int_equal(findings_add_holder(old, &holder), 0);
	assert_int_equal(findings_add_holder(now, &holder), 0);

	assert_int_equal(carry_over(old, &now), 0);
	assert_int_equal(now->n_files, 3);
	assert_int_equal(now->files[0].ino, 299);
	assert_int_equal(now->files[1].ino, 300);
	assert_int_equal(now->files[2].ino, 400);
	assert_true(now->files[2].flags & FOUND_FILE_IN_LOST_CLUSTER);
	assert_non_null(findings_holders(now, 0, &n));
	assert_int_equal(n, 1);
	findings_holders(now, 1, &n);
	assert_int_equal(n, 0);
	assert_int_equal(now->items[2].kind, FS_OWNER_INODES);
	assert_int_equal(now->items[2].offset, 396);
	assert_int_equal(now->items[2].n_inodes, 8);
}

/*
 * Read off the device a file has fewer names, or such as no mount shows: those known before
 * are its own while it is the same.
 */
static void test_names(void **state)
{
	const uint32_t some = FOUND_FILE_PATHS | FOUND_FILE_NO_PATH;
	const struct {
		const char *now;
		bool offline, mounted;
		uint32_t flags, n;
		bool earlier;
	} rows[] = {
		{"0+8 file-data 131/5@100", true, true, 0, 2, true},
		{"0+8 file-data 131/6@100", true, true, 0, 1, false},
		{"0+8 file-data 131/5@100", true, true, FOUND_FILE_PATHS, 1, false},
		{"0+8 file-data 131/5@100", true, true, some, 2, true},
		{"0+8 file-data 131/5@100", true, false, FOUND_FILE_PATHS, 2, true},
		{"0+8 file-data 131/6@100", true, false, FOUND_FILE_PATHS, 1, false},
		{"0+8 file-data 131/5@100", false, true, 0, 1, false},
	};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		CLEANUP(findings_freep)
		struct findings *old = make("0+8 file-data 131/5@100", 0, 1);
		CLEANUP(findings_freep)
		struct findings *now = make(rows[i].now, rows[i].offline ? SHUT : 0, 1);

		UNIT_ROW(rows, i, rows[i].now);
		old->mountpoint = strdup("/mnt");
		now->mountpoint = rows[i].mounted ? strdup("/mnt") : NULL;
		now->offline = rows[i].offline;
		assert_int_equal(findings_add_path(old, 0, "/mnt/link"), 0);
		old->files[0].flags |= FOUND_FILE_PATHS;
		now->files[0].flags |= rows[i].flags;
		assert_int_equal(carry_over(old, &now), 0);
		assert_int_equal(now->n_items, 1);
		assert_int_equal(now->files[0].n_paths, rows[i].n);
		assert_int_equal(now->files[0].flags & some,
				 rows[i].earlier ? FOUND_FILE_PATHS : rows[i].flags & some);
		assert_int_equal(now->items[0].flags & FINDING_EARLIER, 0);
	}
}

/* The earlier record was cut: its totals go on, and what is new is unknown. */
static void test_truncated(void **state)
{
	CLEANUP(findings_freep) struct findings *old = make("0+8 file-data 300/1@0", 0, 1);
	CLEANUP(findings_freep) struct findings *now = make("0+32 unknown", SHUT, 0);
	struct findings_summary summary;

	old->whole = calloc(1, sizeof(*old->whole));
	*old->whole = (struct findings_summary){
		.data_bytes = 16 * 512, .n_data_files = 2, .worst = IMPACT_DATA};
	rangeset_clear(&old->asked);
	assert_int_equal(rangeset_add(&old->asked, (struct byte_range){0, 16 * 512}), 0);
	findings_add_reason(old, REASON_TRUNCATED);

	assert_int_equal(carry_over(old, &now), 0);
	assert_int_equal(now->reasons, SHUT | 1u << REASON_TRUNCATED);
	assert_int_equal(findings_summarise(now, &summary), 0);
	assert_int_equal(summary.data_bytes, 16 * 512);
	assert_int_equal(summary.unknown_bytes, 16 * 512);
	assert_int_equal(summary.n_data_files, 2);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_looks),
		cmocka_unit_test(test_company),
		cmocka_unit_test(test_names),
		cmocka_unit_test(test_truncated),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
