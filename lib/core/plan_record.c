/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * A plan as JSON. All that decides what would be done is in it (who the files are, when
 * they changed, which bytes), and nothing else: no time of day, no processes. So its text is what
 * a plan's hash is over.
 */
#include <errno.h>
#include "cleanup.h"
#include "jsonio.h"
#include "plan.h"
#include "record.h"

static int put_paths(struct json_object *object, const struct findings *f,
		     const struct found_file *file)
{
	struct json_object *array = jsonio_add_array(object, "paths");
	uint32_t cursor = 0;
	const char *path;
	int r = array ? 0 : -ENOMEM;

	while (!r && (path = findings_path_next(f, file, &cursor))) {
		struct json_object *entry = jsonio_append_object(array);

		r = entry ? jsonio_put_bytes(entry, "path", path) : -ENOMEM;
	}
	return r;
}

static int put_file(struct json_object *array, const struct plan *plan, uint32_t index)
{
	const struct found_file *file = &plan->facts->f->files[index];
	const struct plan_inode *inode = plan_inode(plan->facts, file->ino);
	struct json_object *entry = jsonio_append_object(array);
	int r;

	if (!entry)
		return -ENOMEM;
	if ((r = jsonio_put_u64(entry, "ino", file->ino)) ||
	    (r = jsonio_put_u64(entry, "gen", file->gen)) ||
	    (r = jsonio_put_u64(entry, "size", inode ? inode->size : file->size)) ||
	    (inode && (r = jsonio_put_u64(entry, "changed_nsec", inode->changed_nsec))))
		return r;
	return put_paths(entry, plan->facts->f, file);
}

/* Those that steps name, in the order of inode numbers. */
static int put_files(struct json_object *object, const struct plan *plan)
{
	const struct findings *f = plan->facts->f;
	CLEANUP(freep) bool *named = calloc(f->n_files + 1, sizeof(*named));
	struct json_object *array = jsonio_add_array(object, "files");
	int r = 0;

	if (!named || !array)
		return -ENOMEM;
	for (size_t i = 0; i < plan->n_steps; i++) {
		if (plan->steps[i].file < f->n_files)
			named[plan->steps[i].file] = true;
	}
	for (uint32_t i = 0; !r && i < f->n_files; i++) {
		if (named[i])
			r = put_file(array, plan, i);
	}
	return r;
}

static int put_page(struct json_object *entry, const struct plan *plan,
		    const struct plan_step *step)
{
	CLEANUP(rangeset_deinit) struct rangeset lost = RANGESET_NULL;
	struct json_object *page = jsonio_add_object(entry, "page");
	int r = page ? 0 : -ENOMEM;

	if (!r)
		r = jsonio_put_range(page, (struct byte_range){step->page, PAGE_BYTES});
	if (!r)
		r = plan_lost_of_page(plan->facts, step->page, &lost);
	return r ? r : jsonio_put_ranges(entry, "lost", &lost);
}

static int put_unread(struct json_object *entry, const struct plan *plan, uint32_t file)
{
	CLEANUP(rangeset_deinit) struct rangeset pages = RANGESET_NULL;
	CLEANUP(rangeset_deinit) struct rangeset lost = RANGESET_NULL;
	int r = plan_unreadable(plan->facts, file, &pages, &lost);

	return r ? r : jsonio_put_ranges(entry, "lost_in_file", &lost);
}

static int put_step(struct json_object *array, const struct plan *plan, size_t index)
{
	const struct plan_step *step = &plan->steps[index];
	const struct findings *f = plan->facts->f;
	bool page = step->action >= PLAN_HOLD && step->action <= PLAN_KEEP;
	bool file = step->file < f->n_files &&
		    (step->action <= PLAN_REPLACE || step->action == PLAN_COPY_OUT);
	struct json_object *entry = jsonio_append_object(array);
	int r;

	if (!entry)
		return -ENOMEM;
	if ((r = jsonio_put_u64(entry, "step", index + 1)) ||
	    (r = jsonio_put_text(entry, "action", plan_action_token(step->action))))
		return r;
	if (page && (r = put_page(entry, plan, step)))
		return r;
	if (file && (r = jsonio_put_u64(entry, "ino", f->files[step->file].ino)))
		return r;
	if (file && page &&
	    ((r = jsonio_put_u64(entry, "file_offset", step->offset)) ||
	     (r = jsonio_put_u64(entry, "file_length", step->len))))
		return r;
	if (step->action == PLAN_COPY_OUT && (r = put_unread(entry, plan, step->file)))
		return r;
	if (*plan_only_if(step->action) &&
	    (r = jsonio_put_text(entry, "only_if", plan_only_if(step->action))))
		return r;
	if ((r = jsonio_put_text(entry, "destroys", plan_destroys(step->action))))
		return r;
	return jsonio_put_bool(entry, "undo", plan_can_undo(step->action));
}

