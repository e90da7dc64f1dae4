/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef PMEMRAS_XFSDISK_RMAP_H
#define PMEMRAS_XFSDISK_RMAP_H

/*
 * The reverse map of an allocation group, read off the device: the same
 * records as FS_IOC_GETFSMAP gives, but for FSMAP_SHARED and FSMAP_LAST.
 *
 * Source: "XFS Algorithms & Data Structures" (xfs-documentation), chapter
 * "Reverse-Mapping B+tree"; xfs_fs.h (owner codes).
 */
#include "xfsdisk.h"

/* An AG's map, opened. Holds a block for each level: queries that ascend read few twice. */
struct xfsdisk_rmap {
	const struct xfsdisk *disk; /* borrowed */
	struct xfsdisk_agf agf;
	uint8_t *blocks;               /* rmap_levels of them */
	uint32_t held[XFSDISK_LEVELS]; /* AG block in it; 0: none */
};

#define XFSDISK_RMAP_NULL ((struct xfsdisk_rmap){0})

struct xfsdisk_rmap_sink {
	/*
	 * A whole record, which may reach beyond what was asked. Free space comes as a record of
	 * its own, cut to what was asked. 0 continues, nonzero stops and comes back.
	 */
	int (*record)(const struct fsmap_rec *rec, void *data);
	/*
	 * A block of the map could not be used, or does not fit to the one above: these bytes, cut to
	 * what was asked, may have more owners than come as records. Likewise.
	 */
	int (*lost)(struct byte_range range, void *data);
	void *data;
};

/*
 * @ret: deinit it. 0; XFSDISK_E_UNSUPPORTED: no reverse map; XFSDISK_E_DAMAGED, -EIO: of this AG
 * nothing can be told; -ENOMEM, -errno.
 */
int xfsdisk_rmap_init(const struct xfsdisk *disk, uint32_t agno, struct xfsdisk_rmap *ret);
void xfsdisk_rmap_deinit(struct xfsdisk_rmap *map);

/**
 * xfsdisk_rmap_query() - who owns a part of the AG
 * @window: device bytes; what lies outside of the AG is left out
 *
 * Return: 0, what the sink returned, -errno of the source other than -EIO.
 */
int xfsdisk_rmap_query(struct xfsdisk_rmap *map, struct byte_range window,
		       const struct xfsdisk_rmap_sink *sink);

#endif
