/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Depth first, with the pieces of the question that each device has. Bytes that come to a layer that
 * cannot be computed stay there, and whoever wants one answer for all gets none then: half an
 * answer would look like a whole one.
 */
#include "layers.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cleanup.h"
#include "dm_table.h"
#include "dmtable.h"
#include "nsmounts.h"

#define DEPTH_MAX 16 /* the kernel's own stacks end long before */

struct climb {
	const struct sysroot *root;
	const struct mounts *mounts;
	struct layers *layers;
};

void layers_deinit(struct layers *layers)
{
	for (size_t i = 0; i < layers->n; i++) {
		blkdev_deinit(&layers->tops[i].dev);
		through_free(layers->tops[i].through);
	}
	free(layers->tops);
	rangeset_deinit(&layers->opaque);
	free(layers->detail);
	*layers = LAYERS_NULL;
}

/* The first layer of the kind is the one that is named. */
static int opaque(struct climb *c, const struct through *through, const char *name,
		  const char *what)
{
	CLEANUP(rangeset_deinit) struct rangeset bytes = RANGESET_NULL;
	int r;

	if (!c->layers->detail && asprintf(&c->layers->detail, "%s (%s)", name, what) < 0) {
		c->layers->detail = NULL;
		return -ENOMEM;
	}
	r = through_lower(through, &bytes);
	return r ? r : rangeset_add_set(&c->layers->opaque, &bytes);
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
				    : opaque(step->climb, step->lower, upper->name,
					     "its table cannot be read");
	type = dmtable_opaque(&table, lower->devno);
	if (type)
		return opaque(step->climb, step->lower, upper->name, type);
	r = through_upper(step->lower, &asked);
	for (size_t i = 0; !r && i < asked.n; i++)
		r = dmtable_map_up(&table, lower->devno, asked.ranges[i], add_dm_piece, step);
	return r;
}

static int step_to_partition(struct step *step, const struct blkdev *upper, const char *start)
{
	unsigned long long sector;

	if (sscanf(start, "%llu", &sector) != 1 || sector > UINT64_MAX / SECTOR_SIZE)
		return opaque(step->climb, step->lower, upper->name,
			      "partition whose start cannot be read");
	return add_piece(step, (struct byte_range){sector * SECTOR_SIZE, upper->size}, 0);
}

struct legs {
	const struct sysroot *root;
	const char *array, *lower;
	char *text; /* "md0 with sdb in_sync, sdc faulty": what the kernel holds of the other legs */
	size_t n;
};

static int add_leg(const char *name, void *data)
{
	struct legs *legs = data;
	CLEANUP(freep) char *state = NULL;
	char *more;
	int r;

	if (strncmp(name, "dev-", 4) != 0 || !strcmp(name + 4, legs->lower))
		return 0;
	r = sysroot_readf(legs->root, &state, "/sys/class/block/%s/md/%s/state", legs->array, name);
	if (r)
		return r == -ENOMEM ? r : 0;
	if (asprintf(&more, "%s%s%s %s", legs->text, legs->n++ ? ", " : " with ", name + 4, state) <
	    0)
		return -ENOMEM;
	free(legs->text);
	legs->text = more;
	return 0;
}

/* An array of md: its level, and what state its other legs are in. */
static int step_to_array(struct step *step, const struct blkdev *lower, const struct blkdev *upper,
			 const char *level)
{
	struct legs legs = {step->climb->root, upper->name, lower->name, strdup(upper->name), 0};
	CLEANUP(freep) char *text = NULL;
	char path[128];
	int r = legs.text ? 0 : -ENOMEM;

	snprintf(path, sizeof(path), "/sys/class/block/%s/md", upper->name);
	if (!r)
		r = sysroot_each(step->climb->root, path, add_leg, &legs);
	text = legs.text;
	return r == -ENOMEM ? r : opaque(step->climb, step->lower, text, level);
}

