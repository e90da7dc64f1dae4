/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The store: what goes in comes out again, for everybody, and nobody writes for nothing. */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include "store_sample.h"

static uint64_t version_of(struct store *store)
{
	uint64_t version = 0;

	assert_int_equal(store_data_version(store, &version), 0);
	return version;
}

static void test_modes(void **state)
{
	CLEANUP(freep) char *dir = NULL, *path = NULL;
	struct store *store = NULL;
	struct stat st;
	mode_t old;
	char *parent;

	assert_true(asprintf(&dir, "%s/a/b", (char *)*state) > 0);
	assert_int_equal(store_open(dir, STORE_READ, &store), -ENOENT);
	assert_null(store);

	old = umask(0777);
	assert_int_equal(store_open(dir, STORE_WRITE, &store), 0);
	umask(old);
	assert_int_equal(store_device_ensure(store, &pmem0, 1, &(int64_t){0}), 0);
	assert_int_equal(stat(dir, &st), 0);
	assert_int_equal(st.st_mode & 07777, 0700);
	parent = strdup(dir);
	strrchr(parent, '/')[0] = '\0';
	assert_int_equal(stat(parent, &st), 0);
	assert_int_equal(st.st_mode & 07777, 0700);
	free(parent);
	for (unsigned int i = 0; i < 3; i++) {
		static const char *const parts[] = {"", "-wal", "-shm"};

		free(steal(path));
		assert_true(asprintf(&path, "%s/pmemras.db%s", dir, parts[i]) > 0);
		assert_int_equal(stat(path, &st), 0);
		assert_int_equal(st.st_mode & 07777, 0600);
	}
	store = store_free(store);
	assert_null(store_free(NULL));
	assert_int_equal(store_open(dir, STORE_READ, &store), 0);
	store_free(store);
}

static void test_devices(void **state)
{
	CLEANUP(store_freep) struct store *store = open_store(*state);
	CLEANUP(freep) struct store_device *devices = NULL;
	struct devid renamed = {.nd_uuid = ND_A, .name = "pmem1"};
	struct devid other = {.nd_uuid = ND_B, .name = "pmem0"};
	struct devid loop0 = {.fs_uuid = FS_X, .name = "loop0", .size = 4096};
	struct devid loop1 = {.fs_uuid = FS_X, .name = "loop1", .size = 4096};
	struct store_device device;
	int64_t row, again, count;
	size_t n;

	assert_int_equal(store_device_find(store, &pmem0, &row), -ENOENT);
	assert_int_equal(store_device_ensure(store, &pmem0, 100, &row), 0);
	assert_int_equal(store_device_ensure(store, &renamed, 200, &again), 0);
	assert_int_equal(row, again);
	assert_int_equal(store_device_ensure(store, &other, 300, &again), 0);
	assert_int_not_equal(row, again);
	assert_int_equal(store_device(store, row, &device), 0);
	assert_string_equal(device.id.name, "pmem1");
	assert_string_equal(device.id.fs_uuid, FS_X);
	assert_int_equal(device.seen_usec, 200);
	assert_true(device.present);
	assert_int_equal(store_device(store, 999, &device), -ENOENT);

	/* a copy beside the original is another device; the original gone, it has moved */
	assert_int_equal(store_device_ensure(store, &loop0, 400, &row), 0);
	assert_int_equal(store_device_find(store, &loop1, &again), -ENOENT);
	assert_int_equal(store_device_set_present(store, row, false, 500), 0);
	assert_int_equal(store_device_find(store, &loop1, &again), 0);
	assert_int_equal(row, again);

	assert_int_equal(store_devices(store, &devices, &n), 0);
	assert_int_equal(n, 3);
	assert_false(devices[2].present);
	count = devices[2].row;
	assert_int_equal(count, row);
}

static int count_declared(const struct store_declared *declared, void *data)
{
	char *text = data;

	sprintf(text + strlen(text), "%" PRIu64 "+%" PRIu64 ":%s ", declared->range.start / 512,
		declared->range.len / 512, declared->note ?: "-");
	return 0;
}

