/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A machine check names a physical address. Its pieces belong to namespaces, which become questions
 * about their devices, or to no persistent memory, which /proc/iomem names: a bad page of ordinary memory
 * is the kernel's business, and no file's.
 */
#include "spa_side.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "cleanup.h"
#include "iomem.h"
#include "jsonio.h"
#include "out_json.h"
#include "pmem.h"
#include "questions.h"
#include "verdict.h"
#include "words.h"

struct spa_side {
	struct ctl *ctl;
	struct pmem pmem;
	struct questions questions;
	struct rangeset outside;          /* addresses in no region */
	char *iomem;                      /* NULL: cannot be read */
	struct json_object *head, *array; /* with --json */
	enum ctl_exit exit;
};

static void spa_side_deinit(struct spa_side *side)
{
	pmem_deinit(&side->pmem);
	questions_deinit(&side->questions);
	rangeset_deinit(&side->outside);
	free(side->iomem);
	json_object_put(side->head);
}

/* ---- in persistent memory ---- */

static int add_to_last(struct spa_side *side, const struct blkdev *dev, struct byte_range bytes)
{
	struct questions *questions = &side->questions;
	struct question *last = questions->n ? &questions->items[questions->n - 1] : NULL;

	return last && !strcmp(last->dev.name, dev->name) ? rangeset_add(&last->bad, bytes)
							  : -ENOENT;
}

static int take_piece(const struct spa_piece *piece, void *data)
{
	CLEANUP(blkdev_deinit) struct blkdev dev = BLKDEV_NULL;
	CLEANUP(rangeset_deinit) struct rangeset bad = RANGESET_NULL;
	struct spa_side *side = data;
	struct devid id;
	uint64_t offset;
	int r;

	if (pmem_place(&side->pmem, piece, &id, &offset))
		return rangeset_add(&side->outside, piece->spa.range);
	r = *id.name ? blkdev_resolve(&side->ctl->root, id.name, &dev) : -ENOENT;
	if (r == -ENOENT && piece->ns != SPAMAP_NONE) /* data of a namespace that nothing shows */
		r = blkdev_resolve(&side->ctl->root, side->pmem.map.namespaces[piece->ns].name,
				   &dev);
	if (r) {
		ctl_error(side->ctl, "%s: %s", id.name, strerror(-r));
		side->exit = verdict_worse(side->exit, CTL_INCOMPLETE);
		return r == -ENOMEM ? r : 0;
	}
	r = rangeset_add(&bad, (struct byte_range){offset, piece->spa.range.len});
	if (!r)
		r = add_to_last(side, &dev, bad.ranges[0]);
	return r == -ENOENT ? questions_add(&side->questions, side->ctl, &dev, &bad, false) : r;
}

/* ---- elsewhere ---- */

static const char *meaning(const char *name)
{
	if (!*name)
		return "nothing is at these addresses";
	if (!strcmp(name, "System RAM"))
		return "ordinary memory: the kernel takes bad pages out of use "
		       "(HardwareCorrupted in /proc/meminfo), no file is on them";
	if (!strncmp(name, "Persistent Memory", 17) || !strncmp(name, "Soft Reserved", 13))
		return "no region of libnvdimm is there: ndctl list -R, daxctl list";
	return "no memory that files are on";
}

static int put_piece(struct spa_side *side, const struct iomem_piece *piece, const char *says)
{
	struct json_object *object = jsonio_append_object(side->array);
	int r;

	if (!object)
		return -ENOMEM;
	if ((r = jsonio_put_u64(object, "physical_address", piece->spa.range.start)) ||
	    (r = jsonio_put_u64(object, "length", piece->spa.range.len)) ||
	    (*piece->name && (r = jsonio_put_bytes(object, "resource", piece->name))))
		return r;
	return jsonio_put_text(object, "says", says);
}

static int tell_piece(const struct iomem_piece *piece, void *data)
{
	struct spa_side *side = data;
	FILE *out = side->ctl->out;

	side->exit = verdict_worse(side->exit, *piece->name ? CTL_INCOMPLETE : CTL_USAGE);
	if (side->ctl->json)
		return put_piece(side, piece, meaning(piece->name));
	fprintf(out, "%#" PRIx64 "-%#" PRIx64 ": in no persistent-memory region",
		piece->spa.range.start, range_end(piece->spa.range) - 1);
	if (*piece->name) {
		fputs("; ", out);
		words_raw(out, piece->name);
	}
	fprintf(out, ": %s\n", meaning(piece->name));
	return 0;
}

/* What the kernel does not show is not known; regions are hidden from the same people. */
static int tell_unknown(struct spa_side *side, struct spa_range spa)
{
	static const char says[] = "not known: addresses are shown to root alone";
	struct iomem_piece piece = {spa, ""};

	side->exit = verdict_worse(side->exit, CTL_INCOMPLETE);
	if (side->ctl->json)
		return put_piece(side, &piece, says);
	fprintf(side->ctl->out, "%#" PRIx64 "-%#" PRIx64 ": %s\n", spa.range.start,
		range_end(spa.range) - 1, says);
	return 0;
}

static int tell_outside(struct spa_side *side)
{
	int r = 0;

	for (size_t i = 0; !r && i < side->outside.n; i++) {
		struct spa_range spa = {side->outside.ranges[i]};

		r = side->iomem ? iomem_split(side->iomem, spa, tell_piece, side) : -EACCES;
		if (r == -EACCES || r == -EBADMSG)
			r = tell_unknown(side, spa);
	}
	return r;
}

static int prepare(struct spa_side *side, const struct rangeset *addresses)
{
	int r;

	r = pmem_read(&side->ctl->root, &side->pmem);
	if (!r)
		r = sysroot_read(&side->ctl->root, "/proc/iomem", &side->iomem, NULL);
	if (r == -ENOMEM)
		return r;
	r = 0;
	for (size_t i = 0; !r && i < addresses->n; i++)
		r = spamap_split(&side->pmem.map, (struct spa_range){addresses->ranges[i]},
				 take_piece, side);
	if (r || !side->ctl->json)
		return r;
	side->head = out_json_record("parts");
	if (!side->head || jsonio_put_u64(side->head, "now_usec", ctl_now(side->ctl)))
		return -ENOMEM;
	side->array = jsonio_add_array(side->head, "outside");
	return side->array ? 0 : -ENOMEM;
}

int spa_side(struct ctl *ctl, const struct rangeset *addresses, struct capture_options *capture,
	     const char *columns)
{
	CLEANUP(spa_side_deinit) struct spa_side side = {.ctl = ctl, .pmem = PMEM_NULL};
	int r;

	r = prepare(&side, addresses);
	if (!r)
		r = tell_outside(&side);
	if (r)
		return ctl_failed(ctl, "--spa", r);
	if (!ctl->json && side.outside.n && side.questions.n)
		fputc('\n', ctl->out);
	/* a part that has an answer makes of a mistake an incomplete answer */
	if (side.exit == CTL_USAGE && side.questions.n)
		side.exit = CTL_INCOMPLETE;
	r = questions_answer(ctl, &side.questions, side.head, capture, columns);
	return (int)verdict_worse(side.exit, (enum ctl_exit)r);
}