/* Known by name only. */
static int step_to_other(struct step *step, const struct blkdev *lower, const struct blkdev *upper)
{
	CLEANUP(freep) char *level = NULL;
	int r;

	r = sysroot_readf(step->climb->root, &level, "/sys/class/block/%s/md/level", upper->name);
	if (r == -ENOMEM)
		return r;
	if (!r && *level)
		return step_to_array(step, lower, upper, level);
	return opaque(step->climb, step->lower, upper->name,
		      !strncmp(upper->name, "bcache", 6) ? "bcache"
							 : "a layer that pmemras does not know");
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
	return step_to_other(step, lower, upper);
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

static struct layers_top *find_top(struct layers *layers, dev_t devno)
{
	for (size_t i = 0; i < layers->n; i++)
		if (layers->tops[i].dev.devno == devno)
			return &layers->tops[i];
	return NULL;
}

static int add_top(const struct sysroot *root, struct layers *layers, const struct blkdev *dev,
		   const struct through *through)
{
	struct layers_top top = {.dev = BLKDEV_NULL}, *more;
	int r;

	more = reallocarray(layers->tops, layers->n + 1, sizeof(*more));
	if (!more)
		return -ENOMEM;
	layers->tops = more;
	r = through_new(through->devices, through->top, &top.through);
	if (!r)
		r = blkdev_from_devno(root, dev->devno, &top.dev);
	if (r) {
		through_free(top.through);
		return r;
	}
	more[layers->n++] = top;
	return 0;
}

static int arrive(struct climb *c, const struct blkdev *dev, const struct through *through)
{
	struct layers_top *top = find_top(c->layers, dev->devno);
	int r = 0;

	if (!top) {
		r = add_top(c->root, c->layers, dev, through);
		if (r) /* gone meanwhile */
			return r == -ENOMEM ? r : opaque(c, through, dev->name, strerror(-r));
		top = &c->layers->tops[c->layers->n - 1];
	}
	/* the same by another way: both places */
	for (size_t i = 0; !r && i < through->n; i++)
		r = through_add(top->through, through->pieces[i]);
	return r;
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
		return r == -ENOMEM ? r : opaque(c, through, name, "gone while it was looked at");
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
		return opaque(c, through, dev->name, "layers without end");
	if (depth && (!dev->users || mounts_find(c->mounts, dev->devno)))
		return arrive(c, dev, through);
	users = strdup(dev->users);
	if (!users)
		return -ENOMEM;
	for (name = strtok_r(users, ", ", &rest); !r && name; name = strtok_r(NULL, ", ", &rest))
		r = climb_to(c, dev, name, through, depth);
	return r;
}

int layers_read(const struct sysroot *root, const struct mounts *mounts, const struct blkdev *dev,
		const struct rangeset *asked, struct layers *ret)
{
	CLEANUP(layers_deinit) struct layers layers = LAYERS_NULL;
	CLEANUP(through_freep) struct through *here = NULL;
	struct climb c = {root, mounts, &layers};
	int r;

	if (!dev->users)
		return LAYERS_E_NONE;
	r = through_new("", dev->name, &here);
	for (size_t i = 0; !r && i < asked->n; i++)
		r = through_add(here,
				(struct through_piece){asked->ranges[i], asked->ranges[i].start});
	if (!r)
		r = climb(&c, dev, here, 0);
	if (r)
		return r;
	layers_deinit(ret);
	*ret = layers;
	layers = LAYERS_NULL;
	return 0;
}

/* "a, b" */
static int name_tops(const struct layers *layers, char **ret)
{
	CLEANUP(freep) char *names = NULL;

	for (size_t i = 0; i < layers->n; i++) {
		char *more;

		if (asprintf(&more, "%s%s%s", i ? names : "", i ? ", " : "",
			     layers->tops[i].dev.name) < 0)
			return -ENOMEM;
		free(names);
		names = more;
	}
	*ret = steal(names);
	return 0;
}

int layers_up(const struct sysroot *root, const struct mounts *mounts, const struct blkdev *dev,
	      const struct rangeset *asked, struct blkdev *ret, struct through **ret_through,
	      char **ret_detail)
{
	CLEANUP(layers_deinit) struct layers layers = LAYERS_NULL;
	int r;

	r = layers_read(root, mounts, dev, asked, &layers);
	if (r)
		return r;
	if (layers.opaque.n) {
		*ret_detail = steal(layers.detail);
		return LAYERS_E_OPAQUE;
	}
	if (layers.n > 1) {
		r = name_tops(&layers, ret_detail);
		return r ? r : LAYERS_E_SEVERAL;
	}
	if (!layers.n) {
		*ret_detail = strdup(dev->users);
		return *ret_detail ? LAYERS_E_NOWHERE : -ENOMEM;
	}
	*ret = layers.tops[0].dev;
	layers.tops[0].dev = BLKDEV_NULL;
	*ret_through = steal(layers.tops[0].through);
	return 0;
}

/* ---- what is to be asked by itself ---- */

/* The bytes of @part that no part before had, as one more. */
static int add_part(struct layers_parts *parts, const struct rangeset *part)
{
	CLEANUP(rangeset_deinit) struct rangeset bytes = RANGESET_NULL;
	struct rangeset *more;
	int r;

	r = rangeset_copy(&bytes, part);
	for (size_t i = 0; !r && i < parts->n; i++)
		r = rangeset_subtract_set(&bytes, &parts->items[i]);
	if (r || !bytes.n)
		return r;
	more = reallocarray(parts->items, parts->n + 1, sizeof(*more));
	if (!more)
		return -ENOMEM;
	parts->items = more;
	more[parts->n] = RANGESET_NULL;
	rangeset_move(&more[parts->n++], &bytes);
	return 0;
}

void layers_parts_deinit(struct layers_parts *parts)
{
	for (size_t i = 0; i < parts->n; i++)
		rangeset_deinit(&parts->items[i]);
	free(parts->items);
	*parts = LAYERS_PARTS_NULL;
}

int layers_split(const struct sysroot *root, const struct blkdev *dev, const struct rangeset *asked,
		 struct layers_parts *ret)
{
	CLEANUP(layers_parts_deinit) struct layers_parts parts = LAYERS_PARTS_NULL;
	CLEANUP(layers_deinit) struct layers layers = LAYERS_NULL;
	CLEANUP(mounts_deinit) struct mounts mounts = MOUNTS_NULL;
	int r;

	r = nsmounts_read(root, dev->devno, &mounts);
	if (r == -ENOMEM)
		return r;
	r = mounts_find(&mounts, dev->devno) ? LAYERS_E_NONE
					     : layers_read(root, &mounts, dev, asked, &layers);
	if (r < 0)
		return r;
	r = 0;
	/* with one way up, or none, the whole is one question */
	if (layers.n + (layers.opaque.n > 0) > 1) {
		r = add_part(&parts, &layers.opaque);
		for (size_t i = 0; !r && i < layers.n; i++) {
			CLEANUP(rangeset_deinit) struct rangeset lower = RANGESET_NULL;

			r = through_lower(layers.tops[i].through, &lower);
			if (!r)
				r = add_part(&parts, &lower);
		}
	}
	if (!r)
		r = add_part(&parts, asked);
	if (r)
		return r;
	layers_parts_deinit(ret);
	*ret = parts;
	parts = LAYERS_PARTS_NULL;
	return 0;
}
