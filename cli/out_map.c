/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The cells of a stretch are one line, whatever the stretch's size, so each says how much a cell
 * is. What is bad shows wherever it is, however little; of the rest what most of a cell is.
 */
#include "out_map.h"

#include <errno.h>
#include <inttypes.h>
#include <langinfo.h>
#include <string.h>
#include <sys/ioctl.h>

#include "cleanup.h"
#include "devmap.h"
#include "out_topo.h"
#include "paint.h"
#include "timefmt.h"
#include "words.h"

#define INDENT    2
#define WIDTH_MIN 20
#define WIDTH_MAX 400
#define WIDTH     78 /* where there is no terminal */

struct glyphs {
	const char *kinds[CELL_KIND_N], *bad;
};

static const struct glyphs ascii = {
	{[CELL_UNKNOWN] = "?",
	 [CELL_FREE] = ".",
	 [CELL_DATA] = "#",
	 [CELL_METADATA] = "m",
	 [CELL_LOG] = "L"},
	"X",
};
static const struct glyphs unicode = {
	{[CELL_UNKNOWN] = "?",
	 [CELL_FREE] = "\u00b7",
	 [CELL_DATA] = "\u2588",
	 [CELL_METADATA] = "\u2592",
	 [CELL_LOG] = "\u2261"},
	"\u2573",
};

static const struct glyphs *glyphs(void)
{
	return !strcmp(nl_langinfo(CODESET), "UTF-8") ? &unicode : &ascii;
}

static size_t width_of(const struct ctl *ctl)
{
	struct winsize size = {0};
	size_t width = WIDTH;

	if (ctl->out_is_terminal && !ioctl(fileno(ctl->out), TIOCGWINSZ, &size) && size.ws_col)
		width = size.ws_col;
	width = width > WIDTH_MAX ? WIDTH_MAX : width < WIDTH_MIN ? WIDTH_MIN : width;
	return width - INDENT - 1;
}

static const char *explain(int why)
{
	switch (why) {
	case -ENOENT: return "no mounted XFS to ask";
	case -EPERM:
	case -EACCES: return "who owns a block is told to root alone";
	case -EIO: return "the filesystem does not answer (shut down?)";
	case -E2BIG: return "striped too finely to be drawn";
	case -EOPNOTSUPP: return "a recorded machine has no kernel to ask";
	default: return strerror(-why);
	}
}

static void say_stretch(const struct ctl *ctl, const struct devmap_stretch *stretch,
			const struct topo *topo)
{
	size_t at = *stretch->top ? topo_find(topo, stretch->top) : TOPO_NONE;
	char size[TIMEFMT_BUF], cell[TIMEFMT_BUF];

	if (*stretch->top)
		words_raw(ctl->out, stretch->top);
	else
		fputs("(in nothing that can be told)", ctl->out);
	fprintf(ctl->out, "  bytes %" PRIu64 "-%" PRIu64 ", %s, a cell is %s", stretch->range.start,
		range_end(stretch->range) - 1, sizefmt(stretch->range.len, size),
		sizefmt(stretch->cells.size, cell));
	if (at != TOPO_NONE) {
		fputs("; ", ctl->out);
		out_topo_use(&topo->nodes[at], ctl->out);
	}
	if (*stretch->top && !stretch->asked)
		fprintf(ctl->out, " (%s)", explain(stretch->why));
	fputc('\n', ctl->out);
}

static void draw(const struct ctl *ctl, const struct cells *cells, bool seen[CELL_KIND_N + 1])
{
	fprintf(ctl->out, "%*s", INDENT, "");
	for (size_t i = 0; i < cells->n; i++) {
		enum cell_kind kind = cells_kind(cells, i);

		seen[cells->bad[i] ? CELL_KIND_N : kind] = true;
		if (cells->bad[i])
			paint_verdict(ctl, IMPACT_DATA, glyphs()->bad);
		else
			fputs(glyphs()->kinds[kind], ctl->out);
	}
	fputc('\n', ctl->out);
}

static void say_legend(const struct ctl *ctl, const bool seen[CELL_KIND_N + 1])
{
	static const char *const words[CELL_KIND_N + 1] = {
		[CELL_UNKNOWN] = "not known", [CELL_FREE] = "free",
		[CELL_DATA] = "file data",    [CELL_METADATA] = "metadata",
		[CELL_LOG] = "log",           [CELL_KIND_N] = "bad, all or some of it",
	};

	fputc('\n', ctl->out);
	for (int i = 0; i <= CELL_KIND_N; i++) {
		const char *glyph = i == CELL_KIND_N ? glyphs()->bad : glyphs()->kinds[i];

		if (!seen[i])
			continue;
		if (i == CELL_KIND_N)
			paint_verdict(ctl, IMPACT_DATA, glyph);
		else
			fputs(glyph, ctl->out);
		fprintf(ctl->out, " %s  ", words[i]);
	}
	fputs("(what most of a cell is)\n", ctl->out);
}

int out_map(const struct ctl *ctl, const struct blkdev *dev, const struct topo *topo,
	    const struct rangeset *bad)
{
	CLEANUP(devmap_deinit) struct devmap map = DEVMAP_NULL;
	bool seen[CELL_KIND_N + 1] = {false}, all = true;
	int r;

	r = devmap_read(&ctl->root, dev, width_of(ctl), &map);
	if (r == -EINVAL)
		return ctl_usage(ctl, "%s: --map draws block devices", dev->name);
	if (r == -E2BIG) {
		ctl_error(ctl, "%s: in too many pieces to be drawn", dev->name);
		return CTL_INCOMPLETE;
	}
	if (r)
		return ctl_failed(ctl, dev->name, r);
	for (size_t i = 0; i < map.n; i++) {
		cells_add_bad(&map.stretches[i].cells, bad);
		say_stretch(ctl, &map.stretches[i], topo);
		draw(ctl, &map.stretches[i].cells, seen);
		all = all && (map.stretches[i].asked || !*map.stretches[i].top);
	}
	say_legend(ctl, seen);
	return all ? 0 : CTL_INCOMPLETE;
}
