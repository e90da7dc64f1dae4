/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Depth first, with the pieces of the question that each device has. A layer that cannot be
 * computed ends it, also where other pieces could be followed: half an answer
 * would look like a whole one.
 */
#include "layers.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cleanup.h"
#include "dm_table.h"
#include "dmtable.h"

#define DEPTH_MAX 16 /* the kernel's own stacks end long before */

struct climb {
	const struct sysroot *root;
	const struct mounts *mounts;
	struct blkdev top;
	struct through *through; /* to @top; NULL: not found yet */
	char *tops;              /* their names, "a, b" */
	size_t n_tops;
	char *detail;
};

static void climb_deinit(struct climb *c)
{
	blkdev_deinit(&c->top);
	through_free(c->through);
	free(c->tops);
	free(c->detail);
}

static int opaque(struct climb *c, const char *name, const char *what)
{
	free(c->detail);
	if (asprintf(&c->detail, "%s (%s)", name, what) < 0) {
		c->detail = NULL;
		return -ENOMEM;
	}
	return LAYERS_E_OPAQUE;
}

/* ---- one step up ---- */

/* Pieces of the question that @upper has, as @lower's are. */
struct step {
	struct climb *climb;
	const struct through *lower;
	struct through *upper;
};

/* Bytes [start, start + len) of the lower device begin at @above of the upper one. */
static int add_piece(struct step *step, struct byte_range bytes, uint64_t above)
{
	for (size_t i = 0; i < step->lower->n; i++) {
		const struct through_piece *piece = &step->lower->pieces[i];
		struct byte_range common =
			range_intersect(bytes, (struct byte_range){piece->upper, piece->lower.len});
		int r;

		r = through_add(
			step->upper,
			(struct through_piece){
				{piece->lower.start + (common.start - piece->upper), common.len},
				above + (common.start - bytes.start),
			});
		if (r)
			return r == -ERANGE ? 0 : r;
	}
	return 0;
}

static int add_dm_piece(const struct dmpiece *piece, void *data)
{
	return add_piece(data, piece->lower, piece->upper);
}

static int step_to_mapped(struct step *step, const struct blkdev *lower, const struct blkdev *upper)
{
	CLEANUP(dmtable_deinit) struct dmtable table = DMTABLE_NULL;
	CLEANUP(rangeset_deinit) struct rangeset asked = RANGESET_NULL;
	CLEANUP(freep) char *text = NULL;
	const char *type;
	int r;

	r = step->climb->root->live ? dm_table_read(upper->devno, &text) : -EOPNOTSUPP;
	if (!r)
		r = dmtable_parse(text, &table);
	if (r)
		return r == -ENOMEM ? r
				    : opaque(step->climb, upper->name, "its table cannot be read");
	type = dmtable_opaque(&table, lower->devno);
	if (type)
		return opaque(step->climb, upper->name, type);
	r = through_upper(step->lower, &asked);
	for (size_t i = 0; !r && i < asked.n; i++)
		r = dmtable_map_up(&table, lower->devno, asked.ranges[i], add_dm_piece, step);
	return r;
}

static int step_to_partition(struct step *step, const struct blkdev *upper, const char *start)
{
	unsigned long long sector;

	if (sscanf(start, "%llu", &sector) != 1 || sector > UINT64_MAX / SECTOR_SIZE)
		return opaque(step->climb, upper->name, "partition whose start cannot be read");
	return add_piece(step, (struct byte_range){sector * SECTOR_SIZE, upper->size}, 0);
}

static int step_up(struct step *step, const struct blkdev *lower, const struct blkdev *upper)
{
	CLEANUP(freep) char *start = NULL;
	int r;

	r = sysroot_readf(step->climb->root, &start, "/sys/class/block/%s/start", upper->name);
	if (r == -ENOENT) /* a recorded machine may have it only here */
		r = sysroot_readf(step->climb->root, &start, "/sys/block/%s/%s/start", lower->name,
				  upper->name);
	if (!r)
		return step_to_partition(step, upper, start);
	if (r == -ENOMEM)
		return r;
	if (!strncmp(upper->name, "dm-", 3))
		return step_to_mapped(step, lower, upper);
	return opaque(step->climb, upper->name, "a layer that pmemras does not know");
}

/* ---- all the way ---- */

