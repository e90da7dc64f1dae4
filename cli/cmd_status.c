/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * status: does anything need me? The first line is the answer, the last one the
 * command to type next.
 */
#include <errno.h>
#include <inttypes.h>
#include "cleanup.h"
#include "columns_incident.h"
#include "command.h"
#include "jsonio.h"
#include "out_json.h"
#include "out_table.h"
#include "paint.h"
#include "rangespec.h"
#include "status.h"
#include "verdict.h"
#include "watched.h"
#include "words.h"

#define RANGES_MAX 6 /* of a list's news */

static void say_verdict(const struct status *status, const struct ctl *ctl)
{
	enum impact worst = status->sum.worst;
	const char *text = words_verdict(&status->sum, status->reasons);

	if (worst == IMPACT_NOTHING && status->reasons)
		worst = IMPACT_UNKNOWN;
	else if (worst == IMPACT_NOTHING && status_is_idle(status))
		text = "NOTHING IS WATCHED";
	else if (worst == IMPACT_NOTHING && status->n_acked)
		text = "NOTHING NEW";
	paint_verdict(ctl, worst, text);
}

static void say_headline(const struct status *status, const struct ctl *ctl)
{
	size_t n = status->cases.n, harmless = n - status->n_needs_you - status->n_acked;
	const char *before = "   ";

	say_verdict(status, ctl);
	if (status->n_needs_you) {
		fprintf(ctl->out, "%s%zu incident%s you", before, status->n_needs_you,
			status->n_needs_you == 1 ? " needs" : "s need");
		before = ", ";
	}
	if (status->n_acked) {
		fprintf(ctl->out, "%s%zu acknowledged", before, status->n_acked);
		before = ", ";
	}
	if (harmless)
		fprintf(ctl->out, "%s%zu with nothing lost", before, harmless);
	if (status_is_idle(status))
		fputs("   0 NVDIMM buses, 0 badblocks lists", ctl->out);
	else if (status->fresh.error && status->fresh.error != -ENOENT)
		fputs("   what is on record cannot be read", ctl->out);
	else if (!n)
		fputs("   no incident on record", ctl->out);
	fputc('\n', ctl->out);
}

static int say_incidents(const struct status *status, const struct ctl *ctl)
{
	CLEANUP(out_table_deinit) struct out_table table = OUT_TABLE_NULL;
	int r;

	if (!status->cases.n)
		return 0;
	fputc('\n', ctl->out);
	r = out_table_init_by_name(&table, ctl, status->cases.n, columns_incident,
				   columns_incident_usual(&status->cases));
	if (r)
		return r;
	/* the newest first: it is the one that somebody asks about */
	for (size_t i = status->cases.n; !r && i > 0; i--) {
		struct incident_row row = {&status->cases.items[i - 1], ctl_now(ctl)};

		r = out_table_add(&table, &row);
	}
	if (!r)
		r = out_table_finish(&table);
	return r ? ctl_failed(ctl, "the table", r) : 0;
}

static void say_list(const struct look_list *list, FILE *out)
{
	char buf[RANGESPEC_BUF];

	if (list->error) {
		fputs("The badblocks list of ", out);
		words_raw(out, list->device);
		fputs(" cannot be read.\n", out);
	}
	if (!list->news.n)
		return;
	words_raw(out, list->device);
	fputs(" lists bad blocks that are in no incident yet:", out);
	for (size_t i = 0; i < list->news.n && i < RANGES_MAX; i++)
		fprintf(out, " %s", rangespec_format(list->news.ranges[i], buf));
	if (list->news.n > RANGES_MAX)
		fprintf(out, " and %zu more", list->news.n - RANGES_MAX);
	fputc('\n', out);
}

