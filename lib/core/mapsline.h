/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef PMEMRAS_MAPSLINE_H
#define PMEMRAS_MAPSLINE_H

/*
 * A line of /proc/PID/maps (proc_pid_maps(5)):
 * "55e8a000-55e8b000 rw-s 00001000 fe:01 131   /srv/a name": addresses, permissions, offset, device, inode.
 */
#include <stddef.h>
#include <stdint.h>

#define MAPSLINE_READ   0x1u
#define MAPSLINE_WRITE  0x2u
#define MAPSLINE_EXEC   0x4u
#define MAPSLINE_SHARED 0x8u /* else private: what is written stays the process's own */

struct mapsline {
	uint64_t start, end; /* addresses in the process; start < end */
	uint64_t offset;     /* byte of the file that is at start; the last one is below 2^64 */
	uint64_t ino;        /* 0: no file */
	uint32_t major,
		minor;  /* of the filesystem that the inode is of, not of a device that it names */
	uint32_t perms; /* MAPSLINE_* */
};

/**
 * mapsline_parse() - what a line says
 * @line: without its newline; need not end in NUL
 *
 * The name behind the inode number is not looked at: it may be stale, and hold any bytes.
 *
 * Return: 0; -EBADMSG, @ret untouched.
 */
int mapsline_parse(const char *line, size_t len, struct mapsline *ret);

#endif
