/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * repair: from an incident to a plan, and from a plan to its execution. What is planned is
 * computed from a look at the machine as it is now (repair_look.h); a plan's
 * name is a hash over all that decides what would be done, so that what was read
 * and agreed to is what happens, or nothing does.
 */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include "cleanup.h"
#include "command.h"
#include "digest.h"
#include "fd.h"
#include "idarg.h"
#include "jsonio.h"
#include "opened.h"
#include "out_json.h"
#include "progress.h"
#include "repair_backup.h"
#include "repair_do.h"
#include "repair_look.h"
#include "repair_run.h"
#include "repair_text.h"
#include "verdict.h"

enum {
	OPTION_DRY_RUN,
	OPTION_ZERO,
	OPTION_RESTORE,
	OPTION_QUARANTINE,
	OPTION_SALVAGE,
	OPTION_EXEC,
	OPTION_COMMANDS,
	OPTION_PLAN,
	OPTION_YES,
	OPTION_FORCE,
	OPTION_ALL,
};

static const struct args_option options[] = {
	[OPTION_DRY_RUN] = {"dry-run", 'n', NULL, "print the plan, change nothing"},
	[OPTION_ZERO] = {"zero", 0, NULL, "lost bytes become zeros, on record as lost"},
	[OPTION_RESTORE] = {"restore-from", 0, "FILE",
			    "lost bytes from a backup of the damaged file"},
	[OPTION_QUARANTINE] = {"quarantine", 0, NULL,
			       "as --zero, and the bad block is kept away, not cleared"},
	[OPTION_SALVAGE] = {"salvage", 0, "DIR", "copy out what can be read, repair nothing"},
	[OPTION_EXEC] = {"exec", 0, "PROGRAM", "a repair of the application's own"},
	[OPTION_COMMANDS] = {"commands", 0, NULL, "print the plan as shell commands"},
	[OPTION_PLAN] = {"plan", 0, "HASH", "only if the plan is still this one"},
	[OPTION_YES] = {"yes", 'y', NULL, "do not ask"},
	[OPTION_FORCE] = {"force", 0, NULL, "also files that somebody has open"},
	[OPTION_ALL] = {"all", 0, NULL, "all open incidents"},
	{0},
};

struct repair {
	struct store *store;
	const struct args *args;
	enum plan_choice choice;
	const char *argument; /* of the choice */
	struct plan_backup backup;
	struct repair_consent consent;
};

static bool is_dry(const struct repair *repair)
{
	return repair->args->values[OPTION_DRY_RUN];
}

static int choose(const struct ctl *ctl, const struct args *args, struct repair *ret)
{
	static const struct {
		int option;
		enum plan_choice choice;
	} choices[] = {
		{OPTION_ZERO, PLAN_ZERO},
		{OPTION_RESTORE, PLAN_RESTORE},
		{OPTION_QUARANTINE, PLAN_QUARANTINE},
		{OPTION_SALVAGE, PLAN_SALVAGE},
		{OPTION_EXEC, PLAN_EXEC},
	};

	for (size_t i = 0; i < ARRAY_SIZE(choices); i++) {
		const char *value = args->values[choices[i].option];

		if (!value)
			continue;
		if (ret->choice != PLAN_UNDECIDED)
			return ctl_usage(ctl, "--%s: one choice at a time",
					 options[choices[i].option].name);
		ret->choice = choices[i].choice;
		ret->argument = options[choices[i].option].argument ? value : NULL;
	}
	if (ret->argument && !*ret->argument)
		return ctl_usage(ctl, "the name is empty");
	return 0;
}

/* Only what names it: its content is compared when it is used. */
static int look_at_backup(const struct ctl *ctl, struct repair *repair)
{
	struct stat st;

	if (repair->choice != PLAN_RESTORE)
		return 0;
	if (stat(repair->argument, &st))
		return ctl_usage(ctl, "--restore-from %s: %s", repair->argument, strerror(errno));
	if (!S_ISREG(st.st_mode))
		return ctl_usage(ctl, "--restore-from %s: not a regular file", repair->argument);
	repair->backup = (struct plan_backup){
		.path = repair->argument,
		.dev = st.st_dev,
		.ino = st.st_ino,
		.size = (uint64_t)st.st_size,
		.modified_nsec =
			(uint64_t)st.st_mtim.tv_sec * 1000000000 + (uint64_t)st.st_mtim.tv_nsec,
	};
	return 0;
}

