/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef PMEMRAS_STORE_SAMPLE_H
#define PMEMRAS_STORE_SAMPLE_H

/* What the tests of the store put in. */
#include "statedir.h"
#include "store.h"

#define ND_A "11111111-aaaa-4aaa-8aaa-111111111111"
#define ND_B "22222222-bbbb-4bbb-8bbb-222222222222"
#define FS_X "aaaaaaaa-0000-4000-8000-000000000001"

static const struct devid pmem0 = {
	.nd_uuid = ND_A, .fs_uuid = FS_X, .name = "pmem0", .size = 1 << 30};

static inline struct store *open_store(const char *dir)
{
	struct store *store = NULL;

	assert_int_equal(store_open(dir, STORE_WRITE, &store), 0);
	return store;
}

/* An incident with lost and bad sectors by a source, saved; its id. */
static inline int64_t save(struct store *store, int64_t device, const char *lost,
			   enum media_source source, const char *bad)
{
	CLEANUP(incident_deinit) struct incident incident = {.opened_usec = 5, .changed_usec = 6};
	struct sighting *sighting;

	statedir_sectors(lost, &incident.lost);
	assert_int_equal(incident_ensure_sighting(&incident, source, 7, &sighting), 0);
	statedir_sectors(bad, &sighting->bad);
	assert_int_equal(store_save_incident(store, device, &incident, CHANGE_NEW, 8), 0);
	return incident.id;
}

#endif
