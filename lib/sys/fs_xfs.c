/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Getting at a mounted XFS. A line of the mount table is a claim about a name:
 * by the time it is opened, or from the start, another filesystem may be
 * mounted over it. So each candidate is opened and its st_dev compared; only
 * what matches is used.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>
#include "cleanup.h"
#include "fd.h"
#include "fs_xfs.h"
#include "xfs_compat.h"

int fs_xfs_open_at(const struct mount *mount, int *ret_fd)
{
	CLEANUP(fd_closep) int fd = -1;
	struct stat st;

	/* by O_PATH first: opening a device or a fifo that is bind-mounted could have effects */
	fd = open(mount->target, O_PATH | O_NOFOLLOW | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	if (fstat(fd, &st))
		return -errno;
	if (st.st_dev != mount->devno)
		return -EBUSY;
	if (!S_ISDIR(st.st_mode) && !S_ISREG(st.st_mode))
		return -ENOENT;
	fd_closep(&fd);

	fd = open(mount->target, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	if (fstat(fd, &st))
		return -errno;
	if (st.st_dev != mount->devno)
		return -EBUSY;

	*ret_fd = fd_steal(&fd);
	return 0;
}

int fs_xfs_open(const struct mounts *mounts, dev_t devno, int *ret_fd,
		const struct mount **ret_mount)
{
	int failure = -ENOENT;

	for (int subtrees = 0; subtrees < 2; subtrees++) {
		for (size_t i = 0; i < mounts->n; i++) {
			const struct mount *mount = &mounts->items[i];
			int r;

			if (mount->devno != devno || strcmp(mount->fs_type, "xfs") ||
			    (strcmp(mount->root, "/") != 0) != subtrees)
				continue;
			r = fs_xfs_open_at(mount, ret_fd);
			if (!r) {
				*ret_mount = mount;
				return 0;
			}
			/* a covered mount point tells less than any other failure */
			if (failure == -ENOENT || failure == -EBUSY)
				failure = r;
		}
	}
	return failure;
}

int fs_xfs_geometry(int fd, struct fsgeom *ret)
{
	static const struct {
		uint32_t flag, feature;
	} features[] = {
		{XFS_FSOP_GEOM_FLAGS_RMAPBT, FSGEOM_RMAPBT},
		{XFS_FSOP_GEOM_FLAGS_REFLINK, FSGEOM_REFLINK},
		{XFS_COMPAT_GEOM_FLAGS_PARENT, FSGEOM_PARENT},
		{XFS_FSOP_GEOM_FLAGS_SPINODES, FSGEOM_SPARSE_INODES},
	};
	struct xfs_fsop_geom raw = {0};
	struct fsgeom geom = {0};

	if (ioctl(fd, XFS_IOC_FSGEOMETRY, &raw))
		return -errno;

	geom.block_size = raw.blocksize;
	geom.sector_size = raw.sectsize;
	geom.inode_size = raw.inodesize;
	geom.ag_blocks = raw.agblocks;
	geom.ag_count = raw.agcount;
	geom.data_blocks = raw.datablocks;
	memcpy(geom.uuid, raw.uuid, sizeof(geom.uuid));
	for (size_t i = 0; i < ARRAY_SIZE(features); i++)
		if (raw.flags & features[i].flag)
			geom.features |= features[i].feature;
	if (fsgeom_validate(&geom))
		return -EINVAL;
	if (raw.logstart) /* 0: the log is on a device of its own */
		geom.log = (struct byte_range){fsgeom_fsblock_byte(&geom, raw.logstart),
					       (uint64_t)raw.logblocks * raw.blocksize};

	*ret = geom;
	return 0;
}

static uint64_t inodes_in_use(const struct xfs_fsop_counts *counts)
{
	return counts->allocino > counts->freeino ? counts->allocino - counts->freeino : 0;
}

int fs_xfs_inodes_in_use(int fd, uint64_t *ret)
{
	struct xfs_fsop_counts counts = {0};

	if (ioctl(fd, XFS_IOC_FSCOUNTS, &counts))
		return -errno;
	*ret = inodes_in_use(&counts);
	return 0;
}

int fs_xfs_density(int fd, const struct fsgeom *geom, struct fsquery_density *ret)
{
	struct xfs_fsop_counts counts = {0};
	uint64_t used;

	if (ioctl(fd, XFS_IOC_FSCOUNTS, &counts))
		return -errno;

	used = geom->data_blocks > counts.freedata ? geom->data_blocks - counts.freedata : 0;
	/* an extent for each inode, some for the inodes themselves, a handful for each AG */
	ret->records = inodes_in_use(&counts) + counts.allocino / 32 + 16ull * geom->ag_count;
	ret->bytes = used ? used * geom->block_size : 1;
	return 0;
}

bool fs_xfs_is_shut_down(int fd)
{
	CLEANUP(fd_closep) int again = -1;
	char self[32];

	snprintf(self, sizeof(self), "/proc/self/fd/%d", fd);
	again = open(self, O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
	return again < 0 && errno == EIO;
}

bool fs_xfs_permitted(void)
{
	struct __user_cap_header_struct header = {_LINUX_CAPABILITY_VERSION_3, 0};
	struct __user_cap_data_struct caps[_LINUX_CAPABILITY_U32S_3] = {0};
	struct stat st;

	if (syscall(SYS_capget, &header, caps) ||
	    !(caps[CAP_TO_INDEX(CAP_SYS_ADMIN)].effective & CAP_TO_MASK(CAP_SYS_ADMIN)))
		return false;
	/* the initial user namespace has a fixed inode number (include/linux/proc_ns.h) */
	return stat("/proc/self/ns/user", &st) || st.st_ino == 0xEFFFFFFDu;
}
