/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The order is the order of the questions of somebody who has been woken up:
 * what is lost? what is not? who uses it? what would make it worse? Each answer is a
 * section; one that has nothing to say is left out, except "Lost", where silence
 * would be read as "nothing".
 *
 * Victims, not ranges: a file of a thousand bad extents is one line. Long lists end
 * with how many more there are and where to see them.
 */
#include <errno.h>
#include <inttypes.h>
#include <string.h>
#include "advice.h"
#include "cleanup.h"
#include "out_findings.h"
#include "out_findings_users.h"
#include "words.h"

#define WHERE_MAX  4  /* ranges */
#define HITS_MAX   20 /* victims a section lists */
#define NAMES_MAX  4  /* further names of a file */
#define INODES_MAX 64 /* files of a lost inode block: what one block can hold */
#define NAME_WIDTH 40 /* names are padded to the longest, up to this */

void out_findings_where(struct section *s, const char *device, const struct rangeset *ranges,
			const struct place *place)
{
	uint64_t rest = 0, address;

	for (size_t i = 0; i < ranges->n; i++) {
		struct byte_range r = ranges->ranges[i];

		if (i >= WHERE_MAX) {
			rest += r.len;
			continue;
		}
		section_start_line(s);
		words_raw(s->out, device);
		fprintf(s->out, ", byte%s %" PRIu64, PLURAL(r.len), r.start);
		if (r.len > 1)
			fprintf(s->out, "-%" PRIu64, range_end(r) - 1);
		if (r.start % SECTOR_SIZE == 0 && r.len % SECTOR_SIZE == 0)
			fprintf(s->out, " (sector%s %" PRIu64 "+%" PRIu64 ")",
				PLURAL(r.len / SECTOR_SIZE), r.start / SECTOR_SIZE,
				r.len / SECTOR_SIZE);
		if (place && place_address(place, r.start, &address))
			fprintf(s->out, ", address %#" PRIx64, address);
		fputc('\n', s->out);
	}
	if (ranges->n > WHERE_MAX)
		section_line(s, "and %zu more range%s, %" PRIu64 " bytes", ranges->n - WHERE_MAX,
			     PLURAL(ranges->n - WHERE_MAX), rest);
}

void out_findings_place(struct section *s, const struct place *place)
{
	const char *names[PLACE_DIMMS_MAX];
	size_t n;

	if (!place)
		return;
	n = place_dimms(place, names);
	section_start_line(s);
	if (*place->ns) {
		words_raw(s->out, place->ns);
		fputs(", ", s->out);
	}
	words_raw(s->out, place->region);
	for (size_t i = 0; i < n; i++) {
		fputs(i ? ", " : n > 1 ? ", DIMMs " : ", DIMM ", s->out);
		words_raw(s->out, names[i]);
	}
	fputc('\n', s->out);
}

/* Names that lead through /proc last as long as that process. */
static void say_elsewhere(struct section *s, const struct elsewhere *elsewhere)
{
	section_start_line(s);
	fputs("mounted only inside ", s->out);
	if (elsewhere->container) {
		out_findings_container(s->out, elsewhere->kind, elsewhere->container);
		fputs(", ", s->out);
	}
	if (elsewhere->unit) {
		words_raw(s->out, elsewhere->unit);
		fputs(", ", s->out);
	}
	words_raw(s->out, *elsewhere->comm ? elsewhere->comm : "(gone)");
	fprintf(s->out, ", pid %d: there on ", (int)elsewhere->pid);
	words_raw(s->out, elsewhere->path);
	fputc('\n', s->out);
}

void out_findings_filesystem(struct section *s, const struct findings *f)
{
	if (f->through) {
		section_start_line(s);
		fputs("through ", s->out);
		words_raw(s->out, f->through->devices);
		fputc('\n', s->out);
	}
	if (!f->fs_type)
		return;
	section_start_line(s);
	words_raw(s->out, f->fs_type);
	fputs(f->mountpoint ? " on " : ", not mounted", s->out);
	if (f->mountpoint)
		words_raw(s->out, f->mountpoint);
	fputs(f->offline ? ": read off the device\n" : "\n", s->out);
	if (f->mountpoint && f->elsewhere)
		say_elsewhere(s, f->elsewhere);
	if (f->offline && !f->mountpoint && f->n_files)
		section_line(s, "names begin at the filesystem's root");
}

