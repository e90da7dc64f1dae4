/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Casework: looks at incidents, and what they are worth later. */
#include <errno.h>
#include "house.h"
#include "record.h"

static size_t pending(struct house *h, bool again, const struct devid *device)
{
	CLEANUP(freep) int64_t *ids = NULL;
	size_t n;

	assert_int_equal(again ? casework_pending_again(h->store, device, true, &ids, &n)
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
	assert_int_equal(casework_pending_again(h->store, &unknown, true, NULL, NULL), -ENOENT);
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

/* The findings on record are those of what the incident lost, no more. */
static void assert_own(struct house *h, int64_t id, enum fs_owner_kind kind)
{
	CLEANUP(incident_deinit) struct incident incident = INCIDENT_NULL;
	CLEANUP(rangeset_deinit) struct rangeset found = RANGESET_NULL;
	CLEANUP(findings_freep) struct findings *f = NULL;

	assert_int_equal(store_incident(h->watcher, id, false, &incident, NULL), 0);
	assert_non_null(incident.findings);
	assert_int_equal(record_parse_findings(incident.findings, strlen(incident.findings), &f),
			 0);
	assert_true(rangeset_equal(&f->asked, &incident.lost));
	for (size_t i = 0; i < f->n_items; i++) {
		const struct finding *item = &f->items[i];

		assert_int_equal(item->kind, kind);
		if (kind == FS_OWNER_DATA)
			assert_int_equal(item->offset, item->start);
		assert_int_equal(rangeset_add(&found, (struct byte_range){item->start, item->len}),
				 0);
	}
	assert_true(rangeset_equal(&found, &incident.lost));
}

static void test_many(void **state)
{
	static const int64_t ids[] = {4, 99, 1, 2, 3, 5};
	static const int want[] = {0, -ENOENT, 0, 0, 0, 0};
	int outcomes[ARRAY_SIZE(ids)];
	struct house *h = *state;
	uint64_t before, after;

	plug("pmem0", "A", "0+1 16+1 32+3");
	plug("pmem1", "B", "8+1 24+1");
	pass(h, "pmem0/1:1 pmem0/2:1 pmem0/3:1 pmem1/4:1 pmem1/5:1 ");
	machine.mounted = "pmem0";
	machine.used = true;
	h->told[0] = '\0';
	assert_int_equal(casework_investigate_many(&h->root, h->store, ids, ARRAY_SIZE(ids), NULL,
						   ++h->now, &h->observer, outcomes),
			 0);
	assert_memory_equal(outcomes, want, sizeof(want));
	assert_int_equal(machine.looks, 2);
	assert_string_equal(h->told, "pmem1/4:look pmem1/5:look pmem0/1:look pmem0/2:look "
				     "pmem0/3:look ");
	for (int64_t id = 1; id <= 3; id++)
		assert_own(h, id, FS_OWNER_DATA);
	for (int64_t id = 4; id <= 5; id++)
		assert_found(h, id, FS_OWNER_UNKNOWN, 1u << REASON_NOT_MOUNTED);
	assert_int_equal(pending(h, false, NULL), 0);

	/* the same again is no news */
	assert_int_equal(store_data_version(h->watcher, &before), 0);
	assert_int_equal(casework_investigate_many(&h->root, h->store, ids, ARRAY_SIZE(ids), NULL,
						   ++h->now, &h->observer, outcomes),
			 0);
	assert_int_equal(store_data_version(h->watcher, &after), 0);
	assert_int_equal(before, after);
	assert_int_equal(machine.looks, 4);
	assert_int_equal(
		casework_investigate_many(&h->root, h->store, NULL, 0, NULL, ++h->now, NULL, NULL),
		0);
	assert_int_equal(machine.looks, 4);
}

/* What the file system knew of each is carried over to each when nobody can be asked any more. */
static void test_many_carried(void **state)
{
	static const int64_t ids[] = {1, 2};
	struct house *h = *state;
	int outcomes[2];

	plug("pmem0", "A", "0+1 16+1");
	pass(h, "pmem0/1:1 pmem0/2:1 ");
	machine.mounted = "pmem0";
	machine.used = true;
	for (int i = 0; i < 2; i++) {
		assert_int_equal(casework_investigate_many(&h->root, h->store, ids, 2, NULL,
							   ++h->now, NULL, outcomes),
				 0);
		assert_int_equal(outcomes[0] | outcomes[1], 0);
		machine.mounted = NULL;
	}
	for (int64_t id = 1; id <= 2; id++) {
		assert_own(h, id, FS_OWNER_DATA);
		assert_kept(h, id, 0, FS_OWNER_DATA, true);
		assert_found(h, id, FS_OWNER_DATA, 1u << REASON_NOT_MOUNTED);
	}
}

/* A device that fails fails alone; so does an incident that loses more during the look. */
static void test_many_fail(void **state)
{
	static const int64_t ids[] = {1, 2, 3, 4};
	static const int want[] = {-EIO, -EIO, 0, 0}, late[] = {-ESTALE, 0, 0, 0};
	struct house *h = *state;
	int outcomes[4];

	plug("pmem0", "A", "0+1 16+1");
	plug("pmem1", "B", "8+1 24+1");
	pass(h, "pmem0/1:1 pmem0/2:1 pmem1/3:1 pmem1/4:1 ");
	machine.broken = "pmem0";
	assert_int_equal(casework_investigate_many(&h->root, h->store, ids, 4, NULL, ++h->now, NULL,
						   outcomes),
			 0);
	assert_memory_equal(outcomes, want, sizeof(want));
	assert_int_equal(pending(h, false, NULL), 2);

	machine.broken = NULL;
	machine.devices[0].list = "0+1 7+1 16+1";
	machine.meanwhile = more_is_lost;
	assert_int_equal(casework_investigate_many(&h->root, h->store, ids, 4, NULL, ++h->now, NULL,
						   outcomes),
			 0);
	assert_memory_equal(outcomes, late, sizeof(late));
	assert_int_equal(pending(h, false, NULL), 1);
}

struct patience {
	int left, asked;
};

static int lose_patience(void *data, const char *what, uint64_t done, uint64_t total)
{
	struct patience *patience = data;

	assert_true(done < total && total == 3);
	patience->asked++;
	return patience->left-- == 0;
}

static void test_many_cancelled(void **state)
{
	/* asked: before the first device, before each further incident or device */
	static const struct {
		int outcomes[3];
		int looks;
	} want[] = {
		{{-ECANCELED, -ECANCELED, -ECANCELED}, 0},
		{{0, -ECANCELED, -ECANCELED}, 1},
		{{0, 0, -ECANCELED}, 1},
		{{0, 0, 0}, 2},
	};
	static const int64_t ids[] = {1, 2, 3};
	struct house *h = *state;

	plug("pmem0", "A", "0+1 16+1");
	plug("pmem1", "B", "8+1");
	pass(h, "pmem0/1:1 pmem0/2:1 pmem1/3:1 ");
	for (size_t i = 0; i < ARRAY_SIZE(want); i++) {
		struct patience patience = {.left = (int)i};
		const struct capture_options options = {.progress = lose_patience,
							.progress_data = &patience};
		int outcomes[3];

		UNIT_ROW(want, i, NULL);
		machine.looks = 0;
		assert_int_equal(casework_investigate_many(&h->root, h->store, ids, 3, &options,
							   ++h->now, NULL, outcomes),
				 i < 3 ? -ECANCELED : 0);
		assert_memory_equal(outcomes, want[i].outcomes, sizeof(outcomes));
		assert_int_equal(machine.looks, want[i].looks);
		assert_int_equal(pending(h, false, NULL), i < 3 ? 3 - i : 0);
	}
}

/* That names were not looked for is a reason to look again only for who looks for names. */
static void test_no_paths(void **state)
{
	const struct capture_options options = {.no_paths = true};
	CLEANUP(freep) int64_t *ids = NULL;
	struct house *h = *state;
	size_t n;

	plug("pmem0", "A", "0+1");
	pass(h, "pmem0/1:1 ");
	machine.used = true;
	assert_int_equal(casework_investigate(&h->root, h->store, 1, &options, 1, NULL), 0);
	assert_int_equal(casework_pending_again(h->store, NULL, false, &ids, &n), 0);
	assert_int_equal(n, 1); /* not mounted */
	free(steal(ids));

	machine.mounted = "pmem0";
	assert_int_equal(casework_investigate(&h->root, h->store, 1, &options, 1, NULL), 0);
	assert_found(h, 1, FS_OWNER_DATA, 1u << REASON_NO_PATHS);
	assert_int_equal(casework_pending_again(h->store, NULL, false, &ids, &n), 0);
	assert_int_equal(n, 0);
	assert_int_equal(pending(h, true, NULL), 1);
	look(h, 1, "pmem0/1:look ");
	assert_found(h, 1, FS_OWNER_DATA, 0);
	assert_int_equal(pending(h, true, NULL), 0);
}

#define TEST(fn) cmocka_unit_test_setup_teardown(fn, house_setup, house_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_looks),          TEST(test_late_look),
		TEST(test_look_elsewhere), TEST(test_nothing_to_look_at),
		TEST(test_many),           TEST(test_many_carried),
		TEST(test_many_fail),      TEST(test_many_cancelled),
		TEST(test_no_paths),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
