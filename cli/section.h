/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef PMEMRASCTL_SECTION_H
#define PMEMRASCTL_SECTION_H

/*
 * A report for people: labels in a left column of ten, what they say beside
 * them. A label is printed with the first line that comes, so a section
 * nobody has anything to say in does not appear.
 */
#include <stdbool.h>
#include <stdio.h>

#define SECTION_INDENT 10
#define SECTION_WIDTH  78 /* where running text is wrapped */

struct section {
	FILE *out;
	const char *label; /* pending, NULL once printed */
	bool gap;          /* an empty line comes first, once something follows */
	bool any;          /* anything was printed at all */
};

/* @gap: an empty line before it, unless nothing was printed yet */
void section_begin(struct section *s, const char *label, bool gap);
/* Begins a line (label or indent); the caller writes the rest to s->out, newline included. */
void section_start_line(struct section *s);
/* One line, not wrapped. */
void section_line(struct section *s, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* Running text, wrapped at words; lines after the first go @hang columns further in. */
void section_say(struct section *s, unsigned int hang, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

#endif
