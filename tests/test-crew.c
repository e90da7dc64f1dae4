/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Every part is done once, whoever does it; a failure and a listener who has enough stop all. */
#include "unit.h"
#include <errno.h>
#include <time.h>
#include "cleanup.h"
#include "crew.h"

#define PARTS 1000u

struct count {
	unsigned int parts[PARTS];
	unsigned int failing;
	bool slow;
	unsigned int told;
};

static void nap(void)
{
	static const struct timespec ms = {0, 1000000};

	nanosleep(&ms, NULL);
}

static int work(struct crew *crew, void *data)
{
	struct count *count = data;
	unsigned int part;

	while (crew_next(crew, &part)) {
		pthread_mutex_lock(&crew->lock);
		count->parts[part]++;
		pthread_mutex_unlock(&crew->lock);
		atomic_fetch_add(&crew->done, 1);
		if (part == count->failing)
			return -EIO;
		while (count->slow && !crew_stopped(crew))
			nap();
	}
	return 0;
}

static int enough(uint64_t done, uint64_t total, void *data)
{
	struct count *count = data;

	assert_true(done <= total);
	count->told++;
	return -ECANCELED;
}

static void all_parts(void **state)
{
	struct count count = {.failing = PARTS};
	struct crew crew = {.parts = PARTS, .work = work, .data = &count};

	assert_int_equal(crew_run(&crew), 0);
	for (unsigned int i = 0; i < PARTS; i++)
		assert_int_equal(count.parts[i], 1);
	assert_int_equal(atomic_load(&crew.done), PARTS);
	crew.parts = 0;
	assert_int_equal(crew_run(&crew), 0);
}

static void failure(void **state)
{
	struct count count = {.failing = 3};
	struct crew crew = {.parts = PARTS, .work = work, .data = &count};

	assert_int_equal(crew_run(&crew), -EIO);
}

static void cancelled(void **state)
{
	struct count count = {.failing = PARTS, .slow = true};
	struct crew crew = {
		.parts = PARTS,
		.work = work,
		.data = &count,
		.progress = enough,
		.listener = &count,
		.total = PARTS,
	};

	assert_int_equal(crew_run(&crew), -ECANCELED);
	assert_int_equal(count.told, 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(all_parts),
		cmocka_unit_test(failure),
		cmocka_unit_test(cancelled),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
