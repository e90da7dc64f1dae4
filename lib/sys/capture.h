/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef PMEMRAS_CAPTURE_H
#define PMEMRAS_CAPTURE_H

/*
 * The locator's arm: gathers from the kernel what core/locator asks for, for
 * bad ranges of one device. Never changes anything, never holds a descriptor of a mount
 * after it returns.
 */
#include "blkdev.h"
#include "findings.h"
#include "mounts.h"

struct capture_options {
	bool no_paths;
	bool no_holders;
	bool no_inside;     /* do not go on into images behind loop devices */
	unsigned int depth; /* of images that led here; 0 for whoever asks */
	bool no_sync;       /* do not flush delayed allocations first (syncfs) */
	bool offline; /* read off the device also where the kernel could be asked; refused (REASON_MOUNTED)
			 while it writes there */
	/* Called now and then during long walks; nonzero cancels (-ECANCELED). May be NULL. */
	int (*progress)(void *data, const char *what, uint64_t done, uint64_t total);
	void *progress_data;
};

/**
 * capture_locate() - what ranges of a block device hold
 * @root: the machine
 * @dev:  the device
 * @bad:  bytes on it; rounded out to sectors, what lies beyond the end is left out and told (REASON_BEYOND_END)
 * @ret:  the caller owns the findings
 *
 * Where a file that is hit is the image behind a loop device, what its bytes hold there is told too
 * (findings_inside.h).
 *
 * What stands in the way of an answer is a reason in @ret, not an error: not XFS, no reverse map, shut
 * down, not permitted, device gone. An XFS that is shut down or not mounted is read off the
 * device (@ret->offline).
 *
 * Return: 0, -ENOMEM, -ECANCELED.
 */
int capture_locate(const struct sysroot *root, const struct blkdev *dev, const struct rangeset *bad,
		   const struct capture_options *options, struct findings **ret);

/**
 * capture_locate_file() - the other way round: where a part of a file lies, and who shares it
 * @path:  a regular file
 * @range: part of the file, len 0: up to its end
 * @ret_dev: the device it lies on
 * @ret_map: (may be NULL) device bytes of the part, replaced
 *
 * A file on another filesystem than XFS is mapped where that can tell, and has REASON_NOT_XFS.
 * Where the file cannot be asked (shut down, not permitted) @ret has the reason and no findings.
 *
 * Return: 0; -EINVAL: @path is not a regular file, or @range wraps; -ENOTBLK: its device is none we
 * can name; -EOPNOTSUPP: a recorded machine; -errno of opening @path; otherwise as
 * capture_locate(), whose findings it returns for those bytes.
 */
int capture_locate_file(const struct sysroot *root, const char *path, struct byte_range range,
			const struct capture_options *options, struct blkdev *ret_dev,
			struct rangeset *ret_map, struct findings **ret);

#endif
