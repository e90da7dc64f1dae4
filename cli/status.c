/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * status is one question, "does anything need me?", to up to three sources: the store
 * (what is on record), the running daemon (what is watched) or, where none
 * runs, the machine's badblocks lists as they are now. The answer is the
 * worst of all, and incomplete where a source did not answer.
 */
#include <errno.h>
#include "cleanup.h"
#include "jsonio.h"
#include "out_json.h"
#include "record.h"
#include "status.h"
#include "watched.h"

void status_deinit(struct status *status)
{
	fresh_deinit(&status->fresh);
	cases_deinit(&status->cases);
	json_object_put(status->watched);
	look_deinit(&status->look);
	*status = STATUS_NULL;
}

static void add_up(struct findings_summary *sum, const struct findings_summary *more)
{
	sum->data_bytes += more->data_bytes;
	sum->metadata_bytes += more->metadata_bytes;
	sum->unknown_bytes += more->unknown_bytes;
	if (more->worst > sum->worst)
		sum->worst = more->worst;
}

static void count_cases(struct status *status)
{
	for (size_t i = 0; i < status->cases.n; i++) {
		const struct ctl_case *c = &status->cases.items[i];

		status->n_acked += c->incident.acked;
		if (!case_needs_you(c))
			continue;
		status->n_needs_you++;
		status->reasons |= c->reasons;
		add_up(&status->sum, &c->summary);
	}
}

static int look_around(const struct ctl *ctl, struct status *status)
{
	struct findings_summary news = {0};
	int r = look_at(&ctl->root, status->fresh.store, &status->look);

	if (r)
		return r;
	status->looked = true;
	status->n_buses = status->look.n_buses;
	status->n_lists = status->look.n;
	status->reasons |= look_reasons(&status->look);
	news.unknown_bytes = look_news_bytes(&status->look);
	news.worst = news.unknown_bytes ? IMPACT_UNKNOWN : IMPACT_NOTHING;
	add_up(&status->sum, &news);
	return 0;
}

static int ask_daemon(struct status *status)
{
	int r = watched_read(status->fresh.store, &status->watched);

	if (r == -ENOENT || r == -EBADMSG)
		return 0; /* it has just started, or is of another version */
	if (r)
		return r;
	status->n_buses = watched_number(status->watched, "n_buses");
	status->n_lists = watched_number(status->watched, "n_lists");
	return 0;
}

int status_gather(const struct ctl *ctl, struct status *ret)
{
	CLEANUP(status_deinit) struct status status = STATUS_NULL;
	int r = 0;

	fresh_open(&status.fresh, ctl);
	status.reasons = fresh_reasons(&status.fresh);
	if (status.fresh.store)
		r = cases_load(status.fresh.store, 1u << INCIDENT_OPEN | 1u << INCIDENT_CLEARED,
			       &status.cases);
	if (r)
		return r;
	count_cases(&status);
	if (status.fresh.daemon == DAEMON_RUNNING && status.fresh.store)
		r = ask_daemon(&status);
	else
		r = look_around(ctl, &status);
	if (r)
		return r;

	*ret = status;
	status = STATUS_NULL;
	return 0;
}

bool status_is_idle(const struct status *status)
{
	return !status->reasons && !status->cases.n && !status->n_buses && !status->n_lists &&
	       (!status->watched || !watched_n_devices(status->watched));
}

static int put_incidents(const struct status *status, struct json_object *record)
{
	struct json_object *array = jsonio_add_array(record, "incidents");

	if (!array)
		return -ENOMEM;
	for (size_t i = 0; i < status->cases.n; i++) {
		struct json_object *incident = NULL;
		int r = case_record(&status->cases.items[i], &incident);

		if (r)
			return r;
		if (json_object_array_add(array, incident)) {
			json_object_put(incident);
			return -ENOMEM;
		}
	}
	return 0;
}

static int put_lists(const struct look *look, struct json_object *record)
{
	struct json_object *array = jsonio_add_array(record, "lists");

	if (!array)
		return -ENOMEM;
	for (size_t i = 0; i < look->n; i++) {
		const struct look_list *list = &look->lists[i];
		struct json_object *element = jsonio_append_object(array);
		int r;

		if (!element)
			return -ENOMEM;
		if ((r = jsonio_put_bytes(element, "device", list->device)) ||
		    (r = jsonio_put_bool(element, "readable", !list->error)) ||
		    (r = jsonio_put_bool(element, "cut", list->cut)) ||
		    (r = jsonio_put_ranges(element, "listed", &list->listed)) ||
		    (r = jsonio_put_ranges(element, "not_on_record", &list->news)))
			return r;
	}
	return 0;
}

int status_record(const struct status *status, const struct ctl *ctl, struct json_object **ret)
{
	CLEANUP(jsonio_freep) struct json_object *record = out_json_record("status");
	int r;

	if (!record)
		return -ENOMEM;
	if ((r = fresh_put(&status->fresh, ctl, record)) ||
	    (r = record_put_reasons(record, status->reasons)) ||
	    (r = jsonio_put_text(record, "worst", impact_token(status->sum.worst))) ||
	    (r = jsonio_put_u64(record, "needs_you", status->n_needs_you)) ||
	    (r = jsonio_put_u64(record, "acknowledged", status->n_acked)) ||
	    (r = jsonio_put_u64(record, "n_buses", status->n_buses)) ||
	    (r = jsonio_put_u64(record, "n_lists", status->n_lists)) ||
	    (r = put_incidents(status, record)) ||
	    (status->looked && (r = put_lists(&status->look, record))) ||
	    (status->watched &&
	     (r = jsonio_put(record, "watch", json_object_get(status->watched)))))
		return r;

	*ret = steal(record);
	return 0;
}
