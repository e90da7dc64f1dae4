/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A line a device, under what it stands on; one that stands on several is drawn in full
 * under the first and named under the others. What to do where pmemras cannot
 * tell what is lost is one footnote for all devices that it holds for.
 */
#include "out_topo.h"

#include <errno.h>
#include <inttypes.h>
#include <libsmartcols.h>
#include <stdlib.h>
#include <string.h>

#include "cleanup.h"
#include "section.h"
#include "timefmt.h"
#include "words.h"

#define NOTES_MAX 32

enum { NAME, TYPE, SIZE, HOLDS, BAD, N_COLUMNS };

struct drawing {
	const struct topo *topo;
	struct libscols_table *table;
	struct libscols_line **lines; /* by node, where it is drawn in full */
	const char *notes[NOTES_MAX];
	size_t n_notes;
};

static void drawing_deinit(struct drawing *drawing)
{
	scols_unref_table(drawing->table);
	free(drawing->lines);
}

static size_t footnote(struct drawing *drawing, const char *text)
{
	for (size_t i = 0; i < drawing->n_notes; i++)
		if (!strcmp(drawing->notes[i], text))
			return i + 1;
	if (drawing->n_notes == NOTES_MAX)
		return 0;
	drawing->notes[drawing->n_notes++] = text;
	return drawing->n_notes;
}

/* ---- cells ---- */

static void say_name(const struct topo_node *node, FILE *out)
{
	words_raw(out, node->name);
	if (!node->label || !*node->label)
		return;
	fputs(" (", out);
	words_raw(out, node->label);
	fputc(')', out);
}

static void say_open(const struct topo_node *node, const char *before, FILE *out)
{
	if (!node->where)
		return;
	fprintf(out, "%sopen: ", before);
	words_raw(out, node->where);
}

void out_topo_use(const struct topo_node *node, FILE *out)
{
	switch (node->use) {
	case TOPO_USE_MOUNTED:
		words_raw(out, node->holds);
		fputc(' ', out);
		words_raw(out, node->where);
		break;
	case TOPO_USE_SIGNATURE:
		words_raw(out, node->holds);
		if (!strcmp(node->holds, "xfs"))
			fputs(", not mounted", out);
		say_open(node, "; ", out);
		break;
	case TOPO_USE_SWAP: fputs("swap, in use", out); break;
	case TOPO_USE_CLAIMED:
		fputs("held by somebody", out);
		say_open(node, "; ", out);
		break;
	case TOPO_USE_OPEN: say_open(node, "", out); break;
	case TOPO_USE_DAX:
		fputs("a program's own", out);
		say_open(node, "; ", out);
		break;
	case TOPO_USE_RAM: fputs("system memory", out); break;
	case TOPO_USE_UNKNOWN: fputc('?', out); break;
	case TOPO_USE_NONE:
		if (node->kind > TOPO_DAX)
			fputs("nothing recognised", out);
		break;
	case TOPO_USE_LAYERS:
	case TOPO_USE_N: break;
	}
}

static void say_holds(struct drawing *drawing, const struct topo_node *node, FILE *out)
{
	const char *advice = topo_advice(node);
	size_t note = advice ? footnote(drawing, advice) : 0;

	out_topo_use(node, out);
	if (note)
		fprintf(out, " (%zu)", note);
}

static void say_bad(const struct topo_node *node, FILE *out)
{
	char size[TIMEFMT_BUF];

	if (node->bad.n)
		fprintf(out, "%zu range%s, %s%s", node->bad.n, PLURAL(node->bad.n),
			sizefmt(rangeset_bytes(&node->bad), size), node->bad_cut ? " or more" : "");
	for (size_t i = 0; i < node->n_incidents; i++)
		fprintf(out, "%s%" PRId64,
			i             ? ", "
			: node->bad.n ? "; incident "
				      : "incident ",
			node->incidents[i]);
}

/* ---- lines ---- */

static int set_cell(struct drawing *drawing, struct libscols_line *line, int column,
		    const struct topo_node *node, bool again)
{
	CLEANUP(freep) char *text = NULL;
	char size[TIMEFMT_BUF];
	size_t len = 0;
	FILE *out = open_memstream(&text, &len);

	if (!out)
		return -ENOMEM;
	if (column == NAME)
		say_name(node, out);
	else if (again && column == HOLDS)
		fputs("see above", out);
	else if (again)
		;
	else if (column == TYPE)
		words_raw(out, *node->type ? node->type : topo_kind_token(node->kind));
	else if (column == SIZE && node->size)
		fputs(sizefmt(node->size, size), out);
	else if (column == HOLDS)
		say_holds(drawing, node, out);
	else if (column == BAD)
		say_bad(node, out);
	if (fclose(out) || !text)
		return -ENOMEM;
	return scols_line_set_data(line, (size_t)column, text);
}

static int draw(size_t node, size_t parent, bool again, void *data)
{
	struct drawing *drawing = data;
	struct libscols_line *line = scols_table_new_line(
		drawing->table, parent == TOPO_NONE ? NULL : drawing->lines[parent]);
	int r = 0;

	if (!line)
		return -ENOMEM;
	if (!again)
		drawing->lines[node] = line;
	for (int i = 0; !r && i < N_COLUMNS; i++)
		r = set_cell(drawing, line, i, &drawing->topo->nodes[node], again);
	return r;
}

static int prepare(const struct ctl *ctl, struct drawing *drawing)
{
	static const struct {
		const char *name;
		int flags;
	} columns[N_COLUMNS] = {
		[NAME] = {"NAME", SCOLS_FL_TREE},
		[TYPE] = {"TYPE", 0},
		[SIZE] = {"SIZE", SCOLS_FL_RIGHT},
		[HOLDS] = {"HOLDS", 0},
		[BAD] = {"BAD", 0},
	};

	drawing->table = scols_new_table();
	drawing->lines = calloc(drawing->topo->n_nodes + 1, sizeof(struct libscols_line *));
	if (!drawing->table || !drawing->lines ||
	    scols_table_set_column_separator(drawing->table, "  "))
		return -ENOMEM;
	scols_table_set_stream(drawing->table, ctl->out);
	scols_table_enable_noencoding(drawing->table, 1); /* cells are escaped already */
	scols_table_enable_minout(drawing->table, 1);     /* no blanks at ends of lines */
	for (size_t i = 0; i < N_COLUMNS; i++) {
		int flags = columns[i].flags;

		if (i == HOLDS && ctl->out_is_terminal)
			flags |= SCOLS_FL_WRAP;
		if (!scols_table_new_column(drawing->table, columns[i].name, 0, flags))
			return -ENOMEM;
	}
	return 0;
}

int out_topo(const struct ctl *ctl, const struct topo *topo)
{
	CLEANUP(drawing_deinit) struct drawing drawing = {.topo = topo};
	int r;

	r = prepare(ctl, &drawing);
	if (!r)
		r = topo_walk(topo, draw, &drawing);
	if (!r)
		r = scols_print_table(drawing.table);
	if (r)
		return r < 0 ? r : -EIO;
	for (size_t i = 0; i < drawing.n_notes; i++)
		fprintf(ctl->out, "%s(%zu) %s.\n", i ? "" : "\n", i + 1, drawing.notes[i]);
	return 0;
}
