/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef PMEMRAS_RECORDER_H
#define PMEMRAS_RECORDER_H

/*
 * The one who writes down: a pass reads what is bad now, reconciles it with the
 * store, tells the journal what changed, and finds out what is left to look
 * up. Runs in a worker's thread (or, with --once, in the only one); nothing of
 * it may be touched by another while a pass is on.
 */
#include "heard.h"
#include "cxl_poison.h"
#include "dimms.h"
#include "intake.h"
#include "publish.h"
#include "scrubs.h"
#include "store.h"
#include "watch.h"

struct recorder {
	const struct sysroot *root;
	const struct journal *journal;
	const char *state_dir;

	struct store *store; /* NULL: not open */
	uint64_t store_ino;  /* of the database file when it was opened */
	struct publish publish;
	uint64_t version;  /* store_data_version() of the last pass */
	bool suspect;      /* somebody found it damaged */
	bool fresh;        /* no pass since it was opened */
	uint64_t declared; /* hash of all declared ranges when they were last reconciled */
	char *watch_text;  /* "daemon.watch" as stored */
	char *trouble;     /* told last, NULL none */
	int device_error;  /* of the last reconciliation, told once */
	struct recorder_unsaved *unsaved; /* bad ranges told while they could not be stored */
	size_t n_unsaved;
	struct heard heard; /* facts that are not on record yet */
	struct dimms dimms; /* as they were last */
	struct cxl_poison cxl;
	struct scrubs scrubs; /* of each bus, as far as they were seen */
	bool poison_counted;  /* at the start: the next one holds */
	uint64_t unwitnessed; /* bytes of poison from before the start that are not on record */
};

int recorder_init(struct recorder *recorder, const struct sysroot *root,
		  const struct journal *journal, const char *state_dir);
void recorder_deinit(struct recorder *recorder);

struct recorder_result {
	int r;      /* 0, -errno or STORE_E_*: the pass must be repeated */
	bool again; /* @pending has those whose last look was incomplete, too */
	bool moved; /* somebody else had written to the store, or something changed */
	bool counted;
	size_t n_open, n_acked; /* open incidents: without and with acknowledgement */
	int64_t *pending;       /* incidents to be looked up */
	size_t n_pending;
	char *trouble;    /* why nothing can be recorded, or NULL */
	size_t n_unsaved; /* devices with bad blocks that are not recorded */
};

#define RECORDER_RESULT_NULL ((struct recorder_result){.r = 0})
void recorder_result_deinit(struct recorder_result *result);

/*
 * @look: the facts in it are taken over and written down first; what is still in it could not be
 * @settings: for Ignore=
 * @watch: what is listened to; devices of incidents and declared ranges are added, and it is put
 * into the store. NULL: nothing is listened to, nothing is put there.
 * @ret:   initialised by the caller
 */
void recorder_pass(struct recorder *recorder, struct look *look, const struct settings *settings,
		   struct watch *watch, struct recorder_result *ret);

/* No pass will come any more: writes down the facts in @look, and no more. */
void recorder_last(struct recorder *recorder, struct look *look, const struct settings *settings);

/* Somebody else found the store damaged: the next pass sets it aside. */
void recorder_suspect(struct recorder *recorder);

#endif
