/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef PMEMRAS_XFS_COMPAT_H
#define PMEMRAS_XFS_COMPAT_H

/*
 * xfslibs-dev's interface to XFS, and what is newer than the oldest header we
 * build with (6.1): declared here under names of our own from the layout that
 * ioctl_xfs_getparents(2) and ioctl_xfs_health_monitor(2) document, and probed
 * for at run time (ENOTTY: the kernel is too old).
 */
#include <linux/fsmap.h>
#include <stdint.h>
#include <xfs/xfs.h>

/* xfs_fsop_geom.flags: files carry pointers to their parents (Linux 6.10) */
#define XFS_COMPAT_GEOM_FLAGS_PARENT (1u << 25)

/* struct xfs_getparents: where to go on, and where to put the answer */
struct xfs_compat_getparents {
	uint32_t cursor[4]; /* zero on the first call, the kernel's afterwards */
	uint16_t iflags;    /* zero */
	uint16_t oflags;    /* XFS_COMPAT_GETPARENTS_* */
	uint32_t bufsize;   /* bytes */
	uint64_t reserved;  /* zero */
	uint64_t buffer;    /* address of struct xfs_compat_getparents_rec, one after the other */
};

#define XFS_COMPAT_GETPARENTS_ROOT (1u << 0) /* it is the root directory */
#define XFS_COMPAT_GETPARENTS_DONE (1u << 1) /* nothing is left */

struct xfs_compat_getparents_rec {
	struct xfs_handle parent;
	uint32_t reclen; /* bytes to the next record; of the last one too */
	uint32_t reserved;
	char name[]; /* NUL-terminated */
};

struct xfs_compat_getparents_by_handle {
	struct xfs_handle handle;
	struct xfs_compat_getparents request;
};

#define XFS_COMPAT_IOC_GETPARENTS_BY_HANDLE                                                        \
	_IOWR('X', 63, struct xfs_compat_getparents_by_handle)

/* struct xfs_health_monitor (Linux 7.0): how its records are to look */
struct xfs_compat_health_monitor {
	uint64_t flags; /* zero: changes only */
	uint8_t format; /* XFS_COMPAT_HEALTH_FORMAT */
	uint8_t pad[23];
};

#define XFS_COMPAT_HEALTH_FORMAT      0 /* records of 64 bytes */
#define XFS_COMPAT_IOC_HEALTH_MONITOR _IOW('X', 68, struct xfs_compat_health_monitor)

_Static_assert(sizeof(struct xfs_compat_health_monitor) == 32, "XFS_IOC_HEALTH_MONITOR");
_Static_assert(XFS_COMPAT_IOC_HEALTH_MONITOR == 0x40205844, "ioctl number");
_Static_assert(sizeof(struct xfs_compat_getparents) == 40, "XFS_IOC_GETPARENTS");
_Static_assert(sizeof(struct xfs_compat_getparents_by_handle) == 64,
	       "XFS_IOC_GETPARENTS_BY_HANDLE");
_Static_assert(sizeof(struct xfs_compat_getparents_rec) == 32, "parent record");
_Static_assert(XFS_COMPAT_IOC_GETPARENTS_BY_HANDLE == 0xc040583f, "ioctl number");

#endif
