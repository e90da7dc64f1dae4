/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The dry run. The order of thought: what would be done, step by step, with what each destroys; what
 * no step does anything about; who uses the files; what to type. Of many pages the
 * first few are spelled out: the steps of the others are the same, and --json has them all.
 */
#include <errno.h>
#include <inttypes.h>
#include "cleanup.h"
#include "repair_text.h"
#include "section.h"
#include "timefmt.h"
#include "words.h"

#define STEPS_SAID   40
#define HOLDERS_SAID 8
#define STEP_COLUMN  60

void repair_say_choice(FILE *out, const struct plan_facts *facts)
{
	static const char *const options[PLAN_CHOICE_N] = {
		[PLAN_UNDECIDED] = "",
		[PLAN_ZERO] = " --zero",
		[PLAN_RESTORE] = " --restore-from ",
		[PLAN_QUARANTINE] = " --quarantine",
		[PLAN_SALVAGE] = " --salvage ",
		[PLAN_EXEC] = " --exec ",
	};

	fputs(options[facts->choice], out);
	if (facts->choice == PLAN_RESTORE)
		words_quoted(out, facts->backup.path);
	else if (facts->argument)
		words_quoted(out, facts->argument);
}

static void say_type(const struct ctl *ctl, const struct plan_facts *facts, const char *rest)
{
	fprintf(ctl->out, "pmemrasctl repair %" PRId64, facts->incident);
	repair_say_choice(ctl->out, facts);
	fputs(rest, ctl->out);
	ctl_print_options(ctl, ctl->out);
	fputc('\n', ctl->out);
}

static void say_step_head(FILE *out, size_t number, const char *what, enum plan_action action)
{
	fprintf(out, "%-3zu%-*s undo: %s\n", number, STEP_COLUMN, what,
		plan_can_undo(action) ? "yes" : "no");
}

static void say_file_bytes(FILE *out, const struct plan *plan, const struct plan_step *step)
{
	const struct findings *f = plan->facts->f;

	words_file(out, f, step->file, 0);
	fprintf(out, ", bytes %" PRIu64 "-%" PRIu64 "\n", step->offset,
		step->offset + step->len - 1);
}

static int say_build(FILE *out, const struct plan *plan, const struct plan_step *step)
{
	const struct plan_facts *facts = plan->facts;
	CLEANUP(rangeset_deinit) struct rangeset lost = RANGESET_NULL;
	int r = plan_lost_of_page(facts, step->page, &lost);
	uint64_t bytes;

	if (r)
		return r;
	bytes = rangeset_bytes(&lost);
	fprintf(out, "   %" PRIu64 " B from ", PAGE_BYTES - bytes);
	words_raw(out, facts->f->device);
	if (facts->choice == PLAN_RESTORE) {
		fprintf(out, ", %" PRIu64 " B from the backup, at byte %" PRIu64 " and on\n", bytes,
			step->offset + (lost.n ? lost.ranges[0].start - step->page : 0));
		return 0;
	}
	fprintf(out, ", %" PRIu64 " B of zeros (on record as lost)\n", bytes);
	return 0;
}

static void say_only_if(FILE *out, const struct plan *plan, const struct plan_step *step)
{
	const struct findings *f = plan->facts->f;

	fputs("   only if: ", out);
	if (step->file < f->n_files && step->action <= PLAN_REPLACE)
		fprintf(out, "inode %" PRIu64 " gen 0x%" PRIx32 ", ", f->files[step->file].ino,
			f->files[step->file].gen);
	fprintf(out, "%s\n", plan_only_if(step->action));
	if (!plan_can_undo(step->action))
		fprintf(out, "   destroys: %s\n", plan_destroys(step->action));
}

static int say_copy_out(FILE *out, const struct plan *plan, const struct plan_step *step)
{
	CLEANUP(rangeset_deinit) struct rangeset pages = RANGESET_NULL;
	CLEANUP(rangeset_deinit) struct rangeset lost = RANGESET_NULL;
	int r = plan_unreadable(plan->facts, step->file, &pages, &lost);

	fputs("   ", out);
	words_file(out, plan->facts->f, step->file, 0);
	fprintf(out, ": all but %" PRIu64 " B, which stay holes\n", rangeset_bytes(&lost));
	return r;
}

