/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * ack: I know of it. All ids are looked up before the first is touched, so that
 * a typing error changes nothing.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include "cleanup.h"
#include "command.h"
#include "idarg.h"
#include "jsonio.h"
#include "out_json.h"
#include "opened.h"

enum { OPTION_NOTE, OPTION_UNDO };

static const struct args_option options[] = {
	[OPTION_NOTE] = {"note", 0, "TEXT", "why, or what will be done; shown with it"},
	[OPTION_UNDO] = {"undo", 0, NULL, "take the acknowledgement back"},
	{0},
};

/* The incidents meant, merged ones followed; @ret holds @args->n_words. */
static int find(const struct ctl *ctl, struct store *store, const struct args *args, int64_t *ret)
{
	for (size_t i = 0; i < args->n_words; i++) {
		CLEANUP(incident_deinit) struct incident incident = INCIDENT_NULL;
		int64_t id = 0, device;
		int r = idarg_parse(ctl, args->words[i], &id);

		if (r)
			return r;
		r = store_incident(store, id, true, &incident, &device);
		if (r == -ENOENT)
			return ctl_usage(ctl,
					 "%s: no such incident; list --all shows what there is",
					 args->words[i]);
		if (r)
			return opened_failed(ctl, r);
		if (incident.id != id && !ctl->json)
			fprintf(ctl->out, "Incident %" PRId64 " was merged into %" PRId64 ".\n", id,
				incident.id);
		ret[i] = incident.id;
	}
	return 0;
}

static int say(const struct ctl *ctl, bool acked, const int64_t *ids, size_t n)
{
	CLEANUP(jsonio_freep) struct json_object *record = NULL;
	struct json_object *array;
	int r = 0;

	for (size_t i = 0; !ctl->json && i < n; i++)
		fprintf(ctl->out, "Incident %" PRId64 " %s.\n", ids[i],
			acked ? "acknowledged" : "is not acknowledged any more");
	if (!ctl->json)
		return CTL_OK;

	record = out_json_record("ack");
	array = record ? jsonio_add_array(record, "incidents") : NULL;
	if (!array || jsonio_put_bool(record, "acked", acked))
		return ctl_failed(ctl, "the record", -ENOMEM);
	for (size_t i = 0; !r && i < n; i++) {
		struct json_object *id = json_object_new_int64(ids[i]);

		if (!id || json_object_array_add(array, id)) {
			json_object_put(id);
			r = -ENOMEM;
		}
	}
	if (!r)
		r = out_json(ctl, record);
	return r ? ctl_failed(ctl, "the record", r) : CTL_OK;
}

static int run(struct ctl *ctl, const struct args *args)
{
	CLEANUP(store_freep) struct store *store = NULL;
	CLEANUP(freep) int64_t *ids = NULL;
	bool acked = !args->values[OPTION_UNDO];
	int r;

	if (!args->n_words)
		return ctl_usage(ctl,
				 "which incident? ID..., as in: ack 17 --note \"swap on Friday\"");
	if (!acked && args->values[OPTION_NOTE])
		return ctl_usage(ctl, "--note: has no meaning with --undo");
	r = opened_for_change(ctl, false, &store);
	if (r)
		return r;

	ids = calloc(args->n_words, sizeof(*ids));
	if (!ids)
		return ctl_failed(ctl, "the numbers", -ENOMEM);
	r = find(ctl, store, args, ids);
	for (size_t i = 0; !r && i < args->n_words; i++) {
		r = store_ack(store, ids[i], acked, args->values[OPTION_NOTE], ctl_now(ctl));
		if (r)
			r = opened_failed(ctl, r);
	}
	return r ? r : say(ctl, acked, ids, args->n_words);
}

const struct ctl_command ctl_ack = {
	.name = "ack",
	.arguments = "ID...",
	.summary = "take note of incidents: status stops asking for you",
	.help = "Marks incidents as known to you; they stay open and listed, but no longer make\n"
		"status nonzero. News of more damage takes the mark off again. Needs root.\n"
		"Exit code 0 when it is done.\n",
	.example = "pmemrasctl ack 17 --note \"swap on Friday\"",
	.options = options,
	.run = run,
};
