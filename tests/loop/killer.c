/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Preloaded into a program: kills it with SIGKILL at the KILLER_AT-th of the calls below, before it is made
 * or, KILLER_AFTER set, after. Without KILLER_AT the number of calls is written to KILLER_COUNT. From outside:
 * the program knows nothing of it.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <fcntl.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static unsigned long calls;

static void count(bool after)
{
	const char *at = getenv("KILLER_AT");

	if (!after)
		calls++;
	if (at && calls >= strtoul(at, NULL, 10) && after == !!getenv("KILLER_AFTER"))
		kill(getpid(), SIGKILL);
}

static void __attribute__((destructor)) tell(void)
{
	const char *name = getenv("KILLER_COUNT");
	FILE *file = name ? fopen(name, "we") : NULL;

	if (!file)
		return;
	fprintf(file, "%lu\n", calls);
	fclose(file);
}

/* The function of that name behind this one; POSIX lets a function's address be taken so. */
#define REAL(type, name)                                                                           \
	static __typeof__(type) real;                                                              \
	if (!real)                                                                                 \
	*(void **)&real = dlsym(RTLD_NEXT, name)

#define WRAP(result, name, parameters, arguments)                                                  \
	result name parameters;                                                                    \
	result name parameters                                                                     \
	{                                                                                          \
		result r;                                                                          \
                                                                                                   \
		REAL(result(*) parameters, #name);                                                 \
		count(false);                                                                      \
		r = real arguments;                                                                \
		count(true);                                                                       \
		return r;                                                                          \
	}

WRAP(int, fsync, (int fd), (fd))
WRAP(int, fdatasync, (int fd), (fd))
WRAP(int, unlinkat, (int fd, const char *path, int flags), (fd, path, flags))
WRAP(int, mkdirat, (int fd, const char *path, mode_t mode), (fd, path, mode))
WRAP(int, fchmod, (int fd, mode_t mode), (fd, mode))
WRAP(int, flock, (int fd, int op), (fd, op))
WRAP(int, futimens, (int fd, const struct timespec t[2]), (fd, t))
WRAP(int, open_by_handle_at, (int fd, struct file_handle *h, int flags), (fd, h, flags))
WRAP(ssize_t, pread64, (int fd, void *data, size_t n, off_t at), (fd, data, n, at))
WRAP(ssize_t, pread, (int fd, void *data, size_t n, off_t at), (fd, data, n, at))
WRAP(ssize_t, pwrite64, (int fd, const void *data, size_t n, off_t at), (fd, data, n, at))
WRAP(ssize_t, pwrite, (int fd, const void *data, size_t n, off_t at), (fd, data, n, at))

int ioctl(int fd, unsigned long request, ...);
int ioctl(int fd, unsigned long request, ...)
{
	va_list args;
	void *arg;
	int r;

	REAL(int (*)(int, unsigned long, ...), "ioctl");
	va_start(args, request);
	arg = va_arg(args, void *);
	va_end(args);
	count(false);
	r = real(fd, request, arg);
	count(true);
	return r;
}

static int do_openat(const char *name, int fd, const char *path, int flags, mode_t mode)
{
	int (*real)(int, const char *, int, ...);
	int r;

	*(void **)&real = dlsym(RTLD_NEXT, name);
	if (!(flags & O_CREAT)) /* looking alone: there are thousands */
		return real(fd, path, flags);
	count(false);
	r = real(fd, path, flags, mode);
	count(true);
	return r;
}

static mode_t mode_of(int flags, va_list args)
{
	return flags & (O_CREAT | (O_TMPFILE & ~O_DIRECTORY)) ? va_arg(args, mode_t) : 0;
}

int openat(int fd, const char *path, int flags, ...)
{
	va_list args;
	mode_t mode;

	va_start(args, flags);
	mode = mode_of(flags, args);
	va_end(args);
	return do_openat("openat", fd, path, flags, mode);
}

int openat64(int fd, const char *path, int flags, ...)
{
	va_list args;
	mode_t mode;

	va_start(args, flags);
	mode = mode_of(flags, args);
	va_end(args);
	return do_openat("openat64", fd, path, flags, mode);
}
