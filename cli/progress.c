/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Silence is fine for a second; after that a person wants to know that it
 * moves, and how far it is. Drawn at most ten times a second, on standard error
 * only, and only where that is a terminal: never into a pipe.
 */
#include <inttypes.h>
#include <time.h>
#include "progress.h"

#define QUIET_USEC 1000000
#define DRAW_USEC  100000
#define BAR_WIDTH  30

static uint64_t monotonic_usec(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (uint64_t)ts.tv_sec * 1000000 + (uint64_t)ts.tv_nsec / 1000;
}

static void draw(FILE *out, const char *what, uint64_t done, uint64_t total)
{
	unsigned int filled;

	fprintf(out, "\r\033[K%s ", what);
	if (!total || done > total) {
		fprintf(out, "%" PRIu64, done);
	} else {
		/* done * BAR_WIDTH could wrap, a double is exact enough for thirty cells */
		filled = (unsigned int)((double)done / (double)total * BAR_WIDTH);
		fputc('[', out);
		for (unsigned int i = 0; i < BAR_WIDTH; i++)
			fputc(i < filled ? '#' : ' ', out);
		fprintf(out, "] %u%%", (unsigned int)((double)done / (double)total * 100));
	}
	fflush(out);
}

static int show(void *data, const char *what, uint64_t done, uint64_t total)
{
	struct progress *progress = data;
	uint64_t now = monotonic_usec();

	if (now - progress->begun_usec < QUIET_USEC || now - progress->drawn_usec < DRAW_USEC)
		return 0;
	progress->drawn_usec = now;
	progress->shown = true;
	draw(progress->ctl->err, what, done, total);
	return 0;
}

void progress_init(struct progress *progress, const struct ctl *ctl,
		   struct capture_options *options)
{
	*progress = (struct progress){.ctl = ctl, .begun_usec = monotonic_usec()};
	if (!ctl->err_is_terminal)
		return;
	options->progress = show;
	options->progress_data = progress;
}

void progress_deinit(struct progress *progress)
{
	if (!progress->shown)
		return;
	fputs("\r\033[K", progress->ctl->err);
	fflush(progress->ctl->err);
	progress->shown = false;
}
