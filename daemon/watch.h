/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef PMEMRAS_WATCH_H
#define PMEMRAS_WATCH_H

/*
 * What is watched and what is not, and why: for STATUS=, and as JSON in the
 * store for `pmemrasctl status`. The store's text "daemon.watch" is
 *
 * {
 *   "schema": 1,
 *   "n_buses": 1,		NVDIMM buses of this machine
 *   "n_lists": 2,		badblocks lists watched
 *   "uevents": "udev",		"udev", "kernel" or "no": how new devices are heard of
 *   "mounts": true,		the mount table is watched
 *   "store": true,		declared ranges are taken in as they come
 *   "memory_failure": "tracepoint",  "tracepoint", "kernel-log" or "no": how failures are heard of
 *   "machine_check": true,	machine checks themselves are heard
 *   "cxl": false,		reports of CXL memory devices are heard
 *   "dimms": [{		left out where there is none
 *     "dev": "nmem0", "health": "ok",	"unknown", "ok", "non-critical", "critical", "fatal"
 *     "flags": "not_armed",	of the kernel, left out where there is none
 *     "spares_percentage": 75, "life_used_percentage": 5, "temperature_celsius": 23.5,
 *				left out where the firmware does not say
 *     "alarm": true, "unsafe_shutdown": true	left out where not so
 *   }],
 *   "notes": ["…"],		sentences for people, about the whole machine
 *   "devices": [		those that keep a badblocks list, and those that an open
 *     {			incident or a declared range is on; by name
 *	 "device": "pmem0",
 *	 "fs_type": "xfs",		left out where nothing is mounted
 *	 "mountpoint": "/srv/db",	likewise; bytes that are not UTF-8 as U+FFFD
 *	 "badblocks": "yes",		"yes", "no" (keeps none), "unreadable", "ignored", "gone"
 *	 "memory_failure": "yes",	"yes"; "no": not heard, or no persistent memory
 *	 "filesystem": "fanotify",	"health-monitor", "fanotify" or "no": how its own reports are heard
 *	 "notes": ["…"]			sentences for people
 *     }
 *   ]
 * }
 *
 * It holds while the daemon runs (store_daemon_pid()), and is written when it changes.
 */
#include <json-c/json.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "dimm.h"
#include "mounts.h"
#include "settings.h"

#define WATCH_KEY    "daemon.watch"
#define WATCH_SCHEMA 1

enum watch_list { WATCH_NO, WATCH_YES, WATCH_UNREADABLE, WATCH_IGNORED, WATCH_GONE };

enum watch_memfail { WATCH_MEMFAIL_NO, WATCH_MEMFAIL_TRACE, WATCH_MEMFAIL_LOG };

struct watch_device {
	char name[64];
	dev_t devno; /* 0 unknown */
	enum watch_list list;
	bool declared;  /* there for its declared ranges or incidents */
	char layer[64]; /* what sits on it: partitions, device-mapper; empty: nothing does */
};

/* How a mounted filesystem's own reports are heard. */
enum watch_fs { WATCH_FS_NO, WATCH_FS_FANOTIFY, WATCH_FS_MONITOR };

struct watch_filesystem {
	dev_t devno;
	enum watch_fs how;
	const char *why; /* not better: static text, or NULL */
};

struct watch {
	struct watch_device *devices; /* by name */
	size_t n, allocated;
	struct watch_filesystem *filesystems;
	size_t n_filesystems;
	size_t n_buses;
	const struct dimm *dimms; /* lent */
	size_t n_dimms;
	const char *uevents; /* static text; NULL: not heard */
	bool mounts, store;
	bool machine_check, cxl; /* their tracepoints are heard */
	enum watch_memfail memory_failure;
	const char *memory_failure_why[2]; /* not better: static texts, or NULL */
	uint64_t unwitnessed;              /* bytes of poison that nobody saw happen */
};

#define WATCH_NULL ((struct watch){.devices = NULL})
void watch_deinit(struct watch *watch);
int watch_copy(struct watch *watch, const struct watch *from);
/* Finds or makes the entry of a name; @ret is lent until the next call. -ENOMEM. */
int watch_device(struct watch *watch, const char *name, struct watch_device **ret);
int watch_filesystem(struct watch *watch, dev_t devno, enum watch_fs how,
		     const char *why); /* -ENOMEM */
/* Says what sits on a device: @users as in struct blkdev, cut where it is long; NULL: nothing. */
void watch_layer(struct watch_device *device, const char *users);
size_t watch_n_lists(const struct watch *watch);

/* @mounts: to name filesystems by. @ret: malloced. -ENOMEM. */
int watch_to_json(const struct watch *watch, const struct mounts *mounts, char **ret);

#endif
