/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Holds conversations with the locator: see talk.h. */
#include "unit.h"
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include "locator.h"
#include "talk.h"

const struct fsgeom talk_geom = {
	.block_size = 4096,
	.sector_size = 512,
	.inode_size = 512,
	.ag_blocks = 1000,
	.ag_count = 4,
	.data_blocks = 3900,
	.features = FSGEOM_RMAPBT | FSGEOM_REFLINK,
	.log = {4096000 + 500 * 4096, 100 * 4096},
};

static const struct {
	const char *name;
	uint64_t code;
} owners[] = {
	{"free", 1},
	{"unknown", 2},
	{"fs", 0x58ull << 32 | 1},
	{"log", 0x58ull << 32 | 2},
	{"ag", 0x58ull << 32 | 3},
	{"inobt", 0x58ull << 32 | 4},
	{"inodes", 0x58ull << 32 | 5},
	{"refc", 0x58ull << 32 | 6},
	{"cow", 0x58ull << 32 | 7},
	{"defective", 0x58ull << 32 | 8},
};

/* What a conversation has put out so far. */
struct output {
	char text[4096];
	size_t used;
};

static void __attribute__((format(printf, 2, 3))) put(struct output *out, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	out->used += (size_t)vsnprintf(out->text + out->used, sizeof(out->text) - out->used, format,
				       args);
	va_end(args);
	assert_true(out->used < sizeof(out->text));
}

static struct byte_range scan_range(const char *text)
{
	unsigned long long start, end;

	assert_int_equal(sscanf(text, "%llu-%llu", &start, &end), 2);
	return (struct byte_range){start, end - start};
}

static void say_record(struct locator *l, struct byte_range query, const char *text)
{
	struct fsmap_rec rec = {.phys = scan_range(text)};
	char owner[32], flags[8] = "";
	unsigned long long offset;

	assert_true(sscanf(text, "%*s %31s %llu %7s", owner, &offset, flags) >= 2);
	rec.owner = strtoull(owner, NULL, 10);
	rec.offset = offset;
	for (size_t i = 0; i < ARRAY_SIZE(owners); i++) {
		if (!strcmp(owner, owners[i].name)) {
			rec.owner = owners[i].code;
			rec.flags = FSMAP_SPECIAL;
		}
	}
	assert_true(rec.owner);
	rec.flags |= strchr(flags, 'p') ? FSMAP_PREALLOC : 0;
	rec.flags |= strchr(flags, 'a') ? FSMAP_ATTR_FORK : 0;
	rec.flags |= strchr(flags, 'm') ? FSMAP_EXTENT_MAP : 0;
	rec.flags |= strchr(flags, 's') ? FSMAP_SHARED : 0;
	assert_int_equal(locator_add_record(l, query, &rec), 0);
}

static void say_inode(struct locator *l, const char *text)
{
	unsigned long long ino, size;
	struct found_file file = {.gen = 5};
	char type[8];

	assert_int_equal(sscanf(text, "%llu %7s %llu %u", &ino, type, &size, &file.nlink), 4);
	file.ino = ino;
	file.size = size;
	if (!strcmp(type, "lost"))
		file.flags = FOUND_FILE_UNREADABLE;
	else if (!strcmp(type, "own"))
		file.flags = FOUND_FILE_INTERNAL;
	else if (!strcmp(type, "dir"))
		file.mode = S_IFDIR | 0755;
	else if (!strcmp(type, "lnk"))
		file.mode = S_IFLNK | 0777;
	else if (!strcmp(type, "chr"))
		file.mode = S_IFCHR | 0600;
	else
		file.mode = S_IFREG | 0644;
	assert_int_equal(locator_add_inode(l, &file), 0);
}

static void say_path(struct findings *f, const char *text, bool found)
{
	struct found_file *file = findings_file_by_ino(f, strtoull(text, NULL, 10));

	assert_non_null(file);
	file->flags |= FOUND_FILE_PATHS;
	if (found)
		assert_int_equal(
			findings_add_path(f, (size_t)(file - f->files), strchr(text, ' ') + 1), 0);
}

static void say_wanted(struct locator *l, struct output *out)
{
	const uint64_t *wanted;
	size_t n;

	assert_int_equal(locator_wanted(l, &wanted, &n), 0);
	put(out, "wanted");
	for (size_t i = 0; i < n; i++)
		put(out, " %llu", (unsigned long long)wanted[i]);
	put(out, "\n");
}

