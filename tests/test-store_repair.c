/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The journal of repairs: what was recorded comes back, from another connection, and a flipped bit shows. */
#include <errno.h>
#include "statedir.h"
#include "store_priv.h"
#include "store_repair.h"

static const struct devid device = {.hw_id = "wwn-1", .name = "pmem0", .size = 1 << 30};

/* An incident on @device. */
static void make(const char *dir, struct store **ret, int64_t *ret_row, int64_t *ret_incident)
{
	struct incident incident = INCIDENT_NULL;

	assert_int_equal(store_open(dir, STORE_WRITE, ret), 0);
	assert_int_equal(store_device_ensure(*ret, &device, 1, ret_row), 0);
	assert_int_equal(rangeset_add(&incident.lost, (struct byte_range){4096, 512}), 0);
	assert_int_equal(store_save_incident(*ret, *ret_row, &incident, 0, 1), 0);
	*ret_incident = incident.id;
	incident_deinit(&incident);
}

static void make_job(struct job *job, int64_t row, int64_t incident)
{
	static const enum plan_action actions[] = {PLAN_HOLD, PLAN_BUILD, PLAN_REPLACE, PLAN_KEEP,
						   PLAN_PROVE};

	job->device = row;
	job->incident = incident;
	job->choice = PLAN_RESTORE;
	job->argument = strdup("/backup \xff");
	job->hash = strdup("0123456789abcdef");
	job->plan = strdup("{}");
	for (size_t i = 0; i < 16; i++)
		job->fs_uuid[i] = (uint8_t)(i * 17);
	job->steps = calloc(ARRAY_SIZE(actions), sizeof(*job->steps));
	for (size_t i = 0; i < ARRAY_SIZE(actions); i++) {
		struct job_step *step = &job->steps[job->n_steps++];

		step->action = actions[i];
		step->page = 4096;
		step->offset = 8192;
		step->len = 4096;
		step->ino = UINT64_C(1) << 40;
		step->gen = UINT32_MAX;
		step->size = 20000;
		step->changed_nsec = 123456789;
		step->path = strdup("/mnt/\xfe");
		assert_int_equal(rangeset_add(&step->lost, (struct byte_range){4096, 512}), 0);
	}
}

static void test_round_trip(void **state)
{
	CLEANUP(store_freep) struct store *store = NULL, *other = NULL;
	CLEANUP(job_deinit) struct job job = JOB_NULL, got = JOB_NULL;
	CLEANUP(freep) int64_t *ids = NULL;
	int64_t row, incident, last;
	size_t n = 0;

	make(*state, &store, &row, &incident);
	make_job(&job, row, incident);
	assert_int_equal(store_repair_last(store, incident, &last), -ENOENT);
	assert_int_equal(store_repair_begin(store, &job, 5), 0);
	assert_true(job.id > 0);
	assert_int_equal(store_repair_step(store, &job, 1, JOB_STEP_BEGUN, NULL, 6), 0);
	assert_int_equal(store_repair_step(store, &job, 1, JOB_STEP_DONE, "a note", 7), 0);
	assert_int_equal(store_repair_step(store, &job, 1, JOB_STEP_DONE, NULL, 8), 0);
	assert_int_equal(store_check(store), 0);

	assert_int_equal(store_open(*state, STORE_READ, &other), 0);
	assert_int_equal(store_repairs_unfinished(other, row, &ids, &n), 0);
	assert_int_equal(n, 1);
	assert_int_equal(ids[0], job.id);
	assert_int_equal(store_repair(other, job.id, &got), 0);
	assert_int_equal(got.incident, incident);
	assert_int_equal(got.state, JOB_RUNNING);
	assert_int_equal(got.choice, PLAN_RESTORE);
	assert_string_equal(got.argument, job.argument);
	assert_string_equal(got.hash, job.hash);
	assert_memory_equal(got.fs_uuid, job.fs_uuid, 16);
	assert_int_equal(got.n_steps, 5);
	assert_int_equal(got.steps[1].state, JOB_STEP_DONE);
	assert_string_equal(got.steps[1].note, "a note");
	assert_int_equal(got.steps[1].at_usec, 8);
	assert_int_equal(got.steps[2].state, JOB_STEP_PLANNED);
	assert_null(got.steps[2].note);
	assert_int_equal(got.steps[2].action, PLAN_REPLACE);
	assert_int_equal(got.steps[2].ino, UINT64_C(1) << 40);
	assert_int_equal(got.steps[2].gen, UINT32_MAX);
	assert_int_equal(got.steps[2].size, 20000);
	assert_int_equal(got.steps[2].changed_nsec, 123456789);
	assert_int_equal(got.steps[2].len, 4096);
	assert_string_equal(got.steps[2].path, "/mnt/\xfe");
	assert_true(rangeset_equal(&got.steps[2].lost, &job.steps[2].lost));

	assert_int_equal(store_repair_state(store, &job, JOB_DONE, 9), 0);
	free(steal(ids));
	assert_int_equal(store_repairs_unfinished(store, 0, &ids, &n), 0);
	assert_int_equal(n, 0);
	assert_int_equal(store_repair_last(store, incident, &last), 0);
	assert_int_equal(last, job.id);
	assert_int_equal(store_repair(store, job.id + 1, &got), -ENOENT);
}

