/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The store keeps an incident's facts and the JSON record of the last look at
 * it. Here they come together: the record is parsed by the same code that
 * reads anybody's, and summed up. What lies in the incident's lost set but was
 * not part of the last look (it grew since, or nobody has looked) counts as
 * unknown: an old answer must not cover a new question.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include "cases.h"
#include "cleanup.h"
#include "record.h"
#include "verdict.h"
#include "words.h"

void case_deinit(struct ctl_case *c)
{
	incident_deinit(&c->incident);
	findings_free(c->findings);
	free(c->what);
	free(c->dimms);
	*c = CASE_NULL;
}

void cases_deinit(struct cases *cases)
{
	for (size_t i = 0; i < cases->n; i++)
		case_deinit(&cases->items[i]);
	free(cases->items);
	*cases = CASES_NULL;
}

static int add_unlooked(struct ctl_case *c, const struct findings *f)
{
	CLEANUP(rangeset_deinit) struct rangeset rest = RANGESET_NULL;
	int r;

	r = f ? rangeset_diff(&c->incident.lost, &f->asked, &rest)
	      : rangeset_copy(&rest, &c->incident.lost);
	if (r || (f && !rest.n))
		return r;
	c->summary.unknown_bytes += rangeset_bytes(&rest);
	if (c->summary.worst < IMPACT_UNKNOWN)
		c->summary.worst = IMPACT_UNKNOWN;
	c->reasons |= 1u << REASON_NOT_LOCATED;
	return 0;
}

static int describe(struct ctl_case *c, const struct findings *f)
{
	size_t len = 0;
	FILE *stream = open_memstream(&c->what, &len);
	int r = 0;

	if (!stream)
		return -ENOMEM;
	if (f)
		r = words_what(stream, f);
	else
		fputs("nobody has looked yet", stream);
	if (fclose(stream) && !r)
		r = -ENOMEM;
	return r;
}

static int name_dimms(struct ctl_case *c, const struct findings *f)
{
	const char *names[PLACE_DIMMS_MAX];
	size_t n = place_dimms(f->place, names), len = 0;
	CLEANUP(freep) char *text = NULL;
	FILE *stream;

	if (!n)
		return 0;
	stream = open_memstream(&text, &len);
	if (!stream)
		return -ENOMEM;
	for (size_t i = 0; i < n; i++)
		fprintf(stream, "%s%s", i ? "," : "", names[i]);
	if (fclose(stream) || !text)
		return -ENOMEM;
	c->dimms = steal(text);
	return 0;
}

/* Sums up what is known of @c; keeps the findings where @keep. */
static int sum_up(struct ctl_case *c, bool keep)
{
	CLEANUP(findings_freep) struct findings *f = NULL;
	const char *json = c->incident.findings;
	int r = 0;

	if (json)
		r = record_parse_findings(json, strlen(json), &f);
	if (r == -EBADMSG)
		f = NULL; /* of a newer schema, or damaged: as if nobody had looked, and told so */
	else if (r)
		return r;

	if (f) {
		findings_sort(f);
		c->looked = true;
		c->reasons = f->reasons;
		r = findings_summarise(f, &c->summary);
		if (!r && f->place)
			r = name_dimms(c, f);
		if (r)
			return r;
	}
	r = add_unlooked(c, f);
	if (!r)
		r = describe(c, f);
	if (!r && keep)
		c->findings = steal(f);
	return r;
}

struct id_list {
	int64_t *ids;
	size_t n, allocated;
};

static void id_list_deinit(struct id_list *list)
{
	free(list->ids);
}

static int note_id(int64_t device, const struct incident *incident, void *data)
{
	struct id_list *list = data;

	if (list->n == list->allocated) {
		size_t larger = list->allocated ? list->allocated * 2 : 64;
		int64_t *grown = reallocarray(list->ids, larger, sizeof(*grown));

		if (!grown)
			return -ENOMEM;
		list->ids = grown;
		list->allocated = larger;
	}
	list->ids[list->n++] = incident->id;
	return 0;
}

static void set_device(struct ctl_case *c, const struct store_device *devices, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		if (devices[i].row == c->device_row)
			c->device = devices[i].id;
	}
}

static int load_one(struct store *store, int64_t id, bool follow, bool keep,
		    const struct store_device *devices, size_t n_devices, struct ctl_case *ret)
{
	CLEANUP(case_deinit) struct ctl_case c = CASE_NULL;
	int r;

	r = store_incident(store, id, follow, &c.incident, &c.device_row);
	if (r)
		return r;
	set_device(&c, devices, n_devices);
	r = sum_up(&c, keep);
	if (r)
		return r;

	*ret = c;
	c = CASE_NULL;
	return 0;
}

int cases_load(struct store *store, unsigned int states, struct cases *ret)
{
	CLEANUP(id_list_deinit) struct id_list list = {0};
	CLEANUP(freep) struct store_device *devices = NULL;
	CLEANUP(cases_deinit) struct cases cases = CASES_NULL;
	size_t n_devices = 0;
	int r;

	r = store_devices(store, &devices, &n_devices);
	if (!r)
		r = store_incident_each(store, states, note_id, &list);
	if (r)
		return r;

	cases.items = calloc(list.n + 1, sizeof(*cases.items));
	if (!cases.items)
		return -ENOMEM;
	for (size_t i = 0; i < list.n; i++) {
		struct ctl_case *c = &cases.items[cases.n];

		r = load_one(store, list.ids[i], false, false, devices, n_devices, c);
		if (r)
			return r;
		/* it may have moved on since the list was made */
		if (states & 1u << c->incident.state)
			cases.n++;
		else
			case_deinit(c);
	}

	*ret = cases;
	cases = CASES_NULL;
	return 0;
}

static int load_alone(struct store *store, int64_t id, bool follow, bool keep, struct ctl_case *ret)
{
	CLEANUP(freep) struct store_device *devices = NULL;
	size_t n_devices = 0;
	int r;

	r = store_devices(store, &devices, &n_devices);
	return r ? r : load_one(store, id, follow, keep, devices, n_devices, ret);
}

int case_load(struct store *store, int64_t id, struct ctl_case *ret)
{
	return load_alone(store, id, true, true, ret);
}

int case_load_as_is(struct store *store, int64_t id, struct ctl_case *ret)
{
	return load_alone(store, id, false, false, ret);
}

bool case_needs_you(const struct ctl_case *c)
{
	if (c->incident.state != INCIDENT_OPEN && c->incident.state != INCIDENT_CLEARED)
		return false;
	return !c->incident.acked && verdict_exit(c->summary.worst, c->reasons) != CTL_OK;
}

int case_record(const struct ctl_case *c, struct json_object **ret)
{
	struct incident without = c->incident;
	int r = record_from_incident(&c->incident, &c->device, ret);

	if (r != -EBADMSG)
		return r;
	/* findings that cannot be read do not keep the rest from being told */
	without.findings = NULL;
	return record_from_incident(&without, &c->device, ret);
}
