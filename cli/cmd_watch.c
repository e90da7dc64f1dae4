/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * watch: a line, or a record, for each change of an incident, as it is stored.
 * A change is told with the incident as it is when it is told: of several that came
 * at once the last one has the word.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include "cases.h"
#include "changed.h"
#include "cleanup.h"
#include "command.h"
#include "follow.h"
#include "fresh.h"
#include "jsonio.h"
#include "number.h"
#include "opened.h"
#include "out_json.h"
#include "timefmt.h"
#include "words.h"

enum { OPTION_SINCE };

static const struct args_option options[] = {
	[OPTION_SINCE] = {"since", 0, "SEQ", "begin behind change SEQ (0: all that are kept)"},
	{0},
};

struct change_list {
	struct store_change *items;
	size_t n, allocated;
};

static void change_list_deinit(struct change_list *list)
{
	free(list->items);
}

/* Only noted: incidents are read when the log is not being read any more. */
static int note(const struct store_change *change, void *data)
{
	struct change_list *list = data;

	if (list->n == list->allocated) {
		size_t larger = list->allocated ? list->allocated * 2 : 64;
		struct store_change *grown = reallocarray(list->items, larger, sizeof(*grown));

		if (!grown)
			return -ENOMEM;
		list->items = grown;
		list->allocated = larger;
	}
	list->items[list->n++] = *change;
	return 0;
}

static void say(const struct ctl *ctl, const struct store_change *change, const struct ctl_case *c)
{
	unsigned int bits = change->bits;
	char at[TIMEFMT_BUF];
	const char *token, *comma = " ";

	fprintf(ctl->out, "%s  incident %" PRId64 " on ",
		timefmt_since(change->at_usec, ctl_now(ctl), at), change->incident);
	words_raw(ctl->out, c->device.name);
	fputc(':', ctl->out);
	while ((token = changed_token(&bits))) {
		fprintf(ctl->out, "%s%s", comma, token);
		comma = ", ";
	}
	if (c->incident.state == INCIDENT_MERGED)
		fprintf(ctl->out, " (merged into %" PRId64 ")\n", c->incident.merged_into);
	else
		fprintf(ctl->out, " (%s; %s)\n", incident_state_token(c->incident.state), c->what);
}

static int print_record(const struct ctl *ctl, const struct store_change *change,
			const struct ctl_case *c)
{
	CLEANUP(jsonio_freep) struct json_object *record = out_json_record("change");
	struct json_object *incident = NULL, *changes;
	unsigned int bits = change->bits;
	const char *token;
	int r;

	if (!record)
		return -ENOMEM;
	if ((r = jsonio_put_u64(record, "seq", (uint64_t)change->seq)) ||
	    (r = jsonio_put_u64(record, "at_usec", change->at_usec)))
		return r;
	changes = jsonio_add_array(record, "changes");
	if (!changes)
		return -ENOMEM;
	while ((token = changed_token(&bits))) {
		struct json_object *text = json_object_new_string(token);

		if (!text || json_object_array_add(changes, text)) {
			json_object_put(text);
			return -ENOMEM;
		}
	}
	r = case_record(c, &incident);
	if (!r)
		r = jsonio_put(record, "incident", incident);
	return r ? r : out_json(ctl, record);
}

static int tell(const struct ctl *ctl, struct store *store, const struct store_change *change)
{
	CLEANUP(case_deinit) struct ctl_case c = CASE_NULL;
	int r = case_load_as_is(store, change->incident, &c);

	if (r == -ENOENT)
		return 0; /* the log names what the store no longer has: nothing to tell */
	if (r)
		return r;
	if (ctl->json)
		return print_record(ctl, change, &c);
	say(ctl, change, &c);
	return 0;
}

static int tell_gap(const struct ctl *ctl, const char *kind, const char *text)
{
	CLEANUP(jsonio_freep) struct json_object *record = NULL;

	if (!ctl->json) {
		fprintf(ctl->out, "%s\n", text);
		return 0;
	}
	record = out_json_record(kind);
	if (!record || jsonio_put_u64(record, "at_usec", ctl_now(ctl)))
		return -ENOMEM;
	return out_json(ctl, record);
}