static void say_other_names(struct section *s, const struct findings *f, uint32_t file)
{
	uint32_t cursor = 0, n = 0;
	const char *path;

	if (!words_other_names(f, file))
		return;
	findings_path_next(f, &f->files[file], &cursor);
	while ((path = findings_path_next(f, &f->files[file], &cursor)) && n++ < NAMES_MAX) {
		section_start_line(s);
		fputs("  also named ", s->out);
		words_raw(s->out, path);
		fputc('\n', s->out);
	}
	if (words_other_names(f, file) > NAMES_MAX)
		section_line(s, "  and by %u more names", words_other_names(f, file) - NAMES_MAX);
}

static int file_name(const struct findings *f, uint32_t file, uint64_t ino, char **ret)
{
	CLEANUP(freep) char *name = NULL;
	size_t len = 0;
	FILE *stream = open_memstream(&name, &len);

	if (!stream)
		return -ENOMEM;
	words_file(stream, f, file, ino);
	if (fclose(stream) || !name)
		return -ENOMEM;
	*ret = steal(name);
	return 0;
}

/* How wide the names of these hits are, so that what follows stands in a column. */
static int name_width(const struct findings *f, const struct hits *hits, unsigned int impacts,
		      int *ret)
{
	int width = 0;

	for (size_t i = 0, listed = 0; i < hits->n && listed < HITS_MAX; i++) {
		const struct hit *hit = &hits->items[i];
		CLEANUP(freep) char *name = NULL;
		int r;

		if (!(impacts & 1u << hit->impact))
			continue;
		listed++;
		if (!hit->ino)
			continue;
		r = file_name(f, hit->file, hit->ino, &name);
		if (r)
			return r;
		if (strlen(name) <= NAME_WIDTH && (int)strlen(name) > width)
			width = (int)strlen(name);
	}
	*ret = width;
	return 0;
}

static int start_file_line(struct section *s, const struct findings *f, const struct hit *hit,
			   int width)
{
	CLEANUP(freep) char *name = NULL;
	int r = file_name(f, hit->file, hit->ino, &name);

	if (r)
		return r;
	section_start_line(s);
	fprintf(s->out, "%-*s  ", width, name);
	return 0;
}

static int say_data(struct section *s, const struct findings *f, const struct hits *hits,
		    const struct hit *hit, int width)
{
	int r = start_file_line(s, f, hit, width);

	if (r)
		return r;
	words_hit_bytes(s->out, f, hits, hit);
	if (hit->same_block)
		fputs(" (same block, reflink)", s->out);
	fputc('\n', s->out);
	say_other_names(s, f, hit->file);
	return 0;
}

/* The files whose inodes lay in lost inode blocks. */
static void say_lost_inodes(struct section *s, const struct findings *f)
{
	size_t listed = 0, more = 0;

	for (size_t i = 0; i < f->n_files; i++) {
		if (!(f->files[i].flags & FOUND_FILE_IN_LOST_CLUSTER))
			continue;
		if (listed++ >= INODES_MAX) {
			more++;
			continue;
		}
		section_start_line(s);
		words_file(s->out, f, (uint32_t)i, 0);
		if (f->files[i].n_paths)
			fprintf(s->out, " (inode %" PRIu64 ")", f->files[i].ino);
		fputc('\n', s->out);
		say_other_names(s, f, (uint32_t)i);
	}
	if (more)
		section_line(s, "and %zu more file%s", more, PLURAL(more));
}

static int say_hit(struct section *s, const struct findings *f, const struct hits *hits,
		   const struct hit *hit, int width)
{
	const char *says = finding_says(&f->items[hits->order[hit->first]]);
	int r = 0;

	if (hit->impact == IMPACT_DATA)
		return say_data(s, f, hits, hit, width);
	if (hit->ino) {
		r = start_file_line(s, f, hit, width);
		if (r)
			return r;
		fprintf(s->out, "%s\n", hits_kind_says((enum fs_owner_kind)hit->kind));
		section_say(s, 2, "  %" PRIu64 " bytes: %s", hit->bytes, says);
	} else {
		section_say(s, 2, "%" PRIu64 " bytes: %s", hit->bytes, says);
	}
	return r;
}

/* All hits of these impacts, the first of many. */
static int say_hits(struct section *s, const struct findings *f, const struct hits *hits,
		    unsigned int impacts)
{
	size_t listed = 0, more = 0;
	bool inodes = false;
	int width = 0, r;

	r = name_width(f, hits, impacts, &width);
	if (r)
		return r;
	for (size_t i = 0; i < hits->n; i++) {
		const struct hit *hit = &hits->items[i];

		if (!(impacts & 1u << hit->impact))
			continue;
		inodes = inodes || hit->kind == FS_OWNER_INODES;
		if (listed++ >= HITS_MAX) {
			more++;
			continue;
		}
		r = say_hit(s, f, hits, hit, width);
		if (r)
			return r;
	}
	if (more)
		section_line(s, "and %zu more (all of them: --json)", more);
	if (inodes && impacts & 1u << IMPACT_METADATA)
		say_lost_inodes(s, f);
	return 0;
}

