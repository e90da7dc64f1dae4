/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Level-triggered: a pass does not care which event made it run. It reads the
 * truth (badblocks lists, declared ranges, the mount table), lets casework
 * compare it with what is known, and has forgotten everything at its end but
 * what it told. So a failed pass is simply run again, and news that could not be
 * stored cannot get lost: it is still there to be read. Only what was heard and can
 * never be read again (heard.c) is kept until it is on record, and comes first.
 *
 * The store may be what fails. Full or read-only: the pass ends with the error,
 * is repeated by the intake, and what is bad meanwhile is told in the journal
 * once, as not recorded. Damaged: the file is put aside under another name,
 * loudly, and a new one begun, because a watcher that remembers from now on is better than none.
 * Renamed or deleted under us: noticed by its inode, told, and begun anew.
 */
#include "recorder.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

#include "ailing.h"
#include "announce.h"
#include "casework.h"
#include "cleanup.h"
#include "escape.h"
#include "lookups.h"
#include "trouble.h"

struct recorder_unsaved {
	char name[64];
	struct rangeset bad;
};

static uint64_t now_usec(void)
{
	struct timespec now;

	clock_gettime(CLOCK_REALTIME, &now);
	return (uint64_t)now.tv_sec * 1000000 + (uint64_t)now.tv_nsec / 1000;
}

int recorder_init(struct recorder *recorder, const struct sysroot *root,
		  const struct journal *journal, const char *state_dir)
{
	*recorder = (struct recorder){
		.root = root,
		.journal = journal,
		.state_dir = state_dir,
		.publish = PUBLISH_NULL,
		.heard = HEARD_NULL,
	};
	return 0;
}

static void unsaved_clear(struct recorder *recorder)
{
	for (size_t i = 0; i < recorder->n_unsaved; i++)
		rangeset_deinit(&recorder->unsaved[i].bad);
	free(recorder->unsaved);
	recorder->unsaved = NULL;
	recorder->n_unsaved = 0;
}

/* What is remembered of the store's content goes with it. */
static void close_store(struct recorder *recorder)
{
	recorder->store = store_free(recorder->store);
	recorder->publish = PUBLISH_NULL;
	recorder->declared = 0;
	free(recorder->watch_text);
	recorder->watch_text = NULL;
}

void recorder_deinit(struct recorder *recorder)
{
	close_store(recorder);
	unsaved_clear(recorder);
	heard_deinit(&recorder->heard);
	scrubs_deinit(&recorder->scrubs);
	dimms_deinit(&recorder->dimms);
	cxl_poison_deinit(&recorder->cxl);
	free(recorder->trouble);
	recorder->trouble = NULL;
}

void recorder_result_deinit(struct recorder_result *result)
{
	free(result->pending);
	free(result->trouble);
	*result = RECORDER_RESULT_NULL;
}

/* ---- the store ---- */

/* 0 and 0 where there is no file. It must not be opened: closing it again would drop SQLite's
 * locks. */
static uint64_t database_ino(const struct recorder *recorder)
{
	char path[4096];
	struct stat st;

	snprintf(path, sizeof(path), "%s/pmemras.db", recorder->state_dir);
	return stat(path, &st) ? 0 : st.st_ino;
}

static int open_store(struct recorder *recorder)
{
	int r;

	if (recorder->store && database_ino(recorder) != recorder->store_ino) {
		journal_say(recorder->journal, LOG_CRIT, JOURNAL_ID_STORE_TROUBLE,
			    "%s/pmemras.db was removed or replaced while pmemrasd had it open; "
			    "going on "
			    "with what is there now",
			    recorder->state_dir);
		close_store(recorder);
	}
	if (recorder->store)
		return 0;
	r = store_open(recorder->state_dir, STORE_WRITE, &recorder->store);
	if (r)
		return r;
	recorder->store_ino = database_ino(recorder);
	recorder->fresh = true;
	return 0;
}

