/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * One wording for one thing, wherever it is said: in status, list, show,
 * locate or watch. Whoever learns it in one place finds it in the others.
 */
#include <ctype.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include "cleanup.h"
#include "escape.h"
#include "words.h"

#define RANGES_SAID 3

void words_raw(FILE *out, const char *raw)
{
	CLEANUP(freep) char *text = NULL;

	if (!raw)
		fputc('-', out);
	else if (escape_terminal(raw, &text))
		fputs("(no memory for the name)", out);
	else
		fputs(text, out);
}

/*
 * In plain quotes every byte stands for itself, but an escaped name does not:
 * where the terminal could not show the name raw, bash's $'…' says it in escapes.
 */
void words_quoted(FILE *out, const char *raw)
{
	CLEANUP(freep) char *shown = NULL;
	static const char safe[] = "+,-./:=@^_%~";
	size_t i, len = strlen(raw);
	bool as_is = len && raw[0] != '~' && raw[0] != '-', escapes;

	for (i = 0; as_is && i < len; i++)
		as_is = isalnum((unsigned char)raw[i]) || strchr(safe, raw[i]);
	if (as_is) {
		fputs(raw, out);
		return;
	}

	/* a backslash alone is escaped too, yet needs no $'…' */
	escapes = escape_terminal(raw, &shown) != 0;
	for (i = 0; !escapes && shown[i]; i++) {
		if (shown[i] == '\\' && shown[++i] != '\\')
			escapes = true;
	}
	fputs(escapes ? "$'" : "'", out);
	for (i = 0; i < len; i++) {
		unsigned char c = (unsigned char)raw[i];

		if (escapes && (c == '\'' || c == '\\'))
			fprintf(out, "\\%c", c);
		else if (escapes && (c < 0x20 || c >= 0x7f))
			fprintf(out, "\\x%02x", c);
		else if (c == '\'')
			fputs("'\\''", out);
		else
			fputc(c, out);
	}
	fputc('\'', out);
}

const char *words_verdict(const struct findings_summary *summary, uint32_t reasons)
{
	if (summary->data_bytes && summary->metadata_bytes)
		return "DATA AND METADATA LOST";
	if (summary->data_bytes)
		return "DATA LOST";
	if (summary->metadata_bytes)
		return "METADATA LOST";
	return summary->worst != IMPACT_NOTHING || reasons ? "NOT KNOWN" : "NOTHING LOST";
}

void words_loss(FILE *out, const struct findings_summary *s, uint32_t reasons)
{
	bool lost = s->data_bytes || s->metadata_bytes;

	if (s->data_bytes)
		fprintf(out, "%" PRIu64 " bytes of file data", s->data_bytes);
	if (s->metadata_bytes)
		fprintf(out, "%s%" PRIu64 " bytes of metadata", s->data_bytes ? " and " : "",
			s->metadata_bytes);
	if (lost)
		fputs(" lost", out);
	if (s->unknown_bytes)
		fprintf(out, "%s%" PRIu64 " bytes: what they held is not known", lost ? "; " : "",
			s->unknown_bytes);
	else if (!lost)
		fputs(reasons ? "nothing known to be lost" : "nothing lost", out);
}

void words_file(FILE *out, const struct findings *f, uint32_t file, uint64_t ino)
{
	const struct found_file *found = file < f->n_files ? &f->files[file] : NULL;
	uint32_t cursor = 0, flags = found ? found->flags : 0;
	const char *path = found ? findings_path_next(f, found, &cursor) : NULL;

	if (path)
		return words_raw(out, path);

	fprintf(out, "inode %" PRIu64, ino ? ino : found ? found->ino : 0);
	if (flags & FOUND_FILE_DELETED)
		fputs(" (deleted, not gone yet)", out);
	else if (flags & FOUND_FILE_VANISHED)
		fputs(" (deleted meanwhile)", out);
	else if (flags & FOUND_FILE_INTERNAL)
		fputs(" (the filesystem's own)", out);
	else if (flags & FOUND_FILE_UNREADABLE)
		fputs(" (cannot be read)", out);
	else if (flags & FOUND_FILE_PATHS)
		fputs(" (no name found)", out);
	else
		fputs(" (name not looked for)", out);
}

