/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef PMEMRAS_CTL_SAMPLE_H
#define PMEMRAS_CTL_SAMPLE_H

/*
 * A made-up machine and a store with an incident of each sort, at fixed times:
 *
 *  1  pmem0, open: half a kilobyte of a database, its hard link and its reflink copy; in use
 *  2  pmem1, open, acknowledged: free space
 *  3  pmem0, cleared: metadata of four kinds, and names that would paint a terminal
 *  4  pmem9, open: nobody has looked, the device is absent
 *  5  pmem1, open: unknown for want of a reverse map; took in 6
 *  7  pmem1, repaired
 */
#include <stdio.h>
#include <sys/sysmacros.h>
#include "ctl_run.h"
#include "record.h"
#include "store.h"
#include "tree.h"

#define SAMPLE_SEC             1000000ull
#define SAMPLE_USEC(sec, usec) (((sec)*SAMPLE_SEC) + (usec))

static const struct tree_entry sample_machine[] = {
	TREE_FILE("sys/devices/ndbus0/region0/namespace0.0/uuid",
		  "11111111-aaaa-4aaa-8aaa-111111111111\n"),
	TREE_FILE("sys/devices/ndbus0/region0/namespace0.0/block/pmem0/dev", "259:0\n"),
	TREE_FILE("sys/devices/ndbus0/region0/namespace0.0/block/pmem0/size", "4194304\n"),
	TREE_FILE("sys/devices/ndbus0/region0/namespace0.0/block/pmem0/badblocks",
		  "16 3\n2048266 1\n3000000 8\n"),
	TREE_LINK("sys/devices/ndbus0/region0/namespace0.0/block/pmem0/device",
		  "../../../namespace0.0"),
	TREE_LINK("sys/class/block/pmem0", "../../devices/ndbus0/region0/namespace0.0/block/pmem0"),
	TREE_FILE("sys/devices/ndbus0/region1/namespace1.0/uuid",
		  "22222222-bbbb-4bbb-8bbb-222222222222\n"),
	TREE_FILE("sys/devices/ndbus0/region1/namespace1.0/block/pmem1/dev", "259:1\n"),
	TREE_FILE("sys/devices/ndbus0/region1/namespace1.0/block/pmem1/size", "4194304\n"),
	TREE_FILE("sys/devices/ndbus0/region1/namespace1.0/block/pmem1/badblocks", ""),
	TREE_LINK("sys/devices/ndbus0/region1/namespace1.0/block/pmem1/device",
		  "../../../namespace1.0"),
	TREE_LINK("sys/class/block/pmem1", "../../devices/ndbus0/region1/namespace1.0/block/pmem1"),
	TREE_DIR("sys/bus/nd/devices/ndbus0"),
	TREE_DIR("proc/self"),
	TREE_FILE("proc/self/mountinfo", ""),
	TREE_FILE("list", "# two of them\n16 3\n0x1000+1K\n"),
	TREE_FILE("badlist", "16 3\nnonsense\n"),
	TREE_FILE("emptylist", "# none\n"),
};

static inline struct byte_range sample_sectors(uint64_t first, uint64_t n)
{
	return (struct byte_range){first * SECTOR_SIZE, n * SECTOR_SIZE};
}

static inline void sample_add_sectors(struct rangeset *set, uint64_t first, uint64_t n)
{
	assert_int_equal(rangeset_add(set, sample_sectors(first, n)), 0);
}

struct sample_sighting {
	enum media_source source;
	uint64_t first_usec, last_usec;
	uint64_t sector, n; /* held bad now; n 0: nothing */
};

struct sample_incident {
	enum incident_state state;
	bool acked, unreachable;
	const char *ack_note;
	uint64_t opened_usec, cleared_usec, sector, n;
	enum clear_proof cleared_by;
	int64_t merged_into;
	struct sample_sighting sightings[2];
};

/* The next id. */
static inline int64_t sample_save(struct store *store, int64_t device,
				  const struct sample_incident *from)
{
	CLEANUP(incident_deinit) struct incident incident = INCIDENT_NULL;

	/* one that never had an id is not kept when it is merged away */
	incident.state = from->state == INCIDENT_MERGED ? INCIDENT_OPEN : from->state;
	incident.acked = from->acked;
	incident.unreachable = from->unreachable;
	incident.ack_note = from->ack_note ? strdup(from->ack_note) : NULL;
	incident.opened_usec = from->opened_usec;
	incident.changed_usec = from->opened_usec;
	incident.cleared_usec = from->cleared_usec;
	incident.cleared_by = from->cleared_by;
	incident.merged_into = from->merged_into;
	sample_add_sectors(&incident.lost, from->sector, from->n);
	for (size_t i = 0; i < 2 && from->sightings[i].first_usec; i++) {
		const struct sample_sighting *s = &from->sightings[i];
		struct sighting *sighting;

		assert_int_equal(
			incident_ensure_sighting(&incident, s->source, s->first_usec, &sighting),
			0);
		sighting->last_usec = s->last_usec;
		if (s->n)
			sample_add_sectors(&sighting->bad, s->sector, s->n);
	}
	assert_int_equal(
		store_save_incident(store, device, &incident, CHANGE_NEW, from->opened_usec), 0);
	if (from->state == INCIDENT_MERGED) {
		incident.state = INCIDENT_MERGED;
		assert_int_equal(store_save_incident(store, device, &incident, CHANGE_ABSORBED,
						     from->opened_usec),
				 0);
	}
	return incident.id;
}