static int set_aside(struct recorder *recorder)
{
	CLEANUP(freep) char *name = NULL;
	CLEANUP(freep) char *text = NULL;
	int r;

	close_store(recorder);
	r = store_set_aside(recorder->state_dir, now_usec(), &name);
	if (r)
		return r;
	(void)escape_terminal(name, &text);
	journal_say(recorder->journal, LOG_CRIT, JOURNAL_ID_STORE_ASIDE,
		    "THE STORE WAS DAMAGED and is now %s; a new one was begun. Incidents, "
		    "acknowledgements and declared ranges up to now are only in that file: "
		    "try \"sqlite3 FILE .recover\"",
		    text ? text : "set aside");
	return 0;
}

/* ---- trouble ---- */

static int note_unsaved(struct recorder *recorder, const struct blkdev *dev,
			const struct rangeset *bad, const char *trouble)
{
	struct recorder_unsaved *unsaved = NULL, *more;

	for (size_t i = 0; i < recorder->n_unsaved; i++) {
		if (!strcmp(recorder->unsaved[i].name, dev->name))
			unsaved = &recorder->unsaved[i];
	}
	if (unsaved && rangeset_equal(&unsaved->bad, bad))
		return 0;
	announce_unsaved(recorder->journal, dev->name, bad, trouble);
	if (!unsaved) {
		more = realloc(recorder->unsaved, (recorder->n_unsaved + 1) * sizeof(*more));
		if (!more)
			return -ENOMEM;
		recorder->unsaved = more;
		unsaved = &more[recorder->n_unsaved++];
		*unsaved = (struct recorder_unsaved){.bad = RANGESET_NULL};
		snprintf(unsaved->name, sizeof(unsaved->name), "%s", dev->name);
	}
	return rangeset_copy(&unsaved->bad, bad);
}

struct unsaved_scan {
	struct recorder *recorder;
	const struct settings *settings;
	const char *trouble;
};

static int unsaved_device(const struct blkdev *dev, void *data)
{
	CLEANUP(rangeset_deinit) struct rangeset bad = RANGESET_NULL;
	struct unsaved_scan *scan = data;
	bool cut;

	if (!dev->has_badblocks || settings_ignores(scan->settings, dev->name))
		return 0;
	if (blkdev_badblocks(scan->recorder->root, dev, &bad, &cut) || !bad.n)
		return 0;
	return note_unsaved(scan->recorder, dev, &bad, scan->trouble);
}

static void enter_trouble(struct recorder *recorder, const struct settings *settings, int r,
			  struct recorder_result *ret)
{
	struct unsaved_scan scan = {recorder, settings, NULL};
	CLEANUP(freep) char *dir = NULL;
	char *text = NULL;

	(void)escape_terminal(recorder->state_dir, &dir);
	if (asprintf(&text, "%s: %s", dir ? dir : "store", store_strerror(r)) < 0)
		return;
	if (!recorder->trouble || strcmp(recorder->trouble, text))
		journal_say(recorder->journal, LOG_CRIT, JOURNAL_ID_STORE_TROUBLE,
			    "CANNOT RECORD INCIDENTS: %s. Still watching; trying again", text);
	free(recorder->trouble);
	recorder->trouble = text;
	(void)trouble_tell(recorder->state_dir, text);

	scan.trouble = text;
	(void)blkdev_each(recorder->root, unsaved_device, &scan);
	heard_tell_unsaved(&recorder->heard, recorder->root, recorder->journal, text);
	ret->trouble = strdup(text);
	ret->n_unsaved = recorder->n_unsaved + heard_n_unsaved(&recorder->heard);
}

static void leave_trouble(struct recorder *recorder)
{
	trouble_clear(recorder->state_dir); /* also what an earlier daemon left */
	unsaved_clear(recorder);
	if (!recorder->trouble)
		return;
	journal_say(recorder->journal, LOG_NOTICE, JOURNAL_ID_STORE_WELL,
		    "Incidents are recorded again in %s", recorder->state_dir);
	free(recorder->trouble);
	recorder->trouble = NULL;
}

/* ---- the pass ---- */

static void announce(void *data, const struct devid *device, const struct incident *incident,
		     unsigned int bits)
{
	struct recorder *recorder = data;

	announce_incident(recorder->journal, device, incident, bits);
}

