/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Casework on a machine of this test's making: block devices, their lists,
 * what can be read of them and what a look finds are tables that the test
 * changes between one pass and the next. The linker puts it where lib/sys is.
 */
#include <errno.h>
#include <inttypes.h>
#include "casework.h"
#include "locator.h"
#include "record.h"
#include "statedir.h"

#define FS_X "aaaaaaaa-0000-4000-8000-000000000001"
#define MIB  (UINT64_C(1) << 20)

/* ---- the machine ---- */

struct fake {
	const char *name;
	struct devid id;
	const char *list; /* sectors; NULL: has no list */
	int list_error;
};

static struct {
	struct fake devices[4];
	size_t n;
	const char *readable; /* sectors, of any device */
	int reads;
	const char *mounted;     /* name of the device whose file system can be asked */
	void (*meanwhile)(void); /* happens during a look */
	int looks;
} machine;

static void fill(const struct fake *fake, struct blkdev *ret)
{
	*ret = (struct blkdev){.size = fake->id.size, .id = fake->id, .has_badblocks = fake->list};
	snprintf(ret->name, sizeof(ret->name), "%s", fake->name);
	snprintf(ret->id.name, sizeof(ret->id.name), "%s", fake->name);
}

static const struct fake *find(const char *name)
{
	for (size_t i = 0; i < machine.n; i++)
		if (strcmp(machine.devices[i].name, name) == 0)
			return &machine.devices[i];
	return NULL;
}

int __wrap_blkdev_each(const struct sysroot *root, int (*fn)(const struct blkdev *dev, void *data),
		       void *data);
int __wrap_blkdev_resolve(const struct sysroot *root, const char *arg, struct blkdev *ret);
int __wrap_blkdev_badblocks(const struct sysroot *root, const struct blkdev *dev,
			    struct rangeset *ret, bool *ret_cut);
int __wrap_blkdev_read_ok(const struct blkdev *dev, const struct rangeset *want,
			  struct rangeset *ret);
int __wrap_capture_locate(const struct sysroot *root, const struct blkdev *dev,
			  const struct rangeset *bad, const struct capture_options *options,
			  struct findings **ret);

int __wrap_blkdev_each(const struct sysroot *root, int (*fn)(const struct blkdev *dev, void *data),
		       void *data)
{
	for (size_t i = 0; i < machine.n; i++) {
		struct blkdev dev;
		int r;

		fill(&machine.devices[i], &dev);
		r = fn(&dev, data);
		if (r)
			return r;
	}
	return 0;
}

int __wrap_blkdev_resolve(const struct sysroot *root, const char *arg, struct blkdev *ret)
{
	if (!find(arg))
		return -ENOENT;
	fill(find(arg), ret);
	return 0;
}

int __wrap_blkdev_badblocks(const struct sysroot *root, const struct blkdev *dev,
			    struct rangeset *ret, bool *ret_cut)
{
	const struct fake *fake = find(dev->name);

	if (!fake)
		return -ENODEV;
	if (fake->list_error)
		return fake->list_error;
	statedir_sectors(fake->list, ret);
	*ret_cut = false;
	return 0;
}

int __wrap_blkdev_read_ok(const struct blkdev *dev, const struct rangeset *want,
			  struct rangeset *ret)
{
	CLEANUP(rangeset_deinit) struct rangeset readable = RANGESET_NULL;

	machine.reads++;
	if (!machine.readable)
		return -EACCES;
	statedir_sectors(machine.readable, &readable);
	return rangeset_intersect(want, &readable, ret);
}

/* A file system that says who owns what: all is free, or nobody can be asked. */
int __wrap_capture_locate(const struct sysroot *root, const struct blkdev *dev,
			  const struct rangeset *bad, const struct capture_options *options,
			  struct findings **ret)
{
	CLEANUP(findings_freep) struct findings *f = NULL;
	bool mounted = machine.mounted && strcmp(machine.mounted, dev->name) == 0;

	machine.looks++;
	if (machine.meanwhile)
		machine.meanwhile();
	assert_int_equal(findings_new(&f), 0);
	f->device = strdup(dev->name);
	assert_int_equal(rangeset_copy(&f->asked, bad), 0);
	if (!mounted)
		findings_add_reason(f, REASON_NOT_MOUNTED);
	for (size_t i = 0; i < bad->n; i++) {
		struct finding item = {
			.start = bad->ranges[i].start,
			.len = bad->ranges[i].len,
			.file = FINDING_NO_FILE,
			.kind = mounted ? FS_OWNER_FREE : FS_OWNER_UNKNOWN,
		};

		assert_int_equal(findings_add(f, &item), 0);
	}
	*ret = steal(f);
	return 0;
}

/* ---- the house: a store, somebody who watches it, and what was told ---- */