static int name_of(const struct climb *c, const struct blkdev *dev, char **ret)
{
	CLEANUP(freep) char *name = NULL;
	int r;

	r = sysroot_readf(c->root, &name, "/sys/class/block/%s/dm/name", dev->name);
	if (r == -ENOMEM)
		return r;
	if (!r)
		name[strcspn(name, "\n")] = '\0';
	if (asprintf(ret, "%s%s%s%s", dev->name, r ? "" : " (", r ? "" : name, r ? "" : ")") < 0) {
		*ret = NULL;
		return -ENOMEM;
	}
	return 0;
}

static int arrive(struct climb *c, const struct blkdev *dev, const struct through *through)
{
	char *tops;
	int r = 0;

	if (asprintf(&tops, "%s%s%s", c->tops ? c->tops : "", c->tops ? ", " : "", dev->name) < 0)
		return -ENOMEM;
	free(c->tops);
	c->tops = tops;
	if (c->n_tops++ && c->top.devno != dev->devno)
		return 0; /* several: told at the end */
	c->n_tops = 1;
	if (c->through) { /* the same by another way: both places */
		for (size_t i = 0; !r && i < through->n; i++)
			r = through_add(c->through, through->pieces[i]);
		return r;
	}
	r = through_new(through->devices, through->top, &c->through);
	for (size_t i = 0; !r && i < through->n; i++)
		r = through_add(c->through, through->pieces[i]);
	return r ? r : blkdev_from_devno(c->root, dev->devno, &c->top);
}

static int climb(struct climb *c, const struct blkdev *dev, const struct through *through,
		 int depth);

static int climb_to(struct climb *c, const struct blkdev *lower, const char *name,
		    const struct through *through, int depth)
{
	CLEANUP(blkdev_deinit) struct blkdev upper = BLKDEV_NULL;
	CLEANUP(through_freep) struct through *above = NULL;
	CLEANUP(freep) char *text = NULL, *devices = NULL;
	struct step step = {.climb = c, .lower = through};
	int r;

	r = blkdev_resolve(c->root, name, &upper);
	if (r)
		return r == -ENOMEM ? r : opaque(c, name, "gone while it was looked at");
	r = name_of(c, &upper, &text);
	if (r)
		return r;
	if (asprintf(&devices, "%s%s%s", through->devices, *through->devices ? " > " : "", text) <
	    0) {
		devices = NULL;
		return -ENOMEM;
	}
	r = through_new(devices, upper.name, &above);
	if (r)
		return r;
	step.upper = above;
	r = step_up(&step, lower, &upper);
	if (r || !above->n)
		return r;
	return climb(c, &upper, above, depth + 1);
}

static int climb(struct climb *c, const struct blkdev *dev, const struct through *through,
		 int depth)
{
	CLEANUP(freep) char *users = NULL;
	char *name, *rest;
	int r = 0;

	if (depth > DEPTH_MAX)
		return opaque(c, dev->name, "layers without end");
	if (depth && (!dev->users || mounts_find(c->mounts, dev->devno)))
		return arrive(c, dev, through);
	users = strdup(dev->users);
	if (!users)
		return -ENOMEM;
	for (name = strtok_r(users, ", ", &rest); !r && name; name = strtok_r(NULL, ", ", &rest))
		r = climb_to(c, dev, name, through, depth);
	return r;
}

int layers_up(const struct sysroot *root, const struct mounts *mounts, const struct blkdev *dev,
	      const struct rangeset *asked, struct blkdev *ret, struct through **ret_through,
	      char **ret_detail)
{
	CLEANUP(climb_deinit) struct climb c = {.root = root, .mounts = mounts};
	CLEANUP(through_freep) struct through *here = NULL;
	int r;

	if (!dev->users)
		return LAYERS_E_NONE;
	r = through_new("", dev->name, &here);
	for (size_t i = 0; !r && i < asked->n; i++)
		r = through_add(here,
				(struct through_piece){asked->ranges[i], asked->ranges[i].start});
	if (!r)
		r = climb(&c, dev, here, 0);
	if (r == LAYERS_E_OPAQUE)
		*ret_detail = steal(c.detail);
	if (r)
		return r;
	if (c.n_tops > 1) {
		*ret_detail = steal(c.tops);
		return LAYERS_E_SEVERAL;
	}
	if (!c.through) {
		*ret_detail = strdup(dev->users);
		return *ret_detail ? LAYERS_E_NOWHERE : -ENOMEM;
	}
	*ret = c.top;
	c.top = BLKDEV_NULL;
	*ret_through = steal(c.through);
	return 0;
}