uint32_t words_other_names(const struct findings *f, uint32_t file)
{
	return file < f->n_files && f->files[file].n_paths ? f->files[file].n_paths - 1 : 0;
}

void words_hit_bytes(FILE *out, const struct findings *f, const struct hits *hits,
		     const struct hit *hit)
{
	size_t said = 0, more = 0;

	for (size_t i = 0; i < hit->n;) {
		const struct finding *item = &f->items[hits->order[hit->first + i]];
		uint64_t start = item->offset, end = item->offset + item->len;

		/* neighbours in the file are one range, wherever they lie on the device */
		for (i++; i < hit->n; i++) {
			item = &f->items[hits->order[hit->first + i]];
			if (item->offset > end)
				break;
			end = item->offset + item->len > end ? item->offset + item->len : end;
		}
		if (said == RANGES_SAID) {
			more++;
			continue;
		}
		fprintf(out, "%s%" PRIu64 "-%" PRIu64, said++ ? ", " : "bytes ", start, end - 1);
	}
	if (more)
		fprintf(out, " and %zu more range%s", more, PLURAL(more));
}

static bool in_use(const struct findings *f, const struct hits *hits)
{
	for (size_t i = 0; i < hits->n; i++) {
		size_t n = 0;

		if (hits->items[i].file < f->n_files)
			findings_holders(f, hits->items[i].file, &n);
		if (n)
			return true;
	}
	return false;
}

/* "inode of /srv/a", "inodes of /srv/a and 7 more files" */
static void say_inodes(FILE *out, const struct findings *f)
{
	size_t n = 0, first = 0;

	for (size_t i = 0; i < f->n_files; i++) {
		if (!(f->files[i].flags & FOUND_FILE_IN_LOST_CLUSTER))
			continue;
		first = n ? first : i;
		n++;
	}
	fprintf(out, "inode%s", n == 1 ? "" : "s");
	if (!n)
		return;
	fputs(" of ", out);
	words_file(out, f, (uint32_t)first, 0);
	if (n > 1)
		fprintf(out, " and %zu more file%s", n - 1, PLURAL(n - 1));
}

int words_what(FILE *out, const struct findings *f)
{
	CLEANUP(hits_deinit) struct hits hits = HITS_NULL;
	size_t copies = 0, others;
	const struct hit *first;
	int r;

	r = hits_group(f, &hits);
	if (r)
		return r;
	if (!hits.n) {
		fputc('-', out);
		return 0;
	}

	first = &hits.items[0];
	for (size_t i = 1; i < hits.n; i++)
		copies += hits.items[i].same_block;
	others = hits.n_impact[first->impact] - 1 - copies;

	if (first->file < f->n_files || first->ino)
		words_file(out, f, first->file, first->ino);
	if (first->impact == IMPACT_UNKNOWN)
		fputs("not known", out);
	else if (first->kind == FS_OWNER_INODES)
		say_inodes(out, f);
	else if (first->impact != IMPACT_DATA)
		fprintf(out, "%s%s", first->file < f->n_files || first->ino ? ": " : "",
			hits_kind_says((enum fs_owner_kind)first->kind));
	if (words_other_names(f, first->file))
		fprintf(out, ", %u hard link%s", words_other_names(f, first->file),
			PLURAL(words_other_names(f, first->file)));
	if (copies)
		fprintf(out, ", %zu reflink cop%s", copies, copies == 1 ? "y" : "ies");
	if (others)
		fprintf(out, ", %zu more", others);
	if (first->impact == IMPACT_DATA && hits.n_impact[IMPACT_METADATA])
		fputs("; metadata too", out);
	if (first->impact != IMPACT_UNKNOWN && hits.n_impact[IMPACT_UNKNOWN])
		fputs("; part not known", out);
	if (in_use(f, &hits))
		fputs("; in use", out);
	return 0;
}
