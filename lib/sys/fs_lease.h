/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef PMEMRAS_FS_LEASE_H
#define PMEMRAS_FS_LEASE_H

/*
 * Being the only one who has a file open (a write lease, fcntl(2)). Whoever opens or truncates it meanwhile
 * waits, for up to /proc/sys/fs/lease-break-time seconds.
 */
#include <signal.h>
#include <stdbool.h>

struct fs_lease {
	int fd;        /* lent; -1 none is held */
	sigset_t mask; /* the thread's, as it was */
	bool pending;  /* SIGIO was before */
};

#define FS_LEASE_NULL ((struct fs_lease){.fd = -1})

/**
 * fs_lease_take() - nobody but @fd has the file open, nor mapped
 * @fd: open for writing
 *
 * SIGIO, which says that somebody waits, is blocked in this thread until fs_lease_drop().
 *
 * Return: 0; -EAGAIN: others have it open; -EOPNOTSUPP: the filesystem knows no leases; -errno.
 */
int fs_lease_take(int fd, struct fs_lease *ret);
/* False: somebody waits, or waited for so long that he got in. */
bool fs_lease_is_whole(const struct fs_lease *lease);
void fs_lease_drop(struct fs_lease *lease); /* for CLEANUP(); none held is fine */

#endif
