/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Tokens go both ways; steps keep together by page; lost bytes are told in bytes of the file. */
#include "unit.h"
#include <string.h>
#include <sys/stat.h>
#include "job.h"

static void test_tokens(void **state)
{
	for (int i = 0; i < JOB_STATE_N; i++)
		assert_int_equal(job_state_from_token(job_state_token((enum job_state)i)), i);
	for (int i = 0; i < JOB_STEP_STATE_N; i++)
		assert_int_equal(
			job_step_state_from_token(job_step_state_token((enum job_step_state)i)), i);
	for (int i = 0; i < PLAN_ACTION_N; i++)
		assert_int_equal(plan_action_from_token(plan_action_token((enum plan_action)i)), i);
	for (int i = 0; i < PLAN_CHOICE_N; i++)
		assert_int_equal(plan_choice_from_token(plan_choice_token((enum plan_choice)i)), i);
	assert_int_equal(job_state_from_token("nonsense"), -1);
	assert_int_equal(job_state_from_token(NULL), -1);
	assert_int_equal(job_step_state_from_token(""), -1);
	assert_int_equal(plan_action_from_token("nonsense"), -1);
	assert_int_equal(plan_choice_from_token(NULL), -1);
	assert_string_equal(job_state_token(JOB_STATE_N), "unknown");
}

static void test_pages(void **state)
{
	struct job_step steps[] = {
		{.action = PLAN_HOLD, .page = 4096},     {.action = PLAN_HOLD, .page = 8192},
		{.action = PLAN_BUILD, .page = 4096},    {.action = PLAN_REPLACE, .page = 4096},
		{.action = PLAN_KEEP, .page = 4096},     {.action = PLAN_BUILD, .page = 8192},
		{.action = PLAN_REPLACE, .page = 8192},  {.action = PLAN_REPLACE, .page = 12288},
		{.action = PLAN_BUILD, .page = 1 << 20}, {.action = PLAN_PROVE},
	};
	const struct job job = {.steps = steps, .n_steps = ARRAY_SIZE(steps)};

	assert_int_equal(job_page_steps(&job, 0), 1);
	assert_int_equal(job_page_steps(&job, 2), 3);
	assert_int_equal(job_page_steps(&job, 5), 2);
	assert_int_equal(job_page_steps(&job, 7), 1);
	assert_int_equal(job_page_steps(&job, 8), 1);
	assert_int_equal(job_page_steps(&job, 9), 1);
	assert_int_equal(job_hold_of(&job, 2), 0);
	assert_int_equal(job_hold_of(&job, 5), 1);
	assert_int_equal(job_hold_of(&job, 8), 8);
}

static const struct {
	const char *name;
	uint64_t start, len, want_start, want_len;
	uint32_t file_len;
} lost[] = {
	{"within", 4096 + 512, 512, 8192 + 512, 512, 4096},
	{"whole page", 4096, 4096, 8192, 4096, 4096},
	{"behind the end of the file", 4096 + 1024, 512, 0, 0, 1024},
	{"over the end of the file", 4096 + 512, 1024, 8192 + 512, 100, 612},
};

static void test_lost(void **state)
{
	for (size_t i = 0; i < ARRAY_SIZE(lost); i++) {
		CLEANUP(rangeset_deinit) struct rangeset got = RANGESET_NULL;
		struct job_step step = {.action = PLAN_REPLACE,
					.page = 4096,
					.offset = 8192,
					.len = lost[i].file_len};

		UNIT_ROW(lost, i, lost[i].name);
		assert_int_equal(
			rangeset_add(&step.lost, (struct byte_range){lost[i].start, lost[i].len}),
			0);
		assert_int_equal(job_lost_in_file(&step, &got), 0);
		assert_int_equal(got.n, lost[i].want_len ? 1 : 0);
		if (got.n) {
			assert_int_equal(got.ranges[0].start, lost[i].want_start);
			assert_int_equal(got.ranges[0].len, lost[i].want_len);
		}
		job_step_deinit(&step);
	}
}

/* What a plan lends is the job's own afterwards. */
static void test_from_plan(void **state)
{
	static const struct plan_inode inode = {10, 20000, 111, 222};
	struct found_file file = {.ino = 10, .gen = 7, .size = 20000, .mode = S_IFREG, .nlink = 1};
	struct finding item = {32768 + 1024, 512, 4096 + 1024, 10, 0, FS_OWNER_DATA, 0, 0};
	CLEANUP(rangeset_deinit) struct rangeset bad = RANGESET_NULL, none = RANGESET_NULL;
	CLEANUP(findings_freep) struct findings *f = NULL;
	CLEANUP(plan_deinit) struct plan plan = PLAN_NULL;
	CLEANUP(job_deinit) struct job job = JOB_NULL;

	assert_int_equal(findings_new(&f), 0);
	f->geom.block_size = 4096;
	f->geom.features = FSGEOM_RMAPBT | FSGEOM_REFLINK;
	f->geom.uuid[3] = 9;
	assert_int_equal(findings_add_file(f, &file), 0);
	assert_int_equal(findings_add_path(f, 0, "/mnt/a"), 0);
	assert_int_equal(findings_add(f, &item), 0);
	assert_int_equal(rangeset_add(&bad, (struct byte_range){item.start, item.len}), 0);
	const struct plan_facts facts = {.f = f,
					 .bad = &bad,
					 .known_bad = &bad,
					 .listed = &bad,
					 .declared = &none,
					 .inodes = &inode,
					 .n_inodes = 1,
					 .incident = 17,
					 .choice = PLAN_ZERO};

	assert_int_equal(plan_make(&facts, &plan), 0);
	assert_int_equal(job_from_plan(&plan, "abc", "{}", &job), 0);
	assert_int_equal(job.n_steps, 5);
	assert_int_equal(job.incident, 17);
	assert_string_equal(job.hash, "abc");
	assert_int_equal(job.fs_uuid[3], 9);
	assert_int_equal(job.steps[0].action, PLAN_HOLD);
	assert_int_equal(job.steps[0].ino, 10);
	assert_int_equal(job.steps[0].gen, 7);
	assert_int_equal(job.steps[0].changed_nsec, 111);
	assert_int_equal(job.steps[2].offset, 4096);
	assert_string_equal(job.steps[2].path, "/mnt/a");
	assert_int_equal(job.steps[3].lost.n, 1);
	assert_int_equal(job.steps[4].action, PLAN_PROVE);
	assert_int_equal(job.steps[4].ino, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_tokens),
		cmocka_unit_test(test_pages),
		cmocka_unit_test(test_lost),
		cmocka_unit_test(test_from_plan),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
