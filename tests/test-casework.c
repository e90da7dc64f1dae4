/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Casework: from lists, declarations and reports to incidents, and what becomes of devices. */
#include <errno.h>
#include "house.h"

static void test_lists(void **state)
{
	struct house *h = *state;
	struct fake *pmem0 = plug("pmem0", "A", "");

	plug("pmem1", "B", NULL);
	pass(h, "");
	pmem0->list = "0+1 100+8";
	pass(h, "pmem0/1:1 pmem0/2:1 ");
	assert_incident(h, 1, INCIDENT_OPEN, "0+1", "0+1");
	assert_incident(h, 2, INCIDENT_OPEN, "100+8", "100+8");
	pmem0->list = "0+2 100+8";
	pass(h, "pmem0/1:2 ");
	assert_int_equal(machine.reads, 0);

	/* rebooted: the list is empty, and nothing can be read */
	pmem0->list = "";
	pass(h, "");
	assert_true(machine.reads > 0);
	machine.readable = "";
	pass(h, "");
	assert_incident(h, 2, INCIDENT_OPEN, "100+8", "100+8");

	/* some of it reads well, then all */
	machine.readable = "1+1 102+50";
	pass(h, "pmem0/1:4 pmem0/2:4 ");
	assert_incident(h, 1, INCIDENT_OPEN, "0+2", "0+1");
	assert_incident(h, 2, INCIDENT_OPEN, "100+8", "100+2");
	machine.readable = "0+1000";
	pass(h, "pmem0/1:c pmem0/2:c ");
	assert_incident(h, 1, INCIDENT_CLEARED, "0+2", "");

	/* listed again */
	pmem0->list = "107+1";
	pass(h, "pmem0/2:12 ");
	assert_incident(h, 2, INCIDENT_OPEN, "100+8", "107+1");
}

/* What is listed is not read, what a list does not say of a recorded machine is not read either. */
static void test_no_needless_reads(void **state)
{
	struct house *h = *state;
	struct fake *pmem0 = plug("pmem0", "A", "0+1");

	machine.readable = "0+1000";
	pass(h, "pmem0/1:1 ");
	assert_int_equal(machine.reads, 0);
	h->root.live = false;
	pmem0->list = "";
	pass(h, "");
	assert_int_equal(machine.reads, 0);
	assert_incident(h, 1, INCIDENT_OPEN, "0+1", "0+1");
}

static bool ignore_pmem0(void *data, const struct blkdev *dev)
{
	return strcmp(dev->name, "pmem0") == 0;
}

static void test_ignored(void **state)
{
	CLEANUP(rangeset_deinit) struct rangeset set = RANGESET_NULL;
	struct house *h = *state;
	struct fake *pmem0 = plug("pmem0", "A", "0+1");

	pass(h, "pmem0/1:1 ");
	h->observer.ignores = ignore_pmem0;
	machine.readable = "0+1000";
	pmem0->list = "500+1";
	pass(h, "");
	pmem0->list_error = -EBADMSG;
	pass(h, "");
	assert_int_equal(machine.reads, 0);
	assert_incident(h, 1, INCIDENT_OPEN, "0+1", "0+1");
}

static void declare(struct house *h, const struct fake *fake, const char *text, const char *told)
{
	CLEANUP(rangeset_deinit) struct rangeset set = RANGESET_NULL;
	struct blkdev dev;

	fake_blkdev(fake, &dev);
	statedir_sectors(text, &set);
	h->told[0] = '\0';
	assert_int_equal(casework_declare(h->store, &dev.id, &set, "note", ++h->now, &h->observer),
			 0);
	assert_string_equal(h->told, told);
}

static void retract(struct house *h, const struct fake *fake, const char *text, const char *gone,
		    const char *told)
{
	CLEANUP(rangeset_deinit) struct rangeset set = RANGESET_NULL, went = RANGESET_NULL;
	struct blkdev dev;

	fake_blkdev(fake, &dev);
	statedir_sectors(text, &set);
	h->told[0] = '\0';
	assert_int_equal(casework_retract(h->store, &dev.id, &set, ++h->now, &h->observer, &went),
			 0);
	statedir_assert_sectors(&went, gone);
	assert_string_equal(h->told, told);
}

