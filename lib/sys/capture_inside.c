/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * A loop device keeps its file open, so device and inode number are this file's and no later
 * one's. The kernel's own word is needed for them: the file's name in sysfs may be another
 * file's by now. The loop device is then asked like any other, with its partitions and
 * volumes, and goes on by itself where an image lies in an image.
 */
#include "capture_inside.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cleanup.h"
#include "findings_inside.h"
#include "loops.h"

struct inside {
	const struct sysroot *root;
	dev_t fs;
	struct capture_options options;
	struct findings *f;
};

/* The bytes of its file that the device shows: from an offset on, no more than it is large. */
static struct byte_range shown(const struct loop *loop, const struct blkdev *dev)
{
	struct byte_range part = {loop->offset, dev->size};

	if (loop->limit && part.len > loop->limit)
		part.len = loop->limit;
	if (part.len > UINT64_MAX - part.start)
		part.len = 0;
	return part;
}

static const char *name_of(const struct findings *f, const struct found_file *file,
			   const struct loop *loop)
{
	uint32_t cursor = 0;
	const char *path = findings_path_next(f, file, &cursor);

	return path ? path : loop->file;
}

static int go_on(struct inside *inside, const struct blkdev *dev, struct through **from)
{
	CLEANUP(rangeset_deinit) struct rangeset bytes = RANGESET_NULL;
	CLEANUP(findings_freep) struct findings *found = NULL;
	int r;

	if (inside->options.depth > FINDINGS_INSIDE_MAX) {
		findings_add_reason(inside->f, REASON_UNRESOLVED_LAYER);
		if (!inside->f->detail &&
		    asprintf(&inside->f->detail, "%s (images without end)", dev->name) < 0) {
			inside->f->detail = NULL;
			return -ENOMEM;
		}
		return 0;
	}
	r = through_upper(*from, &bytes);
	if (!r)
		r = capture_locate(inside->root, dev, &bytes, &inside->options, &found);
	if (r)
		return r;
	findings_sort(found);
	return findings_add_inside(inside->f, from, &found);
}

static int look_at_loop(const struct loop *loop, void *data)
{
	struct inside *inside = data;
	CLEANUP(through_freep) struct through *from = NULL;
	CLEANUP(blkdev_deinit) struct blkdev dev = BLKDEV_NULL;
	CLEANUP(loop_deinit) struct loop exact = LOOP_NULL;
	const struct found_file *file;
	int r;

	if (loop->dev != inside->fs || loop->rdev)
		return 0;
	r = loop_read_exact(inside->root, loop->name, &exact);
	if (r)
		return r == -ENOMEM ? r : 0;
	file = exact.dev == inside->fs && !exact.rdev ? findings_file_by_ino(inside->f, exact.ino)
						      : NULL;
	if (!file)
		return 0;
	r = blkdev_resolve(inside->root, exact.name, &dev);
	if (r)
		return r == -ENOMEM ? r : 0;
	r = findings_inside_image(inside->f, exact.ino, shown(&exact, &dev),
				  name_of(inside->f, file, &exact), exact.name, &from);
	return r || !from ? r : go_on(inside, &dev, &from);
}

int capture_inside(const struct sysroot *root, dev_t fs, const struct capture_options *options,
		   struct findings *f)
{
	struct inside inside = {root, fs, *options, f};

	inside.options.depth++;
	return loop_each(root, look_at_loop, &inside);
}