static const struct {
	const char *what, *declare, *note, *retract, *gone, *want, *rows;
} declarations[] = {
	{"first", "10+10", "raid", NULL, NULL, "10+10", "10+10:raid "},
	{"again without a note", "10+10", NULL, NULL, NULL, "10+10", "10+10:raid "},
	{"wider without a note", "5+20", NULL, NULL, NULL, "5+20", "5+5:- 10+10:raid 20+5:- "},
	{"part with another note", "12+2", "smart", NULL, NULL, "5+20",
	 "5+5:- 10+2:raid 12+2:smart 14+6:raid 20+5:- "},
	{"the same note again", "12+2", "smart", NULL, NULL, "5+20",
	 "5+5:- 10+2:raid 12+2:smart 14+6:raid 20+5:- "},
	{"retract what was never declared", NULL, NULL, "100+5", "", "5+20",
	 "5+5:- 10+2:raid 12+2:smart 14+6:raid 20+5:- "},
	{"retract across rows, and beyond", NULL, NULL, "0+6 13+5", "5+1 13+5", "6+7 18+7",
	 "6+4:- 10+2:raid 12+1:smart 18+2:raid 20+5:- "},
	{"the middle of one", NULL, NULL, "21+1", "21+1", "6+7 18+3 22+3",
	 "6+4:- 10+2:raid 12+1:smart 18+2:raid 20+1:- 22+3:- "},
	{"all", NULL, NULL, "0+1000", "6+7 18+3 22+3", "", ""},
};

static void test_declared(void **state)
{
	CLEANUP(store_freep) struct store *store = open_store(*state);
	CLEANUP(store_freep) struct store *watcher = open_store(*state);
	CLEANUP(rangeset_deinit) struct rangeset set = RANGESET_NULL, gone = RANGESET_NULL;
	int64_t row, other;
	uint64_t before;

	assert_int_equal(store_device_ensure(store, &pmem0, 1, &row), 0);
	assert_int_equal(store_device_ensure(store, &(struct devid){.name = "x"}, 1, &other), 0);
	statedir_sectors("12+1", &set);
	assert_int_equal(store_declare(store, 999, &set, NULL, 1), -ENOENT);
	for (size_t i = 0; i < ARRAY_SIZE(declarations); i++) {
		char rows[400] = "";

		UNIT_ROW(declarations, i, declarations[i].what);
		if (declarations[i].declare) {
			statedir_sectors(declarations[i].declare, &set);
			assert_int_equal(
				store_declare(store, row, &set, declarations[i].note, 10 + i), 0);
			before = version_of(watcher);
			assert_int_equal(store_declare(store, row, &set, declarations[i].note, 99),
					 0);
			assert_int_equal(version_of(watcher),
					 before); /* said twice, written once */
		} else {
			statedir_sectors(declarations[i].retract, &set);
			assert_int_equal(store_retract(store, other, &set, &gone), 0);
			assert_int_equal(gone.n, 0);
			assert_int_equal(store_retract(store, row, &set, &gone), 0);
			statedir_assert_sectors(&gone, declarations[i].gone);
		}
		assert_int_equal(store_declared(store, row, &set), 0);
		statedir_assert_sectors(&set, declarations[i].want);
		assert_int_equal(store_declared_each(store, count_declared, rows), 0);
		assert_string_equal(rows, declarations[i].rows);
	}

	rangeset_clear(&set);
	assert_int_equal(rangeset_add(&set, (struct byte_range){1000, 1}), 0);
	assert_int_equal(store_declare(store, row, &set, NULL, 1), 0);
	assert_int_equal(store_declared(store, row, &set), 0);
	statedir_assert_sectors(&set, "1+1");
	assert_int_equal(rangeset_add(&set, (struct byte_range){INT64_MAX, 10}), 0);
	assert_int_equal(store_declare(store, row, &set, NULL, 1), -ERANGE);
	assert_int_equal(store_retract(store, row, &set, &gone), -ERANGE);
}

