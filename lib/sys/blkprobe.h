/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef PMEMRAS_BLKPROBE_H
#define PMEMRAS_BLKPROBE_H

/* What a block device carries, by its superblock's signature (libblkid). */

struct blkprobe {
	char type[32]; /* "xfs", "LVM2_member", "" nothing recognised */
	char uuid[37]; /* of that superblock, "" where it has none that tells devices apart */
};

/* Return: 0 (nothing recognised included), -errno of reading the device. @ret untouched on failure. */
int blkprobe_fd(int fd, struct blkprobe *ret);

#endif
