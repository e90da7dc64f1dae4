/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Investigation: what did an incident's lost bytes hold?
 *
 * A look takes its time, so it runs outside any transaction; its result is
 * kept only if the incident still has lost just that. Whatever stands in the
 * way of an answer is part of the answer, and those reasons that may pass are
 * what a later mount or device event makes a reason to look again.
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
	 1u << REASON_INODES_UNREADABLE)

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

/* The device on record among those present. -ENOENT: gone. */
static int find_device(const struct sysroot *root, const struct devid *id, struct blkdev *ret)
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

	r = find_device(root, id, &dev);
	if (r == -ENOENT)
		return look_at_nothing(id, lost, ret);
	return r ? r : capture_locate(root, &dev, lost, options, ret);
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
	findings_sort(*findings);
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

int casework_investigate(const struct sysroot *root, struct store *store, int64_t id,
			 const struct capture_options *options, uint64_t now_usec,
			 const struct casework_observer *observer)
{
	CLEANUP(incident_deinit) struct incident incident = INCIDENT_NULL;
	CLEANUP(findings_freep) struct findings *findings = NULL;
	CLEANUP(freep) char *text = NULL;
	struct store_device device;
	int64_t row;
	bool news;
	int r;

	r = store_incident(store, id, false, &incident, &row);
	if (!r)
		r = store_device(store, row, &device);
	if (r)
		return r;
	if (incident.state != INCIDENT_OPEN && incident.state != INCIDENT_CLEARED)
		return -ESTALE;

	r = look(root, &device.id, &incident.lost, options, &findings);
	if (!r)
		r = remember(&incident, &findings);
	if (!r)
		r = write_record(findings, &text);
	if (!r)
		r = store_set_findings(store, id, &incident.lost, text, findings->reasons, now_usec,
				       &news);
	return r || !news ? r : tell(store, id, &device.id, observer);
}

int casework_pending(struct store *store, int64_t **ret, size_t *ret_n)
{
	return store_unlocated(store, 0, 0, ret, ret_n);
}

int casework_pending_again(struct store *store, const struct devid *device, int64_t **ret,
			   size_t *ret_n)
{
	int64_t row = 0;
	int r;

	r = device ? store_device_find(store, device, &row) : 0;
	return r ? r : store_unlocated(store, row, PASSING, ret, ret_n);
}