static int say_step(FILE *out, const struct plan *plan, size_t index)
{
	const struct plan_step *step = &plan->steps[index];
	static const char *const what[PLAN_ACTION_N] = {
		[PLAN_COPY_OUT] = "Copy out what can be read, with a map of the holes",
		[PLAN_HOLD] = "Hold the bad block with a quarantine file",
		[PLAN_BUILD] = "Build a good page in a file of its own",
		[PLAN_REPLACE] = "Put it in the bad block's place",
		[PLAN_CLEAR] = "Write the bad page whole, through the quarantine file",
		[PLAN_KEEP] = "Keep the bad block in quarantine, not cleared",
		[PLAN_RUN] = "Run the program, the incident's record on standard input",
		[PLAN_PROVE] = "Prove: read back past all caches, read the lists again",
	};
	int r = 0;

	say_step_head(out, index + 1, what[step->action], step->action);
	switch (step->action) {
	case PLAN_COPY_OUT: r = say_copy_out(out, plan, step); break;
	case PLAN_BUILD: r = say_build(out, plan, step); break;
	case PLAN_REPLACE:
		fputs("   ", out);
		say_file_bytes(out, plan, step);
		say_only_if(out, plan, step);
		break;
	case PLAN_HOLD:
	case PLAN_CLEAR:
	case PLAN_KEEP:
		fputs("   ", out);
		words_raw(out, plan->facts->f->device);
		fprintf(out, ", byte %" PRIu64 "+%u\n", step->page, PAGE_BYTES);
		say_only_if(out, plan, step);
		break;
	default: break;
	}
	return r;
}

static void say_obstacles(struct section *s, const struct plan *plan)
{
	section_begin(s, "In the way", true);
	for (unsigned int i = 0; i < PLAN_OBSTACLE_N; i++) {
		if (plan->obstacles & 1u << i)
			section_say(s, 2, "%s", plan_obstacle_says((enum plan_obstacle)i));
	}
}

static void say_reasons(struct section *s, const struct plan *plan)
{
	section_begin(s, "Unknown", true);
	for (unsigned int i = 0; i < REASON_N; i++) {
		if (!(plan->facts->f->reasons & 1u << i))
			continue;
		section_say(s, 2, "%s %s", reason_says((enum reason)i),
			    reason_remedy((enum reason)i));
	}
}

static void say_advice(struct section *s, const struct plan *plan)
{
	section_begin(s, "Advice", true);
	for (size_t i = 0; i < plan->n_advice; i++) {
		const struct plan_advice *one = &plan->advice[i];

		section_say(
			s, 2, "%" PRIu64 " B: %s", one->bytes,
			plan_advice_says((enum fs_owner_kind)one->kind, (enum impact)one->impact));
	}
}

static void say_users(struct section *s, const struct plan *plan)
{
	const struct findings *f = plan->facts->f;
	size_t said = 0;

	if (plan->facts->choice == PLAN_SALVAGE)
		return;
	section_begin(s, "Users", true);
	for (size_t i = 0;
	     i < f->n_holders && f->holders[i].file < f->n_files && said < HOLDERS_SAID;
	     i++, said++) {
		section_start_line(s);
		words_raw(s->out, f->holders[i].comm);
		fprintf(s->out, " (%d) has ", (int)f->holders[i].pid);
		words_file(s->out, f, f->holders[i].file, 0);
		fputs(f->holders[i].mapped ? " mapped\n" : " open\n", s->out);
	}
	if (said)
		section_say(
			s, 0,
			"Stop them first: a file that somebody has open is not touched, as what "
			"they write meanwhile could be lost.");
}