static void test_incidents(void **state)
{
	CLEANUP(store_freep) struct store *store = open_store(*state);
	CLEANUP(store_freep) struct store *reader = NULL;
	CLEANUP(incident_deinit) struct incident incident = INCIDENT_NULL;
	CLEANUP(casebook_deinit) struct casebook book = CASEBOOK_NULL;
	struct incident merged = {.state = INCIDENT_MERGED};
	struct sighting *sighting;
	int64_t row, device, ids[3];

	assert_int_equal(store_device_ensure(store, &pmem0, 1, &row), 0);
	ids[0] = save(store, row, "0+8 100+1", SOURCE_BADBLOCKS, "1+2");
	ids[1] = save(store, row, "1000+8", SOURCE_DECLARED, "1000+8");
	ids[2] = save(store, row, "2000+8", SOURCE_MCE, "");
	assert_int_equal(ids[0], 1);
	assert_int_equal(ids[1], 2);
	assert_int_equal(ids[2], 3);

	assert_int_equal(store_open(*state, STORE_READ, &reader), 0);
	assert_int_equal(store_incident(reader, 999, false, &incident, NULL), -ENOENT);
	assert_int_equal(store_incident(reader, ids[0], false, &incident, &device), 0);
	assert_int_equal(device, row);
	assert_int_equal(incident.state, INCIDENT_OPEN);
	assert_int_equal(incident.opened_usec, 5);
	assert_int_equal(incident.changed_usec, 6);
	assert_false(incident.unreachable);
	assert_null(incident.findings);
	statedir_assert_sectors(&incident.lost, "0+8 100+1");
	assert_int_equal(incident.n_sightings, 1);
	assert_int_equal(incident.sightings[0].source, SOURCE_BADBLOCKS);
	statedir_assert_sectors(&incident.sightings[0].bad, "1+2");

	/* changed, and with a second source */
	incident.state = INCIDENT_CLEARED;
	incident.cleared_usec = 50;
	incident.cleared_by = PROOF_SCRUB;
	incident.ack_note = strdup("swap on Friday");
	incident.acked = true;
	assert_int_equal(incident_ensure_sighting(&incident, SOURCE_CXL, 60, &sighting), 0);
	statedir_sectors("7+1", &sighting->bad);
	assert_int_equal(store_save_incident(reader, row, &incident, 0, 1), STORE_E_READ_ONLY);
	assert_int_equal(store_save_incident(store, row + 1, &incident, 0, 1), -ENOENT);
	assert_int_equal(store_save_incident(store, row, &incident, CHANGE_CLEARED, 70), 0);
	assert_int_equal(store_incident(reader, ids[0], true, &incident, NULL), 0);
	assert_int_equal(incident.state, INCIDENT_CLEARED);
	assert_int_equal(incident.cleared_usec, 50);
	assert_int_equal(incident.cleared_by, PROOF_SCRUB);
	assert_string_equal(incident.ack_note, "swap on Friday");
	assert_int_equal(incident.n_sightings, 2);
	statedir_assert_sectors(&incident.sightings[1].bad, "7+1");

	/* chains: 3 → 2 → 1; the book has what is alive */
	assert_int_equal(store_incident(store, ids[2], false, &incident, NULL), 0);
	incident.state = INCIDENT_MERGED;
	incident.merged_into = ids[1];
	assert_int_equal(store_save_incident(store, row, &incident, CHANGE_ABSORBED, 80), 0);
	assert_int_equal(store_incident(store, ids[1], false, &incident, NULL), 0);
	incident.state = INCIDENT_MERGED;
	incident.merged_into = ids[0];
	assert_int_equal(store_save_incident(store, row, &incident, CHANGE_ABSORBED, 80), 0);
	assert_int_equal(store_incident(reader, ids[2], true, &incident, NULL), 0);
	assert_int_equal(incident.id, ids[0]);
	assert_int_equal(store_incident(reader, ids[2], false, &incident, NULL), 0);
	assert_int_equal(incident.merged_into, ids[1]);
	assert_int_equal(store_casebook(reader, row, &book), 0);
	assert_int_equal(book.n, 1);
	assert_int_equal(book.incidents[0]->id, ids[0]);
	assert_int_equal(book.incidents[0]->n_sightings, 2);

	assert_int_equal(store_save_incident(store, row, &merged, CHANGE_ABSORBED, 1), 0);
	assert_int_equal(merged.id, 0);
	assert_int_equal(store_device_set_present(store, row, false, 90), 0);
	assert_int_equal(store_incident(reader, ids[0], false, &incident, NULL), 0);
	assert_true(incident.unreachable);
}

