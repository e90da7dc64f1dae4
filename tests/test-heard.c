/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Media events on a made-up machine, down to the store: on which device and at
 * which bytes an incident is, that nothing in persistent memory is dropped and
 * ordinary memory is not recorded, that it is one incident for two sources, and
 * that what cannot be stored stays pending.
 */
#include "unit.h"
#include <errno.h>
#include "casework.h"
#include "heard.h"
#include "nd_machine.h"
#include "pmem.h"
#include "statedir.h"

struct fixture {
	char path[64];
	char *dir;
	struct sysroot root;
	struct store *store;
	struct heard heard;
	struct settings settings;
	struct journal journal;
};

static int setup(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));
	void *dir = NULL;

	*state = f;
	if (!f || tree_make(f->path, nd_machine, ARRAY_SIZE(nd_machine)) ||
	    sysroot_open(&f->root, f->path) || statedir_setup(&dir))
		return -1;
	f->dir = dir;
	f->heard = HEARD_NULL;
	f->settings = SETTINGS_NULL;
	return store_open(f->dir, STORE_WRITE, &f->store);
}

static int teardown(void **state)
{
	struct fixture *f = *state;
	void *dir = f->dir;
	int r;

	heard_deinit(&f->heard);
	settings_deinit(&f->settings);
	store_freep(&f->store);
	sysroot_deinit(&f->root);
	tree_remove(f->path);
	r = statedir_teardown(&dir);
	free(f);
	return r;
}

static void hear(struct fixture *f, const struct media_event *event)
{
	CLEANUP(event_set_deinit) struct event_set set = EVENT_SET_NULL;

	assert_int_equal(event_set_add(&set, event), 0);
	assert_int_equal(heard_take(&f->heard, &set), 0);
}

static int store_all(struct fixture *f)
{
	return heard_store(&f->heard, &f->root, f->store, &f->settings, &f->journal);
}

struct seen {
	struct fixture *f;
	char text[1024];
};

/* "device:start+len,start+len sources; " */
static int describe(int64_t row, const struct incident *incident, void *data)
{
	struct seen *seen = data;
	char *end = seen->text + strlen(seen->text);
	struct store_device device;

	assert_int_equal(store_device(seen->f->store, row, &device), 0);
	end += sprintf(end, "%s:", device.id.name);
	for (size_t i = 0; i < incident->lost.n; i++)
		end += sprintf(end, "%s%#llx+%#llx", i ? "," : "",
			       (unsigned long long)incident->lost.ranges[i].start,
			       (unsigned long long)incident->lost.ranges[i].len);
	for (size_t i = 0; i < incident->n_sightings; i++)
		end += sprintf(end, " %s", media_source_token(incident->sightings[i].source));
	sprintf(end, "; ");
	return 0;
}

static void assert_incidents(struct fixture *f, const char *want)
{
	struct seen seen = {f, ""};

	assert_int_equal(store_incident_each(f->store, 1u << INCIDENT_OPEN, describe, &seen), 0);
	assert_string_equal(seen.text, want);
}

static const struct {
	const char *what;
	struct media_event event;
	const char *want;
	uint64_t n_elsewhere;
} facts[] = {
	{"a page of file data",
	 {SOURCE_MEMORY_FAILURE, 5, EVENT_PHYSICAL, 0, "", {0x101203000, 4096}},
	 "pmem0:0x3000+0x1000 memory-failure; ",
	 0},
	{"devdax",
	 {SOURCE_MEMORY_FAILURE, 5, EVENT_PHYSICAL, 0, "", {0x110201000, 4096}},
	 "dax0.0:0x1000+0x1000 memory-failure; ",
	 0},
	{"raw",
	 {SOURCE_MEMORY_FAILURE, 5, EVENT_PHYSICAL, 0, "", {0x120001000, 4096}},
	 "pmem0.2:0x1000+0x1000 memory-failure; ",
	 0},
	{"sector mode: no block can be named",
	 {SOURCE_MEMORY_FAILURE, 5, EVENT_PHYSICAL, 0, "", {0x128001000, 4096}},
	 "namespace0.3:0x1000+0x1000 memory-failure; ",
	 0},
	{"disabled",
	 {SOURCE_MEMORY_FAILURE, 5, EVENT_PHYSICAL, 0, "", {0x130001000, 4096}},
	 "namespace0.4:0x1000+0x1000 memory-failure; ",
	 0},
	{"page metadata",
	 {SOURCE_MEMORY_FAILURE, 5, EVENT_PHYSICAL, 0, "", {0x100001000, 4096}},
	 "namespace0.0:0x1000+0x1000 memory-failure; ",
	 0},
	{"over a border: both",
	 {SOURCE_MEMORY_FAILURE, 5, EVENT_PHYSICAL, 0, "", {0x1011ff000, 8192}},
	 "namespace0.0:0x11ff000+0x1000 memory-failure; pmem0:0+0x1000 memory-failure; ",
	 0},
	{"ordinary memory",
	 {SOURCE_MEMORY_FAILURE, 5, EVENT_PHYSICAL, 0, "", {0x12345000, 4096}},
	 "",
	 1},
	{"the other region, unused",
	 {SOURCE_MCE, 5, EVENT_PHYSICAL, 0, "", {0x200000000, 512}},
	 "region1:0+0x200 mce; ",
	 0},
	{"counted from the region",
	 {SOURCE_BADBLOCKS, 5, EVENT_REGION, 0, "region0", {0x1200200, 512}},
	 "pmem0:0x200+0x200 badblocks; ",
	 0},
	{"a region that went away",
	 {SOURCE_BADBLOCKS, 5, EVENT_REGION, 0, "region7", {0x1200200, 512}},
	 "region7:0x1200200+0x200 badblocks; ",
	 0},
	{"behind a region's end",
	 {SOURCE_BADBLOCKS, 5, EVENT_REGION, 0, "region0", {0x40000000, 512}},
	 "region0:0x40000000+0x200 badblocks; ",
	 0},
	{"a device by name that is none",
	 {SOURCE_XFS_HEALTH, 5, EVENT_DEVICE, 0, "pmem9", {4096, 4096}},
	 "pmem9:0x1000+0x1000 xfs-health; ",
	 0},
	{"a device by number that is none",
	 {SOURCE_XFS_HEALTH, 5, EVENT_DEVICE, 0x10377, "", {4096, 4096}},
	 "259:887; ",
	 0},
	{"a devdax device by name",
	 {SOURCE_XFS_HEALTH, 5, EVENT_DEVICE, 0, "dax0.0", {4096, 4096}},
	 "dax0.0:0x1000+0x1000 xfs-health; ",
	 0},
};

