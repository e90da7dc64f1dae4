/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * A stretch is a run of bytes that lead to one device; those of a striped volume's are in pieces
 * above, so each piece is asked for by itself. Volumes that are striped finely have so many that
 * it is not tried.
 */
#include "devmap.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cleanup.h"
#include "fd.h"
#include "fs_map.h"
#include "fs_xfs.h"
#include "layers.h"
#include "nsmounts.h"

#define PIECES_MAX    4096u
#define STRETCHES_MAX 64u

void devmap_deinit(struct devmap *map)
{
	for (size_t i = 0; i < map->n; i++)
		cells_deinit(&map->stretches[i].cells);
	free(map->stretches);
	*map = DEVMAP_NULL;
}

static int add_stretch(struct devmap *map, struct byte_range range, const char *top)
{
	struct devmap_stretch *more, *last = map->n ? &map->stretches[map->n - 1] : NULL;

	if (last && !strcmp(last->top, top) && range_end(last->range) == range.start) {
		last->range.len += range.len;
		return 0;
	}
	if (map->n == STRETCHES_MAX)
		return -E2BIG;
	more = reallocarray(map->stretches, map->n + 1, sizeof(*more));
	if (!more)
		return -ENOMEM;
	map->stretches = more;
	more[map->n] = (struct devmap_stretch){.range = range, .why = -ENOENT};
	snprintf(more[map->n++].top, sizeof(more->top), "%s", top);
	return 0;
}

/* ---- where the bytes lead ---- */

static const struct through_piece *next_piece(const struct layers *layers, uint64_t at,
					      const char **ret_top)
{
	const struct through_piece *next = NULL;

	for (size_t i = 0; i < layers->n; i++) {
		const struct through *through = layers->tops[i].through;

		for (size_t k = 0; k < through->n; k++) {
			const struct through_piece *piece = &through->pieces[k];

			if (range_end(piece->lower) <= at ||
			    (next && piece->lower.start >= next->lower.start))
				continue;
			next = piece;
			*ret_top = layers->tops[i].dev.name;
			break;
		}
	}
	return next;
}

static int cut_up(const struct layers *layers, uint64_t size, struct devmap *map)
{
	uint64_t at = 0;
	int r = 0;

	while (!r && at < size) {
		const char *top = "";
		const struct through_piece *piece = next_piece(layers, at, &top);
		uint64_t start = piece ? piece->lower.start : size;

		if (start > size)
			start = size;
		if (start > at)
			r = add_stretch(map, (struct byte_range){at, start - at}, "");
		at = start > at ? start : at;
		if (r || !piece || at == size)
			continue;
		start = range_end(piece->lower) < size ? range_end(piece->lower) : size;
		r = add_stretch(map, (struct byte_range){at, start - at}, top);
		at = start;
	}
	return r;
}

/* ---- what owns them ---- */

struct asking {
	struct devmap *map;
	const char *top;
	const struct through_piece *piece;
};

static int add_record(const struct fsmap_rec *rec, void *data)
{
	const struct asking *asking = data;
	struct byte_range upper = {asking->piece->upper, asking->piece->lower.len};
	struct byte_range bytes = range_intersect(rec->phys, upper);

	bytes.start = bytes.start - asking->piece->upper + asking->piece->lower.start;
	for (size_t i = 0; bytes.len && i < asking->map->n; i++)
		if (!strcmp(asking->map->stretches[i].top, asking->top))
			cells_add(&asking->map->stretches[i].cells, bytes,
				  cell_kind_of(fsmap_owner_kind(rec)));
	return 0;
}

static int ask(const struct mounts *mounts, dev_t devno, const struct through *through,
	       struct asking *asking)
{
	CLEANUP(fs_map_deinit) struct fs_map fs = FS_MAP_NULL;
	CLEANUP(fd_closep) int fd = -1;
	const struct mount *mount;
	int r;

	if (!fs_xfs_permitted())
		return -EPERM;
	if (through->n > PIECES_MAX)
		return -E2BIG;
	r = fs_xfs_open(mounts, devno, &fd, &mount);
	if (!r)
		r = fs_map_init(&fs, fd, devno);
	for (size_t i = 0; !r && i < through->n; i++) {
		asking->piece = &through->pieces[i];
		r = fs_map_query(
			&fs,
			(struct byte_range){through->pieces[i].upper, through->pieces[i].lower.len},
			add_record, asking);
	}
	return r;
}

static int ask_top(const struct sysroot *root, const struct mounts *mounts,
		   const struct layers_top *top, struct devmap *map)
{
	struct asking asking = {map, top->dev.name, NULL};
	int r = root->live ? ask(mounts, top->dev.devno, top->through, &asking) : -EOPNOTSUPP;

	for (size_t i = 0; i < map->n; i++) {
		if (strcmp(map->stretches[i].top, top->dev.name) != 0)
			continue;
		map->stretches[i].why = r;
		map->stretches[i].asked = !r;
	}
	return r == -ENOMEM ? r : 0;
}

/* The device itself, as if it were a layer of its own. */
static int itself(const struct sysroot *root, const struct blkdev *dev, struct layers *ret)
{
	struct layers_top *top = calloc(1, sizeof(*top));
	int r;

	if (!top)
		return -ENOMEM;
	ret->tops = top;
	r = through_new("", dev->name, &top->through);
	if (!r)
		r = through_add(top->through, (struct through_piece){{0, dev->size}, 0});
	if (!r)
		r = blkdev_from_devno(root, dev->devno, &top->dev);
	ret->n = 1;
	return r;
}

int devmap_read(const struct sysroot *root, const struct blkdev *dev, size_t n_cells,
		struct devmap *ret)
{
	CLEANUP(mounts_deinit) struct mounts mounts = MOUNTS_NULL;
	CLEANUP(layers_deinit) struct layers layers = LAYERS_NULL;
	CLEANUP(rangeset_deinit) struct rangeset all = RANGESET_NULL;
	CLEANUP(devmap_deinit) struct devmap map = DEVMAP_NULL;
	int r;

	if (dev->pmem || !dev->size)
		return -EINVAL;
	r = nsmounts_read(root, dev->devno, &mounts);
	if (r != -ENOMEM)
		r = rangeset_add(&all, (struct byte_range){0, dev->size});
	if (!r)
		r = mounts_find(&mounts, dev->devno)
			    ? LAYERS_E_NONE
			    : layers_read(root, &mounts, dev, &all, &layers);
	if (r == LAYERS_E_NONE)
		r = itself(root, dev, &layers);
	if (!r)
		r = cut_up(&layers, dev->size, &map);
	for (size_t i = 0; !r && i < map.n; i++)
		r = cells_init(&map.stretches[i].cells, map.stretches[i].range, n_cells);
	for (size_t i = 0; !r && i < layers.n; i++)
		r = ask_top(root, &mounts, &layers.tops[i], &map);
	if (r)
		return r;
	devmap_deinit(ret);
	*ret = map;
	map = DEVMAP_NULL;
	return 0;
}
