/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef PMEMRAS_FSHEALTH_H
#define PMEMRAS_FSHEALTH_H

/*
 * What a filesystem tells of itself: records of XFS's health monitor
 * (ioctl_xfs_health_monitor(2), Linux 7.0) and of fanotify's FAN_FS_ERROR
 * (fanotify(7), Linux 5.16). Both are bytes from a descriptor, in the machine's
 * own byte order.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "range.h"

#define FSHEALTH_RECORD 64u /* bytes of one record of the health monitor */

enum fshealth_kind {
	FSHEALTH_OTHER,     /* nothing to react to */
	FSHEALTH_LOST,      /* events got lost before they could be read: @count */
	FSHEALTH_UNMOUNT,   /* no event will follow */
	FSHEALTH_SHUTDOWN,  /* the filesystem has shut itself down */
	FSHEALTH_MEDIA,     /* @range of the device in @where cannot be read */
	FSHEALTH_DATA_LOST, /* @range of file @ino, @gen is lost */
	FSHEALTH_IO_ERROR,  /* reading or writing @range of that file failed */
	FSHEALTH_DAMAGED,   /* metadata was found damaged */
	FSHEALTH_KINDS,
};

/* Which of the filesystem's devices */
enum fshealth_where { FSHEALTH_DATA, FSHEALTH_LOG, FSHEALTH_REALTIME };

struct fshealth_event {
	enum fshealth_kind kind;
	uint64_t at_usec; /* CLOCK_REALTIME; 0 unknown */
	enum fshealth_where where;
	struct byte_range range; /* bytes: of that device, or of the file */
	uint64_t ino, count;
	uint32_t gen;
};

/**
 * fshealth_parse() - one record of the health monitor
 * @data: need not be aligned
 *
 * Return: 0; -EBADMSG: shorter than a record, or a range that no device or file can have.
 */
int fshealth_parse(const void *data, size_t len, struct fshealth_event *ret);

struct fshealth_error {
	int error;      /* errno, positive */
	uint32_t count; /* errors since the last event was read, of which this is the first */
};

/**
 * fshealth_next_error() - the next event in what was read from a fanotify group
 * @at:     where to start, 0 at first; moved behind the event
 * @lost:   the queue overflowed: what there was is not known
 * @ret:    error 0: an event of another kind
 *
 * Return: 1; 0 at the end; -EBADMSG: not what the kernel writes, the rest is not looked at.
 */
int fshealth_next_error(const void *data, size_t len, size_t *at, struct fshealth_error *ret,
			bool *lost);

#endif