static void say_not_lost(struct section *s, const struct findings *f,
			 const struct findings_summary *summary, uint32_t reasons)
{
	/* reasons that leave open only what the victims are called */
	const uint32_t names_only = 1u << REASON_NO_PATHS | 1u << REASON_PATHS_OUTSIDE;
	bool asked = f->geom.block_size && !(f->geom.features & FSGEOM_RMAPBT);
	const char *source = asked ? "every file was asked" : "reverse map complete";
	const char *what = "all data, all metadata";

	if (summary->data_bytes && summary->metadata_bytes)
		what = "all other data and metadata";
	else if (summary->data_bytes)
		what = "all other data, all metadata";
	else if (summary->metadata_bytes)
		what = "all other metadata; file contents as said above";
	section_begin(s, "Not lost", false);
	if (reasons & ~names_only)
		section_line(s, "not certain: see Unknown");
	else
		section_line(s, "%s (%s)", what, source);
}

void out_findings_reasons(struct section *s, uint32_t reasons, const char *detail)
{
	for (unsigned int i = 0; i < REASON_N; i++) {
		if (!(reasons & 1u << i))
			continue;
		section_say(s, 0, "%s %s", reason_says((enum reason)i),
			    (i == REASON_NOT_XFS || i == REASON_UNRESOLVED_LAYER) &&
					    advice_for(detail)
				    ? ""
				    : reason_remedy((enum reason)i));
	}
	if (reasons && detail) {
		section_start_line(s);
		fputs("What it is about: ", s->out);
		words_raw(s->out, detail);
		fputc('\n', s->out);
		if (advice_for(detail))
			section_say(s, 0, "What to do: %s.", advice_for(detail));
	}
}

int out_findings_careful(struct section *s, const struct findings *f,
			 const struct findings_summary *summary)
{
	CLEANUP(hits_deinit) struct hits hits = HITS_NULL;
	bool copies = false, data, earlier = false;
	int r;

	r = hits_group(f, &hits);
	if (r)
		return r;
	data = hits.n_impact[IMPACT_DATA];
	for (size_t i = 0; i < hits.n; i++)
		copies = copies || hits.items[i].same_block;
	for (size_t i = 0; i < f->n_items; i++)
		earlier = earlier || f->items[i].flags & FINDING_EARLIER;

	section_begin(s, "Careful", true);
	if (earlier)
		section_say(s, 0,
			    "Some of this was found by an earlier look: the filesystem cannot be "
			    "asked about it now, or the blocks have changed hands since.");
	if (copies)
		section_say(s, 0, "A reflink copy is no backup: it is the same block.");
	if (data)
		section_say(s, 0,
			    "Deleting %s does not clear the error: the bad block becomes free "
			    "space, and the next file may get it.",
			    hits.n_impact[IMPACT_DATA] > 1 ? "these files" : "the file");
	if (summary->metadata_bytes)
		section_say(s, 0,
			    "The filesystem may shut itself down when it meets a lost metadata "
			    "block. Copy off what matters while it can be read.");
	if (summary->unknown_bytes)
		section_say(s, 0, "Not known is not the same as not lost.");
	return 0;
}

int out_findings_body(struct section *s, const struct findings *f,
		      const struct findings_summary *summary, uint32_t reasons)
{
	CLEANUP(hits_deinit) struct hits hits = HITS_NULL;
	int r;

	r = hits_group(f, &hits);
	if (r)
		return r;

	section_begin(s, "Lost", true);
	r = say_hits(s, f, &hits, 1u << IMPACT_DATA | 1u << IMPACT_METADATA);
	if (r)
		return r;
	if (s->label) /* nothing was said */
		section_line(s, summary->unknown_bytes || reasons ? "nothing that is known"
								  : "nothing");
	say_not_lost(s, f, summary, reasons);

	section_begin(s, "At risk", false);
	r = say_hits(s, f, &hits, 1u << IMPACT_NOTHING);
	if (r)
		return r;

	section_begin(s, "Unknown", true);
	r = say_hits(s, f, &hits, 1u << IMPACT_UNKNOWN);
	if (r)
		return r;
	out_findings_reasons(s, reasons, f->detail);

	return out_findings_users(s, f, &hits);
}