/* @ret_record: with "hash" in it */
static int name_plan(const struct plan *plan, char hash[DIGEST_TEXT],
		     struct json_object **ret_record)
{
	CLEANUP(jsonio_freep) struct json_object *record = NULL;
	const char *text;
	size_t len = 0;
	int r = plan_record(plan, &record);

	if (r)
		return r;
	text = json_object_to_json_string_length(record, JSON_C_TO_STRING_PLAIN, &len);
	r = text ? digest_text(text, len, hash) : -ENOMEM;
	if (r)
		return r;
	hash[PLAN_HASH_SHOWN] = '\0';
	r = jsonio_put_text(record, "hash", hash);
	if (r)
		return r;
	*ret_record = steal(record);
	return 0;
}

static int print(const struct ctl *ctl, const struct repair *repair, const struct plan *plan,
		 const char *hash, struct json_object *record)
{
	if (repair->args->values[OPTION_COMMANDS])
		return repair_commands(ctl, plan, hash);
	return ctl->json ? out_json(ctl, record) : repair_text(ctl, plan, hash, true);
}

/* What is lost and bad now: nobody has repaired it. */
static int judge(const struct repair_look *look, int *ret)
{
	CLEANUP(findings_freep) struct findings *own = NULL;
	struct findings_summary summary;
	int r = findings_cut(look->findings, &look->bad, &own);

	if (!r)
		r = findings_summarise(own, &summary);
	if (r)
		return r;
	*ret = verdict_exit(summary.worst, own->reasons);
	return 0;
}

static int nothing_bad(const struct ctl *ctl, const struct incident *incident)
{
	if (incident->state == INCIDENT_REPAIRED)
		ctl_error(ctl, "incident %" PRId64 " is repaired", incident->id);
	else
		ctl_error(ctl,
			  "incident %" PRId64
			  ": nothing of it is bad any more, so there is nothing "
			  "to repair; what it lost stays on record (show %" PRId64 ")",
			  incident->id, incident->id);
	return CTL_OK;
}

static int look_failed(const struct ctl *ctl, int64_t id, int r)
{
	switch (r) {
	case -ENOENT:
		return ctl_usage(
			ctl, "%" PRId64 ": no such incident; list --all shows what there is", id);
	case -ENODEV:
		ctl_error(ctl, "incident %" PRId64 ": its device is not there", id);
		return CTL_INCOMPLETE;
	default:
		ctl_error(ctl, "incident %" PRId64 ": %s", id, store_strerror(r));
		return CTL_INCOMPLETE;
	}
}

/* The very plan that was agreed to, or none. */
static int check_hash(const struct ctl *ctl, const struct repair *repair, const char *hash)
{
	const char *agreed = repair->args->values[OPTION_PLAN];

	if (!agreed || !strcmp(agreed, hash))
		return 0;
	ctl_error(ctl,
		  "the plan is not %s any more but %s: something changed. Nothing was done; look "
		  "at it "
		  "with --dry-run",
		  agreed, hash);
	return CTL_INCOMPLETE;
}

static int go_on(const struct ctl *ctl, const struct repair *repair, const struct repair_look *look,
		 const struct plan *plan)
{
	CLEANUP(jsonio_freep) struct json_object *record = NULL;
	char hash[DIGEST_TEXT];
	int verdict = CTL_OK, r;

	r = name_plan(plan, hash, &record);
	if (r)
		return ctl_failed(ctl, "the plan", r);
	r = check_hash(ctl, repair, hash);
	if (r)
		return r;
	if (!is_dry(repair) && repair->choice == PLAN_SALVAGE)
		return repair_run_salvage(ctl, look, plan);
	if (!is_dry(repair)) {
		const struct repair_job job = {repair->store, plan, hash, record, look->device_row};

		return repair_do(ctl, &job, &repair->consent);
	}
	r = print(ctl, repair, plan, hash, record);
	if (!r)
		r = judge(look, &verdict);
	return r ? ctl_failed(ctl, "the plan", r) : verdict;
}