static int hash_declared(const struct store_declared *declared, void *data)
{
	const uint64_t words[] = {(uint64_t)declared->device, declared->range.start,
				  declared->range.len};
	uint64_t *h = data;

	for (size_t i = 0; i < ARRAY_SIZE(words); i++)
		*h = (*h ^ words[i]) * UINT64_C(0x9e3779b97f4a7c15) + 1;
	return 0;
}

static bool ignores(void *data, const struct blkdev *dev)
{
	return settings_ignores(data, dev->name);
}

static int reconcile(struct recorder *recorder, const struct look *look, bool all,
		     const struct settings *settings)
{
	const struct casework_observer observer = {.ignores = ignores, .data = (void *)settings};
	int r;

	for (size_t i = 0; !all && i < look->n; i++) {
		CLEANUP(blkdev_deinit) struct blkdev dev = BLKDEV_NULL;

		r = blkdev_from_devno(recorder->root, look->devnos[i], &dev);
		if (r == -ENOMEM)
			return r;
		if (r || !dev.size) { /* went away: let that be found out as well */
			all = true;
			break;
		}
		if (settings_ignores(settings, dev.name))
			continue;
		r = casework_reconcile_device(recorder->root, recorder->store, &dev, now_usec(),
					      &observer);
		if (r)
			return r;
	}
	return all ? casework_reconcile(recorder->root, recorder->store, now_usec(), &observer) : 0;
}

/* What completed scrubs prove. As casework_reconcile(). */
static int use_scrubs(struct recorder *recorder, const struct settings *settings)
{
	const struct casework_observer observer = {.ignores = ignores, .data = (void *)settings};
	int failed = 0;

	for (size_t i = 0; i < recorder->scrubs.n; i++) {
		const struct scrub_bus *bus = &recorder->scrubs.buses[i];
		int r;

		if (!bus->begun_usec)
			continue;
		r = casework_scrubbed(recorder->root, recorder->store, bus->name, bus->begun_usec,
				      now_usec(), &observer);
		if (r > 0 || r == -ENOMEM)
			return r;
		if (r && !failed)
			failed = r;
	}
	return failed;
}

/* One device's failure is no failure of the store: told when it begins, and tried again. */
static void note_device_error(struct recorder *recorder, int r)
{
	if (r && r != recorder->device_error)
		journal_say(recorder->journal, LOG_ERR, NULL,
			    "A device could not be looked at: %s; trying again", strerror(-r));
	recorder->device_error = r;
}

static int count_incident(int64_t device, const struct incident *incident, void *data)
{
	struct recorder_result *result = data;

	if (incident->acked)
		result->n_acked++;
	else
		result->n_open++;
	return 0;
}

static int store_watch(struct recorder *recorder, struct watch *watch)
{
	CLEANUP(mounts_deinit) struct mounts mounts = MOUNTS_NULL;
	CLEANUP(freep) char *text = NULL;
	int r;

	if (!watch)
		return 0;
	r = lookups_add_devices(recorder->root, recorder->store, watch);
	if (!r && !recorder->poison_counted)
		r = heard_unwitnessed(recorder->root, recorder->store, &recorder->unwitnessed);
	if (r)
		return r;
	recorder->poison_counted = true; /* what comes from now on is heard */
	watch->unwitnessed = recorder->unwitnessed;
	watch->dimms = recorder->dimms.items;
	watch->n_dimms = recorder->dimms.n;
	if (mounts_read(recorder->root, &mounts) == -ENOMEM)
		return -ENOMEM;
	r = watch_to_json(watch, &mounts, &text);
	if (r)
		return r;
	if (!recorder->watch_text) {
		r = store_get_text(recorder->store, WATCH_KEY, &recorder->watch_text);
		if (r && r != -ENOENT)
			return r;
	}
	if (recorder->watch_text && !strcmp(recorder->watch_text, text))
		return 0;
	r = store_set_text(recorder->store, WATCH_KEY, text);
	if (r)
		return r;
	free(recorder->watch_text);
	recorder->watch_text = steal(text);
	return 0;
}

