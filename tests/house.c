/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The machine and the house of house.h. */
#include <errno.h>
#include <inttypes.h>
#include "house.h"
#include "locator.h"

struct machine machine;
struct house *house;

void fake_blkdev(const struct fake *fake, struct blkdev *ret)
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

		fake_blkdev(&machine.devices[i], &dev);
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
	fake_blkdev(find(arg), ret);
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

static void find_file(struct findings *f, bool no_paths)
{
	struct found_file file = {.ino = 131, .gen = 1, .mode = 0100644, .nlink = 1};

	if (!no_paths)
		file.flags |= FOUND_FILE_PATHS;
	assert_int_equal(findings_add_file(f, &file), 0);
	if (!no_paths)
		assert_int_equal(findings_add_path(f, 0, "/mnt/file"), 0);
}

/* A file system that says who owns what: all is free, or a file's, or nobody can be asked. */
int __wrap_capture_locate(const struct sysroot *root, const struct blkdev *dev,
			  const struct rangeset *bad, const struct capture_options *options,
			  struct findings **ret)
{
	CLEANUP(findings_freep) struct findings *f = NULL;
	bool mounted = machine.mounted && strcmp(machine.mounted, dev->name) == 0;
	struct finding item = {.file = FINDING_NO_FILE, .kind = FS_OWNER_UNKNOWN};

	machine.looks++;
	if (machine.meanwhile)
		machine.meanwhile();
	if (machine.broken && strcmp(machine.broken, dev->name) == 0)
		return -EIO;
	assert_int_equal(findings_new(&f), 0);
	f->device = strdup(dev->name);
	f->device_size = dev->size;
	assert_int_equal(rangeset_copy(&f->asked, bad), 0);
	if (!mounted)
		findings_add_reason(f, REASON_NOT_MOUNTED);
	else
		item.kind = machine.used ? FS_OWNER_DATA : FS_OWNER_FREE;
	if (item.kind == FS_OWNER_DATA) {
		find_file(f, options && options->no_paths);
		item.ino = 131;
		item.file = 0;
	}
	for (size_t i = 0; i < bad->n; i++) {
		item.start = bad->ranges[i].start;
		item.len = bad->ranges[i].len;
		item.offset = item.kind == FS_OWNER_DATA ? item.start : 0;
		assert_int_equal(findings_add(f, &item), 0);
	}
	findings_judge(f);
	*ret = steal(f);
	return 0;
}

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

int house_setup(void **state)
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

int house_teardown(void **state)
{
	struct house *h = *state;
	void *dir = h->dir;

	store_free(h->store);
	store_free(h->watcher);
	free(h);
	return statedir_teardown(&dir);
}

struct fake *plug(const char *name, const char *hw_id, const char *list)
{
	struct fake *fake = &machine.devices[machine.n++];

	*fake = (struct fake){.name = name, .list = list};
	fake->id.size = 100 * MIB;
	snprintf(fake->id.hw_id, sizeof(fake->id.hw_id), "%s", hw_id);
	return fake;
}

void pass(struct house *h, const char *told)
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

void assert_incident(struct house *h, int64_t id, enum incident_state want, const char *lost,
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

bool is_unreachable(struct house *h, int64_t id)
{
	CLEANUP(incident_deinit) struct incident incident = INCIDENT_NULL;

	assert_int_equal(store_incident(h->watcher, id, false, &incident, NULL), 0);
	return incident.unreachable;
}
