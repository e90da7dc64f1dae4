/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef PMEMRAS_REASON_H
#define PMEMRAS_REASON_H

/*
 * Why an answer is incomplete. Each has a JSON token, one sentence that says
 * what could not be told, and a remedy: what to do or type. A set of reasons
 * is a bit mask, 1u << REASON_*.
 */
enum reason {
	REASON_NO_RMAPBT,	/* no reverse map: allocated space has no known owner */
	REASON_SHUTDOWN,	/* the filesystem is shut down: told is what its device has, log not replayed, no names */
	REASON_NOT_PERMITTED,	/* needs CAP_SYS_ADMIN */
	REASON_UNRESOLVED_LAYER, /* partitions, device-mapper … sit on the device */
	REASON_NOT_XFS,		/* mounted, or recognised, as something else */
	REASON_NOT_MOUNTED,
	REASON_DEVICE_GONE,
	REASON_BEYOND_END,	/* part of what was asked lies behind the device's end */
	REASON_UNKNOWN_OWNER,	/* the reverse map itself says: unknown */
	REASON_NO_PATHS,	/* paths were not looked for (--no-paths) */
	REASON_PATHS_OUTSIDE,	/* a path exists only outside what this mount shows, or was not found */
	REASON_CHANGED,		/* inodes changed while being looked at */
	REASON_LIST_CUT,	/* the badblocks list may hold more than sysfs shows */
	REASON_NOT_LOCATED,	/* nobody has looked yet */
	REASON_TRUNCATED,	/* more findings than the record keeps */
	REASON_IO_ERROR,	/* the kernel failed in a way not named above */
	REASON_INODES_UNREADABLE, /* some inodes could not be read: type, size, use unknown */
	REASON_OUTSIDE_FS,	/* behind the filesystem's end: what is there is not its business */
	REASON_DIRTY_LOG,	/* read off the device; its log has, or may have, changes not in their place yet */
	REASON_MOUNTED,		/* asked to be read off the device, but the kernel is writing to it */
	REASON_N,
};

const char *reason_token(enum reason reason); /* "no-rmapbt" */
int reason_from_token(const char *token);     /* -1 where it names none, NULL included */
const char *reason_says(enum reason reason);  /* one sentence */
const char *reason_remedy(enum reason reason); /* one sentence; "" where there is none */

#endif