static bool is_word(const char **line, const char *word)
{
	size_t n = strlen(word);

	if (strncmp(*line, word, n) || ((*line)[n] && (*line)[n] != ' '))
		return false;
	*line += n + ((*line)[n] == ' ');
	return true;
}

static void say(struct locator *l, struct byte_range *query, const char *line, struct output *out)
{
	unsigned long long first, count;

	if (is_word(&line, "query")) {
		*query = scan_range(line);
	} else if (is_word(&line, "rec")) {
		say_record(l, *query, line);
	} else if (is_word(&line, "inode")) {
		say_inode(l, line);
	} else if (is_word(&line, "unreadable")) {
		assert_int_equal(sscanf(line, "%llu %llu", &first, &count), 2);
		assert_int_equal(locator_inodes_unreadable(l, first, count), 0);
	} else if (is_word(&line, "path")) {
		say_path(l->findings, line, true);
	} else if (is_word(&line, "nopath")) {
		say_path(l->findings, line, false);
	} else if (is_word(&line, "wanted")) {
		say_wanted(l, out);
	} else if (is_word(&line, "reason")) {
		assert_true(reason_from_token(line) >= 0);
		findings_add_reason(l->findings, reason_from_token(line));
	} else {
		assert_true(is_word(&line, "bad"));
	}
}

static void put_flags(struct output *out, unsigned int flags, const char *const *names)
{
	for (unsigned int bit = 0; names[bit]; bit++)
		if (flags & 1u << bit && *names[bit])
			put(out, " %s", names[bit]);
}

static void put_findings(struct output *out, const struct findings *f)
{
	static const char *const item_flags[] = {"shared",  "unwritten",  "past-eof", "unused",
						 "primary", "unreadable", NULL};
	static const char *const file_flags[] = {
		"vanished",        "deleted",    "",         "no-path",
		"in-lost-cluster", "unreadable", "internal", NULL};

	for (size_t i = 0; i < f->n_items; i++) {
		const struct finding *item = &f->items[i];

		put(out, "%llu-%llu %s", (unsigned long long)item->start,
		    (unsigned long long)(item->start + item->len), fs_owner_token(item->kind));
		if (fs_owner_is_file(item->kind)) {
			put(out, " %llu@%llu", (unsigned long long)item->ino,
			    (unsigned long long)item->offset);
			assert_int_equal(f->files[item->file].ino, item->ino);
		} else {
			assert_int_equal(item->file, FINDING_NO_FILE);
			assert_int_equal(item->ino, 0);
		}
		if (item->kind == FS_OWNER_INODES)
			put(out, " %llu+%u", (unsigned long long)item->offset, item->n_inodes);
		put_flags(out, item->flags, item_flags);
		put(out, "\n");
	}
	for (size_t i = 0; i < f->n_files; i++) {
		uint32_t cursor = 0;
		const char *path;

		put(out, "file %llu", (unsigned long long)f->files[i].ino);
		put_flags(out, f->files[i].flags, file_flags);
		while ((path = findings_path_next(f, &f->files[i], &cursor)))
			put(out, " %s", path);
		put(out, "\n");
	}
	for (int i = 0; i < REASON_N; i++)
		if (f->reasons & 1u << i)
			put(out, "reason %s\n", reason_token(i));
	if (!f->reasons)
		put(out, "complete\n");
}

static void hold(const struct talk *talk, struct output *out)
{
	CLEANUP(findings_freep) struct findings *f = NULL;
	CLEANUP(rangeset_deinit) struct rangeset bad = RANGESET_NULL;
	CLEANUP(locator_deinit) struct locator l = LOCATOR_NULL;
	struct byte_range query = {0, UINT64_MAX};
	char said[2048], *line, *rest = said;

	assert_true(strlen(talk->said) < sizeof(said));
	for (const char *at = talk->said; (at = strstr(at, "bad ")); at++)
		assert_int_equal(rangeset_add(&bad, scan_range(at + 4)), 0);
	assert_int_equal(locator_init(&l, &bad, &talk_geom), 0);
	strcpy(said, talk->said);
	while ((line = strsep(&rest, "\n")))
		if (*line)
			say(&l, &query, line, out);
	assert_int_equal(locator_finish(&l, &f), 0);
	assert_true(rangeset_equal(&f->asked, &bad));
	put_findings(out, f);
}

void talk_hold(const struct talk *talks, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		struct output out = {.used = 0};

		UNIT_ROW(talks, i, talks[i].what);
		hold(&talks[i], &out);
		assert_string_equal(out.text, talks[i].found);
	}
}