static void test_declared(void **state)
{
	CLEANUP(rangeset_deinit) struct rangeset set = RANGESET_NULL;
	struct house *h = *state;
	struct fake *pmem0 = plug("pmem0", "A", "0+1");
	struct devid unknown = {.name = "nowhere"};
	uint64_t before, after;

	machine.readable = "0+100000";
	declare(h, pmem0, "0+2 1000+8", "pmem0/1:1 pmem0/2:1 ");
	assert_int_equal(store_data_version(h->watcher, &before), 0);
	declare(h, pmem0, "0+2 1000+8", "");
	assert_int_equal(store_data_version(h->watcher, &after), 0);
	assert_int_equal(before, after);

	/* bad until retracted: neither a list nor a read speaks for it */
	pass(h, "pmem0/1:80 ");
	pmem0->list = "";
	pass(h, "pmem0/1:80 ");
	assert_incident(h, 1, INCIDENT_OPEN, "0+2", "0+2");
	pmem0->list = "0+1";
	pass(h, "pmem0/1:80 ");

	/* and a list is not retracted by hand */
	retract(h, pmem0, "0+2", "0+2", "pmem0/1:4 ");
	assert_incident(h, 1, INCIDENT_OPEN, "0+2", "0+1");
	retract(h, pmem0, "0+2", "", "");
	retract(h, pmem0, "1002+2", "1002+2", "pmem0/2:4 ");
	assert_incident(h, 2, INCIDENT_OPEN, "1000+8", "1000+2 1004+4");
	retract(h, pmem0, "0+100000", "1000+2 1004+4", "pmem0/2:c ");
	assert_incident(h, 2, INCIDENT_CLEARED, "1000+8", "");
	pass(h, "");

	statedir_sectors("0+1", &set);
	assert_int_equal(casework_retract(h->store, &unknown, &set, 1, NULL, &set), -ENOENT);
	assert_int_equal(rangeset_add(&set, (struct byte_range){INT64_MAX - 5, 5}), 0);
	assert_int_equal(casework_declare(h->store, &unknown, &set, NULL, 1, NULL), -ERANGE);
	assert_int_equal(casework_report(h->store, &unknown, SOURCE_MCE, &set, 1, NULL), -ERANGE);
	assert_int_equal(store_device_find(h->store, &unknown, &(int64_t){0}), -ENOENT);
}

static void test_report(void **state)
{
	CLEANUP(rangeset_deinit) struct rangeset set = RANGESET_NULL;
	struct house *h = *state;
	struct fake *pmem0 = plug("pmem0", "A", "10+1");
	uint64_t before, after;
	struct blkdev dev;

	fake_blkdev(pmem0, &dev);
	statedir_sectors("8+8", &set);
	assert_int_equal(
		casework_report(h->store, &dev.id, SOURCE_MEMORY_FAILURE, &set, 1, &h->observer),
		0);
	assert_string_equal(h->told, "pmem0/1:1 ");
	assert_int_equal(store_data_version(h->watcher, &before), 0);
	assert_int_equal(
		casework_report(h->store, &dev.id, SOURCE_MEMORY_FAILURE, &set, 2, &h->observer),
		0);
	assert_int_equal(store_data_version(h->watcher, &after), 0);
	assert_int_equal(before, after);
	pass(h, "pmem0/1:80 ");

	/* one read speaks for every source that did not declare it */
	pmem0->list = "";
	machine.readable = "0+100";
	pass(h, "pmem0/1:4 ");
	assert_incident(h, 1, INCIDENT_OPEN, "8+8", "8+2 11+5");
}

