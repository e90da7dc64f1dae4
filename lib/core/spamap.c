/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Physical addresses to regions, namespaces and data offsets, and back.
 *
 * There are a handful of regions and namespaces, so lookups are plain scans.
 * A split walks from boundary to boundary: at each address the owner is looked
 * up, and the answer holds up to the nearest place where any region, namespace
 * or data area begins or ends.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include "cleanup.h"
#include "spamap.h"
#include "token.h"

static const char *const mode_tokens[ND_MODE_N] = {
	[ND_MODE_RAW] = "raw",
	[ND_MODE_FSDAX] = "fsdax",
	[ND_MODE_DEVDAX] = "devdax",
	[ND_MODE_SECTOR] = "sector",
};

const char *nd_mode_token(enum nd_mode mode)
{
	return (size_t)mode < ARRAY_SIZE(mode_tokens) ? mode_tokens[mode] : "unknown";
}

int nd_mode_from_token(const char *token)
{
	return token_find(mode_tokens, ND_MODE_N, token);
}

void spamap_deinit(struct spamap *map)
{
	free(map->regions);
	free(map->namespaces);
	*map = SPAMAP_NULL;
}

static bool wraps(struct spa_range spa)
{
	return spa.range.len > UINT64_MAX - spa.range.start;
}

int spamap_add_region(struct spamap *map, const struct nd_region *region)
{
	struct nd_region *bigger;

	if (wraps(region->spa))
		return -EINVAL;
	bigger = reallocarray(map->regions, map->n_regions + 1, sizeof(*bigger));
	if (!bigger)
		return -ENOMEM;

	map->regions = bigger;
	map->regions[map->n_regions++] = *region;
	return 0;
}

int spamap_add_namespace(struct spamap *map, const struct nd_namespace *ns)
{
	struct nd_namespace *bigger;

	if (wraps(ns->whole) || wraps(ns->data) || ns->region >= map->n_regions)
		return -EINVAL;
	bigger = reallocarray(map->namespaces, map->n_namespaces + 1, sizeof(*bigger));
	if (!bigger)
		return -ENOMEM;

	map->namespaces = bigger;
	map->namespaces[map->n_namespaces++] = *ns;
	return 0;
}

static bool holds(struct spa_range spa, uint64_t address)
{
	return spa.range.start <= address && address < range_end(spa.range);
}

/* Bring *@end forward to the first boundary of @spa behind @address. */
static void stop_at(struct spa_range spa, uint64_t address, uint64_t *end)
{
	if (!spa.range.len)
		return;
	if (spa.range.start > address && spa.range.start < *end)
		*end = spa.range.start;
	if (range_end(spa.range) > address && range_end(spa.range) < *end)
		*end = range_end(spa.range);
}

/* The piece that begins at @address and ends at @end or before. */
static struct spa_piece piece_at(const struct spamap *map, uint64_t address, uint64_t end)
{
	struct spa_piece piece = {
		.place = SPA_OUTSIDE,
		.region = SPAMAP_NONE,
		.ns = SPAMAP_NONE,
	};

	for (size_t i = 0; i < map->n_regions; i++) {
		struct spa_range spa = map->regions[i].spa;

		stop_at(spa, address, &end);
		if (!holds(spa, address) || piece.region != SPAMAP_NONE)
			continue;
		piece.place = SPA_REGION;
		piece.region = i;
		piece.offset = address - spa.range.start;
	}
	for (size_t i = 0; i < map->n_namespaces; i++) {
		const struct nd_namespace *ns = &map->namespaces[i];

		stop_at(ns->whole, address, &end);
		stop_at(ns->data, address, &end);
		if (ns->region != piece.region || piece.ns != SPAMAP_NONE)
			continue;
		if (ns->mode != ND_MODE_SECTOR && holds(ns->data, address)) {
			piece.place = SPA_DATA;
			piece.ns = i;
			piece.offset = address - ns->data.range.start;
		} else if (holds(ns->whole, address)) {
			piece.place = SPA_RESERVED;
			piece.ns = i;
		}
	}
	piece.spa.range = (struct byte_range){address, end - address};
	return piece;
}

int spamap_split(const struct spamap *map, struct spa_range spa,
		 int (*fn)(const struct spa_piece *piece, void *data), void *data)
{
	uint64_t end = range_end(spa.range);
	uint64_t at = spa.range.start;

	while (at < end) {
		struct spa_piece piece = piece_at(map, at, end);
		int r = fn(&piece, data);

		if (r)
			return r;
		at = range_end(piece.spa.range);
	}
	return 0;
}

static int within(struct spa_range whole, struct byte_range part, struct spa_range *ret)
{
	if (part.start > whole.range.len || part.len > whole.range.len - part.start)
		return -ERANGE;
	ret->range = (struct byte_range){whole.range.start + part.start, part.len};
	return 0;
}

int spamap_from_data(const struct spamap *map, size_t ns, struct byte_range data,
		     struct spa_range *ret)
{
	const struct nd_namespace *of = &map->namespaces[ns];

	if (of->mode == ND_MODE_SECTOR || !of->data.range.len)
		return -ENXIO;
	return within(of->data, data, ret);
}

int spamap_from_region(const struct spamap *map, size_t region, struct byte_range offset,
		       struct spa_range *ret)
{
	return within(map->regions[region].spa, offset, ret);
}

size_t spamap_namespace_of(const struct spamap *map, const char *dev)
{
	for (size_t i = 0; *dev && i < map->n_namespaces; i++)
		if (!strcmp(map->namespaces[i].dev, dev))
			return i;
	return SPAMAP_NONE;
}