static void say_backup(struct section *s, const struct plan *plan, const struct ctl *ctl)
{
	const struct plan_facts *facts = plan->facts;
	const struct plan_inode *inode;
	char backup[TIMEFMT_BUF], file[TIMEFMT_BUF];

	if (facts->choice != PLAN_RESTORE || plan->restore_file >= facts->f->n_files)
		return;
	inode = plan_inode(facts, facts->f->files[plan->restore_file].ino);
	if (!inode)
		return;
	section_begin(s, "Backup", true);
	section_start_line(s);
	fputs("of ", s->out);
	words_file(s->out, facts->f, plan->restore_file, 0);
	fprintf(s->out, ", %s\n", facts->backup.size == inode->size ? "same size" : "ANOTHER SIZE");
	section_line(s, "written to last %s, the file %s",
		     timefmt_exact(facts->backup.modified_nsec / 1000, ctl_now(ctl), backup),
		     timefmt_exact(inode->modified_nsec / 1000, ctl_now(ctl), file));
	if (facts->backup.different)
		section_line(s,
			     "DIFFERS: %" PRIu64 " of %" PRIu64
			     " bytes around the lost ones are not the same",
			     facts->backup.different, facts->backup.compared);
	else
		section_line(s, "the %" PRIu64 " bytes around the lost ones agree",
			     facts->backup.compared);
	if (facts->backup.modified_nsec < inode->modified_nsec)
		section_line(s, "OLDER than the file");
	section_say(s, 0, "That the %s bytes are fresh cannot be proved.", "restored");
}

static void say_choices(struct section *s, const struct plan *plan, const struct ctl *ctl)
{
	static const char *const choices[][2] = {
		{" --dry-run --salvage DIR", "copy out what can be read; changes nothing"},
		{" --dry-run --restore-from BACKUP", "the lost bytes from a backup of the file"},
		{" --dry-run --zero", "the lost bytes become zeros, on record as lost"},
		{" --dry-run --quarantine", "as --zero; the bad block is put aside, not cleared"},
	};

	section_begin(s, "Choices", true);
	for (size_t i = 0; i < ARRAY_SIZE(choices); i++) {
		section_line(s, "%s:", choices[i][1]);
		section_start_line(s);
		fputs("  ", s->out);
		say_type(ctl, plan->facts, choices[i][0]);
	}
}

static void say_next(struct section *s, const struct plan *plan, const struct ctl *ctl,
		     const char *hash)
{
	bool executes = plan->facts->choice != PLAN_EXEC;

	if (!plan->n_steps)
		return;
	section_begin(s, "By hand", true);
	section_start_line(s);
	say_type(ctl, plan->facts, " --dry-run --commands");
	section_begin(s, "Execute", false);
	if (!executes) {
		section_line(s,
			     "This version does not execute --exec; the commands show what to do.");
		return;
	}
	section_start_line(s);
	fprintf(s->out, "pmemrasctl repair %" PRId64, plan->facts->incident);
	repair_say_choice(s->out, plan->facts);
	fprintf(s->out, " --plan %s", hash);
	ctl_print_options(ctl, s->out);
	fputc('\n', s->out);
	section_line(s, "(refuses if the plan would now differ)");
}

int repair_text(const struct ctl *ctl, const struct plan *plan, const char *hash, bool offer)
{
	struct section s = {.out = ctl->out, .any = true};
	size_t said = plan->n_steps < STEPS_SAID ? plan->n_steps : STEPS_SAID;
	int r = 0;

	fprintf(ctl->out, "PLAN %s for incident %" PRId64 ": nothing has been changed\n", hash,
		plan->facts->incident);
	say_backup(&s, plan, ctl);
	say_users(&s, plan);
	if (plan->n_steps)
		fputc('\n', ctl->out);
	for (size_t i = 0; !r && i < said; i++)
		r = say_step(ctl->out, plan, i);
	if (said < plan->n_steps)
		fprintf(ctl->out, "   and %zu more steps like these; --json has them all\n",
			plan->n_steps - said);
	if (plan->quarantined.n) {
		section_begin(&s, "Held", true);
		section_say(&s, 0,
			    "%" PRIu64 " B are in quarantine already (" PLAN_QUARANTINE_DIR
			    "): no other file has them.",
			    rangeset_bytes(&plan->quarantined));
	}
	say_obstacles(&s, plan);
	say_advice(&s, plan);
	say_reasons(&s, plan);
	if (plan->facts->choice == PLAN_UNDECIDED)
		say_choices(&s, plan, ctl);
	if (offer)
		say_next(&s, plan, ctl, hash);
	return r;
}
