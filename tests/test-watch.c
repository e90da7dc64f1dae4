/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What is watched, as the command line reads it. */
#include "unit.h"
#include <string.h>
#include <sys/sysmacros.h>
#include "watch.h"

static void add(struct watch *watch, const char *name, enum watch_list list, dev_t devno)
{
	struct watch_device *device;

	assert_int_equal(watch_device(watch, name, &device), 0);
	device->list = list;
	device->devno = devno;
}

static void test_json(void **state)
{
	CLEANUP(watch_deinit) struct watch watch = WATCH_NULL, copy = WATCH_NULL;
	CLEANUP(freep) char *text = NULL, *again = NULL;
	struct mount mount = {.devno = makedev(259, 1),
			      .source = (char *)"/dev/pmem0",
			      .target = (char *)"/srv/\xff\"db",
			      .root = (char *)"/",
			      .fs_type = (char *)"xfs",
			      .options = (char *)""};
	const struct mounts mounts = {&mount, 1};

	add(&watch, "pmem1", WATCH_UNREADABLE, makedev(259, 2));
	add(&watch, "sda", WATCH_NO, makedev(8, 0));
	add(&watch, "pmem0", WATCH_YES, makedev(259, 1));
	add(&watch, "loop0", WATCH_IGNORED, makedev(7, 0));
	add(&watch, "gone", WATCH_GONE, 0);
	watch.n_buses = 2;
	watch.uevents = "kernel";
	watch.store = true;
	watch.machine_check = true;
	watch.memory_failure = WATCH_MEMFAIL_LOG;
	watch.memory_failure_why[0] = "no tracefs";
	watch.unwitnessed = 8192;
	assert_int_equal(watch_n_lists(&watch), 1);
	assert_int_equal(watch_copy(&copy, &watch), 0);
	assert_int_equal(watch_to_json(&copy, &mounts, &text), 0);
	assert_string_equal(
		text,
		"{\"schema\":1,\"n_buses\":2,\"n_lists\":1,\"uevents\":\"kernel\",\"mounts\":false,"
		"\"store\":true,\"memory_failure\":\"kernel-log\",\"machine_check\":true,"
		"\"cxl\":false,\"notes\":["
		"\"8 KiB of poison that pmemrasd did not witness (HardwareCorrupted in "
		"/proc/meminfo); "
		"may be ordinary memory.\"],\"devices\":["
		"{\"device\":\"gone\",\"badblocks\":\"gone\",\"memory_failure\":\"no\","
		"\"filesystem\":\"no\",\"notes\":["
		"\"The device is absent: its incidents stay open.\"]},"
		"{\"device\":\"loop0\",\"badblocks\":\"ignored\",\"memory_failure\":\"no\","
		"\"filesystem\":\"no\",\"notes\":["
		"\"Ignored by the configuration ([watch] Ignore=).\"]},"
		"{\"device\":\"pmem0\",\"fs_type\":\"xfs\",\"mountpoint\":\"/srv/"
		"\xef\xbf\xbd\\\"db\","
		"\"badblocks\":\"yes\",\"memory_failure\":\"yes\",\"filesystem\":\"no\",\"notes\":["
		"\"Memory failures are heard from the kernel's log: no tracefs.\"]"
		"},"
		"{\"device\":\"pmem1\",\"badblocks\":\"unreadable\",\"memory_failure\":\"yes\","
		"\"filesystem\":\"no\",\"notes\":[\"The badblocks list cannot be read; the journal "
		"of "
		"pmemrasd says why.\",\"Memory failures are heard from the kernel's log: no "
		"tracefs.\"]},"
		"{\"device\":\"sda\",\"badblocks\":\"no\",\"memory_failure\":\"no\","
		"\"filesystem\":\"no\",\"notes\":[\"The kernel keeps no badblocks list for this "
		"device: only declared ranges are known.\"]}]}");

	watch_deinit(&watch);
	assert_int_equal(watch_to_json(&watch, &(struct mounts)MOUNTS_NULL, &again), 0);
	assert_string_equal(again, "{\"schema\":1,\"n_buses\":0,\"n_lists\":0,\"uevents\":\"no\","
				   "\"mounts\":false,\"store\":false,"
				   "\"memory_failure\":\"no\",\"machine_check\":false,"
				   "\"cxl\":false,\"notes\":[],\"devices\":[]}");

	free(again);
	again = NULL;
	watch.memory_failure_why[0] = "no tracefs";
	watch.memory_failure_why[1] = "nor may the log be read";
	add(&watch, "dax0.0", WATCH_YES, 0);
	assert_int_equal(watch_to_json(&watch, &(struct mounts)MOUNTS_NULL, &again), 0);
	assert_non_null(strstr(again,
			       "\"memory_failure\":\"no\",\"filesystem\":\"no\",\"notes\":["
			       "\"Memory failures are not heard: no tracefs, nor may the log "
			       "be read.\"]"));
}

static void test_layer(void **state)
{
	static const struct {
		const char *users, *layer;
	} rows[] = {
		{NULL, ""},
		{"dm-0", "dm-0"},
		{"pmem0p1, dm-0", "pmem0p1, dm-0"},
		{"pmem0p1, pmem0p2, pmem0p3, pmem0p4, pmem0p5, pmem0p6, pmem0p77",
		 "pmem0p1, pmem0p2, pmem0p3, pmem0p4, pmem0p5, pmem0p6, pmem0p77"},
		{"pmem0p1, pmem0p2, pmem0p3, pmem0p4, pmem0p5, pmem0p6, pmem0p7, dm-0",
		 "pmem0p1, pmem0p2, pmem0p3, pmem0p4, pmem0p5, pmem0p6 …"},
		{"a-single-name-that-is-longer-than-what-there-is-room-for-in-an-entry", " …"},
	};
	CLEANUP(watch_deinit) struct watch watch = WATCH_NULL;
	CLEANUP(freep) char *text = NULL;
	struct watch_device *device;

	assert_int_equal(watch_device(&watch, "pmem0", &device), 0);
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		UNIT_ROW(rows, i, rows[i].users ? rows[i].users : "nothing");
		watch_layer(device, rows[i].users);
		assert_string_equal(device->layer, rows[i].layer);
	}
	watch_layer(device, "dm-0");
	assert_int_equal(watch_to_json(&watch, &(struct mounts)MOUNTS_NULL, &text), 0);
	assert_non_null(strstr(text,
			       "\"A filesystem on dm-0 is not listened to, and through "
			       "device-mapper the kernel tells it nothing of lost memory.\""));
}

static void test_names(void **state)
{
	CLEANUP(watch_deinit) struct watch watch = WATCH_NULL;
	static const char *const names[] = {"m", "c", "x", "a", "m", "z", "c", "b", "y", "n", "o"};

	for (size_t i = 0; i < ARRAY_SIZE(names); i++)
		add(&watch, names[i], WATCH_YES, (dev_t)i);
	assert_int_equal(watch.n, 9);
	for (size_t i = 1; i < watch.n; i++)
		assert_true(strcmp(watch.devices[i - 1].name, watch.devices[i].name) < 0);
	assert_int_equal(watch.devices[2].devno, 6); /* the second "c" found the first */
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_json),
		cmocka_unit_test(test_layer),
		cmocka_unit_test(test_names),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
