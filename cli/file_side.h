/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef PMEMRASCTL_FILE_SIDE_H
#define PMEMRASCTL_FILE_SIDE_H

/* locate --file: where a part of a file lies, who shares its blocks, and whether any is known bad.
 */
#include "capture.h"
#include "ctl.h"

struct file_side_options {
	const char *path;
	struct byte_range range; /* of the file; len 0: all of it */
	const char *columns;     /* of the table, NULL: usual ones */
	struct capture_options capture;
};

/* Return: enum ctl_exit. A file that is not hit is no loss, whatever it shares. */
int file_side(struct ctl *ctl, const struct file_side_options *options);

#endif