struct house {
	char *dir;
	struct sysroot root;
	struct store *store, *watcher;
	char told[500];
	struct casework_observer observer;
	uint64_t now;
};

static struct house *house; /* for what happens during a look */

static void hear_change(void *data, const struct devid *device, const struct incident *incident,
			unsigned int bits)
{
	CLEANUP(incident_deinit) struct incident stored = INCIDENT_NULL;
	struct house *h = data;

	/* told after it is on record, for everybody */
	assert_int_equal(store_incident(h->watcher, incident->id, false, &stored, NULL), 0);
	assert_true(rangeset_equal(&stored.lost, &incident->lost));
	sprintf(h->told + strlen(h->told), "%s/%" PRId64 ":%x ", device->name, incident->id, bits);
}

static void hear_look(void *data, const struct devid *device, const struct incident *incident)
{
	struct house *h = data;

	assert_non_null(incident->findings);
	sprintf(h->told + strlen(h->told), "%s/%" PRId64 ":look ", device->name, incident->id);
}

static int setup(void **state)
{
	struct house *h = calloc(1, sizeof(*h));
	void *dir;

	if (!h || statedir_setup(&dir))
		return -1;
	memset(&machine, 0, sizeof(machine));
	h->dir = dir;
	h->root = (struct sysroot){.fd = -1, .live = true};
	h->observer =
		(struct casework_observer){.changed = hear_change, .located = hear_look, .data = h};
	h->now = 1000;
	house = h;
	*state = h;
	return store_open(h->dir, STORE_WRITE, &h->store) ||
	       store_open(h->dir, STORE_READ, &h->watcher);
}

static int teardown(void **state)
{
	struct house *h = *state;
	void *dir = h->dir;

	store_free(h->store);
	store_free(h->watcher);
	free(h);
	return statedir_teardown(&dir);
}

static struct fake *plug(const char *name, const char *hw_id, const char *list)
{
	struct fake *fake = &machine.devices[machine.n++];

	*fake = (struct fake){.name = name, .list = list};
	fake->id.size = 100 * MIB;
	snprintf(fake->id.hw_id, sizeof(fake->id.hw_id), "%s", hw_id);
	return fake;
}

/* One pass, and what was told of it; a second one over the same machine must do nothing at all. */
static void pass(struct house *h, const char *told)
{
	uint64_t before, after;

	h->told[0] = '\0';
	assert_int_equal(casework_reconcile(&h->root, h->store, ++h->now, &h->observer), 0);
	assert_string_equal(h->told, told);

	assert_int_equal(store_data_version(h->watcher, &before), 0);
	assert_int_equal(casework_reconcile(&h->root, h->store, ++h->now, &h->observer), 0);
	assert_int_equal(store_data_version(h->watcher, &after), 0);
	assert_int_equal(before, after);
	assert_string_equal(h->told, told);
	assert_int_equal(store_reconciled(h->watcher, &after), 0);
	assert_int_equal(after, h->now);
}

static void assert_incident(struct house *h, int64_t id, enum incident_state want, const char *lost,
			    const char *bad)
{
	CLEANUP(incident_deinit) struct incident incident = INCIDENT_NULL;
	CLEANUP(rangeset_deinit) struct rangeset now = RANGESET_NULL;

	assert_int_equal(store_incident(h->watcher, id, false, &incident, NULL), 0);
	assert_int_equal(incident.state, want);
	statedir_assert_sectors(&incident.lost, lost);
	assert_int_equal(incident_bad(&incident, &now), 0);
	statedir_assert_sectors(&now, bad);
}

static bool is_unreachable(struct house *h, int64_t id)
{
	CLEANUP(incident_deinit) struct incident incident = INCIDENT_NULL;

	assert_int_equal(store_incident(h->watcher, id, false, &incident, NULL), 0);
	return incident.unreachable;
}

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

	fill(fake, &dev);
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

	fill(fake, &dev);
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

	fill(pmem0, &dev);
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

	plug("sda", "wwn-1", "0+1");
	plug("sdb", "wwn-1", "0+1 100+1");
	pass(h, "sda/1:1 ");
	pass(h, "");
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

/* ---- looking ---- */

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
	assert_found(h, 1, FS_OWNER_UNKNOWN, 1u << REASON_DEVICE_GONE);
	assert_int_equal(pending(h, true, NULL), 1);
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

#define TEST(fn) cmocka_unit_test_setup_teardown(fn, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_lists),
		TEST(test_no_needless_reads),
		TEST(test_ignored),
		TEST(test_declared),
		TEST(test_report),
		TEST(test_absent),
		TEST(test_swapped),
		TEST(test_cloned),
		TEST(test_moved),
		TEST(test_two_paths),
		TEST(test_one_fails),
		TEST(test_looks),
		TEST(test_late_look),
		TEST(test_look_elsewhere),
		TEST(test_nothing_to_look_at),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
