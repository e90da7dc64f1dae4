/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef PMEMRAS_CAPTURE_INSIDE_H
#define PMEMRAS_CAPTURE_INSIDE_H

/* From an image file that is hit to the files in it. */
#include "capture.h"

/**
 * capture_inside() - what is behind those files of @f that are images of loop devices
 * @fs: device of the filesystem they are on, as in st_dev
 * @f:  what was found there; gets answers inside (findings_inside.h)
 *
 * Return: 0; -ENOMEM, -ECANCELED.
 */
int capture_inside(const struct sysroot *root, dev_t fs, const struct capture_options *options,
		   struct findings *f);

#endif
