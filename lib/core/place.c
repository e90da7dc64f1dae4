/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * A device's bytes lie in one piece of the physical address space, so one address
 * places them all; a sector-mode namespace has none to give. DIMMs are kept by range: below an
 * interleaved region they change every few KiB, and one answer to many questions is cut apart
 * later (findings_cut.c).
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include "cleanup.h"
#include "place.h"

static void set_address(struct place *place, struct spa_range spa, uint64_t skip)
{
	place->has_address = spa.range.len > skip;
	place->address = place->has_address ? spa.range.start + skip : 0;
}

int place_find(const struct spamap *map, const char *dev, uint64_t skip, struct place *ret)
{
	size_t data = spamap_namespace_of(map, dev);
	struct place place = {.has_address = false};

	for (size_t i = 0; i < map->n_namespaces; i++) {
		const struct nd_namespace *ns = &map->namespaces[i];

		if (i != data && strcmp(ns->name, dev) != 0)
			continue;
		memcpy(place.ns, ns->name, sizeof(place.ns));
		memcpy(place.region, map->regions[ns->region].name, sizeof(place.region));
		if (i != data)
			set_address(&place, ns->whole, skip);
		else if (ns->mode != ND_MODE_SECTOR)
			set_address(&place, ns->data, skip);
	}
	for (size_t i = 0; !*place.region && i < map->n_regions; i++) {
		if (strcmp(map->regions[i].name, dev) != 0)
			continue;
		memcpy(place.region, dev, strlen(dev));
		set_address(&place, map->regions[i].spa, skip);
	}
	if (!*place.region)
		return -ENOENT;

	*ret = place;
	return 0;
}

bool place_address(const struct place *place, uint64_t offset, uint64_t *ret)
{
	if (!place->has_address || offset > UINT64_MAX - place->address)
		return false;
	*ret = place->address + offset;
	return true;
}

static void widen(struct byte_range *range, struct byte_range with)
{
	uint64_t end = range_end(*range) > range_end(with) ? range_end(*range) : range_end(with);

	if (with.start < range->start)
		range->start = with.start;
	range->len = end - range->start;
}

void place_add_dimm(struct place *place, struct byte_range range, const char *name)
{
	struct place_dimm *last = NULL, *entry;

	if (!*name || strlen(name) >= sizeof(entry->name))
		return;
	for (size_t i = 0; i < place->n_dimms; i++) {
		entry = &place->dimms[i];
		if (strcmp(entry->name, name) != 0)
			continue;
		last = entry;
		if (range_end(entry->range) == range.start)
			break;
	}
	if (last && (range_end(last->range) == range.start || place->n_dimms == PLACE_DIMMS_MAX)) {
		widen(&last->range, range);
		return;
	}
	if (place->n_dimms == PLACE_DIMMS_MAX)
		return;
	entry = &place->dimms[place->n_dimms++];
	entry->range = range;
	strcpy(entry->name, name);
}

size_t place_dimms(const struct place *place, const char *ret[PLACE_DIMMS_MAX])
{
	size_t n = 0;

	for (size_t i = 0; i < place->n_dimms; i++) {
		size_t k = 0;

		while (k < n && strcmp(ret[k], place->dimms[i].name) != 0)
			k++;
		if (k == n)
			ret[n++] = place->dimms[i].name;
	}
	return n;
}

int place_cut(const struct place *place, const struct rangeset *ranges, struct place **ret)
{
	struct place *part;

	if (!place) {
		*ret = NULL;
		return 0;
	}
	part = malloc(sizeof(*part));
	if (!part)
		return -ENOMEM;
	*part = *place;
	part->n_dimms = 0;
	for (size_t i = 0; i < place->n_dimms; i++)
		if (rangeset_overlaps(ranges, place->dimms[i].range))
			part->dimms[part->n_dimms++] = place->dimms[i];

	*ret = part;
	return 0;
}
