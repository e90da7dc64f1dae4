/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef PMEMRAS_STOREDUMP_H
#define PMEMRAS_STOREDUMP_H

/* A store with something of everything in it, and all that a store knows as text. */
#include <inttypes.h>
#include <stdio.h>
#include "statedir.h"
#include "store.h"

#define STOREDUMP_FS "aaaaaaaa-0000-4000-8000-000000000001"

static inline int storedump_incident(int64_t device, const struct incident *incident, void *data)
{
	FILE *out = data;

	fprintf(out,
		"incident %" PRId64 " of %" PRId64 " %s>%" PRId64 " acked %d %s at %" PRIu64
		" %" PRIu64 " %" PRIu64 " %s unreachable %d lost",
		incident->id, device, incident_state_token(incident->state), incident->merged_into,
		incident->acked, incident->ack_note ?: "-", incident->opened_usec,
		incident->changed_usec, incident->cleared_usec,
		clear_proof_token(incident->cleared_by), incident->unreachable);
	for (size_t i = 0; i < incident->lost.n; i++)
		fprintf(out, " %" PRIu64 "+%" PRIu64, incident->lost.ranges[i].start,
			incident->lost.ranges[i].len);
	for (size_t s = 0; s < incident->n_sightings; s++) {
		const struct sighting *sighting = &incident->sightings[s];

		fprintf(out, " | %s %" PRIu64 " %" PRIu64, media_source_token(sighting->source),
			sighting->first_usec, sighting->last_usec);
		for (size_t i = 0; i < sighting->bad.n; i++)
			fprintf(out, " %" PRIu64 "+%" PRIu64, sighting->bad.ranges[i].start,
				sighting->bad.ranges[i].len);
	}
	fprintf(out, " look %" PRIu64 " %d %s\n", incident->located_usec, incident->findings_stale,
		incident->findings ?: "-");
	return 0;
}

static inline int storedump_declared(const struct store_declared *declared, void *data)
{
	fprintf(data, "declared %" PRId64 " %" PRIu64 "+%" PRIu64 " %s %" PRIu64 "\n",
		declared->device, declared->range.start, declared->range.len, declared->note ?: "-",
		declared->at_usec);
	return 0;
}

static inline int storedump_change(const struct store_change *change, void *data)
{
	fprintf(data, "change %" PRId64 " %" PRId64 " %x %" PRIu64 "\n", change->seq,
		change->incident, change->bits, change->at_usec);
	return 0;
}

static inline int storedump_devices(struct store *store, FILE *out)
{
	CLEANUP(freep) struct store_device *devices = NULL;
	size_t n;
	int r = store_devices(store, &devices, &n);

	for (size_t i = 0; !r && i < n; i++)
		fprintf(out, "device %" PRId64 " %s %s %s %s %" PRIu64 " %" PRIu64 " %d\n",
			devices[i].row, devices[i].id.nd_uuid, devices[i].id.hw_id,
			devices[i].id.fs_uuid, devices[i].id.name, devices[i].id.size,
			devices[i].seen_usec, devices[i].present);
	return r;
}

/* 0 and the text, or the store's error */
static inline int storedump_text(struct store *store, char **ret)
{
	CLEANUP(freep) char *text = NULL, *fact = NULL;
	size_t len;
	FILE *out = open_memstream(&text, &len);
	int r;

	r = storedump_devices(store, out);
	if (!r)
		r = store_declared_each(store, storedump_declared, out);
	if (!r)
		r = store_incident_each(store, ~0u, storedump_incident, out);
	if (!r)
		r = store_changes_since(store, 0, storedump_change, out);
	if (!r)
		r = store_get_text(store, "a.fact", &fact);
	fprintf(out, "fact %s\n", fact ?: "-");
	fclose(out);
	if (!r)
		*ret = steal(text);
	return r;
}

static inline void storedump_add(struct store *store, int64_t device, int n)
{
	CLEANUP(incident_deinit) struct incident incident = INCIDENT_NULL;
	CLEANUP(freep) char *findings = NULL;
	struct sighting *sighting;
	char sectors[64];

	snprintf(sectors, sizeof(sectors), "%d+3 %d+1", n * 100, n * 100 + 7);
	statedir_sectors(sectors, &incident.lost);
	incident.opened_usec = incident.changed_usec = (uint64_t)n;
	assert_int_equal(incident_ensure_sighting(&incident, n % 2 ? SOURCE_BADBLOCKS : SOURCE_MCE,
						  1, &sighting),
			 0);
	assert_int_equal(rangeset_copy(&sighting->bad, &incident.lost), 0);
	assert_int_equal(store_save_incident(store, device, &incident, CHANGE_NEW, 2), 0);
	if (n % 3)
		return;
	assert_int_equal(store_ack(store, incident.id, true, "it is known", 3), 0);
	assert_true(asprintf(&findings, "{\"n\":%d,\"long\":\"%0*d\"}", n, n * 100, 7) > 0);
	assert_int_equal(
		store_set_findings(store, incident.id, &incident.lost, findings, 0, 4, NULL), 0);
}

static inline void storedump_fill(const char *dir, char **ret_dump)
{
	CLEANUP(store_freep) struct store *store = NULL;
	CLEANUP(rangeset_deinit) struct rangeset set = RANGESET_NULL;
	struct devid ids[] = {{.fs_uuid = STOREDUMP_FS, .name = "loop0", .size = 1 << 30},
			      {.hw_id = "wwn-0x5000c500a1b2c3d4", .name = "pmem0"}};
	int64_t rows[2];

	assert_int_equal(store_open(dir, STORE_WRITE, &store), 0);
	for (size_t i = 0; i < 2; i++) {
		assert_int_equal(store_device_ensure(store, &ids[i], 5, &rows[i]), 0);
		statedir_sectors("5+5 1000+1 2000+1", &set);
		assert_int_equal(store_declare(store, rows[i], &set, i ? "raid log" : NULL, 6), 0);
	}
	assert_int_equal(store_begin(store), 0);
	for (int i = 1; i <= 40; i++)
		storedump_add(store, rows[i % 2], i);
	assert_int_equal(store_commit(store), 0);
	assert_int_equal(store_set_text(store, "a.fact", "is a fact"), 0);
	assert_int_equal(storedump_text(store, ret_dump), 0);
}

#endif
