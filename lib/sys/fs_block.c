/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * FICLONERANGE (ioctl_ficlonerange(2)) is unconditional: what the destination had is let go of. So
 * callers look first, hold what they look at, and keep others out. It takes a length that is
 * no multiple of the block size only where it ends both files, which is what keeps a
 * partial tail from growing.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/fs.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include "cleanup.h"
#include "fs_block.h"
#include "fs_map.h"

int fs_block_where(struct fs_block block, uint64_t *ret_byte)
{
	CLEANUP(rangeset_deinit) struct rangeset map = RANGESET_NULL;
	int r = fs_map_file(block.fd, (struct byte_range){block.offset, block.len}, &map);

	if (r)
		return r;
	if (map.n != 1 || map.ranges[0].len != block.len)
		return -ENODATA;
	*ret_byte = map.ranges[0].start;
	return 0;
}

int fs_block_clone(struct fs_block from, struct fs_block to)
{
	struct file_clone_range range = {.src_fd = from.fd,
					 .src_offset = from.offset,
					 .src_length = from.len,
					 .dest_offset = to.offset};

	if (from.len != to.len)
		return -EINVAL;
	return ioctl(to.fd, FICLONERANGE, &range) ? -errno : 0;
}

struct query {
	struct byte_range page;
	int (*fn)(const struct fsmap_rec *rec, void *data);
	void *data;
};

static int pass_on(const struct fsmap_rec *rec, void *data)
{
	const struct query *query = data;
	struct fsmap_rec part;

	return fsmap_clamp(rec, query->page, &part) ? query->fn(&part, query->data) : 0;
}

int fs_block_owners(int fs_fd, dev_t devno, struct byte_range page,
		    int (*fn)(const struct fsmap_rec *rec, void *data), void *data)
{
	CLEANUP(fs_map_deinit) struct fs_map map = FS_MAP_NULL;
	struct query query = {page, fn, data};
	int r = fs_map_init(&map, fs_fd, devno);

	return r ? r : fs_map_query(&map, page, pass_on, &query);
}

int fs_block_is_dax(int fd, bool *ret)
{
	struct statx stx;

	if (statx(fd, "", AT_EMPTY_PATH, STATX_BASIC_STATS, &stx))
		return -errno;
	*ret = stx.stx_attributes & STATX_ATTR_DAX;
	return 0;
}
