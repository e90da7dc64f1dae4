/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Investigation: what did an incident's lost bytes hold?
 *
 * A look takes its time, so it runs outside any transaction; its result is
 * kept only if the incident still has lost just that. Whatever stands in the
 * way of an answer is part of the answer, and those reasons that may pass are
 * what a later mount or device event makes a reason to look again.
 *
 * A look may walk a whole tree, and a burst of errors opens many incidents of one
 * device. So there is one look for each device, at all that these incidents lost, and
 * each is given its part of the answer.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include "carry.h"
#include "casework_priv.h"
#include "cleanup.h"
#include "locator.h"
#include "pmem.h"
#include "record.h"

/* Reasons that go away by themselves or by somebody's doing. */
#define PASSING                                                                                    \
	(1u << REASON_SHUTDOWN | 1u << REASON_NOT_PERMITTED | 1u << REASON_UNRESOLVED_LAYER |      \
	 1u << REASON_NOT_XFS | 1u << REASON_NOT_MOUNTED | 1u << REASON_DEVICE_GONE |              \
	 1u << REASON_BEYOND_END | 1u << REASON_NO_PATHS | 1u << REASON_PATHS_OUTSIDE |            \
	 1u << REASON_CHANGED | 1u << REASON_NOT_LOCATED | 1u << REASON_IO_ERROR |                 \
	 1u << REASON_INODES_UNREADABLE | 1u << REASON_DIRTY_LOG)

/* Of these, those that only a look for names can take away. */
#define ABOUT_PATHS (1u << REASON_NO_PATHS | 1u << REASON_PATHS_OUTSIDE)

struct wanted {
	const struct devid *id;
	struct blkdev found;
	enum devid_match match;
};

static void take(struct wanted *wanted, const struct blkdev *dev)
{
	enum devid_match match = devid_compare(wanted->id, &dev->id);

	if (match <= wanted->match)
		return;
	blkdev_deinit(&wanted->found);
	wanted->found = *dev;
	wanted->found.users = dev->users ? strdup(dev->users) : NULL;
	wanted->match = match;
}

static int look_at_device(const struct blkdev *dev, void *data)
{
	struct wanted *wanted = data;

	/* without an identity of the medium a device under another name may be a copy */
	if (strcmp(dev->name, wanted->id->name) == 0 ||
	    devid_compare(wanted->id, &dev->id) == DEVID_SAME)
		take(wanted, dev);
	return 0;
}

int casework_find_device(const struct sysroot *root, const struct devid *id, struct blkdev *ret)
{
	struct wanted wanted = {.id = id};
	struct blkdev dev = BLKDEV_NULL;
	int r;

	/* where its name was last is the likeliest place, and a namespace or wwid settles it */
	r = blkdev_resolve(root, id->name, &dev);
	if (!r) {
		take(&wanted, &dev);
		blkdev_deinit(&dev);
	}
	if (wanted.match != DEVID_SAME) {
		r = blkdev_each(root, look_at_device, &wanted);
		if (!r)
			r = pmem_each(root, look_at_device, &wanted);
		if (r) {
			blkdev_deinit(&wanted.found);
			return r;
		}
	}
	if (wanted.match == DEVID_DIFFERENT)
		return -ENOENT;

	*ret = wanted.found;
	return 0;
}

/* Nobody can be asked: all of it unknown. */
static int look_at_nothing(const struct devid *id, const struct rangeset *lost,
			   struct findings **ret)
{
	CLEANUP(locator_deinit) struct locator locator = LOCATOR_NULL;
	CLEANUP(findings_freep) struct findings *findings = NULL;
	int r;

	r = locator_init(&locator, lost, NULL);
	if (r)
		return r;
	findings_add_reason(locator.findings, REASON_DEVICE_GONE);
	r = locator_finish(&locator, &findings);
	if (r)
		return r;
	findings->device = strdup(id->name);
	if (!findings->device)
		return -ENOMEM;
	findings->device_size = id->size;

	*ret = steal(findings);
	return 0;
}

static int look(const struct sysroot *root, const struct devid *id, const struct rangeset *lost,
		const struct capture_options *options, struct findings **ret)
{
	CLEANUP(blkdev_deinit) struct blkdev dev = BLKDEV_NULL;
	int r;

	r = casework_find_device(root, id, &dev);
	if (r == -ENOENT)
		return look_at_nothing(id, lost, ret);
	if (!r)
		r = capture_locate(root, &dev, lost, options, ret);
	/* a mount will tell what has changed since, and names that can be typed */
	if (!r && (*ret)->offline && !(*ret)->mountpoint)
		findings_add_reason(*ret, REASON_NOT_MOUNTED);
	return r;
}