static void test_of_nobody(void **state)
{
	CLEANUP(store_freep) struct store *store = NULL;
	CLEANUP(job_deinit) struct job job = JOB_NULL;
	int64_t row, incident;

	make(*state, &store, &row, &incident);
	make_job(&job, row, incident + 1);
	assert_int_equal(store_repair_begin(store, &job, 5), -ENOENT);
	assert_int_equal(job.id, 0);
	assert_int_equal(store_check(store), 0);
}

static int count_loss(const struct store_loss *loss, void *data)
{
	int *n = data;

	assert_int_equal(loss->range.start, 8192 + (uint64_t)*n * 1024);
	assert_int_equal(loss->range.len, 512);
	assert_true(loss->restored);
	assert_string_equal(loss->path, "/mnt/\xfe");
	assert_int_equal(loss->at_usec, 11);
	++*n;
	return 0;
}

static void test_loss(void **state)
{
	CLEANUP(rangeset_deinit) struct rangeset ranges = RANGESET_NULL;
	CLEANUP(store_freep) struct store *store = NULL;
	CLEANUP(job_deinit) struct job job = JOB_NULL;
	int64_t row, incident;
	int n = 0;

	make(*state, &store, &row, &incident);
	make_job(&job, row, incident);
	assert_int_equal(store_repair_begin(store, &job, 5), 0);
	assert_int_equal(rangeset_add(&ranges, (struct byte_range){8192, 512}), 0);
	assert_int_equal(rangeset_add(&ranges, (struct byte_range){8192 + 1024, 512}), 0);
	assert_int_equal(store_loss_add(store, &job, &job.steps[2], &ranges, 11), 0);
	assert_int_equal(store_loss_each(store, count_loss, &n), 0);
	assert_int_equal(n, 2);
	assert_int_equal(store_check(store), 0);
}

static const char *const flips[] = {
	"UPDATE repair SET hash = '0123456789abcdee'",
	"UPDATE repair_step SET page = page + 4096 WHERE step = 3",
	"UPDATE repair_step SET state = 'done' WHERE step = 3",
	"UPDATE loss SET start = 0",
};

static void test_flips(void **state)
{
	for (size_t i = 0; i < ARRAY_SIZE(flips); i++) {
		CLEANUP(rangeset_deinit) struct rangeset ranges = RANGESET_NULL;
		CLEANUP(store_freep) struct store *store = NULL;
		CLEANUP(job_deinit) struct job job = JOB_NULL;
		CLEANUP(freep) char *dir = NULL;
		int64_t row, incident;

		UNIT_ROW(flips, i, flips[i]);
		assert_true(asprintf(&dir, "%s/%zu", (char *)*state, i) > 0);
		make(dir, &store, &row, &incident);
		make_job(&job, row, incident);
		assert_int_equal(store_repair_begin(store, &job, 5), 0);
		assert_int_equal(rangeset_add(&ranges, (struct byte_range){8192, 512}), 0);
		assert_int_equal(store_loss_add(store, &job, &job.steps[2], &ranges, 11), 0);
		assert_int_equal(store_check(store), 0);
		assert_int_equal(sql_run(store->db, flips[i], ""), 0);
		assert_int_equal(store_check(store), STORE_E_CORRUPT);
		if (i < 3)
			assert_int_equal(store_repair(store, job.id, &job), STORE_E_CORRUPT);
	}
}

#define TEST(fn) cmocka_unit_test_setup_teardown(fn, statedir_setup, statedir_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_round_trip),
		TEST(test_of_nobody),
		TEST(test_loss),
		TEST(test_flips),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