static void test_facts(void **state)
{
	for (size_t i = 0; i < ARRAY_SIZE(facts); i++) {
		void *own = NULL;
		struct fixture *f;

		UNIT_ROW(facts, i, facts[i].what);
		assert_int_equal(setup(&own), 0);
		f = own;
		hear(f, &facts[i].event);
		assert_int_equal(store_all(f), 0);
		if (facts[i].event.devno) {
			struct seen seen = {f, ""};

			assert_int_equal(
				store_incident_each(f->store, 1u << INCIDENT_OPEN, describe, &seen),
				0);
			assert_non_null(strstr(seen.text, "0x1000+0x1000 xfs-health; "));
		} else {
			assert_incidents(f, facts[i].want);
		}
		assert_int_equal(f->heard.n_elsewhere, facts[i].n_elsewhere);
		assert_int_equal(heard_n_unsaved(&f->heard), 0);
		assert_int_equal(teardown(&own), 0);
	}
}

static const struct media_event page = {SOURCE_MEMORY_FAILURE, 1000, EVENT_PHYSICAL, 0, "",
					{0x110201000, 4096}};

/* The list names a sector of the page that a memory failure named. */
static void test_one_incident(void **state)
{
	CLEANUP(blkdev_deinit) struct blkdev dev = BLKDEV_NULL;
	struct fixture *f = *state;

	hear(f, &page);
	assert_int_equal(store_all(f), 0);
	assert_int_equal(pmem_find(&f->root, "dax0.0", &dev), 0);
	assert_int_equal(casework_reconcile_device(&f->root, f->store, &dev, 2000, NULL), 0);
	assert_incidents(f, "dax0.0:0x1000+0x1000 badblocks memory-failure; ");
	hear(f, &page);
	assert_int_equal(store_all(f), 0);
	assert_int_equal(casework_reconcile(&f->root, f->store, 3000, NULL), 0);
	assert_incidents(f, "dax0.0:0x1000+0x1000 badblocks memory-failure; "
			    "namespace0.0:0x1000+0x200 badblocks; "
			    "namespace0.1:0+0x200 badblocks; "
			    "namespace0.3:0x200+0x200 badblocks; "
			    "region0:0x3ffffe00+0x200 badblocks; ");
}

/* A device that only persistent memory knows is there for the roll call, and gone with its namespace. */
static void test_presence(void **state)
{
	struct store_device *devices;
	struct fixture *f = *state;
	char path[128];
	size_t n;

	hear(f, &page);
	assert_int_equal(store_all(f), 0);
	for (int pass = 0; pass < 2; pass++) {
		assert_int_equal(casework_roll_call(&f->root, f->store, 2000, NULL), 0);
		assert_int_equal(store_devices(f->store, &devices, &n), 0);
		assert_int_equal(n, 1);
		assert_int_equal(devices[0].present, pass == 0);
		free(devices);
		snprintf(path, sizeof(path), "%s/" ND "dax0.1/dax0.0", f->path);
		rmdir(path);
	}
}