/* What an earlier look knew; one that cannot be read any more knew nothing. */
static int remember(const struct incident *incident, struct findings **findings)
{
	CLEANUP(findings_freep) struct findings *earlier = NULL;
	int r;

	if (!incident->findings)
		return 0;
	r = record_parse_findings(incident->findings, strlen(incident->findings), &earlier);
	if (r)
		return r == -EBADMSG ? 0 : r;
	return carry_over(earlier, findings);
}

/* @ret: the record's text, malloced */
static int write_record(const struct findings *findings, char **ret)
{
	CLEANUP(record_freep) struct json_object *record = NULL;
	const char *text;
	char *copy;
	int r;

	r = record_from_findings(findings, CASEWORK_FINDINGS_KEPT, &record);
	if (r)
		return r;
	text = json_object_to_json_string_ext(record, JSON_C_TO_STRING_PLAIN);
	copy = text ? strdup(text) : NULL;
	if (!copy)
		return -ENOMEM;

	*ret = copy;
	return 0;
}

static int tell(struct store *store, int64_t id, const struct devid *device,
		const struct casework_observer *observer)
{
	CLEANUP(incident_deinit) struct incident incident = INCIDENT_NULL;
	int r;

	if (!observer || !observer->located)
		return 0;
	r = store_incident(store, id, false, &incident, NULL);
	if (r)
		return r;
	observer->located(observer->data, device, &incident);
	return 0;
}

/* One incident that wants a look. */
struct want {
	int64_t id, row;      /* row 0: wants none any more, its outcome is known */
	struct rangeset lost; /* when the look began */
};

struct wants {
	const struct sysroot *root;
	struct store *store;
	const struct capture_options *options;
	const struct casework_observer *observer;
	uint64_t now_usec;
	struct want *items;
	size_t n;
	int *outcomes; /* the caller's, of each item */
};

static void wants_deinit(struct wants *w)
{
	for (size_t i = 0; w->items && i < w->n; i++)
		rangeset_deinit(&w->items[i].lost);
	free(w->items);
}

static int begin_want(struct wants *w, struct want *want)
{
	CLEANUP(incident_deinit) struct incident incident = INCIDENT_NULL;
	int64_t row;
	int r;

	r = store_incident(w->store, want->id, false, &incident, &row);
	if (r)
		return r;
	if (incident.state != INCIDENT_OPEN && incident.state != INCIDENT_CLEARED)
		return -ESTALE;
	rangeset_move(&want->lost, &incident.lost);
	want->row = row;
	return 0;
}

/* @findings: of the look at what this one lost */
static int keep(const struct wants *w, const struct want *want, const struct devid *device,
		struct findings **findings)
{
	CLEANUP(incident_deinit) struct incident incident = INCIDENT_NULL;
	CLEANUP(freep) char *text = NULL;
	bool news = false;
	int r;

	/* once more, as somebody else may have looked meanwhile, and remembers more */
	r = store_incident(w->store, want->id, false, &incident, NULL);
	if (!r)
		r = remember(&incident, findings);
	if (!r)
		r = write_record(*findings, &text);
	if (!r)
		r = store_set_findings(w->store, want->id, &want->lost, text, (*findings)->reasons,
				       w->now_usec, &news);
	return r || !news ? r : tell(w->store, want->id, device, w->observer);
}

/* @whole: of the look at all that its device's incidents lost */
static int keep_part(const struct wants *w, const struct want *want, const struct devid *device,
		     const struct findings *whole)
{
	CLEANUP(findings_freep) struct findings *part = NULL;
	int r;

	r = findings_cut(whole, &want->lost, &part);
	return r ? r : keep(w, want, device, &part);
}

/* Where the incidents of one device are on several above it, each is asked about by itself. */
static int keep_own(const struct wants *w, const struct want *want, const struct devid *device)
{
	CLEANUP(findings_freep) struct findings *own = NULL;
	int r;

	r = look(w->root, device, &want->lost, w->options, &own);
	if (r)
		return r;
	findings_sort(own);
	return keep(w, want, device, &own);
}

static bool is_cancelled(const struct wants *w, size_t done)
{
	const struct capture_options *options = w->options;

	return options && options->progress &&
	       options->progress(options->progress_data, "incidents", done, w->n);
}