/* What came after follow->seq, in order. 0, -ENOMEM, or an error of the store. */
static int tell_changes(const struct ctl *ctl, struct follow *follow)
{
	CLEANUP(change_list_deinit) struct change_list list = {0};
	int r;

	r = store_changes_since(follow->store, follow->seq, note, &list);
	if (r == -ESTALE) {
		r = tell_gap(ctl, "changes-lost",
			     "Older changes are not kept any more; see pmemrasctl list.");
		if (!r)
			r = store_last_change(follow->store, &follow->seq);
		return r;
	}
	for (size_t i = 0; !r && i < list.n; i++) {
		r = tell(ctl, follow->store, &list.items[i]);
		if (!r)
			follow->seq = list.items[i].seq;
	}
	return r;
}

/* 0, -ENOMEM, or an error of the store */
static int tell_news(const struct ctl *ctl, struct follow *follow, enum follow_news news)
{
	int r = 0;

	switch (news) {
	case FOLLOW_REPLACED:
		r = tell_gap(ctl, "store-replaced",
			     "The store was replaced by a new one; following that.");
		return r ? r : tell_changes(ctl, follow);
	case FOLLOW_CHANGES: return tell_changes(ctl, follow);
	case FOLLOW_ERROR:
		ctl_error(ctl, "%s: %s; waiting for it to be readable again", follow->dir,
			  store_strerror(follow->error));
		return 0;
	case FOLLOW_NOTHING:
	case FOLLOW_OVER: break;
	}
	return 0;
}

/* On standard error: the stream holds nothing but changes. */
static bool introduce(const struct ctl *ctl)
{
	CLEANUP(fresh_deinit) struct fresh fresh = FRESH_NULL;

	fresh_open(&fresh, ctl);
	if (fresh.error == -EACCES || fresh.error == -EPERM)
		return !fresh_complain(&fresh, ctl);
	if (fresh.daemon == DAEMON_ABSENT)
		ctl_error(ctl,
			  "pmemrasd is not running: only what other commands record will show");
	return true;
}

static int run(struct ctl *ctl, const struct args *args)
{
	CLEANUP(follow_deinit) struct follow follow = FOLLOW_NULL;
	const char *text = args->values[OPTION_SINCE], *at = text;
	uint64_t since = 0;
	int r;

	if (args->n_words)
		return ctl_usage(ctl, "%s: unexpected", args->words[0]);
	if (text && (number_scan(&at, text + strlen(text), 10, &since) || *at || since > INT64_MAX))
		return ctl_usage(ctl, "--since %s: the number of a change (\"seq\" of its record)",
				 text);
	if (!introduce(ctl))
		return CTL_INCOMPLETE;
	r = follow_init(&follow, ctl->state_dir, text ? (int64_t)since : -1, fileno(ctl->out));
	if (r)
		return opened_failed(ctl, r);

	do {
		r = tell_news(ctl, &follow, follow_look(&follow));
		if (r == -ENOMEM)
			return ctl_failed(ctl, "following the changes", r);
		if (fflush(ctl->out) || ferror(ctl->out))
			return CTL_INCOMPLETE;
		if (r) {
			ctl_error(ctl, "%s: %s; trying again", ctl->state_dir, store_strerror(r));
			follow_drop(&follow, r);
		}
	} while (follow_wait(&follow));
	return CTL_OK;
}

const struct ctl_command ctl_watch = {
	.name = "watch",
	.arguments = "",
	.summary = "tell each change of an incident as it happens",
	.help = "Prints a line for each change that is stored from now on: new, grew, shrank, "
		"cleared,\n"
		"located… With --json a record a line; its \"seq\" is what --since takes, to go on "
		"where\n"
		"a reader left off. Goes on when the store is replaced; ends when nobody reads "
		"it.\n",
	.example = "pmemrasctl watch --json --since 1204",
	.options = options,
	.run = run,
};