static void test_absent(void **state)
{
	struct house *h = *state;

	plug("pmem0", "A", "0+1");
	plug("pmem1", "B", "0+1");
	pass(h, "pmem0/1:1 pmem1/2:1 ");
	machine.n = 1;
	pass(h, "pmem1/2:100 ");
	assert_true(is_unreachable(h, 2));
	assert_false(is_unreachable(h, 1));
	assert_incident(h, 2, INCIDENT_OPEN, "0+1", "0+1");

	/* back under another name, with its list empty as after a reboot */
	plug("pmem7", "B", "");
	pass(h, "pmem7/2:200 ");
	assert_false(is_unreachable(h, 2));
	assert_incident(h, 2, INCIDENT_OPEN, "0+1", "0+1");
	machine.n = 0;
	pass(h, "pmem0/1:100 pmem7/2:100 ");
}

static void test_swapped(void **state)
{
	struct house *h = *state;

	plug("pmem0", "A", "0+1");
	plug("pmem1", "B", "");
	pass(h, "pmem0/1:1 ");
	machine.n = 0;
	plug("pmem0", "B", "500+1");
	plug("pmem1", "A", "0+1");
	pass(h, "pmem0/2:1 ");
	assert_incident(h, 1, INCIDENT_OPEN, "0+1", "0+1");
	assert_incident(h, 2, INCIDENT_OPEN, "500+1", "500+1");
}

/* A file system's uuid follows it to another loop device; of two that have it, the name decides. */
static void test_cloned(void **state)
{
	struct house *h = *state;
	struct fake *loop0, *loop1;

	loop0 = plug("loop0", "", "0+1");
	strcpy(loop0->id.fs_uuid, FS_X);
	pass(h, "loop0/1:1 ");
	loop1 = plug("loop1", "", "0+1");
	strcpy(loop1->id.fs_uuid, FS_X);
	pass(h, "loop1/2:1 ");
	declare(h, loop1, "8+1", "loop1/2:82 ");

	/* both gone, one is back under a third name: whose it is cannot be told */
	machine.n = 0;
	pass(h, "loop0/1:100 loop1/2:100 ");
	strcpy(plug("loop5", "", "0+1")->id.fs_uuid, FS_X);
	pass(h, "loop5/3:1 ");
}

static void test_moved(void **state)
{
	struct house *h = *state;

	strcpy(plug("loop0", "", "0+1")->id.fs_uuid, FS_X);
	pass(h, "loop0/1:1 ");
	machine.n = 0;
	strcpy(plug("loop3", "", "0+1 8+1")->id.fs_uuid, FS_X);
	pass(h, "loop3/1:2 ");
	assert_false(is_unreachable(h, 1));

	/* sector 0 is lost, with the uuid; the name is what is left, and something else has the old
	 * one */
	machine.n = 0;
	plug("loop3", "", "0+1 8+1");
	plug("loop0", "", "");
	pass(h, "");
	assert_false(is_unreachable(h, 1));
}

static void test_two_paths(void **state)
{
	struct house *h = *state;
	struct blkdev dev;

	plug("sda", "wwn-1", "0+1");
	plug("sdb", "wwn-1", "0+1 100+1");
	pass(h, "sda/1:1 ");
	pass(h, "");

	/* an event of the second path alone, then the first one is unplugged */
	fake_blkdev(&machine.devices[1], &dev);
	assert_int_equal(
		casework_reconcile_device(&h->root, h->store, &dev, ++h->now, &h->observer), 0);
	assert_string_equal(h->told, "");
	machine.devices[0] = machine.devices[1];
	machine.n = 1;
	pass(h, "sdb/2:1 ");
}

static void test_one_fails(void **state)
{
	struct house *h = *state;
	uint64_t usec;

	plug("pmem0", "A", "0+1")->list_error = -EBADMSG;
	plug("pmem1", "B", "0+1");
	assert_int_equal(casework_reconcile(&h->root, h->store, 5, &h->observer), -EBADMSG);
	assert_string_equal(h->told, "pmem1/1:1 ");
	assert_int_equal(store_reconciled(h->store, &usec), -ENOENT);
}

#define TEST(fn) cmocka_unit_test_setup_teardown(fn, house_setup, house_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_lists),     TEST(test_no_needless_reads),
		TEST(test_ignored),   TEST(test_declared),
		TEST(test_report),    TEST(test_absent),
		TEST(test_swapped),   TEST(test_cloned),
		TEST(test_moved),     TEST(test_two_paths),
		TEST(test_one_fails),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
