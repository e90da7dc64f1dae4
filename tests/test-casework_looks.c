/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Casework: looks at incidents, and what they are worth later. */
#include <errno.h>
#include "house.h"
#include "record.h"

static size_t pending(struct house *h, bool again, const struct devid *device)
{
	CLEANUP(freep) int64_t *ids = NULL;
	size_t n;

	assert_int_equal(again ? casework_pending_again(h->store, device, &ids, &n)
			       : casework_pending(h->store, &ids, &n),
			 0);
	return n;
}

static void look(struct house *h, int64_t id, const char *told)
{
	h->told[0] = '\0';
	assert_int_equal(casework_investigate(&h->root, h->store, id, NULL, ++h->now, &h->observer),
			 0);
	assert_string_equal(h->told, told);
}

/* The findings on record: kind of the first, and the reasons. */
static void assert_found(struct house *h, int64_t id, enum fs_owner_kind kind, uint32_t reasons)
{
	CLEANUP(incident_deinit) struct incident incident = INCIDENT_NULL;
	CLEANUP(findings_freep) struct findings *f = NULL;

	assert_int_equal(store_incident(h->watcher, id, false, &incident, NULL), 0);
	assert_non_null(incident.findings);
	assert_int_equal(record_parse_findings(incident.findings, strlen(incident.findings), &f),
			 0);
	assert_true(f->n_items > 0);
	assert_int_equal(f->items[0].kind, kind);
	assert_int_equal(f->reasons, reasons);
}

/* One finding on record, and whether it is known from an earlier look. */
static void assert_kept(struct house *h, int64_t id, size_t i, enum fs_owner_kind kind,
			bool earlier)
{
	CLEANUP(incident_deinit) struct incident incident = INCIDENT_NULL;
	CLEANUP(findings_freep) struct findings *f = NULL;

	assert_int_equal(store_incident(h->watcher, id, false, &incident, NULL), 0);
	assert_int_equal(record_parse_findings(incident.findings, strlen(incident.findings), &f),
			 0);
	assert_true(i < f->n_items);
	assert_int_equal(f->items[i].kind, kind);
	assert_int_equal(!!(f->items[i].flags & FINDING_EARLIER), earlier);
}

static void test_looks(void **state)
{
	struct house *h = *state;
	struct fake *pmem0 = plug("pmem0", "A", "0+1");
	struct devid unknown = {.name = "nowhere"};
	uint64_t before, after;

	assert_int_equal(pending(h, false, NULL), 0);
	pass(h, "pmem0/1:1 ");
	assert_int_equal(pending(h, false, NULL), 1);
	assert_int_equal(casework_investigate(&h->root, h->store, 99, NULL, 1, NULL), -ENOENT);

	/* not mounted: an answer, and a reason to look again */
	look(h, 1, "pmem0/1:look ");
	assert_found(h, 1, FS_OWNER_UNKNOWN, 1u << REASON_NOT_MOUNTED);
	assert_int_equal(pending(h, false, NULL), 0);
	assert_int_equal(pending(h, true, NULL), 1);
	assert_int_equal(pending(h, true, &pmem0->id), 1);
	assert_int_equal(casework_pending_again(h->store, &unknown, NULL, NULL), -ENOENT);
	assert_int_equal(store_data_version(h->watcher, &before), 0);
	look(h, 1, "");
	assert_int_equal(store_data_version(h->watcher, &after), 0);
	assert_int_equal(before, after);

	machine.mounted = "pmem0";
	look(h, 1, "pmem0/1:look ");
	assert_found(h, 1, FS_OWNER_FREE, 0);
	assert_int_equal(pending(h, true, NULL), 0);

	/* more is lost */
	pmem0->list = "0+2";
	pass(h, "pmem0/1:2 ");
	assert_int_equal(pending(h, false, NULL), 1);
	look(h, 1, "pmem0/1:look ");
	assert_int_equal(pending(h, false, NULL), 0);
}

static void more_is_lost(void)
{
	machine.meanwhile = NULL;
	machine.devices[0].list = "0+1 7+1";
	assert_int_equal(casework_reconcile(&house->root, house->store, ++house->now, NULL), 0);
}

static void test_late_look(void **state)
{
	struct house *h = *state;

	plug("pmem0", "A", "0+1");
	pass(h, "pmem0/1:1 ");
	machine.meanwhile = more_is_lost;
	h->told[0] = '\0';
	assert_int_equal(casework_investigate(&h->root, h->store, 1, NULL, 1, &h->observer),
			 -ESTALE);
	assert_string_equal(h->told, "");
	assert_int_equal(pending(h, false, NULL), 1);
	look(h, 1, "pmem0/1:look ");
	assert_int_equal(pending(h, false, NULL), 0);
}

/* The look follows the device to its new name, and knows when there is none. */
static void test_look_elsewhere(void **state)
{
	struct house *h = *state;

	plug("pmem0", "A", "0+1");
	pass(h, "pmem0/1:1 ");
	machine.n = 0;
	plug("pmem0", "B", "");
	plug("pmem1", "A", "0+1");
	machine.mounted = "pmem1";
	look(h, 1, "pmem0/1:look ");
	assert_found(h, 1, FS_OWNER_FREE, 0);

	machine.devices[1].list = "0+1 8+1";
	pass(h, "pmem1/1:2 ");
	machine.n = 1;
	look(h, 1, "pmem1/1:look ");

	/* what was known of the first sector is known still, with the second nobody can help */
	assert_found(h, 1, FS_OWNER_FREE, 1u << REASON_DEVICE_GONE);
	assert_kept(h, 1, 0, FS_OWNER_FREE, true);
	assert_kept(h, 1, 1, FS_OWNER_UNKNOWN, false);
	assert_int_equal(pending(h, true, NULL), 1);
	look(h, 1, "");
}

static void test_nothing_to_look_at(void **state)
{
	CLEANUP(rangeset_deinit) struct rangeset set = RANGESET_NULL;
	struct house *h = *state;
	struct fake *pmem0 = plug("pmem0", "A", "0+1 16+1");

	pass(h, "pmem0/1:1 pmem0/2:1 ");
	pmem0->list = "0+1 8+1 16+1";
	pass(h, "pmem0/1:22 pmem0/2:40 ");
	assert_int_equal(casework_investigate(&h->root, h->store, 2, NULL, 1, NULL), -ESTALE);
	assert_int_equal(machine.looks, 0);
}

#define TEST(fn) cmocka_unit_test_setup_teardown(fn, house_setup, house_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_looks),
		TEST(test_late_look),
		TEST(test_look_elsewhere),
		TEST(test_nothing_to_look_at),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
