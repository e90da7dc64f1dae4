/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef PMEMRASCTL_CTL_H
#define PMEMRASCTL_CTL_H

/*
 * What one run of pmemrasctl works with: where it writes, which machine and
 * which store it looks at, what time it is. Passed to everything, so that a
 * test runs a command like a person does, with a clock and streams of its own.
 */
#include <stdint.h>
#include <stdio.h>
#include "sysroot.h"

/* Exit codes. Known loss beats incomplete. */
enum ctl_exit {
	CTL_OK = 0,    /* answered, nothing lost; for declare, retract, ack: done */
	CTL_LOSS = 1,  /* loss, or damage that nobody has repaired */
	CTL_USAGE = 2, /* the command line, or what it names, is wrong */
	CTL_INCOMPLETE =
		3, /* the answer is incomplete and no loss is known, or it could not be done */
};

enum ctl_color { COLOR_AUTO, COLOR_ALWAYS, COLOR_NEVER };

struct ctl {
	FILE *out, *err;
	FILE *in; /* may be NULL: nobody answers */
	bool in_is_terminal, out_is_terminal, err_is_terminal;
	bool no_color;           /* the environment's NO_COLOR */
	uint64_t fixed_now_usec; /* 0: read the clock (tests give a time) */

	/* from the command line */
	const char *verb; /* NULL until known */
	bool json;
	enum ctl_color color;
	const char *state_dir; /* owned by state_dir_buf or the command line */
	bool state_dir_given;  /* with --state-dir */
	char *state_dir_buf;
	struct sysroot root;
};

#define CTL_NULL ((struct ctl){.root = {.fd = -1}})
void ctl_deinit(struct ctl *ctl);

/* CLOCK_REALTIME in microseconds */
uint64_t ctl_now(const struct ctl *ctl);
bool ctl_colored(const struct ctl *ctl);

/* What a suggested command needs to look at the same store: "" or " --state-dir DIR", shell-quoted.
 */
void ctl_print_options(const struct ctl *ctl, FILE *out);

/* "pmemrasctl locate: …" and a newline, on ctl->err. */
void ctl_error(const struct ctl *ctl, const char *format, ...)
	__attribute__((format(printf, 2, 3)));
/* As above, with the line that says where help is. Returns CTL_USAGE. */
int ctl_usage(const struct ctl *ctl, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* Tells that @what failed with a -errno. Returns CTL_INCOMPLETE. */
int ctl_failed(const struct ctl *ctl, const char *what, int r);

#endif