static inline struct findings *sample_findings(const char *device, const char *mountpoint,
					       uint64_t sector, uint64_t n)
{
	struct findings *f;

	assert_int_equal(findings_new(&f), 0);
	f->device = strdup(device);
	f->devno = makedev(259, 0);
	f->device_size = 4194304ull * SECTOR_SIZE;
	f->fs_type = strdup("xfs");
	f->mountpoint = strdup(mountpoint);
	sample_add_sectors(&f->asked, sector, n);
	return f;
}

static inline void sample_file(struct findings *f, uint64_t ino, uint32_t flags,
			       const char *const *paths)
{
	struct found_file file = {.ino = ino,
				  .size = 1 << 30,
				  .gen = 0x5f3a,
				  .mode = S_IFREG | 0640,
				  .nlink = 1,
				  .flags = FOUND_FILE_PATHS | flags};

	assert_int_equal(findings_add_file(f, &file), 0);
	for (; paths && *paths; paths++)
		assert_int_equal(findings_add_path(f, f->n_files - 1, *paths), 0);
}

static inline void sample_finding(struct findings *f, uint64_t sector, uint64_t n,
				  enum fs_owner_kind kind, uint64_t ino, uint64_t offset,
				  unsigned int flags)
{
	struct finding item = {.start = sector * SECTOR_SIZE,
			       .len = n * SECTOR_SIZE,
			       .offset = offset,
			       .ino = ino,
			       .file = FINDING_NO_FILE,
			       .kind = (uint8_t)kind,
			       .flags = (uint8_t)flags,
			       .n_inodes = kind == FS_OWNER_INODES ? 1 : 0};

	for (size_t i = 0; ino && i < f->n_files; i++) {
		if (f->files[i].ino == ino)
			item.file = (uint32_t)i;
	}
	assert_int_equal(findings_add(f, &item), 0);
}

/* Keeps @f, which it frees, as the result of a look. */
static inline void sample_keep(struct store *store, int64_t id, struct findings *f, uint64_t usec)
{
	struct json_object *record = NULL;

	findings_sort(f);
	assert_int_equal(record_from_findings(f, 1000, &record), 0);
	assert_int_equal(
		store_set_findings(store, id, &f->asked,
				   json_object_to_json_string_ext(record, JSON_C_TO_STRING_PLAIN),
				   f->reasons, usec, NULL),
		0);
	json_object_put(record);
	findings_free(f);
}

static inline void sample_looks(struct store *store)
{
	static const char *const orders[] = {"/srv/db/orders.ibd", "/srv/db/orders-link", NULL};
	static const char *const snap[] = {"/srv/db/snap/orders.ibd", NULL};
	static const char *const evil[] = {"/srv/db/evil\n\033[31mname\xff", NULL};
	static const char *const tmp[] = {"/srv/db/tmp", NULL};
	const struct found_holder holder = {.pid = 2210, .mapped = true, .comm = "mysqld"};
	struct findings *f;

	f = sample_findings("pmem0", "/srv/db", 2048266, 1);
	sample_file(f, 131, 0, orders);
	sample_file(f, 977, 0, snap);
	sample_finding(f, 2048266, 1, FS_OWNER_DATA, 131, 73401344, FINDING_SHARED);
	sample_finding(f, 2048266, 1, FS_OWNER_DATA, 977, 73401344, FINDING_SHARED);
	assert_int_equal(findings_add_holder(f, &holder), 0);
	sample_keep(store, 1, f, SAMPLE_USEC(CTL_NOW_SEC - 86, 500000));

	f = sample_findings("pmem1", "/srv/log", 5000, 8);
	sample_finding(f, 5000, 8, FS_OWNER_FREE, 0, 0, 0);
	sample_keep(store, 2, f, SAMPLE_USEC(CTL_NOW_SEC - 18000, 0));

	f = sample_findings("pmem0", "/srv/db", 16, 5);
	sample_file(f, 200, FOUND_FILE_IN_LOST_CLUSTER, evil);
	sample_file(f, 300, 0, tmp);
	sample_file(f, 301, FOUND_FILE_DELETED, NULL);
	sample_finding(f, 16, 1, FS_OWNER_INODES, 0, 200, 0);
	sample_finding(f, 17, 1, FS_OWNER_DIRECTORY, 300, 0, 0);
	sample_finding(f, 18, 1, FS_OWNER_ATTR, 301, 0, 0);
	sample_finding(f, 19, 1, FS_OWNER_AG_BTREE, 0, 0, 0);
	sample_finding(f, 20, 1, FS_OWNER_DATA, 300, 4096, FINDING_UNWRITTEN);
	sample_keep(store, 3, f, SAMPLE_USEC(CTL_NOW_SEC - 4000, 0));

	f = sample_findings("pmem1", "/srv/log", 9000, 16);
	sample_finding(f, 9000, 16, FS_OWNER_UNKNOWN, 0, 0, 0);
	findings_add_reason(f, REASON_NO_RMAPBT);
	sample_keep(store, 5, f, SAMPLE_USEC(CTL_NOW_SEC - 300, 0));
}