static int put_advice(struct json_object *object, const struct plan *plan)
{
	struct json_object *array = jsonio_add_array(object, "advice");
	int r = array ? 0 : -ENOMEM;

	for (size_t i = 0; !r && i < plan->n_advice; i++) {
		const struct plan_advice *one = &plan->advice[i];
		struct json_object *entry = jsonio_append_object(array);

		if (!entry)
			return -ENOMEM;
		if (!(r = jsonio_put_text(entry, "owner",
					  fs_owner_token((enum fs_owner_kind)one->kind))) &&
		    !(r = jsonio_put_text(entry, "impact",
					  impact_token((enum impact)one->impact))) &&
		    !(r = jsonio_put_u64(entry, "bytes", one->bytes)))
			r = jsonio_put_text(entry, "says",
					    plan_advice_says((enum fs_owner_kind)one->kind,
							     (enum impact)one->impact));
	}
	return r;
}

static int put_obstacles(struct json_object *object, const struct plan *plan)
{
	struct json_object *array = jsonio_add_array(object, "obstacles");
	int r = array ? 0 : -ENOMEM;

	for (unsigned int i = 0; !r && i < PLAN_OBSTACLE_N; i++) {
		struct json_object *entry;

		if (!(plan->obstacles & 1u << i))
			continue;
		entry = jsonio_append_object(array);
		if (!entry)
			return -ENOMEM;
		r = jsonio_put_text(entry, "obstacle", plan_obstacle_token((enum plan_obstacle)i));
		if (!r)
			r = jsonio_put_text(entry, "says",
					    plan_obstacle_says((enum plan_obstacle)i));
	}
	return r;
}

static int put_backup(struct json_object *object, const struct plan *plan)
{
	const struct plan_backup *backup = &plan->facts->backup;
	const struct found_file *of = plan->restore_file < plan->facts->f->n_files
					      ? &plan->facts->f->files[plan->restore_file]
					      : NULL;
	struct json_object *entry = jsonio_add_object(object, "backup");
	int r;

	if (!entry)
		return -ENOMEM;
	if ((r = jsonio_put_bytes(entry, "path", backup->path)) ||
	    (r = jsonio_put_u64(entry, "dev", backup->dev)) ||
	    (r = jsonio_put_u64(entry, "ino", backup->ino)) ||
	    (r = jsonio_put_u64(entry, "size", backup->size)) ||
	    (r = jsonio_put_u64(entry, "modified_nsec", backup->modified_nsec)) ||
	    (r = jsonio_put_u64(entry, "compared", backup->compared)) ||
	    (r = jsonio_put_u64(entry, "different", backup->different)) ||
	    (r = jsonio_put_bool(entry, "doubtful", backup->doubtful)))
		return r;
	return of ? jsonio_put_u64(entry, "of_ino", of->ino) : 0;
}

int plan_record(const struct plan *plan, struct json_object **ret)
{
	const struct plan_facts *facts = plan->facts;
	CLEANUP(jsonio_freep) struct json_object *object = json_object_new_object();
	struct json_object *steps;
	int r;

	if (!object)
		return -ENOMEM;
	if ((r = jsonio_put_u64(object, "schema", RECORD_SCHEMA)) ||
	    (r = jsonio_put_text(object, "kind", "plan")) ||
	    (r = jsonio_put_u64(object, "incident", (uint64_t)facts->incident)) ||
	    (r = jsonio_put_text(object, "choice", plan_choice_token(facts->choice))) ||
	    (r = jsonio_put_bytes(object, "argument", facts->argument)) ||
	    (r = jsonio_put_bytes(object, "device", facts->f->device)) ||
	    (r = jsonio_put_bytes(object, "mountpoint", facts->f->mountpoint)) ||
	    (r = record_put_reasons(object, facts->f->reasons)) ||
	    (r = jsonio_put_ranges(object, "bad", facts->bad)) ||
	    (facts->choice == PLAN_RESTORE && (r = put_backup(object, plan))) ||
	    (plan->quarantined.n &&
	     (r = jsonio_put_ranges(object, "quarantined", &plan->quarantined))) ||
	    (r = put_files(object, plan)))
		return r;
	steps = jsonio_add_array(object, "steps");
	if (!steps)
		return -ENOMEM;
	for (size_t i = 0; !r && i < plan->n_steps; i++)
		r = put_step(steps, plan, i);
	if (r || (r = put_obstacles(object, plan)) || (r = put_advice(object, plan)))
		return r;

	*ret = steal(object);
	return 0;
}