static void test_ack(void **state)
{
	CLEANUP(store_freep) struct store *store = open_store(*state);
	CLEANUP(store_freep) struct store *watcher = open_store(*state);
	CLEANUP(incident_deinit) struct incident incident = INCIDENT_NULL;
	int64_t row, id, seq, last;
	static const struct {
		bool acked;
		const char *note, *want;
		bool writes;
	} acks[] = {
		{false, NULL, NULL, false}, {true, NULL, NULL, true},  {true, NULL, NULL, false},
		{true, "a", "a", true},     {true, "a", "a", false},   {true, NULL, "a", false},
		{true, "b", "b", true},     {false, NULL, NULL, true}, {false, NULL, NULL, false},
		{true, "c", "c", true},
	};

	assert_int_equal(store_device_ensure(store, &pmem0, 1, &row), 0);
	id = save(store, row, "0+1", SOURCE_MCE, "0+1");
	assert_int_equal(store_ack(store, 999, true, NULL, 1), -ENOENT);
	for (size_t i = 0; i < ARRAY_SIZE(acks); i++) {
		uint64_t before = version_of(watcher);

		UNIT_ROW(acks, i, acks[i].note);
		assert_int_equal(store_last_change(store, &seq), 0);
		assert_int_equal(store_ack(store, id, acks[i].acked, acks[i].note, 20), 0);
		assert_int_equal(version_of(watcher) != before, acks[i].writes);
		assert_int_equal(store_last_change(store, &last), 0);
		assert_int_equal(last - seq, acks[i].writes);
		assert_int_equal(store_incident(store, id, false, &incident, NULL), 0);
		assert_int_equal(incident.acked, acks[i].acked);
		if (acks[i].want)
			assert_string_equal(incident.ack_note, acks[i].want);
		else
			assert_null(incident.ack_note);
	}
}

static void test_findings(void **state)
{
	CLEANUP(store_freep) struct store *store = open_store(*state);
	CLEANUP(incident_deinit) struct incident incident = INCIDENT_NULL;
	CLEANUP(rangeset_deinit) struct rangeset lost = RANGESET_NULL;
	CLEANUP(freep) int64_t *ids = NULL;
	int64_t row, id;
	size_t n;
	bool news;

	assert_int_equal(store_device_ensure(store, &pmem0, 1, &row), 0);
	id = save(store, row, "0+1", SOURCE_MCE, "0+1");
	assert_int_equal(store_unlocated(store, 0, 0, &ids, &n), 0);
	assert_int_equal(n, 1);
	assert_int_equal(ids[0], id);
	free(steal(ids));

	statedir_sectors("0+2", &lost);
	assert_int_equal(store_set_findings(store, id, &lost, "{}", 0, 9, NULL), -ESTALE);
	assert_int_equal(store_set_findings(store, 999, &lost, "{}", 0, 9, NULL), -ESTALE);
	statedir_sectors("0+1", &lost);
	assert_int_equal(store_set_findings(store, id, &lost, "{\"a\":1}", 4, 10, &news), 0);
	assert_true(news);
	assert_int_equal(store_set_findings(store, id, &lost, "{\"a\":1}", 4, 11, &news), 0);
	assert_false(news);
	assert_int_equal(store_incident(store, id, false, &incident, NULL), 0);
	assert_string_equal(incident.findings, "{\"a\":1}");
	assert_int_equal(incident.located_usec, 10);
	assert_false(incident.findings_stale);

	/* looked at, but incomplete for reason 4: wanted when that is asked for */
	assert_int_equal(store_unlocated(store, 0, 3, &ids, &n), 0);
	assert_int_equal(n, 0);
	free(steal(ids));
	assert_int_equal(store_unlocated(store, row, 4 | 8, &ids, &n), 0);
	assert_int_equal(n, 1);
	free(steal(ids));
	assert_int_equal(store_unlocated(store, row + 1, 4 | 8, &ids, &n), 0);
	assert_int_equal(n, 0);
	free(steal(ids));

	/* more is lost: what was found stays, and is told to be old */
	statedir_sectors("0+2", &incident.lost);
	assert_int_equal(store_save_incident(store, row, &incident, CHANGE_GREW, 20), 0);
	assert_int_equal(store_incident(store, id, false, &incident, NULL), 0);
	assert_string_equal(incident.findings, "{\"a\":1}");
	assert_true(incident.findings_stale);
	assert_int_equal(store_unlocated(store, 0, 0, &ids, &n), 0);
	assert_int_equal(n, 1);

	incident.state = INCIDENT_REPAIRED;
	assert_int_equal(store_save_incident(store, row, &incident, 0, 20), 0);
	assert_int_equal(store_set_findings(store, id, &incident.lost, "{}", 0, 9, NULL), -ESTALE);
}

struct seen_changes {
	size_t n;
	int64_t first, last;
};

