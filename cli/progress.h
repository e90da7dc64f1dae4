/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef PMEMRASCTL_PROGRESS_H
#define PMEMRASCTL_PROGRESS_H

/* A progress line on a terminal's standard error, once something takes over a second. */
#include "capture.h"
#include "ctl.h"

struct progress {
	const struct ctl *ctl;
	uint64_t begun_usec; /* monotonic */
	uint64_t drawn_usec;
	bool shown;
};

/* Sets the progress members of @options; @progress must outlive its use. */
void progress_init(struct progress *progress, const struct ctl *ctl,
		   struct capture_options *options);
/* Takes the line off the screen. */
void progress_deinit(struct progress *progress);

#endif
