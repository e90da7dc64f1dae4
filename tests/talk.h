/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef PMEMRAS_TALK_H
#define PMEMRAS_TALK_H

/*
 * The locator, as conversations: what was bad, what the kernel said, what must
 * come out. One line a step; all numbers are bytes or inode numbers.
 *
 * - bad A-B: asked
 * - query A-B: what the records that follow were asked with; at first everything
 * - rec A-B OWNER OFFSET [FLAGS]: a record; OWNER is an inode number or a name (free, fs, log …),
 *   FLAGS of p: preallocated, a: attribute fork, m: extent map, s: shared
 * - wanted: the list so far is put out
 * - inode INO TYPE SIZE LINKS: a look at an inode; TYPE is reg, dir, lnk, chr, lost (unreadable)
 *   or own (the filesystem's)
 * - unreadable INO N: nobody can tell about N numbers from INO on
 * - path INO TEXT: the inode's names were looked for, and this one was found
 * - nopath INO: they were looked for, and none was found
 * - reason TOKEN: the caller's own
 */
#include "fsgeom.h"

struct talk {
	const char *what;
	const char *said;
	const char *found; /* "wanted" lines, findings, files, reasons or "complete" */
};

/*
 * What all conversations are about. 4 KiB blocks, 512 B sectors and inodes; AGs of 1000 blocks
 * (10 bits), 4096000 bytes; inode number = AG << 13 | byte in the AG / 512. The log lies in
 * AG 1; the last AG is short: the filesystem ends at 15974400.
 */
extern const struct fsgeom talk_geom;

/* Fails the test at the first one that ends otherwise. */
void talk_hold(const struct talk *talks, size_t n);

#endif
