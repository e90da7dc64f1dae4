/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Each image is a report of its own under the one that led to it; the file that it is in stays lost. */
#include "out_inside.h"

#include <errno.h>

#include "out_findings.h"
#include "words.h"

static int say_one(struct section *s, const struct findings_inside *inside)
{
	struct findings_summary summary;
	int r;

	section_begin(s, "Inside", true);
	section_start_line(s);
	words_raw(s->out, inside->from->devices);
	fputs(" through ", s->out);
	words_raw(s->out, inside->from->top);
	fputs(":\n", s->out);
	out_findings_where(s, inside->found->device, &inside->found->asked, NULL);
	out_findings_filesystem(s, inside->found);
	r = findings_summarise(inside->found, &summary);
	if (!r)
		r = out_findings_body(s, inside->found, &summary, inside->found->reasons);
	if (!r)
		r = out_findings_careful(s, inside->found, &summary);
	return r ? r : out_inside(s, inside->found);
}

int out_inside(struct section *s, const struct findings *f)
{
	int r = 0;

	for (size_t i = 0; !r && i < f->n_inside; i++)
		r = say_one(s, &f->inside[i]);
	return r;
}