static void test_ignored(void **state)
{
	const struct media_event border = {SOURCE_MEMORY_FAILURE, 5, EVENT_PHYSICAL, 0, "",
					   {0x1011ff000, 8192}};
	struct fixture *f = *state;

	assert_int_equal(settings_set(&f->settings, "watch", "Ignore", "pmem*"), 0);
	hear(f, &border);
	assert_int_equal(store_all(f), 0);
	assert_incidents(f, "namespace0.0:0x11ff000+0x1000 memory-failure; ");
}

/* The store fails: nothing is forgotten, and it is down once the store works. */
static void test_kept(void **state)
{
	struct fixture *f = *state;
	struct store *reader;

	hear(f, &page);
	assert_int_equal(store_open(f->dir, STORE_READ, &reader), 0);
	for (int i = 0; i < 3; i++) {
		assert_int_equal(
			heard_store(&f->heard, &f->root, reader, &f->settings, &f->journal),
			STORE_E_READ_ONLY);
		assert_int_equal(heard_n_unsaved(&f->heard), 1);
	}
	store_freep(&reader);
	assert_int_equal(store_all(f), 0);
	assert_int_equal(heard_n_unsaved(&f->heard), 0);
	assert_incidents(f, "dax0.0:0x1000+0x1000 memory-failure; ");
}

/* Poison of this boot that is not on record; the page on record was heard of at 1000 µs. */
static const struct {
	const char *what, *meminfo, *stat;
	uint64_t want;
} poisons[] = {
	{"nothing is known", NULL, NULL, 0},
	{"none", "HardwareCorrupted:     0 kB\n", "btime 0\n", 0},
	{"all witnessed", "MemTotal: 7 kB\nHardwareCorrupted:     4 kB\n", "btime 0\n", 0},
	{"some not", "HardwareCorrupted:    12 kB\nx: 1 kB\n", "cpu 1 2\nbtime 0\n", 8192},
	{"what is on record is of an earlier boot", "HardwareCorrupted:     4 kB\n",
	 "cpu 1 2\nbtime 1\n", 4096},
	{"another name", "NotHardwareCorrupted:     4 kB\n", "btime 1\n", 0},
	{"too many", "HardwareCorrupted: 18446744073709551615 kB\n", "btime 1\n", 0},
	{"no time of boot", "HardwareCorrupted:     4 kB\n", "cpu 1 2\n", 0},
};

static void write_proc(struct fixture *f, const char *name, const char *text)
{
	char path[128];
	FILE *file;

	snprintf(path, sizeof(path), "%s/proc", f->path);
	mkdir(path, 0755);
	snprintf(path, sizeof(path), "%s/proc/%s", f->path, name);
	remove(path);
	if (!text)
		return;
	file = fopen(path, "w");
	assert_non_null(file);
	fputs(text, file);
	fclose(file);
}

static void test_unwitnessed(void **state)
{
	struct fixture *f = *state;

	hear(f, &page);
	assert_int_equal(store_all(f), 0);
	for (size_t i = 0; i < ARRAY_SIZE(poisons); i++) {
		uint64_t got = 77;

		UNIT_ROW(poisons, i, poisons[i].what);
		write_proc(f, "meminfo", poisons[i].meminfo);
		write_proc(f, "stat", poisons[i].stat);
		assert_int_equal(heard_unwitnessed(&f->root, f->store, &got), 0);
		assert_int_equal(got, poisons[i].want);
	}
}

/* 10,000 distinct pages at once: all of them on record */
static void test_storm(void **state)
{
	CLEANUP(event_set_deinit) struct event_set set = EVENT_SET_NULL;
	CLEANUP(rangeset_deinit) struct rangeset held = RANGESET_NULL;
	CLEANUP(casebook_deinit) struct casebook book = CASEBOOK_NULL;
	struct media_event event = page;
	struct fixture *f = *state;

	for (uint64_t i = 0; i < 10000; i++) {
		event.range.start = 0x110200000 + i * 12288;
		assert_int_equal(event_set_add(&set, &event), 0);
	}
	assert_int_equal(heard_take(&f->heard, &set), 0);
	assert_int_equal(store_all(f), 0);
	assert_int_equal(store_casebook(f->store, 1, &book), 0);
	assert_int_equal(casebook_source_bad(&book, SOURCE_MEMORY_FAILURE, &held), 0);
	assert_int_equal(rangeset_bytes(&held), 10000 * 4096);
	assert_int_equal(book.n, 10000);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_facts),
		cmocka_unit_test_setup_teardown(test_one_incident, setup, teardown),
		cmocka_unit_test_setup_teardown(test_presence, setup, teardown),
		cmocka_unit_test_setup_teardown(test_ignored, setup, teardown),
		cmocka_unit_test_setup_teardown(test_kept, setup, teardown),
		cmocka_unit_test_setup_teardown(test_unwitnessed, setup, teardown),
		cmocka_unit_test_setup_teardown(test_storm, setup, teardown),
	};

	return cmocka_run_group_tests_name("heard", tests, NULL, NULL);
}
