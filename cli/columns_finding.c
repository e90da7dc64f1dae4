/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * One row a finding: a block with several owners has several rows, a file of
 * several extents too. Widths are those of usual contents, for tables that
 * are printed in parts.
 */
#include <inttypes.h>
#include "columns_finding.h"
#include "hits.h"
#include "rangespec.h"
#include "words.h"

#define USERS_MAX 3

static const struct finding *item_of(const void *row)
{
	const struct finding_row *r = row;

	return &r->f->items[r->index];
}

static const struct found_file *file_of(const void *row)
{
	const struct finding_row *r = row;
	uint32_t file = item_of(row)->file;

	return file < r->f->n_files ? &r->f->files[file] : NULL;
}

static void offset(const void *row, FILE *out)
{
	fprintf(out, "%" PRIu64, item_of(row)->start);
}

static void length(const void *row, FILE *out)
{
	fprintf(out, "%" PRIu64, item_of(row)->len);
}

static void range(const void *row, FILE *out)
{
	char buf[RANGESPEC_BUF];

	fputs(rangespec_format((struct byte_range){item_of(row)->start, item_of(row)->len}, buf),
	      out);
}

static void lost(const void *row, FILE *out)
{
	fputs(impact_token(finding_impact(item_of(row))), out);
}

static void owner(const void *row, FILE *out)
{
	fputs(hits_kind_says((enum fs_owner_kind)item_of(row)->kind), out);
}

static void inode(const void *row, FILE *out)
{
	if (item_of(row)->ino)
		fprintf(out, "%" PRIu64, item_of(row)->ino);
	else
		fputc('-', out);
}

static void file_offset(const void *row, FILE *out)
{
	if (fs_owner_has_offset((enum fs_owner_kind)item_of(row)->kind))
		fprintf(out, "%" PRIu64, item_of(row)->offset);
	else
		fputc('-', out);
}

static void path(const void *row, FILE *out)
{
	const struct finding *item = item_of(row);
	const struct finding_row *r = row;
	uint32_t others = words_other_names(r->f, item->file);

	if (item->kind == FS_OWNER_INODES)
		fprintf(out, "inodes %" PRIu64 "-%" PRIu64, item->offset,
			item->offset + (item->n_inodes ? item->n_inodes - 1u : 0));
	else if (item->ino)
		words_file(out, r->f, item->file, item->ino);
	else
		fputc('-', out);
	if (others)
		fprintf(out, " (and %u more name%s)", others, PLURAL(others));
}

static void flags(const void *row, FILE *out)
{
	static const struct {
		unsigned int flag;
		const char *name;
	} names[] = {
		{FINDING_SHARED, "shared"},     {FINDING_UNWRITTEN, "unwritten"},
		{FINDING_PAST_EOF, "past-eof"}, {FINDING_INODES_UNUSED, "unused"},
		{FINDING_PRIMARY, "primary"},   {FINDING_INODES_UNREADABLE, "unreadable"},
		{FINDING_EARLIER, "earlier"},
	};
	const char *comma = "";

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		if (!(item_of(row)->flags & names[i].flag))
			continue;
		fprintf(out, "%s%s", comma, names[i].name);
		comma = ",";
	}
	if (!comma[0])
		fputc('-', out);
}

static void generation(const void *row, FILE *out)
{
	const struct found_file *file = file_of(row);

	if (file && file->mode)
		fprintf(out, "%" PRIu32, file->gen);
	else
		fputc('-', out);
}

static void size(const void *row, FILE *out)
{
	const struct found_file *file = file_of(row);

	if (file && file->mode)
		fprintf(out, "%" PRIu64, file->size);
	else
		fputc('-', out);
}

static void links(const void *row, FILE *out)
{
	const struct found_file *file = file_of(row);

	if (file && file->mode)
		fprintf(out, "%" PRIu32, file->nlink);
	else
		fputc('-', out);
}

static void users(const void *row, FILE *out)
{
	const struct finding_row *r = row;
	size_t n = 0;
	const struct found_holder *holders =
		file_of(row) ? findings_holders(r->f, item_of(row)->file, &n) : NULL;

	if (!n)
		fputc('-', out);
	for (size_t i = 0; i < n && i < USERS_MAX; i++) {
		fputs(i ? ", " : "", out);
		words_raw(out, holders[i].comm);
		fprintf(out, "(%d)", (int)holders[i].pid);
	}
	if (n > USERS_MAX)
		fprintf(out, " and %zu more", n - USERS_MAX);
}

static void says(const void *row, FILE *out)
{
	fputs(finding_says(item_of(row)), out);
}

#define DEFAULT COLUMN_DEFAULT
#define RIGHT   COLUMN_RIGHT

const struct column columns_finding[] = {
	{"OFFSET", "offset", "first byte on the device", DEFAULT | RIGHT, 14, offset},
	{"LENGTH", "length", "bytes", DEFAULT | RIGHT, 10, length},
	{"LOST", "impact", "data, metadata, none, or unknown", DEFAULT, 8, lost},
	{"OWNER", "owner", "what the block is", DEFAULT, 29, owner},
	{"INODE", "ino", "inode number of the owner", DEFAULT | RIGHT, 12, inode},
	{"FILE-OFFSET", "file_offset", "first byte in the owner", DEFAULT | RIGHT, 14, file_offset},
	{"PATH", "paths", "a name of the owner", DEFAULT | COLUMN_WIDE, 0, path},
	{"RANGE", "", "the place as one would type it", 0, 24, range},
	{"FLAGS", "shared", "shared, unwritten, past-eof, unused, primary", 0, 8, flags},
	{"GEN", "gen", "generation of the inode", RIGHT, 10, generation},
	{"SIZE", "size", "bytes of the file", RIGHT, 12, size},
	{"LINKS", "links", "names the file has", RIGHT, 5, links},
	{"USERS", "holders", "processes that have it open or mapped", 0, 0, users},
	{"SAYS", "says", "what the loss means", COLUMN_WIDE, 0, says},
	{0},
};
