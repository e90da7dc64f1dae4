/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The left column of a report. Running text is wrapped here, at a fixed width
 * rather than the terminal's, so that a report reads the same in a mail.
 */
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include "cleanup.h"
#include "section.h"

void section_begin(struct section *s, const char *label, bool gap)
{
	s->label = label;
	s->gap = s->gap || (gap && s->any);
}

void section_start_line(struct section *s)
{
	if (s->gap)
		fputc('\n', s->out);
	fprintf(s->out, "%-*s", SECTION_INDENT, s->label ? s->label : "");
	s->label = NULL;
	s->gap = false;
	s->any = true;
}

void section_line(struct section *s, const char *format, ...)
{
	va_list ap;

	section_start_line(s);
	va_start(ap, format);
	vfprintf(s->out, format, ap);
	va_end(ap);
	fputc('\n', s->out);
}

/* Bytes of UTF-8 that begin no character take no column. */
static size_t columns_of(const char *text, size_t len)
{
	size_t n = 0;

	for (size_t i = 0; i < len; i++)
		n += ((unsigned char)text[i] & 0xc0) != 0x80;
	return n;
}

void section_say(struct section *s, unsigned int hang, const char *format, ...)
{
	CLEANUP(freep) char *text = NULL;
	unsigned int indent = SECTION_INDENT, column;
	const char *word;
	va_list ap;
	int r;

	va_start(ap, format);
	r = vasprintf(&text, format, ap);
	va_end(ap);
	if (r < 0) {
		text = NULL;
		return;
	}

	section_start_line(s);
	column = indent;
	for (word = text; *word;) {
		size_t len = strcspn(word, " "), width = columns_of(word, len);

		if (column > indent && column + 1 + width > SECTION_WIDTH) {
			indent = SECTION_INDENT + hang;
			fprintf(s->out, "\n%*s", indent, "");
			column = indent;
		} else if (column > indent) {
			fputc(' ', s->out);
			column++;
		}
		fwrite(word, 1, len, s->out);
		column += (unsigned int)width;
		word += len + strspn(word + len, " ");
	}
	fputc('\n', s->out);
}
