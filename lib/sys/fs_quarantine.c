/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Who may put a name into this directory could make a repair write to a file of his choice. So it is
 * believed only if it is root's alone, and so is each file in it; names are opened without
 * following links.
 *
 * Files inherit from their directory: project, realtime, extent sizes. None of that is wanted here. One
 * thing is: whether a file is mapped straight onto the medium (dax=inode) is decided when it
 * is made, by its directory, and two files share blocks only where both are, or neither.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/fs.h>
#include <sys/file.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include "cleanup.h"
#include "fd.h"
#include "fs_block.h"
#include "fs_quarantine.h"
#include "plan.h"
#include "xfs_compat.h"

static int is_root_directory(int fd)
{
	union {
		struct xfs_bulkstat_req req;
		char space[XFS_BULKSTAT_REQ_SIZE(1)];
	} u = {.req.hdr = {.ino = XFS_BULK_IREQ_SPECIAL_ROOT,
			   .flags = XFS_BULK_IREQ_SPECIAL,
			   .icount = 1}};
	struct stat st;

	if (fstat(fd, &st) || ioctl(fd, XFS_IOC_BULKSTAT, &u.req))
		return -errno;
	return u.req.hdr.ocount == 1 && u.req.bulkstat[0].bs_ino == st.st_ino ? 0 : -EXDEV;
}

static int set_flags(int fd, uint32_t set, uint32_t clear)
{
	struct fsxattr attr;

	if (ioctl(fd, FS_IOC_FSGETXATTR, &attr))
		return -errno;
	if (((attr.fsx_xflags | set) & ~clear) == attr.fsx_xflags)
		return 0;
	attr.fsx_xflags = (attr.fsx_xflags | set) & ~clear;
	if (!(attr.fsx_xflags & FS_XFLAG_EXTSZINHERIT))
		attr.fsx_extsize = 0;
	if (!(attr.fsx_xflags & FS_XFLAG_COWEXTSIZE))
		attr.fsx_cowextsize = 0;
	if (!(attr.fsx_xflags & FS_XFLAG_PROJINHERIT))
		attr.fsx_projid = 0;
	return ioctl(fd, FS_IOC_FSSETXATTR, &attr) ? -errno : 0;
}

static int check(int fd, mode_t type, mode_t mode)
{
	struct stat st;

	if (fstat(fd, &st))
		return -errno;
	if ((st.st_mode & S_IFMT) != type || (st.st_mode & 07777) != mode || st.st_uid)
		return -EPERM;
	return type == S_IFREG && st.st_nlink != 1 ? -EPERM : 0;
}

static int make_directory(int fs_fd)
{
	if (!mkdirat(fs_fd, PLAN_QUARANTINE_DIR, 0700))
		return fsync(fs_fd) ? -errno : 0;
	return errno == EEXIST ? 0 : -errno;
}

int fs_quarantine_open(int fs_fd, bool make, int *ret_fd)
{
	const uint32_t inherited = FS_XFLAG_RTINHERIT | FS_XFLAG_PROJINHERIT |
				   FS_XFLAG_EXTSZINHERIT | FS_XFLAG_COWEXTSIZE;
	CLEANUP(fd_closep) int fd = -1;
	struct stat st, fs;
	int r = is_root_directory(fs_fd);

	if (!r && make)
		r = make_directory(fs_fd);
	if (r)
		return r;
	fd = openat(fs_fd, PLAN_QUARANTINE_DIR, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (fd < 0)
		return errno == ELOOP || errno == ENOTDIR ? -EPERM : -errno;
	if (fstat(fd, &st) || fstat(fs_fd, &fs))
		return -errno;
	r = st.st_dev == fs.st_dev ? check(fd, S_IFDIR, 0700) : -EPERM;
	if (r)
		return r;
	if (flock(fd, LOCK_EX | LOCK_NB))
		return errno == EWOULDBLOCK ? -EBUSY : -errno;
	r = make ? set_flags(fd, FS_XFLAG_NODUMP, inherited) : 0;
	if (r)
		return r;

	*ret_fd = fd_steal(&fd);
	return 0;
}

void fs_quarantine_remove_if_empty(int fs_fd)
{
	unlinkat(fs_fd, PLAN_QUARANTINE_DIR, AT_REMOVEDIR);
}

/* Makes one with the directory's flag as it is. */
static int create(int dir, const char *name, bool dax, int *ret_fd)
{
	CLEANUP(fd_closep) int fd = -1;
	bool is_dax = false;
	int r;

	fd = openat(dir, name, O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
	if (fd < 0)
		return -errno;
	r = fchmod(fd, 0600) ? -errno : fs_block_is_dax(fd, &is_dax);
	if (!r && is_dax != dax)
		r = -EOPNOTSUPP;
	if (r) {
		unlinkat(dir, name, 0);
		return r;
	}

	*ret_fd = fd_steal(&fd);
	return 0;
}

int fs_quarantine_create(int dir, const char *name, bool dax, int *ret_fd)
{
	int r = create(dir, name, dax, ret_fd);

	if (r != -EOPNOTSUPP)
		return r;
	r = set_flags(dir, dax ? FS_XFLAG_DAX : 0, dax ? 0 : FS_XFLAG_DAX);
	return r ? r : create(dir, name, dax, ret_fd);
}

int fs_quarantine_find(int dir, const char *name, int *ret_fd)
{
	CLEANUP(fd_closep) int fd = -1;
	int r;

	fd = openat(dir, name, O_RDWR | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
	if (fd < 0 && errno == EPERM) /* sealed */
		fd = openat(dir, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
	if (fd < 0)
		return errno == ELOOP || errno == EISDIR ? -EPERM : -errno;
	r = check(fd, S_IFREG, 0600);
	if (r)
		return r;

	*ret_fd = fd_steal(&fd);
	return 0;
}

int fs_quarantine_unlink(int dir, const char *name)
{
	if (unlinkat(dir, name, 0) && errno != ENOENT)
		return -errno;
	return fsync(dir) ? -errno : 0;
}

int fs_quarantine_seal(int fd)
{
	int r = set_flags(fd, FS_XFLAG_IMMUTABLE | FS_XFLAG_NODUMP, 0);

	return r ? r : fsync(fd) ? -errno : 0;
}

bool fs_quarantine_is_sealed(int fd)
{
	struct fsxattr attr;

	return !ioctl(fd, FS_IOC_FSGETXATTR, &attr) && attr.fsx_xflags & FS_XFLAG_IMMUTABLE;
}

int fs_quarantine_unseal(int dir, const char *name, int *fd)
{
	CLEANUP(fd_closep) int again = -1;
	struct stat before, after;
	int r = set_flags(*fd, 0, FS_XFLAG_IMMUTABLE);

	if (!r)
		r = fs_quarantine_find(dir, name, &again);
	if (r)
		return r;
	if (fstat(*fd, &before) || fstat(again, &after))
		return -errno;
	if (before.st_ino != after.st_ino)
		return -ESTALE;
	fd_closep(fd);
	*fd = fd_steal(&again);
	return 0;
}