/* An interrupted repair is finished before anything else is planned. @ret: there is one */
static int go_on_with_old(const struct ctl *ctl, const struct repair *repair, int64_t id, bool *ret)
{
	struct repair_old old = {.store = repair->store,
				 .incident = id,
				 .choice = repair->choice,
				 .hash = repair->args->values[OPTION_PLAN]};

	*ret = false;
	if (repair->choice == PLAN_SALVAGE)
		return 0;
	return is_dry(repair) ? repair_old_say(ctl, &old)
			      : repair_old_finish(ctl, &old, &repair->consent, ret);
}

static int plan_one(struct ctl *ctl, const struct repair *repair, int64_t id)
{
	CLEANUP(repair_look_deinit) struct repair_look look = REPAIR_LOOK_NULL;
	CLEANUP(plan_deinit) struct plan plan = PLAN_NULL;
	struct capture_options capture = {0};
	struct progress progress;
	struct plan_facts facts;
	bool done;
	int r;

	r = go_on_with_old(ctl, repair, id, &done);
	if (r || done)
		return r;
	if (!is_dry(repair) && repair->choice == PLAN_UNDECIDED)
		return ctl_usage(ctl,
				 "%" PRId64 ": no repair of it was interrupted; choose what to do, "
				 "--dry-run shows what there is",
				 id);
	progress_init(&progress, ctl, &capture);
	r = repair_look(&ctl->root, repair->store, id, &capture, &look);
	progress_deinit(&progress);
	if (r)
		return look_failed(ctl, id, r);
	if (!look.bad.n)
		return nothing_bad(ctl, &look.incident);

	facts = repair_facts(&look);
	facts.choice = repair->choice;
	facts.argument = repair->choice == PLAN_RESTORE ? NULL : repair->argument;
	facts.backup = repair->backup;
	r = plan_make(&facts, &plan);
	if (!r && facts.choice == PLAN_RESTORE) {
		r = repair_backup_look(&ctl->root, &look, &plan, &facts.backup);
		if (r)
			return ctl_failed(ctl, "comparing the backup", r);
		plan_deinit(&plan);
		r = plan_make(&facts, &plan);
	}
	return r ? ctl_failed(ctl, "the plan", r) : go_on(ctl, repair, &look, &plan);
}

static int open_store(const struct ctl *ctl, bool change, struct store **ret)
{
	int r;

	if (change)
		return opened_for_change(ctl, false, ret);
	r = store_open(ctl->state_dir, STORE_READ, ret);
	if (r == -ENOENT)
		return ctl_usage(ctl, "%s: there is nothing on record", ctl->state_dir);
	if (r) {
		ctl_error(ctl, "%s: %s", ctl->state_dir, store_strerror(r));
		return CTL_INCOMPLETE;
	}
	return 0;
}

static int check_words(const struct ctl *ctl, const struct args *args)
{
	bool all = args->values[OPTION_ALL];
	int64_t id;
	int r = 0;

	if (!args->n_words && !all)
		return ctl_usage(ctl, "which incident? ID..., as in: repair 17 --dry-run");
	if (args->n_words && all)
		return ctl_usage(ctl, "--all: that is every open incident, name none");
	if (all && args->values[OPTION_RESTORE])
		return ctl_usage(ctl, "--restore-from: a backup of which file? Name the incident");
	for (size_t i = 0; !r && i < args->n_words; i++)
		r = idarg_parse(ctl, args->words[i], &id);
	if (!r && args->values[OPTION_COMMANDS] && !args->values[OPTION_DRY_RUN])
		r = ctl_usage(ctl, "--commands: has no meaning without --dry-run");
	if (!r && args->values[OPTION_PLAN] && (all || args->n_words != 1))
		r = ctl_usage(ctl, "--plan: is of one incident");
	if (!r && args->values[OPTION_COMMANDS] && ctl->json)
		r = ctl_usage(ctl, "--commands: is no record, leave out --json");
	return r;
}

struct ids {
	int64_t *items;
	size_t n, allocated;
};

static void ids_deinit(struct ids *ids)
{
	free(ids->items);
}

