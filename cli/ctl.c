/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * One run's surroundings, and the one way to say that something is wrong:
 * who speaks, what is wrong, what to do about it; on standard error, so that
 * neither a table nor a JSON record ever has a complaint in its middle.
 */
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include "ctl.h"
#include "words.h"

void ctl_deinit(struct ctl *ctl)
{
	free(ctl->state_dir_buf);
	sysroot_deinit(&ctl->root);
	*ctl = CTL_NULL;
}

uint64_t ctl_now(const struct ctl *ctl)
{
	struct timespec ts;

	if (ctl->fixed_now_usec)
		return ctl->fixed_now_usec;
	clock_gettime(CLOCK_REALTIME, &ts);
	return (uint64_t)ts.tv_sec * 1000000 + (uint64_t)ts.tv_nsec / 1000;
}

bool ctl_colored(const struct ctl *ctl)
{
	switch (ctl->color) {
	case COLOR_ALWAYS: return true;
	case COLOR_NEVER: return false;
	case COLOR_AUTO: break;
	}
	return ctl->out_is_terminal && !ctl->no_color;
}

void ctl_print_options(const struct ctl *ctl, FILE *out)
{
	if (!ctl->state_dir_given)
		return;
	fputs(" --state-dir ", out);
	words_quoted(out, ctl->state_dir);
}

static void complain(const struct ctl *ctl, const char *format, va_list ap)
	__attribute__((format(printf, 2, 0)));

static void complain(const struct ctl *ctl, const char *format, va_list ap)
{
	/* what was printed so far comes before the complaint about it */
	fflush(ctl->out);
	fprintf(ctl->err, "pmemrasctl%s%s: ", ctl->verb ? " " : "", ctl->verb ? ctl->verb : "");
	vfprintf(ctl->err, format, ap);
	fputc('\n', ctl->err);
}

void ctl_error(const struct ctl *ctl, const char *format, ...)
{
	va_list ap;

	va_start(ap, format);
	complain(ctl, format, ap);
	va_end(ap);
}

int ctl_usage(const struct ctl *ctl, const char *format, ...)
{
	va_list ap;

	va_start(ap, format);
	complain(ctl, format, ap);
	va_end(ap);
	fprintf(ctl->err, "Help:  pmemrasctl help%s%s\n", ctl->verb ? " " : "",
		ctl->verb ? ctl->verb : "");
	return CTL_USAGE;
}

int ctl_failed(const struct ctl *ctl, const char *what, int r)
{
	ctl_error(ctl, "%s: %s", what, strerror(-r));
	return CTL_INCOMPLETE;
}
