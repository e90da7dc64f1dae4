/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * A record of the health monitor is 64 bytes: who speaks (u32 domain), what it
 * says (u32 type), when (u64 nanoseconds), 32 bytes of details that depend on
 * both, 16 bytes of zeroes. Media errors count in 512-byte units whatever the
 * sector size. A domain or type of a later kernel is no error: it is "other".
 *
 * A fanotify event is a header with the length of everything in it, followed by
 * information records with a length each. Lengths are not trusted.
 */
#include "fshealth.h"

#include <errno.h>
#include <string.h>

#define UNIT 512u

enum domain { D_MOUNT, D_FS, D_AG, D_INODE, D_RTGROUP, D_DATADEV, D_RTDEV, D_LOGDEV, D_FILERANGE };

enum type {
	T_RUNNING,
	T_LOST,
	T_UNMOUNT,
	T_SICK,
	T_CORRUPT,
	T_HEALTHY,
	T_SHUTDOWN,
	T_MEDIA_ERROR,
	T_BUFREAD,
	T_BUFWRITE,
	T_DIOREAD,
	T_DIOWRITE,
	T_DATALOST,
};

struct wire {
	uint32_t domain, type;
	uint64_t time_ns;
	union {
		uint64_t count;
		struct {
			uint64_t daddr, bbcount;
		} media;
		struct {
			uint64_t pos, len, ino;
			uint32_t gen, error;
		} file;
		uint64_t words[4];
	} e;
	uint64_t pad[2];
};
_Static_assert(sizeof(struct wire) == FSHEALTH_RECORD, "health monitor record");

static int media(const struct wire *wire, struct fshealth_event *event)
{
	if (wire->type != T_MEDIA_ERROR)
		return 0;
	if (wire->e.media.daddr > UINT64_MAX / UNIT || wire->e.media.bbcount > UINT64_MAX / UNIT)
		return -EBADMSG;
	event->kind = FSHEALTH_MEDIA;
	event->where = wire->domain == D_DATADEV  ? FSHEALTH_DATA
		       : wire->domain == D_LOGDEV ? FSHEALTH_LOG
						  : FSHEALTH_REALTIME;
	event->range =
		(struct byte_range){wire->e.media.daddr * UNIT, wire->e.media.bbcount * UNIT};
	return event->range.start > UINT64_MAX - event->range.len ? -EBADMSG : 0;
}

static int file_range(const struct wire *wire, struct fshealth_event *event)
{
	switch (wire->type) {
	case T_DATALOST: event->kind = FSHEALTH_DATA_LOST; break;
	case T_BUFREAD:
	case T_BUFWRITE:
	case T_DIOREAD:
	case T_DIOWRITE: event->kind = FSHEALTH_IO_ERROR; break;
	default: return 0;
	}
	event->range = (struct byte_range){wire->e.file.pos, wire->e.file.len};
	event->ino = wire->e.file.ino;
	event->gen = wire->e.file.gen;
	return event->range.start > UINT64_MAX - event->range.len ? -EBADMSG : 0;
}

static void mount(const struct wire *wire, struct fshealth_event *event)
{
	switch (wire->type) {
	case T_LOST:
		event->kind = FSHEALTH_LOST;
		event->count = wire->e.count;
		break;
	case T_UNMOUNT: event->kind = FSHEALTH_UNMOUNT; break;
	case T_SHUTDOWN: event->kind = FSHEALTH_SHUTDOWN; break;
	default: break;
	}
}

int fshealth_parse(const void *data, size_t len, struct fshealth_event *ret)
{
	struct fshealth_event event = {.kind = FSHEALTH_OTHER};
	struct wire wire;
	int r = 0;

	if (len < sizeof(wire))
		return -EBADMSG;
	memcpy(&wire, data, sizeof(wire));
	event.at_usec = wire.time_ns / 1000;
	switch (wire.domain) {
	case D_MOUNT: mount(&wire, &event); break;
	case D_FS:
	case D_AG:
	case D_INODE:
	case D_RTGROUP:
		if (wire.type == T_SICK || wire.type == T_CORRUPT)
			event.kind = FSHEALTH_DAMAGED;
		break;
	case D_DATADEV:
	case D_RTDEV:
	case D_LOGDEV: r = media(&wire, &event); break;
	case D_FILERANGE: r = file_range(&wire, &event); break;
	default: break;
	}
	if (r)
		return r;
	*ret = event;
	return 0;
}

/* ---- fanotify ---- */

/* struct fanotify_event_metadata and its constants, linux/fanotify.h */
struct notice {
	uint32_t event_len;
	uint8_t vers, reserved;
	uint16_t metadata_len;
	uint64_t mask;
	int32_t fd, pid;
};
_Static_assert(sizeof(struct notice) == 24, "fanotify event");

#define NOTICE_VERSION  3
#define NOTICE_FS_ERROR UINT64_C(0x8000)
#define NOTICE_OVERFLOW UINT64_C(0x4000)

struct info_header {
	uint8_t type, pad;
	uint16_t len;
};

struct info_error {
	struct info_header header;
	int32_t error;
	uint32_t count;
};

#define INFO_ERROR 5

/* The error record among the information records, if there is one. */
static int error_info(const char *at, size_t len, struct fshealth_error *ret)
{
	struct info_header header;
	struct info_error error;

	while (len >= sizeof(header)) {
		memcpy(&header, at, sizeof(header));
		if (header.len < sizeof(header) || header.len > len)
			return -EBADMSG;
		if (header.type == INFO_ERROR && header.len >= sizeof(error)) {
			memcpy(&error, at, sizeof(error));
			/* the kernel has said it with either sign */
			ret->error = error.error == INT32_MIN ? EIO
				     : error.error < 0        ? -error.error
							      : error.error;
			ret->count = error.count;
		}
		at += header.len;
		len -= header.len;
	}
	return 0;
}

int fshealth_next_error(const void *data, size_t len, size_t *at, struct fshealth_error *ret,
			bool *lost)
{
	struct notice event;
	struct fshealth_error error = {0, 0};
	const char *bytes = data;
	int r;

	if (*at >= len)
		return 0;
	bytes += *at;
	len -= *at;
	if (len < sizeof(event))
		return -EBADMSG;
	memcpy(&event, bytes, sizeof(event));
	if (event.vers != NOTICE_VERSION || event.metadata_len < sizeof(event) ||
	    event.event_len < event.metadata_len || event.event_len > len)
		return -EBADMSG;
	if (event.mask & NOTICE_FS_ERROR) {
		r = error_info(bytes + event.metadata_len, event.event_len - event.metadata_len,
			       &error);
		if (r)
			return r;
		if (!error.error)
			error.error = EIO;
	}
	*lost = (event.mask & NOTICE_OVERFLOW) != 0;
	*at += event.event_len;
	*ret = error;
	return 1;
}
