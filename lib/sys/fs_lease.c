/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * A write lease is granted only where no other open file description of the inode exists. A
 * mapping has one too, for as long as it lasts, whether its descriptor was closed or not: so
 * a lease that was granted means that no store through a mapping can race what is done under it.
 *
 * The kernel announces a lease that is to be broken by SIGIO, which would kill a process that
 * does not expect it. It is blocked while the lease is held, and taken off the queue afterwards
 * unless it had been pending before.
 */
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <time.h>
#include "fs_lease.h"

static void restore(const struct fs_lease *lease)
{
	static const struct timespec now = {0, 0};
	sigset_t sigio;

	sigemptyset(&sigio);
	sigaddset(&sigio, SIGIO);
	if (!lease->pending)
		while (sigtimedwait(&sigio, NULL, &now) > 0)
			;
	pthread_sigmask(SIG_SETMASK, &lease->mask, NULL);
}

int fs_lease_take(int fd, struct fs_lease *ret)
{
	struct fs_lease lease = {.fd = fd};
	sigset_t sigio, pending;
	int r;

	sigemptyset(&sigio);
	sigaddset(&sigio, SIGIO);
	if (sigpending(&pending))
		return -errno;
	lease.pending = sigismember(&pending, SIGIO);
	r = pthread_sigmask(SIG_BLOCK, &sigio, &lease.mask);
	if (r)
		return -r;
	if (fcntl(fd, F_SETLEASE, F_WRLCK)) {
		r = errno == EINVAL ? -EOPNOTSUPP : -errno;
		restore(&lease);
		return r;
	}

	*ret = lease;
	return 0;
}

bool fs_lease_is_whole(const struct fs_lease *lease)
{
	return lease->fd >= 0 && fcntl(lease->fd, F_GETLEASE) == F_WRLCK;
}

void fs_lease_drop(struct fs_lease *lease)
{
	int saved = errno;

	if (lease->fd < 0)
		return;
	fcntl(lease->fd, F_SETLEASE, F_UNLCK);
	restore(lease);
	*lease = FS_LEASE_NULL;
	errno = saved;
}
