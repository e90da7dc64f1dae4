/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Closing descriptors on the way out of a scope. close() is not tried again
 * after EINTR: on Linux the descriptor is gone by then (close(2)).
 */
#include <errno.h>
#include "fd.h"

void fd_closep(int *fd)
{
	int saved = errno;

	if (*fd >= 0)
		close(*fd);
	*fd = -1;
	errno = saved;
}
