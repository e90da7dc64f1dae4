/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A change is told by what it led to: not "recorded", but which incident it
 * is now part of and what that has lost. The observer only takes notes; the
 * incidents are read when the transaction is over.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include "cases.h"
#include "changed.h"
#include "cleanup.h"
#include "jsonio.h"
#include "words.h"

void changed_deinit(struct changed *changed)
{
	free(changed->ids);
	*changed = CHANGED_NULL;
}

int changed_add(struct changed *changed, int64_t id)
{
	for (size_t i = 0; i < changed->n; i++) {
		if (changed->ids[i] == id)
			return 0;
	}
	if (changed->n == changed->allocated) {
		size_t larger = changed->allocated ? changed->allocated * 2 : 8;
		int64_t *grown = reallocarray(changed->ids, larger, sizeof(*grown));

		if (!grown)
			return -ENOMEM;
		changed->ids = grown;
		changed->allocated = larger;
	}
	changed->ids[changed->n++] = id;
	return 0;
}

static void note(void *data, const struct devid *device, const struct incident *incident,
		 unsigned int bits)
{
	struct changed *changed = data;

	if (incident->id > 0 && incident->state != INCIDENT_MERGED &&
	    changed_add(changed, incident->id))
		changed->failed = true;
}

struct casework_observer changed_observer(struct changed *changed)
{
	return (struct casework_observer){.changed = note, .data = changed};
}

int changed_say(const struct changed *changed, const struct ctl *ctl, struct store *store)
{
	for (size_t i = 0; i < changed->n; i++) {
		CLEANUP(case_deinit) struct ctl_case c = CASE_NULL;
		int r = case_load(store, changed->ids[i], &c);

		if (r)
			return r;
		fprintf(ctl->out, "Incident %" PRId64 " on ", c.incident.id);
		words_raw(ctl->out, c.device.name);
		fprintf(ctl->out, ": %s, ", incident_state_token(c.incident.state));
		words_loss(ctl->out, &c.summary, c.reasons);
		if (c.summary.worst != IMPACT_UNKNOWN)
			fprintf(ctl->out, ": %s", c.what);
		fputc('\n', ctl->out);
	}
	return changed->failed ? -ENOMEM : 0;
}

int changed_put(const struct changed *changed, struct store *store, struct json_object *record)
{
	struct json_object *array = jsonio_add_array(record, "incidents");

	if (!array)
		return -ENOMEM;
	for (size_t i = 0; i < changed->n; i++) {
		CLEANUP(case_deinit) struct ctl_case c = CASE_NULL;
		struct json_object *incident = NULL;
		int r = case_load(store, changed->ids[i], &c);

		if (!r)
			r = case_record(&c, &incident);
		if (r)
			return r;
		if (json_object_array_add(array, incident)) {
			json_object_put(incident);
			return -ENOMEM;
		}
	}
	return changed->failed ? -ENOMEM : 0;
}

const char *changed_token(unsigned int *bits)
{
	static const struct {
		unsigned int bit;
		const char *token;
	} tokens[] = {
		{CHANGE_NEW, "new"},
		{CHANGE_REOPENED, "reopened"},
		{CHANGE_GREW, "grew"},
		{CHANGE_SHRANK, "shrank"},
		{CHANGE_CLEARED, "cleared"},
		{CHANGE_MERGED, "merged"},
		{CHANGE_ABSORBED, "absorbed"},
		{CHANGE_SOURCE, "source"},
		{CHANGE_UNREACHABLE, "unreachable"},
		{CHANGE_REACHABLE, "reachable"},
		{CHANGE_UNACKED, "unacknowledged"},
		{CHANGE_REPAIRED, "repaired"},
		{STORE_CHANGE_ACKED, "acknowledged"},
		{STORE_CHANGE_LOCATED, "located"},
	};

	for (size_t i = 0; i < sizeof(tokens) / sizeof(tokens[0]); i++) {
		if (*bits & tokens[i].bit) {
			*bits &= ~tokens[i].bit;
			return tokens[i].token;
		}
	}
	/* of a newer version: told, not dropped */
	if (*bits) {
		*bits = 0;
		return "other";
	}
	return NULL;
}
