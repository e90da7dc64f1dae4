/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The change log, told: everything at least once, nothing twice but after a crash, and nothing silently left out. */
#include "store_sample.h"
#include <errno.h>
#include "casework.h"
#include "publish.h"

#define MAX_HEARD 64

struct ear {
	struct {
		int64_t id;
		unsigned int bits;
		enum incident_state state;
	} heard[MAX_HEARD];
	size_t n;
	char device[64];
};

static void hear(void *data, const struct devid *device, const struct incident *incident,
		 unsigned int bits)
{
	struct ear *ear = data;

	assert_true(ear->n < MAX_HEARD);
	ear->heard[ear->n].id = incident->id;
	ear->heard[ear->n].bits = bits;
	ear->heard[ear->n++].state = incident->state;
	snprintf(ear->device, sizeof(ear->device), "%s", device->name);
}

/* what a run tells; true in @any where it claims so */
static struct ear run(struct publish *publish, struct store *store, bool *ret_any)
{
	struct ear ear = {.n = 0};
	bool any = false;

	assert_int_equal(publish_run(publish, store, hear, &ear, &any), 0);
	if (ret_any)
		*ret_any = any;
	return ear;
}

static void report(struct store *store, const char *sectors, uint64_t now_usec)
{
	CLEANUP(rangeset_deinit) struct rangeset bad = RANGESET_NULL;

	statedir_sectors(sectors, &bad);
	assert_int_equal(casework_declare(store, &pmem0, &bad, NULL, now_usec, NULL), 0);
}

static void retract(struct store *store, const char *sectors, uint64_t now_usec)
{
	CLEANUP(rangeset_deinit) struct rangeset good = RANGESET_NULL, gone = RANGESET_NULL;

	statedir_sectors(sectors, &good);
	assert_int_equal(casework_retract(store, &pmem0, &good, now_usec, NULL, &gone), 0);
}

static void test_once(void **state)
{
	CLEANUP(store_freep) struct store *store = open_store(*state);
	struct publish publish = PUBLISH_NULL, restarted = PUBLISH_NULL;
	struct ear ear;
	bool any;

	ear = run(&publish, store, &any);
	assert_int_equal(ear.n, 0);
	assert_false(any);

	report(store, "0+1", 10);
	report(store, "8000+1", 11);
	ear = run(&publish, store, &any);
	assert_int_equal(ear.n, 2);
	assert_true(any);
	assert_string_equal(ear.device, "pmem0");
	assert_int_equal(ear.heard[0].id, 1);
	assert_int_equal(ear.heard[0].bits, CHANGE_NEW);
	assert_int_equal(ear.heard[1].id, 2);

	/* its own note of how far it came is no news */
	ear = run(&publish, store, &any);
	assert_int_equal(ear.n, 0);
	assert_false(any);
	ear = run(&restarted, store, &any);
	assert_int_equal(ear.n, 0);
}

static void test_folds(void **state)
{
	CLEANUP(store_freep) struct store *store = open_store(*state);
	struct publish publish = PUBLISH_NULL;
	struct ear ear;

	report(store, "0+1", 10);
	report(store, "8000+1", 11);
	report(store, "1+1", 12);
	retract(store, "0+2", 13);
	ear = run(&publish, store, NULL);
	assert_int_equal(ear.n, 2);
	assert_int_equal(ear.heard[0].id, 1);
	assert_int_equal(ear.heard[0].bits & (CHANGE_NEW | CHANGE_GREW | CHANGE_CLEARED),
			 CHANGE_NEW | CHANGE_GREW | CHANGE_CLEARED);
	assert_int_equal(ear.heard[0].state, INCIDENT_CLEARED);
	assert_int_equal(ear.heard[1].bits, CHANGE_NEW);
}

static void test_crash(void **state)
{
	CLEANUP(store_freep) struct store *store = open_store(*state);
	struct publish publish = PUBLISH_NULL, restarted = PUBLISH_NULL;
	CLEANUP(freep) char *before = NULL;
	struct ear ear;

	report(store, "0+1", 10);
	run(&publish, store, NULL);
	assert_int_equal(store_get_text(store, PUBLISH_KEY, &before), 0);
	report(store, "8000+1", 11);
	run(&publish, store, NULL);
	/* killed after the telling, before the note */
	assert_int_equal(store_set_text(store, PUBLISH_KEY, before), 0);
	ear = run(&restarted, store, NULL);
	assert_int_equal(ear.n, 1);
	assert_int_equal(ear.heard[0].id, 2);

	/* a note that is no note: rather everything again than nothing */
	assert_int_equal(store_set_text(store, PUBLISH_KEY, "rubbish"), 0);
	restarted = PUBLISH_NULL;
	ear = run(&restarted, store, NULL);
	assert_int_equal(ear.n, 2);
}

static void test_dropped(void **state)
{
	CLEANUP(store_freep) struct store *store = open_store(*state);
	struct publish publish = PUBLISH_NULL;
	struct ear ear;

	report(store, "0+1", 10);     /* 1: told, then nothing */
	report(store, "8000+1", 11);  /* 2: told, then more */
	report(store, "16000+1", 12); /* 3: told, then closed */
	report(store, "24000+1", 13); /* 4, 5: told, then merged */
	report(store, "24016+1", 13);
	ear = run(&publish, store, NULL);
	assert_int_equal(ear.n, 5);

	report(store, "8001+1", 20);
	retract(store, "16000+1", 21);
	report(store, "24001+15", 22);
	report(store, "32000+1", 23); /* 6: new */
	assert_int_equal(store_begin(store), 0);
	for (int i = 0; i < STORE_CHANGES_KEPT + 1; i++)
		assert_int_equal(store_log_change(store, 1, STORE_CHANGE_LOCATED, 24), 0);
	assert_int_equal(store_commit(store), 0);

	ear = run(&publish, store, NULL);
	assert_int_equal(ear.n, 5);
	assert_int_equal(ear.heard[0].id, 2);
	assert_int_equal(ear.heard[0].bits, CHANGE_GREW);
	assert_int_equal(ear.heard[1].id, 3);
	assert_int_equal(ear.heard[1].bits, CHANGE_CLEARED);
	assert_int_equal(ear.heard[2].id, 4);
	assert_int_equal(ear.heard[2].bits, CHANGE_GREW);
	assert_int_equal(ear.heard[3].id, 5);
	assert_int_equal(ear.heard[3].bits, CHANGE_ABSORBED);
	assert_int_equal(ear.heard[3].state, INCIDENT_MERGED);
	assert_int_equal(ear.heard[4].id, 6);
	assert_int_equal(ear.heard[4].bits, CHANGE_NEW);

	ear = run(&publish, store, NULL);
	assert_int_equal(ear.n, 0);
	report(store, "40000+1", 30);
	ear = run(&publish, store, NULL);
	assert_int_equal(ear.n, 1);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_once, statedir_setup, statedir_teardown),
		cmocka_unit_test_setup_teardown(test_folds, statedir_setup, statedir_teardown),
		cmocka_unit_test_setup_teardown(test_crash, statedir_setup, statedir_teardown),
		cmocka_unit_test_setup_teardown(test_dropped, statedir_setup, statedir_teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