static inline void sample_incidents(struct store *store, int64_t pmem0, int64_t pmem1,
				    int64_t pmem9)
{
	const uint64_t t1 = SAMPLE_USEC(CTL_NOW_SEC - 86, 207000), now = CTL_NOW;
	const struct sample_incident incidents[] = {
		{.opened_usec = t1,
		 .sector = 2048266,
		 .n = 1,
		 .sightings = {{SOURCE_DECLARED, t1, t1, 2048266, 1},
			       {SOURCE_BADBLOCKS, t1 + 17000, t1 + 60 * SAMPLE_SEC, 2048266, 1}}},
		{.opened_usec = now - 18122 * SAMPLE_SEC,
		 .sector = 5000,
		 .n = 8,
		 .acked = true,
		 .ack_note = "swap on Friday",
		 .sightings = {{SOURCE_BADBLOCKS, now - 18122 * SAMPLE_SEC,
				now - 18122 * SAMPLE_SEC, 5000, 8}}},
		{.state = INCIDENT_CLEARED,
		 .opened_usec = now - 5000 * SAMPLE_SEC,
		 .cleared_usec = now - 3000 * SAMPLE_SEC,
		 .cleared_by = PROOF_READ,
		 .sector = 16,
		 .n = 5,
		 .sightings = {{SOURCE_BADBLOCKS, now - 5000 * SAMPLE_SEC, now - 5000 * SAMPLE_SEC,
				0, 0}}},
		{.opened_usec = now - 86400 * 400 * SAMPLE_SEC,
		 .sector = 64,
		 .n = 2,
		 .unreachable = true,
		 .sightings = {{SOURCE_DECLARED, now - 86400 * 400 * SAMPLE_SEC,
				now - 86400 * 400 * SAMPLE_SEC, 64, 2}}},
		{.opened_usec = now - 400 * SAMPLE_SEC,
		 .sector = 9000,
		 .n = 16,
		 .sightings = {{SOURCE_BADBLOCKS, now - 400 * SAMPLE_SEC, now - 400 * SAMPLE_SEC,
				9000, 16}}},
		{.state = INCIDENT_MERGED,
		 .opened_usec = now - 390 * SAMPLE_SEC,
		 .merged_into = 5,
		 .sector = 9008,
		 .n = 8},
		{.state = INCIDENT_REPAIRED,
		 .opened_usec = now - 86400 * 10 * SAMPLE_SEC,
		 .cleared_usec = now - 86400 * 9 * SAMPLE_SEC,
		 .cleared_by = PROOF_SCRUB,
		 .sector = 128,
		 .n = 8},
	};
	const int64_t devices[] = {pmem0, pmem1, pmem0, pmem9, pmem1, pmem1, pmem1};

	for (size_t i = 0; i < ARRAY_SIZE(incidents); i++)
		assert_int_equal(sample_save(store, devices[i], &incidents[i]), (int64_t)i + 1);
}

/* The store of the incidents above in @dir. */
static inline void sample_store(const char *dir)
{
	static const struct devid ids[] = {
		{.nd_uuid = "11111111-aaaa-4aaa-8aaa-111111111111",
		 .name = "pmem0",
		 .size = 4194304ull * SECTOR_SIZE},
		{.nd_uuid = "22222222-bbbb-4bbb-8bbb-222222222222",
		 .name = "pmem1",
		 .size = 4194304ull * SECTOR_SIZE},
		{.hw_id = "eui.0025388b710116a1", .name = "pmem9", .size = 1 << 20},
	};
	CLEANUP(rangeset_deinit) struct rangeset declared = RANGESET_NULL;
	CLEANUP(store_freep) struct store *store = NULL;
	int64_t rows[3];

	assert_int_equal(store_open(dir, STORE_WRITE, &store), 0);
	for (size_t i = 0; i < 3; i++)
		assert_int_equal(store_device_ensure(store, &ids[i], CTL_NOW, &rows[i]), 0);
	sample_incidents(store, rows[0], rows[1], rows[2]);
	sample_looks(store);
	sample_add_sectors(&declared, 2048266, 1);
	assert_int_equal(store_declare(store, rows[0], &declared, "mcelog, \"row 7\"",
				       SAMPLE_USEC(CTL_NOW_SEC - 86, 207000)),
			 0);
	rangeset_clear(&declared);
	sample_add_sectors(&declared, 64, 2);
	assert_int_equal(store_declare(store, rows[2], &declared, NULL, 1), 0);
	assert_int_equal(store_device_set_present(store, rows[2], false, CTL_NOW), 0);
	assert_int_equal(store_set_reconciled(store, CTL_NOW - 4 * SAMPLE_SEC), 0);
}

#endif
