/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What matters of a process is whether it will meet the damage: one that has the lost bytes mapped comes
 * before one that has other parts mapped or the file merely open. Ids of containers are shortened to
 * the twelve digits that their managers show. Where no file is known, processes use the device itself.
 */
#include "out_findings_users.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>

#include "cleanup.h"
#include "mapsline.h"
#include "words.h"

#define USERS_MAX 12 /* processes */
#define ID_DIGITS 12 /* of a container's 64 */

enum rank { MEETS_DAMAGE, HAS_OTHER_PARTS, HAS_IT_OPEN, RANKS };

static enum rank rank_of(const struct found_holder *holder)
{
	if (holder->mapped)
		return holder->n_maps ? MEETS_DAMAGE : HAS_OTHER_PARTS;
	return HAS_IT_OPEN;
}

static bool lost_data(const struct hits *hits, uint32_t file)
{
	for (size_t i = 0; i < hits->n; i++)
		if (hits->items[i].file == file && hits->items[i].impact == IMPACT_DATA)
			return true;
	return false;
}

void out_findings_container(FILE *out, enum cgroup_container kind, const char *container)
{
	char id[ID_DIGITS + 1];
	size_t len = strlen(container);

	fprintf(out, "%s ", cgroup_container_token(kind));
	if (len == 64 && strspn(container, "0123456789abcdef") == len) {
		memcpy(id, container, ID_DIGITS);
		id[ID_DIGITS] = '\0';
		words_raw(out, id);
	} else {
		words_raw(out, container);
	}
}

void out_findings_home(FILE *out, const struct findings *f, uint32_t at)
{
	struct holder_home home;

	findings_home(f, at, &home);
	if (home.user) {
		fputs(", user ", out);
		words_raw(out, home.user);
	}
	if (home.user_unit) {
		fputs(", ", out);
		words_raw(out, home.user_unit);
		fputs(" of", out);
	}
	if (home.unit) {
		fputs(home.user_unit ? " " : ", ", out);
		words_raw(out, home.unit);
	}
	if (home.container) {
		fputs(", ", out);
		out_findings_container(out, home.kind, home.container);
	}
}

static void say_maps(FILE *out, const struct findings *f, const struct found_holder *holder)
{
	unsigned int shared = 0, own = 0;
	const struct found_map *map;
	size_t n;

	map = findings_holder_maps(f, holder, &n);
	for (; n; n--, map++) {
		if (map->perms & MAPSLINE_SHARED)
			shared |= map->perms | MAPSLINE_SHARED;
		else
			own |= map->perms | MAPSLINE_SHARED; /* that it is there */
	}
	fputs("has lost bytes mapped", out);
	for (int i = 0; i < 2; i++) {
		unsigned int perms = i ? own : shared;

		if (!perms)
			continue;
		fprintf(out, "%s %s, %s", i && shared ? ";" : ",", i ? "private" : "shared",
			perms & MAPSLINE_WRITE  ? "read-write"
			: perms & MAPSLINE_EXEC ? "to execute"
			: perms & MAPSLINE_READ ? "read-only"
						: "no access");
	}
}

static void say_how(FILE *out, const struct findings *f, const struct hits *hits,
		    const struct found_holder *holder)
{
	const char *it = holder->file == FINDING_NO_FILE ? "the device" : "it", *open = "";

	if (holder->n_maps) {
		say_maps(out, f, holder);
		return;
	}
	/* one that was recorded without its user was recorded without its mappings */
	if (holder->mapped && holder->flags & HOLDER_UID &&
	    (holder->file == FINDING_NO_FILE || lost_data(hits, holder->file))) {
		fprintf(out, "has other parts of %s mapped, not the lost bytes", it);
		return;
	}
	if (holder->mapped) {
		fprintf(out, "has %s mapped", it);
		return;
	}
	if (holder->flags & HOLDER_OPEN_WRITE)
		open = holder->flags & HOLDER_OPEN_READ ? ", to read and write" : ", to write";
	else if (holder->flags & HOLDER_OPEN_READ)
		open = ", to read";
	fprintf(out, "has %s open%s", it, open);
}

static int say_user(struct section *s, const struct findings *f, const struct hits *hits,
		    const struct found_holder *holder)
{
	CLEANUP(freep) char *text = NULL;
	struct holder_home home;
	size_t len = 0;
	FILE *out = open_memstream(&text, &len);

	if (!out)
		return -ENOMEM;
	words_raw(out, *holder->comm ? holder->comm : "(gone)");
	fprintf(out, ", pid %d", (int)holder->pid);
	findings_home(f, holder->home, &home);
	if (!home.user && holder->flags & HOLDER_UID)
		fprintf(out, ", uid %" PRIu32, holder->uid);
	out_findings_home(out, f, holder->home);
	fputs(": ", out);
	say_how(out, f, hits, holder);
	if (f->place && holder->mapped && holder->flags & HOLDER_EARLY)
		fputs("; early kill", out);
	if (hits->n > 1 && holder->file < f->n_files) {
		fputs(": ", out);
		words_file(out, f, holder->file, 0);
	}
	if (fclose(out) || !text)
		return -ENOMEM;
	section_say(s, 2, "%s", text);
	return 0;
}

/*
 * What the kernel does to those that have it mapped. Memory failures come from persistent memory alone; of
 * other devices a mapping hears where the page is read.
 */
static void say_signals(struct section *s, const struct findings *f)
{
	size_t mapped = 0, early = 0, late = 0;

	for (size_t i = 0; i < f->n_holders; i++) {
		const struct found_holder *holder = &f->holders[i];

		if (!holder->mapped)
			continue;
		mapped++;
		early += !!(holder->flags & HOLDER_EARLY);
		late += (holder->flags & (HOLDER_EARLY_KNOWN | HOLDER_EARLY)) == HOLDER_EARLY_KNOWN;
	}
	if (!mapped)
		return;
	section_say(s, 0, "Touching lost bytes through a mapping sends SIGBUS.");
	if (!f->place)
		return;
	if (early)
		section_say(s, 0,
			    "Early kill: of a memory failure below a mapping the kernel sends "
			    "SIGBUS at once, before anybody touches it.");
	else if (late == mapped)
		section_say(s, 0,
			    "Nobody asked for early kill (PR_MCE_KILL), so the kernel sends no "
			    "signal before that.");
}

int out_findings_users(struct section *s, const struct findings *f, const struct hits *hits)
{
	size_t listed = 0, more = 0;

	section_begin(s, "In use", true);
	for (int rank = 0; rank < RANKS; rank++) {
		for (size_t i = 0; i < f->n_holders; i++) {
			const struct found_holder *holder = &f->holders[i];
			int r;

			if ((int)rank_of(holder) != rank)
				continue;
			if (listed++ >= USERS_MAX) {
				more++;
				continue;
			}
			r = say_user(s, f, hits, holder);
			if (r)
				return r;
		}
	}
	if (more)
		section_line(s, "and %zu more (all of them: --json)", more);
	say_signals(s, f);
	return 0;
}
