/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef PMEMRAS_XFSDISK_FEATURES_H
#define PMEMRAS_XFSDISK_FEATURES_H

/*
 * What makes an XFS one that is not read here, by name: nothing of it is guessed.
 *
 * Source: "XFS Algorithms & Data Structures" (xfs-documentation), chapter "Superblocks";
 * mkfs.xfs(8) for the names.
 */
#include "xfsdisk.h"

#define XFSDISK_FEATURES_SAYS 200u /* bytes */

/*
 * @superblock: its first sector, of which xfsdisk_open() said XFSDISK_E_UNSUPPORTED
 * @ret: "version 4", "metadir, zoned, 0x800"; for text it is long enough
 */
void xfsdisk_features_unknown(const uint8_t *superblock, char ret[static XFSDISK_FEATURES_SAYS]);

#endif