static int see_change(const struct store_change *change, void *data)
{
	struct seen_changes *seen = data;

	if (!seen->n++)
		seen->first = change->seq;
	else
		assert_int_equal(change->seq, seen->last + 1);
	seen->last = change->seq;
	return change->bits == 0x77 ? 42 : 0;
}

static void test_changes(void **state)
{
	CLEANUP(store_freep) struct store *store = open_store(*state);
	struct seen_changes seen = {0};
	int64_t seq;

	assert_int_equal(store_last_change(store, &seq), 0);
	assert_int_equal(seq, 0);
	assert_int_equal(store_changes_since(store, 0, see_change, &seen), 0);
	assert_int_equal(seen.n, 0);
	assert_int_equal(store_changes_since(store, 1, see_change, &seen), -ESTALE);

	assert_int_equal(store_begin(store), 0);
	for (int i = 0; i < STORE_CHANGES_KEPT + 50; i++)
		assert_int_equal(store_log_change(store, 1, CHANGE_NEW, (uint64_t)i), 0);
	assert_int_equal(store_commit(store), 0);
	assert_int_equal(store_last_change(store, &seq), 0);
	assert_int_equal(seq, STORE_CHANGES_KEPT + 50);

	assert_int_equal(store_changes_since(store, 0, see_change, &seen), 0);
	assert_int_equal(seen.n, STORE_CHANGES_KEPT);
	assert_int_equal(seen.first, 51);
	seen.n = 0;
	assert_int_equal(store_changes_since(store, 49, see_change, &seen), -ESTALE);
	assert_int_equal(store_changes_since(store, 50, see_change, &seen), 0);
	assert_int_equal(seen.n, STORE_CHANGES_KEPT);
	seen.n = 0;
	assert_int_equal(store_changes_since(store, seq, see_change, &seen), 0);
	assert_int_equal(seen.n, 0);
	assert_int_equal(store_log_change(store, 1, 0x77, 1), 0);
	assert_int_equal(store_log_change(store, 1, 1, 1), 0);
	assert_int_equal(store_changes_since(store, seq, see_change, &seen), 42);
	assert_int_equal(seen.n, 1);
}

static void test_texts(void **state)
{
	CLEANUP(store_freep) struct store *store = open_store(*state);
	CLEANUP(store_freep) struct store *watcher = open_store(*state);
	CLEANUP(freep) char *text = NULL;
	uint64_t before, usec;

	assert_int_equal(store_get_text(store, "a.b", &text), -ENOENT);
	assert_int_equal(store_set_text(store, "a.b", "1"), 0);
	before = version_of(watcher);
	assert_int_equal(store_set_text(store, "a.b", "1"), 0);
	assert_int_equal(version_of(watcher), before);
	assert_int_equal(store_set_text(store, "a.b", "2"), 0);
	assert_int_not_equal(version_of(watcher), before);
	assert_int_equal(store_get_text(watcher, "a.b", &text), 0);
	assert_string_equal(text, "2");
	assert_int_equal(store_set_text(store, "a.b", NULL), 0);
	assert_int_equal(store_set_text(store, "a.b", NULL), 0);
	free(steal(text));
	assert_int_equal(store_get_text(watcher, "a.b", &text), -ENOENT);

	before = version_of(watcher);
	assert_int_equal(store_reconciled(store, &usec), -ENOENT);
	assert_int_equal(store_set_reconciled(store, UINT64_C(1768000000123456)), 0);
	assert_int_equal(store_reconciled(watcher, &usec), 0);
	assert_int_equal(usec, UINT64_C(1768000000123456));
	assert_int_equal(version_of(watcher), before);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_modes, statedir_setup, statedir_teardown),
		cmocka_unit_test_setup_teardown(test_devices, statedir_setup, statedir_teardown),
		cmocka_unit_test_setup_teardown(test_declared, statedir_setup, statedir_teardown),
		cmocka_unit_test_setup_teardown(test_incidents, statedir_setup, statedir_teardown),
		cmocka_unit_test_setup_teardown(test_ack, statedir_setup, statedir_teardown),
		cmocka_unit_test_setup_teardown(test_findings, statedir_setup, statedir_teardown),
		cmocka_unit_test_setup_teardown(test_changes, statedir_setup, statedir_teardown),
		cmocka_unit_test_setup_teardown(test_texts, statedir_setup, statedir_teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