static void say_look(const struct status *status, const struct ctl *ctl)
{
	const struct look *look = &status->look;

	if (look->n)
		fprintf(ctl->out,
			"\nNothing is being watched: without pmemrasd, %zu badblocks list%s looked "
			"at "
			"just now.\n",
			look->n, look->n == 1 ? " was" : "s were");
	else
		fputs("\nNothing is being watched: pmemrasd is not running, and no device here "
		      "keeps "
		      "a\nbadblocks list.\n",
		      ctl->out);
	for (size_t i = 0; i < look->n; i++)
		say_list(&look->lists[i], ctl->out);
}

static void say_idle(const struct ctl *ctl)
{
	fputs("\nNo device here keeps a badblocks list, and no range was declared bad: there is\n"
	      "nothing to watch. That is normal for a machine without persistent memory.\n"
	      "\n"
	      "Try:  ./demo                            (in the source: an XFS with planted "
	      "damage)\n"
	      "      pmemrasctl locate --file FILE     (where a file lies, who shares its "
	      "blocks)\n",
	      ctl->out);
}

static void say_command(const struct ctl *ctl, const char *label, const char *command)
{
	fprintf(ctl->out, "%-7s%s", label, command);
	ctl_print_options(ctl, ctl->out);
	fputc('\n', ctl->out);
}

/* Data first: it is what no tool can rebuild. */
static unsigned int urgency(const struct ctl_case *c)
{
	return c->summary.data_bytes ? 2 : c->summary.metadata_bytes ? 1 : 0;
}

static void say_next(const struct status *status, const struct ctl *ctl)
{
	const char *label = "Next:";
	const struct ctl_case *worst = NULL;
	char command[64];

	for (size_t i = status->cases.n; i > 0; i--) {
		const struct ctl_case *c = &status->cases.items[i - 1];

		if (case_needs_you(c) && (!worst || urgency(c) > urgency(worst)))
			worst = c;
	}
	if (!worst && !look_news_bytes(&status->look))
		return;
	fputc('\n', ctl->out);
	if (worst) {
		snprintf(command, sizeof(command), "pmemrasctl show %" PRId64, worst->incident.id);
		say_command(ctl, label, command);
		label = "";
	}
	if (look_news_bytes(&status->look))
		say_command(ctl, label, "pmemrasd --once");
}

static int print(const struct status *status, const struct ctl *ctl)
{
	int r;

	say_headline(status, ctl);
	fresh_say(&status->fresh, ctl);
	r = say_incidents(status, ctl);
	if (r)
		return r;
	if (status_is_idle(status)) {
		say_idle(ctl);
	} else if (status->looked) {
		say_look(status, ctl);
	} else if (status->watched) {
		r = watched_print(ctl, status->watched);
	}
	say_next(status, ctl);
	return r;
}

static int run(struct ctl *ctl, const struct args *args)
{
	CLEANUP(status_deinit) struct status status = STATUS_NULL;
	int r;

	if (args->n_words)
		return ctl_usage(ctl, "%s: unexpected; for one incident: show ID", args->words[0]);
	r = status_gather(ctl, &status);
	if (r) {
		ctl_error(ctl, "%s: %s", ctl->state_dir, store_strerror(r));
		return CTL_INCOMPLETE;
	}

	fresh_complain(&status.fresh, ctl);
	if (ctl->json) {
		CLEANUP(jsonio_freep) struct json_object *record = NULL;

		r = status_record(&status, ctl, &record);
		if (!r)
			r = out_json(ctl, record);
		r = r ? ctl_failed(ctl, "the record", r) : 0;
	} else {
		r = print(&status, ctl);
	}
	return (int)verdict_worse((enum ctl_exit)r, verdict_exit(status.sum.worst, status.reasons));
}

const struct ctl_command ctl_status = {
	.name = "status",
	.arguments = "",
	.summary = "does anything need me?",
	.help = "Says whether anything is lost that nobody has dealt with, lists the open "
		"incidents\n"
		"and what is watched. Without a running pmemrasd it reads what is on record and "
		"looks\n"
		"at the badblocks lists itself. Acknowledged incidents, and those in which nothing "
		"was\n"
		"lost, do not make the exit code nonzero.\n",
	.example = "pmemrasctl status",
	.run = run,
};
