/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef PMEMRAS_REPAIR_SALVAGE_H
#define PMEMRAS_REPAIR_SALVAGE_H

/* Copies out what can be read of a damaged file; the file itself is only read. */
#include "repair_look.h"

struct repair_salvaged {
	char *name;           /* of the copy in the directory; the map is NAME.map */
	uint64_t copied;      /* bytes, holes of the file included */
	struct rangeset lost; /* bytes of the file that stayed holes */
	uint64_t unexpected;  /* of these, bytes that are on no list and yet could not be read */
	bool changed;         /* somebody changed the file meanwhile */
};

#define REPAIR_SALVAGED_NULL ((struct repair_salvaged){0})
void repair_salvaged_deinit(struct repair_salvaged *salvaged);

/**
 * repair_salvage() - copy a file into a directory, with a map of what is missing
 * @facts: of @look
 * @fs_fd: the filesystem that the file is on
 * @file:  index into the findings' files
 * @dir:   a directory, open for reading
 * @ret:   repair_salvaged_deinit()
 *
 * Bytes that are known bad are never read. The copy is named as the file, with a number behind it where
 * there is such a name already: nothing is overwritten. Its map (ddrescue's format) is made when all of it
 * is on the medium: a copy without one is not finished.
 *
 * Return: 0; -ESTALE the file is gone; -ENAMETOOLONG; -errno of reading or writing.
 */
int repair_salvage(const struct repair_look *look, const struct plan_facts *facts, int fs_fd,
		   uint32_t file, int dir, struct repair_salvaged *ret);

#endif
