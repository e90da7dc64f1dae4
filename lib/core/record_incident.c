/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * An incident as JSON. As in all records, what there is not is left out: no
 * look taken, not cleared, not merged. The findings of the last look are put
 * in as the object they were kept as.
 */
#include <errno.h>
#include <string.h>
#include "cleanup.h"
#include "jsonio.h"
#include "record.h"

#define FINDINGS_DEPTH 32

/* Times and ids: 0 is none */
static int put_number(struct json_object *object, const char *key, uint64_t value)
{
	return value ? jsonio_put_u64(object, key, value) : 0;
}

static int put_bytes(struct json_object *object, const char *key, const char *raw)
{
	return raw && *raw ? jsonio_put_bytes(object, key, raw) : 0;
}

static int put_device(struct json_object *object, const struct devid *device)
{
	struct json_object *entry = jsonio_add_object(object, "device");
	char identity[DEVID_BUF];
	int r;

	if (!entry)
		return -ENOMEM;
	if ((r = put_bytes(entry, "name", device->name)) ||
	    (r = put_bytes(entry, "identity", devid_format(device, identity))) ||
	    (r = put_bytes(entry, "nd_uuid", device->nd_uuid)) ||
	    (r = put_bytes(entry, "hw_id", device->hw_id)) ||
	    (r = put_bytes(entry, "fs_uuid", device->fs_uuid)))
		return r;
	return put_number(entry, "size", device->size);
}

static int put_sources(struct json_object *object, const struct incident *incident)
{
	struct json_object *array = jsonio_add_array(object, "sources");

	if (!array)
		return -ENOMEM;
	for (size_t i = 0; i < incident->n_sightings; i++) {
		const struct sighting *sighting = &incident->sightings[i];
		struct json_object *entry = jsonio_append_object(array);
		int r;

		if (!entry)
			return -ENOMEM;
		if ((r = jsonio_put_text(entry, "source", media_source_token(sighting->source))) ||
		    (r = jsonio_put_u64(entry, "first_usec", sighting->first_usec)) ||
		    (r = jsonio_put_u64(entry, "last_usec", sighting->last_usec)) ||
		    (r = jsonio_put_ranges(entry, "bad", &sighting->bad)))
			return r;
	}
	return 0;
}

static int put_findings(struct json_object *object, const char *text)
{
	struct json_object *findings = NULL;
	int r;

	if (!text)
		return 0;
	r = jsonio_parse(text, strlen(text), FINDINGS_DEPTH, &findings);
	return r ? r : jsonio_put(object, "findings", findings);
}

static int put_state(struct json_object *object, const struct incident *incident)
{
	bool cleared = incident->cleared_usec;
	int r;

	if ((r = jsonio_put_u64(object, "schema", RECORD_SCHEMA)) ||
	    (r = jsonio_put_text(object, "kind", "incident")) ||
	    (r = put_number(object, "id", (uint64_t)incident->id)) ||
	    (r = jsonio_put_text(object, "state", incident_state_token(incident->state))) ||
	    (r = jsonio_put_bool(object, "acked", incident->acked)) ||
	    (r = put_bytes(object, "ack_note", incident->ack_note)) ||
	    (r = put_number(object, "merged_into", (uint64_t)incident->merged_into)) ||
	    (r = jsonio_put_bool(object, "unreachable", incident->unreachable)) ||
	    (r = jsonio_put_u64(object, "opened_usec", incident->opened_usec)) ||
	    (r = jsonio_put_u64(object, "changed_usec", incident->changed_usec)) ||
	    (r = put_number(object, "cleared_usec", incident->cleared_usec)) ||
	    (r = cleared ? jsonio_put_text(object, "cleared_by",
					   clear_proof_token(incident->cleared_by))
			 : 0) ||
	    (r = put_number(object, "located_usec", incident->located_usec)))
		return r;
	return jsonio_put_bool(object, "findings_stale", incident->findings_stale);
}

int record_from_incident(const struct incident *incident, const struct devid *device,
			 struct json_object **ret)
{
	CLEANUP(record_freep) struct json_object *object = json_object_new_object();
	CLEANUP(rangeset_deinit) struct rangeset bad = RANGESET_NULL;
	int r;

	if (!object)
		return -ENOMEM;
	r = incident_bad(incident, &bad);
	if (r)
		return r;
	if ((r = put_state(object, incident)) || (r = put_device(object, device)) ||
	    (r = jsonio_put_ranges(object, "lost", &incident->lost)) ||
	    (r = jsonio_put_ranges(object, "bad", &bad)) ||
	    (r = jsonio_put_u64(object, "lost_bytes", rangeset_bytes(&incident->lost))) ||
	    (r = jsonio_put_u64(object, "bad_bytes", rangeset_bytes(&bad))) ||
	    (r = put_sources(object, incident)) || (r = put_findings(object, incident->findings)))
		return r;

	*ret = steal(object);
	return 0;
}