static int unite(const struct wants *w, int64_t row, struct rangeset *ret)
{
	for (size_t i = 0; i < w->n; i++) {
		const struct rangeset *lost = &w->items[i].lost;

		for (size_t k = 0; w->items[i].row == row && k < lost->n; k++) {
			int r = rangeset_append_unsorted(ret, lost->ranges[k]);

			if (r)
				return r;
		}
	}
	rangeset_normalise(ret);
	return 0;
}

/* One look at a device. */
static int look_once(const struct wants *w, int64_t row, struct devid *ret_id,
		     struct findings **ret)
{
	CLEANUP(rangeset_deinit) struct rangeset lost = RANGESET_NULL;
	struct store_device device;
	int r;

	r = store_device(w->store, row, &device);
	if (!r)
		r = unite(w, row, &lost);
	if (!r)
		r = look(w->root, &device.id, &lost, w->options, ret);
	if (r)
		return r;
	findings_sort(*ret);
	*ret_id = device.id;
	return 0;
}

/* The store's troubles and a cancelled look end everything. */
static bool ends_all(int r)
{
	return r > 0 || r == -ECANCELED;
}

/* All incidents of the device of item @first. */
static int investigate_device(struct wants *w, size_t first)
{
	CLEANUP(findings_freep) struct findings *whole = NULL;
	int64_t row = w->items[first].row;
	size_t n = 0;
	struct devid device;
	int looked;

	for (size_t i = first; i < w->n; i++)
		n += w->items[i].row == row;
	looked = look_once(w, row, &device, &whole);
	for (size_t i = first; i < w->n; i++) {
		int r = looked;

		if (w->items[i].row != row)
			continue;
		if (!r && i > first && is_cancelled(w, i))
			r = -ECANCELED;
		if (!r && n == 1) /* a part of one would be a copy, of maybe a million findings */
			r = keep(w, &w->items[i], &device, &whole);
		else if (!r && whole->reasons & 1u << REASON_UNRESOLVED_LAYER)
			r = keep_own(w, &w->items[i], &device);
		else if (!r)
			r = keep_part(w, &w->items[i], &device, whole);
		w->outcomes[i] = r;
		w->items[i].row = 0;
		if (ends_all(r))
			return r;
	}
	return 0;
}

static int investigate(struct wants *w, const int64_t *ids)
{
	int r;

	for (size_t i = 0; i < w->n; i++)
		w->outcomes[i] = -ECANCELED;
	w->items = calloc(w->n ? w->n : 1, sizeof(*w->items));
	if (!w->items)
		return -ENOMEM;
	for (size_t i = 0; i < w->n; i++) {
		w->items[i].id = ids[i];
		r = begin_want(w, &w->items[i]);
		if (r)
			w->outcomes[i] = r;
		if (ends_all(r))
			return r;
	}
	for (size_t i = 0; i < w->n; i++) {
		if (!w->items[i].row)
			continue;
		if (is_cancelled(w, i))
			return -ECANCELED;
		r = investigate_device(w, i);
		if (r)
			return r;
	}
	return 0;
}

int casework_investigate_many(const struct sysroot *root, struct store *store, const int64_t *ids,
			      size_t n, const struct capture_options *options, uint64_t now_usec,
			      const struct casework_observer *observer, int *ret_outcomes)
{
	CLEANUP(wants_deinit)
	struct wants w = {
		.root = root,
		.store = store,
		.options = options,
		.observer = observer,
		.now_usec = now_usec,
		.n = n,
		.outcomes = ret_outcomes,
	};

	return investigate(&w, ids);
}

int casework_investigate(const struct sysroot *root, struct store *store, int64_t id,
			 const struct capture_options *options, uint64_t now_usec,
			 const struct casework_observer *observer)
{
	int outcome, r;

	r = casework_investigate_many(root, store, &id, 1, options, now_usec, observer, &outcome);
	return r ? r : outcome;
}

int casework_pending(struct store *store, int64_t **ret, size_t *ret_n)
{
	return store_unlocated(store, 0, 0, ret, ret_n);
}

int casework_pending_again(struct store *store, const struct devid *device, bool paths,
			   int64_t **ret, size_t *ret_n)
{
	uint32_t reasons = paths ? PASSING : PASSING & ~ABOUT_PATHS;
	int64_t row = 0;
	int r;

	r = device ? store_device_find(store, device, &row) : 0;
	return r ? r : store_unlocated(store, row, reasons, ret, ret_n);
}