static int pass(struct recorder *recorder, const struct look *look, const struct settings *settings,
		struct watch *watch, struct recorder_result *ret)
{
	bool all = look->devices;
	uint64_t version, declared = 1;
	bool any = false;
	int r;

	r = open_store(recorder);
	if (!r)
		r = heard_store(&recorder->heard, recorder->root, recorder->store, settings,
				recorder->journal);
	if (r)
		return r;
	r = store_data_version(recorder->store, &version);
	if (r)
		return r;
	ret->moved = recorder->fresh || version != recorder->version;
	all = all || recorder->fresh; /* it may lack anything */
	if (ret->moved) {
		r = store_declared_each(recorder->store, hash_declared, &declared);
		if (r)
			return r;
		all = all || declared != recorder->declared;
	}
	r = scrubs_begin(&recorder->scrubs, recorder->root); /* before any list is read */
	if (r)
		return r;
	r = reconcile(recorder, look, all, settings);
	if (!(r > 0 || r == -ENOMEM) && all) {
		int scrubbed = use_scrubs(recorder, settings);

		r = r && scrubbed <= 0 && scrubbed != -ENOMEM ? r : scrubbed;
	}
	if (r > 0 || r == -ENOMEM)
		return r;
	note_device_error(recorder, r);
	ret->r = r;
	if (ret->moved)
		recorder->declared = declared;
	recorder->fresh = false;
	recorder->version = version;

	r = publish_run(&recorder->publish, recorder->store, announce, recorder, &any);
	if (r)
		return r;
	ret->moved = ret->moved || any;
	if (all)
		r = ailing_look(&recorder->dimms, recorder->root, recorder->journal);
	if (!r && all && watch && watch->cxl) /* else nobody would hear the answer */
		r = ailing_ask_cxl(&recorder->cxl, recorder->root, recorder->journal);
	if (!r)
		r = store_watch(recorder, watch);
	if (r)
		return r;
	r = store_incident_each(recorder->store, 1u << INCIDENT_OPEN, count_incident, ret);
	if (r)
		return r;
	ret->counted = true;
	r = scrubs_end(&recorder->scrubs, recorder->root, now_usec());
	if (r)
		return r;
	ret->again = look->mounts || look->devices;
	return lookups_pending(recorder->root, recorder->store, ret->again, settings->paths,
			       &ret->pending, &ret->n_pending);
}

void recorder_suspect(struct recorder *recorder)
{
	recorder->suspect = true;
}

void recorder_pass(struct recorder *recorder, struct look *look, const struct settings *settings,
		   struct watch *watch, struct recorder_result *ret)
{
	const struct look everything = {.devices = true, .mounts = true, .store = true};
	int r;

	r = heard_take(&recorder->heard, &look->heard);
	if (!r)
		r = recorder->suspect ? STORE_E_CORRUPT
				      : pass(recorder, look, settings, watch, ret);
	recorder->suspect = false;
	if (r == STORE_E_REPLACED || r == STORE_E_CORRUPT) {
		close_store(recorder);
		if (r == STORE_E_CORRUPT)
			r = set_aside(recorder);
		else
			r = 0; /* somebody else did so, and told */
		if (!r) {
			recorder_result_deinit(ret);
			r = pass(recorder, &everything, settings, watch, ret);
		}
	}
	if (r) {
		ret->r = r;
		enter_trouble(recorder, settings, r, ret);
	} else {
		leave_trouble(recorder);
	}
}

void recorder_last(struct recorder *recorder, struct look *look, const struct settings *settings)
{
	int r;

	r = heard_take(&recorder->heard, &look->heard);
	if (!recorder->heard.pending.n)
		return;
	if (!r)
		r = open_store(recorder);
	if (!r)
		r = heard_store(&recorder->heard, recorder->root, recorder->store, settings,
				recorder->journal);
	if (r)
		heard_tell_unsaved(&recorder->heard, recorder->root, recorder->journal,
				   store_strerror(r));
}
