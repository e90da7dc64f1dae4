/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef PMEMRAS_SOURCE_H
#define PMEMRAS_SOURCE_H

/*
 * A source of events. Most of them say "look again", and where: they carry no
 * facts, those are read anew by whoever looks. So a source may report too often,
 * twice, or out of order, but it must never stay silent for good: where it
 * cannot listen any more it says so in the journal.
 *
 * What the kernel tells once and does not keep (a memory failure) is handed over
 * as a media event: it is on record before anything else is done with it.
 *
 * Sources live in the loop and do nothing that may block on a device.
 */
#include <sys/types.h>
#include <systemd/sd-event.h>
#include "event.h"
#include "journal.h"
#include "settings.h"
#include "sysroot.h"
#include "watch.h"

enum look_at {
	LOOK_DEVICE,  /* one device's lists */
	LOOK_DEVICES, /* all of them: some came or went */
	LOOK_MOUNTS,  /* what is mounted where */
	LOOK_STORE,   /* the store: somebody else may have written */
};

/* What a source may use; all lent. */
struct source_host {
	sd_event *event;
	const struct sysroot *root;
	const struct settings *settings; /* may change between calls */
	const struct journal *journal;
	const char *state_dir;
	/* @devno: for LOOK_DEVICE */
	void (*look)(void *data, enum look_at at, dev_t devno);
	/* A fact, to be written down. @event is copied. */
	void (*heard)(void *data, const struct media_event *event);
	void *data;
};

struct source_ops {
	const char *name; /* for messages: "badblocks lists" */
	int (*new)(const struct source_host *host, void **ret);
	void (*free)(void *source);
	/* Devices, mounts or settings changed: see whether there is more or less to listen to. May
	 * be NULL. */
	int (*refresh)(void *source);
	/* Put into @watch what this one listens to. May be NULL. 0 or -ENOMEM. */
	int (*watches)(const void *source, struct watch *watch);
};

extern const struct source_ops source_badblocks;
extern const struct source_ops source_regions;
extern const struct source_ops source_nfit;
extern const struct source_ops source_memfail;
extern const struct source_ops source_fs;
extern const struct source_ops source_uevent;
extern const struct source_ops source_mounts;
extern const struct source_ops source_store;

#endif
