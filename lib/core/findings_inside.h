/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef PMEMRAS_FINDINGS_INSIDE_H
#define PMEMRAS_FINDINGS_INSIDE_H

/*
 * A file that is hit may be an image behind a loop device. Its bytes are lost, and what that means
 * the filesystem in the image tells: an answer inside the answer, and so on.
 */
#include "findings.h"

#define FINDINGS_INSIDE_MAX 8 /* how deep; what is deeper is not told, and that is said */

/* Both are @f's afterwards, or freed. -ENOMEM. */
int findings_add_inside(struct findings *f, struct through **from, struct findings **found);
void findings_inside_clear(struct findings *f);
/* @to has those of @from, which has none any more. */
void findings_inside_move(struct findings *to, struct findings *from);

/**
 * findings_inside_image() - where bytes of a file that were hit show on the loop device
 * @f:      sorted or not; of the device that the file lies on
 * @ino:    the file
 * @part:   bytes of the file that the loop device shows
 * @file, @loop: names
 * @ret:    NULL where none of the findings are stored bytes of it; else the caller's
 */
int findings_inside_image(const struct findings *f, uint64_t ino, struct byte_range part,
			  const char *file, const char *loop, struct through **ret); /* -ENOMEM */

/* As findings_below(), for what is inside: places move down through @through. -ENOMEM. */
int findings_inside_below(struct findings *f, const struct through *through);
/* The part of what is inside @whole that @part was asked about. -ENOMEM. */
int findings_inside_cut(const struct findings *whole, struct findings *part);

#endif
