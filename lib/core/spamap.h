/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef PMEMRAS_SPAMAP_H
#define PMEMRAS_SPAMAP_H

/*
 * System physical addresses against persistent-memory regions and namespaces.
 *
 * A memory failure names a physical address, a region's badblocks list counts
 * from the region's start, a block device's from the start of the namespace's
 * data area. A namespace of mode fsdax or devdax keeps its page metadata in
 * front of that area (pfnN.M/resource is where data starts), a raw one is data
 * from its first byte, and a sector (BTT) one remaps privately: its blocks
 * have no fixed address, so nothing below it can be named.
 */
#include <stddef.h>
#include "range.h"

/* Physical addresses, bytes. */
struct spa_range {
	struct byte_range range;
};

enum nd_mode {
	ND_MODE_RAW,
	ND_MODE_FSDAX,
	ND_MODE_DEVDAX,
	ND_MODE_SECTOR,
	ND_MODE_N,
};
/* As ndctl names it: "raw", "fsdax", "devdax", "sector"; never NULL */
const char *nd_mode_token(enum nd_mode mode);
int nd_mode_from_token(const char *token); /* -1 where it names none, NULL included */

struct nd_region {
	char name[32]; /* "region0" */
	struct spa_range spa;
};

struct nd_namespace {
	char name[32]; /* "namespace0.0" */
	char uuid[37]; /* lower case, "" where it has none */
	char dev[64];  /* "pmem0", "dax0.0"; "" where it is disabled */
	size_t region; /* index into regions */
	enum nd_mode mode;
	struct spa_range whole; /* all it takes of the region; len 0 unknown */
	struct spa_range data;	/* what @dev's bytes are; len 0 unknown, or SECTOR */
};

/* All by value; a zeroed one is empty. */
struct spamap {
	struct nd_region *regions;
	size_t n_regions;
	struct nd_namespace *namespaces;
	size_t n_namespaces;
};

#define SPAMAP_NULL ((struct spamap){0})
void spamap_deinit(struct spamap *map);
/* Copies; @namespaces refer to regions that are there already. -ENOMEM, -EINVAL (no such region, wraps). */
int spamap_add_region(struct spamap *map, const struct nd_region *region);
int spamap_add_namespace(struct spamap *map, const struct nd_namespace *ns);

enum spa_place {
	SPA_OUTSIDE,	/* no region: ordinary memory, or not known to libnvdimm */
	SPA_REGION,	/* in a region, in no namespace */
	SPA_RESERVED,	/* a namespace's own page metadata, or its map where it is SECTOR */
	SPA_DATA,	/* data of a namespace */
};

#define SPAMAP_NONE SIZE_MAX

struct spa_piece {
	struct spa_range spa;
	enum spa_place place;
	size_t region;	 /* index, SPAMAP_NONE outside */
	size_t ns;	 /* index, SPAMAP_NONE outside of any */
	uint64_t offset; /* DATA: byte on the namespace's device; REGION, RESERVED: byte in the region */
};

/**
 * spamap_split() - where physical addresses lie
 * @fn: called for each piece in ascending order; 0 continues, nonzero stops and comes back
 *
 * The pieces cover @spa exactly, once.
 */
int spamap_split(const struct spamap *map, struct spa_range spa,
		 int (*fn)(const struct spa_piece *piece, void *data), void *data);

/*
 * The physical addresses of bytes of a namespace's device, or of a region.
 * Return: 0; -ERANGE behind the end; -ENXIO: the namespace has no fixed addresses (SECTOR, disabled).
 */
int spamap_from_data(const struct spamap *map, size_t ns, struct byte_range data,
		     struct spa_range *ret);
int spamap_from_region(const struct spamap *map, size_t region, struct byte_range offset,
		       struct spa_range *ret);

/* Index of the namespace whose device is @dev, SPAMAP_NONE where there is none. */
size_t spamap_namespace_of(const struct spamap *map, const char *dev);

#endif
