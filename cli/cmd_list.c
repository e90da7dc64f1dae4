/* SPDX-License-Identifier: GPL-2.0-or-later */
/* list: what is on record, a row an incident. */
#include <errno.h>
#include "cases.h"
#include "cleanup.h"
#include "columns_incident.h"
#include "command.h"
#include "fresh.h"
#include "jsonio.h"
#include "lost.h"
#include "out_json.h"
#include "out_table.h"
#include "record.h"

enum { OPTION_ALL, OPTION_LOST, OPTION_OUTPUT };

static const struct args_option options[] = {
	[OPTION_ALL] = {"all", 'a', NULL, "repaired and merged ones too"},
	[OPTION_LOST] = {"lost", 0, NULL, "bytes of files that repairs could not bring back"},
	[OPTION_OUTPUT] = {"output", 'o', "COLS", "which columns to show"},
	{0},
};

static int print_table(const struct ctl *ctl, const struct fresh *fresh, const struct cases *cases,
		       const char *columns)
{
	CLEANUP(out_table_deinit) struct out_table table = OUT_TABLE_NULL;
	int r;

	r = out_table_init_by_name(&table, ctl, cases->n, columns_incident,
				   columns ? columns : columns_incident_usual(cases));
	if (r)
		return r;
	for (size_t i = 0; !r && i < cases->n; i++) {
		struct incident_row row = {&cases->items[i], ctl_now(ctl)};

		r = out_table_add(&table, &row);
	}
	if (!cases->n && !columns)
		fputs("No incident on record.\n", ctl->out);
	else if (!r)
		r = out_table_finish(&table);
	if (r)
		return ctl_failed(ctl, "the table", r);
	fputc('\n', ctl->out);
	fresh_say(fresh, ctl);
	return CTL_OK;
}

static int print_record(const struct ctl *ctl, const struct fresh *fresh, const struct cases *cases)
{
	CLEANUP(jsonio_freep) struct json_object *head = out_json_record("list");
	int r;

	if (!head)
		return -ENOMEM;
	if ((r = fresh_put(fresh, ctl, head)) ||
	    (r = record_put_reasons(head, fresh_reasons(fresh))) || (r = out_json_open(ctl, head)))
		return r;
	for (size_t i = 0; i < cases->n; i++) {
		CLEANUP(jsonio_freep) struct json_object *record = NULL;

		r = case_record(&cases->items[i], &record);
		if (!r)
			r = out_json_element(ctl, "incidents", i, record);
		if (r)
			return r;
	}
	out_json_close(ctl, "incidents", cases->n);
	return 0;
}

static int run(struct ctl *ctl, const struct args *args)
{
	CLEANUP(cases_deinit) struct cases cases = CASES_NULL;
	CLEANUP(fresh_deinit) struct fresh fresh = FRESH_NULL;
	unsigned int states = 1u << INCIDENT_OPEN | 1u << INCIDENT_CLEARED;
	bool unread;
	int r = 0;

	if (args->n_words && !args->values[OPTION_LOST])
		return ctl_usage(ctl, "%s: unexpected; for one incident: show ID", args->words[0]);
	if (ctl->json && args->values[OPTION_OUTPUT])
		return ctl_usage(ctl, "--output: a record is always whole; leave it or --json out");
	if (args->values[OPTION_LOST] && (args->values[OPTION_ALL] || args->values[OPTION_OUTPUT]))
		return ctl_usage(ctl, "--lost: lists files, not incidents; leave out the other");
	if (args->values[OPTION_ALL])
		states |= 1u << INCIDENT_REPAIRED | 1u << INCIDENT_MERGED;

	fresh_open(&fresh, ctl);
	unread = fresh_complain(&fresh, ctl);
	if (args->values[OPTION_LOST]) {
		r = lost_list(ctl, fresh.store, args->words, args->n_words);
		return !r && unread ? CTL_INCOMPLETE : r;
	}
	if (fresh.store)
		r = cases_load(fresh.store, states, &cases);
	if (r) {
		ctl_error(ctl, "%s: %s", ctl->state_dir, store_strerror(r));
		return CTL_INCOMPLETE;
	}

	if (!ctl->json) {
		r = print_table(ctl, &fresh, &cases, args->values[OPTION_OUTPUT]);
	} else {
		r = print_record(ctl, &fresh, &cases);
		r = r ? ctl_failed(ctl, "the record", r) : 0;
	}
	return !r && unread ? CTL_INCOMPLETE : r;
}

const struct ctl_command ctl_list = {
	.name = "list",
	.arguments = "[--lost [PATH...]]",
	.summary = "the incidents on record, or what files lost for good",
	.help = "Lists open and cleared incidents; a cleared one is readable again, but what it "
		"held\n"
		"is still lost. --lost lists bytes of files that hold zeros, or a backup's "
		"content,\n"
		"since they were repaired, so that nobody takes them for what was written there; "
		"of\n"
		"files at or below PATH. Exit code 0 when the list could be printed, whatever is "
		"in\n"
		"it.\n",
	.example = "pmemrasctl list --all -o +SOURCES,NOTE",
	.options = options,
	.columns = columns_incident,
	.run = run,
};
