/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef PMEMRASCTL_WORDS_H
#define PMEMRASCTL_WORDS_H

/*
 * Small pieces of text that several commands say alike. Names from outside
 * are escaped here; each function writes to @out and adds no newline.
 */
#include <stdio.h>
#include "findings.h"
#include "hits.h"

/* Escaped for the terminal; NULL prints "-". */
void words_raw(FILE *out, const char *raw);
/* As a word of a shell command: quoted only where it must be. */
void words_quoted(FILE *out, const char *raw);

/*
 * "DATA LOST", "METADATA LOST", "DATA AND METADATA LOST", "NOT KNOWN", "NOTHING LOST". With reasons
 * for an incomplete answer it is never the last.
 */
const char *words_verdict(const struct findings_summary *summary, uint32_t reasons);
/*
 * "512 bytes of file data lost", "512 bytes: what they held is not known", "nothing lost"; with
 * @reasons for an incomplete answer "nothing known to be lost".
 */
void words_loss(FILE *out, const struct findings_summary *summary, uint32_t reasons);

/* The first path of a file, or its inode number and why it has none. */
void words_file(FILE *out, const struct findings *f, uint32_t file, uint64_t ino);
/* Its other names: how many beyond the first. */
uint32_t words_other_names(const struct findings *f, uint32_t file);

/* "bytes 0-511, 4096-8191 and 3 more ranges": where in the file a hit is. */
void words_hit_bytes(FILE *out, const struct findings *f, const struct hits *hits,
		     const struct hit *hit);

/* What was hit, on one line: "/srv/db/orders.ibd, 1 reflink copy; in use". */
int words_what(FILE *out, const struct findings *f);

/* "1 file", "2 files" */
#define PLURAL(n) ((n) == 1 ? "" : "s")

#endif