static int ids_add(struct ids *ids, int64_t id)
{
	size_t larger = ids->allocated ? ids->allocated * 2 : 16;
	int64_t *grown;

	if (ids->n == ids->allocated) {
		grown = reallocarray(ids->items, larger, sizeof(*grown));
		if (!grown)
			return -ENOMEM;
		ids->items = grown;
		ids->allocated = larger;
	}
	ids->items[ids->n++] = id;
	return 0;
}

static int add_open(int64_t row, const struct incident *incident, void *data)
{
	return ids_add(data, incident->id);
}

static int list_ids(const struct ctl *ctl, const struct repair *repair, struct ids *ret)
{
	const struct args *args = repair->args;
	int r = 0;

	if (args->values[OPTION_ALL])
		r = store_incident_each(repair->store, 1u << INCIDENT_OPEN, add_open, ret);
	for (size_t i = 0; !r && i < args->n_words; i++) {
		int64_t id = 0;

		if (idarg_parse(ctl, args->words[i], &id))
			return CTL_USAGE;
		r = ids_add(ret, id);
	}
	return r ? opened_failed(ctl, r) : 0;
}

/* Each by itself: one that cannot be repaired keeps nobody from the next. */
static int plan_each(struct ctl *ctl, const struct repair *repair)
{
	CLEANUP(ids_deinit) struct ids ids = {0};
	enum ctl_exit worst = CTL_OK;
	size_t done = 0;
	int r;

	r = list_ids(ctl, repair, &ids);
	if (r)
		return r;
	for (size_t i = 0; i < ids.n; i++) {
		r = plan_one(ctl, repair, ids.items[i]);
		done += r == CTL_OK;
		worst = verdict_worse(worst, (enum ctl_exit)r);
		if (i + 1 < ids.n && !ctl->json)
			fputc('\n', ctl->out);
	}
	if (!ids.n && !ctl->json)
		fputs("No incident is open.\n", ctl->out);
	if (ids.n > 1 && !is_dry(repair) && !ctl->json)
		fprintf(ctl->out, "\n%zu incidents: %zu done, %zu not, or not all of it\n", ids.n,
			done, ids.n - done);
	return worst;
}

static int run(struct ctl *ctl, const struct args *args)
{
	CLEANUP(store_freep) struct store *store = NULL;
	struct repair repair = {.args = args};
	int r;

	r = check_words(ctl, args);
	if (!r)
		r = choose(ctl, args, &repair);
	if (!r && !is_dry(&repair) && repair.choice == PLAN_EXEC)
		r = ctl_usage(ctl, "--exec: this version only plans it: add --dry-run; nothing was "
				   "changed");
	repair.consent = (struct repair_consent){.yes = args->values[OPTION_YES],
						 .force = args->values[OPTION_FORCE],
						 .knows_plan = args->values[OPTION_PLAN]};
	if (!r)
		r = look_at_backup(ctl, &repair);
	if (!r)
		r = open_store(ctl, !is_dry(&repair) && repair.choice != PLAN_SALVAGE, &store);
	if (r)
		return r;
	repair.store = store;
	return plan_each(ctl, &repair);
}

const struct ctl_command ctl_repair = {
	.name = "repair",
	.arguments = "ID...|--all",
	.summary = "what it takes to repair an incident; copy out what can be read",
	.help = "With --dry-run prints the plan: every step, on which bytes of what, what is "
		"verified\n"
		"first, what it destroys, whether it can be undone. Without a choice it says "
		"which\n"
		"there are. What no step repairs (metadata, free space) gets advice. Looks at the\n"
		"machine as it is now and changes nothing. Without --dry-run the plan is shown "
		"and\n"
		"carried out once the incident's number was typed, or --yes was given. Each step\n"
		"is on record before it is done; one that was interrupted is finished by the next\n"
		"repair of the incident. --salvage copies\n"
		"every byte that can be read out of the files that were hit; lost ones stay "
		"holes,\n"
		"and NAME.map says which. The files themselves are only read. Needs root.\n"
		"Exit code as locate: 1 while there is loss that nobody has repaired.\n",
	.example = "pmemrasctl repair 17 --dry-run --zero",
	.options = options,
	.run = run,
};
