/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What a completed scrub clears on a made-up machine: of devices that nobody can read, where
 * the list is whole and says so, and where the range had been heard of before it began.
 */
#include "unit.h"
#include <errno.h>
#include "casework.h"
#include "nd_machine.h"
#include "statedir.h"

struct fixture {
	char path[64];
	char *dir;
	struct sysroot root;
	struct store *store;
	unsigned int n_told;
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
	return store_open(f->dir, STORE_WRITE, &f->store);
}

static int teardown(void **state)
{
	struct fixture *f = *state;
	void *dir = f->dir;
	int r;

	store_freep(&f->store);
	sysroot_deinit(&f->root);
	tree_remove(f->path);
	r = statedir_teardown(&dir);
	free(f);
	return r;
}

static void count(void *data, const struct devid *device, const struct incident *incident,
		  unsigned int bits)
{
	struct fixture *f = data;

	f->n_told++;
}

static bool ignore_dax(void *data, const struct blkdev *dev)
{
	return !strncmp(dev->name, "dax", 3);
}

static void put_list(struct fixture *f, const char *text)
{
	assert_int_equal(tree_rewrite(f->path, ND "region0/badblocks", text), 0);
}

static int scrubbed(struct fixture *f, const char *bus, uint64_t begun_usec)
{
	const struct casework_observer observer = {.changed = count, .data = f};

	f->n_told = 0;
	return casework_scrubbed(&f->root, f->store, bus, begun_usec, 100, &observer);
}

static enum incident_state state_of(struct fixture *f, int64_t id)
{
	CLEANUP(incident_deinit) struct incident incident = INCIDENT_NULL;

	assert_int_equal(store_incident(f->store, id, false, &incident, NULL), 0);
	if (incident.state == INCIDENT_CLEARED)
		assert_int_equal(incident.cleared_by, PROOF_SCRUB);
	return incident.state;
}

static int64_t find(struct fixture *f, const char *name)
{
	CLEANUP(blkdev_deinit) struct blkdev dev = BLKDEV_NULL;
	int64_t row;

	assert_int_equal(blkdev_resolve(&f->root, name, &dev), 0);
	assert_int_equal(store_device_find(f->store, &dev.id, &row), 0);
	return row;
}

struct scan {
	struct fixture *f;
	int64_t row, id;
};

static int take_id(int64_t row, const struct incident *incident, void *data)
{
	struct scan *scan = data;

	if (row == scan->row)
		scan->id = incident->id;
	return 0;
}

/* The one incident of a device. */
static int64_t incident_of(struct fixture *f, const char *name)
{
	struct scan scan = {f, find(f, name), 0};

	assert_int_equal(store_incident_each(f->store, 1u << INCIDENT_OPEN, take_id, &scan), 0);
	assert_true(scan.id > 0);
	return scan.id;
}

static void test_cleared(void **state)
{
	struct fixture *f = *state;
	int64_t dax, sector, metadata, region;

	assert_int_equal(casework_reconcile(&f->root, f->store, 10, NULL), 0);
	dax = incident_of(f, "dax0.0");
	sector = incident_of(f, "namespace0.3");
	metadata = incident_of(f, "namespace0.0");
	region = incident_of(f, "region0");

	/* still listed */
	assert_int_equal(scrubbed(f, "ndbus0", 50), 0);
	assert_int_equal(f->n_told, 0);
	assert_int_equal(state_of(f, dax), INCIDENT_OPEN);

	/* listed no more, but nothing has been scrubbed, or not since, or elsewhere */
	put_list(f, "8 1\n");
	assert_int_equal(casework_reconcile(&f->root, f->store, 20, NULL), 0);
	assert_int_equal(scrubbed(f, "ndbus0", 10), 0);
	assert_int_equal(scrubbed(f, "ndbus1", 50), 0);
	assert_int_equal(state_of(f, dax), INCIDENT_OPEN);
	assert_int_equal(f->n_told, 0);

	assert_int_equal(scrubbed(f, "ndbus0", 50), 0);
	assert_int_equal(f->n_told, 4); /* and the metadata of dax0.0 */
	assert_int_equal(state_of(f, dax), INCIDENT_CLEARED);
	assert_int_equal(state_of(f, sector), INCIDENT_CLEARED);
	assert_int_equal(state_of(f, region), INCIDENT_CLEARED);
	assert_int_equal(state_of(f, metadata), INCIDENT_OPEN);

	/* once more: nothing is new, nothing is written */
	assert_int_equal(scrubbed(f, "ndbus0", 50), 0);
	assert_int_equal(f->n_told, 0);
}

static void test_not_cleared(void **state)
{
	const struct casework_observer ignoring = {.ignores = ignore_dax};
	struct fixture *f = *state;
	char text[8192], path[128];
	size_t len = 0;
	int64_t dax;

	assert_int_equal(casework_reconcile(&f->root, f->store, 10, NULL), 0);
	dax = incident_of(f, "dax0.0");

	/* the list may be cut */
	for (unsigned int i = 0; i < 512; i++)
		len += (size_t)sprintf(text + len, "%u 1\n", 2 * i);
	put_list(f, text);
	assert_int_equal(scrubbed(f, "ndbus0", 50), 0);
	assert_int_equal(state_of(f, dax), INCIDENT_OPEN);

	/* it is none */
	put_list(f, "x\n");
	assert_int_equal(scrubbed(f, "ndbus0", 50), -EBADMSG);
	assert_int_equal(state_of(f, dax), INCIDENT_OPEN);

	/* not to be looked at */
	put_list(f, "");
	assert_int_equal(casework_scrubbed(&f->root, f->store, "ndbus0", 50, 100, &ignoring), 0);
	assert_int_equal(state_of(f, dax), INCIDENT_OPEN);

	/* the namespace is disabled: its list is empty, but then it is always */
	snprintf(path, sizeof(path), "%s/" ND "dax0.1/dax0.0", f->path);
	assert_int_equal(rmdir(path), 0);
	assert_int_equal(scrubbed(f, "ndbus0", 50), 0);
	assert_int_equal(state_of(f, dax), INCIDENT_OPEN);
	assert_int_equal(mkdir(path, 0755), 0);
	assert_int_equal(scrubbed(f, "ndbus0", 50), 0);
	assert_int_equal(state_of(f, dax), INCIDENT_CLEARED);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_cleared, setup, teardown),
		cmocka_unit_test_setup_teardown(test_not_cleared, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
