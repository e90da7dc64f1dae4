/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef PMEMRAS_FD_H
#define PMEMRAS_FD_H

/* Ownership of file descriptors: an absent one is -1. */
#include <unistd.h>

/* for CLEANUP(); leaves -1 behind. errno is kept for the caller's return value. */
void fd_closep(int *fd);

static inline int fd_steal(int *fd)
{
	int value = *fd;

	*fd = -1;
	return value;
}

#endif
