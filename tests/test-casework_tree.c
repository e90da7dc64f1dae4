/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Casework on a recorded machine: names, identities and lists are read from
 * files by the real lib/sys; there is no device to read and no kernel to ask.
 */
#include <errno.h>
#include "casework.h"
#include "findings.h"
#include "record.h"
#include "statedir.h"
#include "tree.h"

#define DISK(name, dev, wwid)                                                                      \
	TREE_FILE("sys/block/" name "/dev", dev "\n"),                                             \
		TREE_FILE("sys/block/" name "/size", "2097152\n"),                                 \
		TREE_FILE("sys/block/" name "/wwid", wwid "\n")

static const struct tree_entry before[] = {
	DISK("pmem0", "259:0", "eui.aaaa"),
	TREE_FILE("sys/block/pmem0/badblocks", "8 8\n2048266 1\n"),
	DISK("pmem1", "259:1", "eui.bbbb"),
	TREE_FILE("sys/block/pmem1/badblocks", ""),
	DISK("sda", "8:0", "naa.cccc"),
	TREE_FILE("proc/self/mountinfo", ""),
};

/* After a reboot: the names have changed places, lists are empty but for one sector more. */
static const struct tree_entry after[] = {
	DISK("pmem0", "259:0", "eui.bbbb"),   TREE_FILE("sys/block/pmem0/badblocks", "100 1\n"),
	DISK("pmem1", "259:1", "eui.aaaa"),   TREE_FILE("sys/block/pmem1/badblocks", "16 1\n"),
	TREE_FILE("proc/self/mountinfo", ""),
};

static void assert_incident(struct store *store, int64_t id, const char *device, const char *lost,
			    const char *bad)
{
	CLEANUP(incident_deinit) struct incident incident = INCIDENT_NULL;
	CLEANUP(rangeset_deinit) struct rangeset now = RANGESET_NULL;
	struct store_device known;
	int64_t row;

	assert_int_equal(store_incident(store, id, false, &incident, &row), 0);
	assert_int_equal(store_device(store, row, &known), 0);
	assert_string_equal(known.id.name, device);
	statedir_assert_sectors(&incident.lost, lost);
	assert_int_equal(incident_bad(&incident, &now), 0);
	statedir_assert_sectors(&now, bad);
	assert_false(incident.unreachable);
}

static void pass(struct store *store, const struct tree_entry *entries, size_t n)
{
	CLEANUP(sysroot_deinit) struct sysroot root = SYSROOT_NULL;
	char path[64];

	assert_int_equal(tree_make(path, entries, n), 0);
	assert_int_equal(sysroot_open(&root, path), 0);
	for (uint64_t now = 1; now <= 2; now++)
		assert_int_equal(casework_reconcile(&root, store, now, NULL), 0);
	assert_int_equal(casework_investigate(&root, store, 1, NULL, 3, NULL), 0);
	tree_remove(path);
}

static uint32_t reasons_of(struct store *store, int64_t id)
{
	CLEANUP(incident_deinit) struct incident incident = INCIDENT_NULL;
	CLEANUP(findings_freep) struct findings *f = NULL;

	assert_int_equal(store_incident(store, id, false, &incident, NULL), 0);
	assert_int_equal(record_parse_findings(incident.findings, strlen(incident.findings), &f),
			 0);
	return f->reasons;
}

static void test_rebooted(void **state)
{
	CLEANUP(store_freep) struct store *store = NULL;
	CLEANUP(freep) struct store_device *devices = NULL;
	size_t n;

	assert_int_equal(store_open(*state, STORE_WRITE, &store), 0);
	pass(store, before, ARRAY_SIZE(before));
	assert_incident(store, 1, "pmem0", "8+8", "8+8");
	assert_incident(store, 2, "pmem0", "2048266+1", "2048266+1");
	assert_int_equal(reasons_of(store, 1), 1u << REASON_NOT_MOUNTED);

	/* nothing closes, what is new joins by the medium's identity, not by name */
	pass(store, after, ARRAY_SIZE(after));
	assert_incident(store, 1, "pmem1", "8+9", "8+9");
	assert_incident(store, 2, "pmem1", "2048266+1", "2048266+1");
	assert_incident(store, 3, "pmem0", "100+1", "100+1");
	assert_int_equal(store_devices(store, &devices, &n), 0);
	assert_int_equal(n, 2); /* of a disk without trouble nothing is kept */
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_rebooted, statedir_setup, statedir_teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
