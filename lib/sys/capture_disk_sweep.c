/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Where there is no reverse map, everything that points to blocks is read instead. What of it cannot be
 * read costs its own blocks, which nobody claims then. It may also share blocks with files that do
 * claim theirs, so that of those it is not known either whether they are the only ones.
 */
#include <errno.h>
#include "capture_disk.h"
#include "cleanup.h"
#include "xfsdisk_sweep.h"

struct sweeping {
	const struct capture_disk *d;
	const struct xfsdisk *disk;
	struct locator *l;
	struct byte_range whole; /* the filesystem */
	bool stale, lost;
	struct rangeset settled; /* bad, and has an owner who shares with nobody */
};

static void sweeping_deinit(struct sweeping *s)
{
	rangeset_deinit(&s->settled);
}

static int settle(struct sweeping *s, const struct fsmap_rec *rec)
{
	CLEANUP(rangeset_deinit) struct rangeset part = RANGESET_NULL;
	const uint32_t alone = FSMAP_SPECIAL | FSMAP_ATTR_FORK | FSMAP_EXTENT_MAP;
	int r;

	if (s->disk->geom.features & FSGEOM_REFLINK && !(rec->flags & alone))
		return 0;
	r = rangeset_add(&part, rec->phys);
	if (!r)
		r = rangeset_intersect(&part, &s->l->bad, &part);
	return r ? r : rangeset_add_set(&s->settled, &part);
}

static int take_record(const struct fsmap_rec *rec, void *data)
{
	struct sweeping *s = data;
	int r;

	if (!rangeset_overlaps(&s->l->bad, rec->phys) ||
	    (s->stale && fsmap_owner_kind(rec) == FS_OWNER_FREE))
		return 0;
	r = locator_add_record(s->l, s->whole, rec);
	return r ? r : settle(s, rec);
}

static int take_lost(void *data)
{
	struct sweeping *s = data;

	s->lost = true;
	return 0;
}

static int tell(uint64_t inodes, uint32_t agno, void *data)
{
	const struct sweeping *s = data;
	const struct capture_options *options = s->d->options;

	(void)inodes;
	if (!options->progress)
		return 0;
	return options->progress(options->progress_data, "inodes on the device", agno,
				 s->disk->geom.ag_count)
		       ? -ECANCELED
		       : 0;
}

/* What may have owners, or more of them, that were not heard. */
static int judge(struct sweeping *s)
{
	CLEANUP(rangeset_deinit) struct rangeset open = RANGESET_NULL;
	struct findings *f = s->l->findings;
	int r;

	if (!s->lost)
		return 0;
	r = rangeset_add(&open, s->whole);
	if (!r)
		r = rangeset_intersect(&open, &s->l->bad, &open);
	if (!r)
		r = rangeset_subtract_set(&open, &s->settled);
	if (r || !open.n)
		return r;
	findings_add_reason(f, REASON_IO_ERROR);
	return rangeset_add_set(&f->failed, &open);
}

int capture_disk_sweep(const struct capture_disk *d, const struct xfsdisk *disk, bool stale,
		       struct locator *l)
{
	CLEANUP(sweeping_deinit)
	struct sweeping s = {
		.d = d,
		.disk = disk,
		.l = l,
		.whole = {0, fsgeom_bytes(&disk->geom)},
		.stale = stale,
	};
	const struct xfsdisk_sweep_sink sink = {take_record, take_lost, tell, &s};
	int r;

	r = xfsdisk_sweep(disk, &sink);
	return r ? r : judge(&s);
}
