/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef PMEMRAS_FINDINGS_HOLDERS_H
#define PMEMRAS_FINDINGS_HOLDERS_H

/*
 * Who uses the files of an answer, or the device itself: processes, what they have mapped, and where they
 * belong. A process that uses several files has an entry for each. Texts are kept once for all that share them.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>
#include "cgroup.h"
#include "range.h"

struct findings;

#define HOLDER_OPEN       0x1u /* has a descriptor of it */
#define HOLDER_OPEN_READ  0x2u /* … that can be read from */
#define HOLDER_OPEN_WRITE 0x4u /* … that can be written to */
#define HOLDER_UID        0x8u /* @uid is known */
#define HOLDER_EARLY                                                                               \
	0x10u /* a memory failure under a mapping kills at once (PR_MCE_KILL, or the default) */
#define HOLDER_EARLY_KNOWN 0x20u /* else nothing is known about that */

struct found_holder {
	uint32_t file; /* index into files; FINDING_NO_FILE: it uses the device itself */
	pid_t pid;
	bool mapped;                /* has it mapped, some of it */
	char comm[16];              /* NUL-terminated, any bytes */
	uint32_t flags;             /* HOLDER_* */
	uint32_t uid;               /* effective */
	uint32_t home;              /* findings_add_home(); 0: not known */
	uint32_t first_map, n_maps; /* of the findings' maps; internal: findings_holder_maps() */
};

/* A part of the file that a process has mapped. */
struct found_map {
	struct byte_range range; /* bytes of the file */
	uint32_t perms;          /* MAPSLINE_*, mapsline.h */
};

/* Where a process belongs. Texts lent, any bytes, NULL where not known. */
struct holder_home {
	const char *user;                                 /* its name */
	const char *unit, *user_unit, *slice, *container; /* as in cgroup.h */
	enum cgroup_container kind;
};

struct found_home; /* internal */

/*
 * One process and file, one entry: of several all that any of them has. @holder->home is of @f;
 * @maps (n_maps of them) are copied, neighbours that are alike become one. -ENOMEM, nothing changed.
 */
int findings_add_holder_maps(struct findings *f, const struct found_holder *holder,
			     const struct found_map *maps, size_t n_maps);
/* As above, without any. */
int findings_add_holder(struct findings *f, const struct found_holder *holder);
/* A holder of @from, as one of file @file of @to. -ENOMEM. */
int findings_copy_holder(struct findings *to, uint32_t file, const struct findings *from,
			 const struct found_holder *holder);
/* The holders of a file: the first, and how many. */
const struct found_holder *findings_holders(const struct findings *f, uint32_t file, size_t *ret_n);

/* By offset; where a process maps bytes several times they are in several. */
const struct found_map *findings_holder_maps(const struct findings *f,
					     const struct found_holder *holder, size_t *ret_n);
/* How many of these bytes of the file a process has mapped. */
uint64_t findings_holder_overlap(const struct findings *f, const struct found_holder *holder,
				 struct byte_range bytes);

/* @ret: for found_holder.home; 0 where nothing is known. -ENOMEM. */
int findings_add_home(struct findings *f, const struct holder_home *home, uint32_t *ret);
/* Texts are @f's, until something is added. All NULL for home 0. */
void findings_home(const struct findings *f, uint32_t home, struct holder_home *ret);

#endif
