/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A physical address means something only while the machine keeps its shape,
 * so it is resolved in the same breath in which it is stored: regions and
 * namespaces are read anew, the range is cut at their borders, and each
 * piece goes to the device it is on (pmem.h), with its identity, so that
 * it is found again under another name after a reboot. Nothing is read from the
 * medium for that, which may just be failing.
 *
 * What lies in no region is ordinary memory: the kernel has taken the page out of
 * use, and nothing that was stored is lost. It is counted, not recorded. Where some region
 * keeps its address to itself, one cannot know, and that is said.
 */
#include "heard.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/sysmacros.h>

#include "announce.h"
#include "casework.h"
#include "cleanup.h"
#include "pmem.h"

/* An entry's ranges, by device. */
struct resolved {
	const struct pmem *pmem;
	struct resolved_device {
		struct devid id;
		struct rangeset bad;
	} * devices;
	size_t n;
	uint64_t elsewhere; /* bytes in no region */
};

static void resolved_deinit(struct resolved *resolved)
{
	for (size_t i = 0; i < resolved->n; i++)
		rangeset_deinit(&resolved->devices[i].bad);
	free(resolved->devices);
}

void heard_deinit(struct heard *heard)
{
	event_set_deinit(&heard->pending);
	*heard = HEARD_NULL;
}

int heard_take(struct heard *heard, struct event_set *from)
{
	if (from->n)
		heard->told = false;
	return event_set_take(&heard->pending, from);
}

/* ---- whose it is ---- */

static int resolve_to(struct resolved *resolved, const struct devid *id, struct rangeset **ret)
{
	struct resolved_device *bigger;

	for (size_t i = 0; i < resolved->n; i++) {
		if (!strcmp(resolved->devices[i].id.name, id->name)) {
			*ret = &resolved->devices[i].bad;
			return 0;
		}
	}
	bigger = reallocarray(resolved->devices, resolved->n + 1, sizeof(*bigger));
	if (!bigger)
		return -ENOMEM;
	resolved->devices = bigger;
	bigger[resolved->n] = (struct resolved_device){.id = *id, .bad = RANGESET_NULL};
	*ret = &bigger[resolved->n++].bad;
	return 0;
}

static int add_piece(const struct spa_piece *piece, void *data)
{
	struct resolved *resolved = data;
	struct rangeset *bad;
	struct devid id;
	uint64_t offset;
	int r;

	if (pmem_place(resolved->pmem, piece, &id, &offset)) {
		resolved->elsewhere += piece->spa.range.len;
		return 0;
	}
	r = resolve_to(resolved, &id, &bad);
	return r ? r : rangeset_add(bad, (struct byte_range){offset, piece->spa.range.len});
}

static int resolve_physical(const struct event_entry *entry, struct resolved *resolved)
{
	int r = 0;

	for (size_t i = 0; !r && i < entry->ranges.n; i++)
		r = spamap_split(&resolved->pmem->map, (struct spa_range){entry->ranges.ranges[i]},
				 add_piece, resolved);
	return r;
}

static int resolve_region(const struct event_entry *entry, struct resolved *resolved)
{
	const struct spamap *map = &resolved->pmem->map;
	struct devid id = {.size = 0};
	size_t region = 0;
	struct rangeset *bad;
	int r = 0;

	while (region < map->n_regions && strcmp(map->regions[region].name, entry->name))
		region++;
	for (size_t i = 0; region < map->n_regions && !r && i < entry->ranges.n; i++) {
		struct spa_range spa;

		r = spamap_from_region(map, region, entry->ranges.ranges[i], &spa);
		if (!r)
			r = spamap_split(map, spa, add_piece, resolved);
	}
	if (region < map->n_regions && r != -ERANGE)
		return r;
	/* not the region that is there now: kept under its name, as it was said */
	memcpy(id.name, entry->name, sizeof(id.name));
	r = resolve_to(resolved, &id, &bad);
	return r ? r : rangeset_add_set(bad, &entry->ranges);
}

static int resolve_device(const struct sysroot *root, const struct event_entry *entry,
			  struct resolved *resolved)
{
	CLEANUP(blkdev_deinit) struct blkdev dev = BLKDEV_NULL;
	struct rangeset *bad;
	int r;

	r = entry->devno ? blkdev_from_devno(root, entry->devno, &dev)
			 : blkdev_resolve(root, entry->name, &dev);
	if (r == -ENOMEM)
		return r;
	if (r) { /* gone by now: what is known of it is its name */
		if (*entry->name)
			memcpy(dev.id.name, entry->name, sizeof(dev.id.name));
		else
			snprintf(dev.id.name, sizeof(dev.id.name), "%u:%u", major(entry->devno),
				 minor(entry->devno));
	}
	r = resolve_to(resolved, &dev.id, &bad);
	return r ? r : rangeset_add_set(bad, &entry->ranges);
}

static int resolve(const struct sysroot *root, const struct event_entry *entry,
		   struct resolved *resolved)
{
	switch (entry->space) {
	case EVENT_PHYSICAL: return resolve_physical(entry, resolved);
	case EVENT_REGION: return resolve_region(entry, resolved);
	case EVENT_DEVICE: return resolve_device(root, entry, resolved);
	}
	return -EINVAL;
}

/* ---- and down with it ---- */

static void say_coarse(const struct event_entry *entry, const struct journal *journal)
{
	journal_say(journal, LOG_WARNING, NULL,
		    "%llu events of \"%s\" came so fast or so scattered that gaps of up to %llu "
		    "bytes between bad ranges are recorded as bad too",
		    (unsigned long long)entry->n, media_source_token(entry->source),
		    (unsigned long long)entry->gap);
}

static void say_elsewhere(const struct event_entry *entry, const struct resolved *resolved,
			  const struct journal *journal)
{
	if (resolved->pmem->n_hidden)
		journal_say(journal, LOG_WARNING, NULL,
			    "%llu bytes reported bad by \"%s\" are in no region whose address is "
			    "known, but the addresses of %zu could not be read: NOT RECORDED, may "
			    "be persistent memory (see the kernel log)",
			    (unsigned long long)resolved->elsewhere,
			    media_source_token(entry->source), resolved->pmem->n_hidden);
	else
		journal_say(journal, LOG_INFO, NULL,
			    "%llu bytes reported bad by \"%s\" are ordinary memory, nothing stored "
			    "is lost there",
			    (unsigned long long)resolved->elsewhere,
			    media_source_token(entry->source));
}

static void say_dimm(const struct sysroot *root, const struct event_entry *entry,
		     const struct resolved *resolved, const struct journal *journal)
{
	char dimm[16];

	for (size_t i = 0; entry->space == EVENT_PHYSICAL && i < entry->ranges.n && i < 4; i++) {
		struct byte_range range = entry->ranges.ranges[i];

		if (!pmem_dimm(root, resolved->pmem, range.start, dimm))
			journal_say(journal, LOG_NOTICE, NULL,
				    "Physical address %#llx, reported bad by \"%s\", is on DIMM %s",
				    (unsigned long long)range.start,
				    media_source_token(entry->source), dimm);
	}
}

static int store_entry(struct heard *heard, const struct event_entry *entry,
		       const struct pmem *pmem, const struct sysroot *root, struct store *store,
		       const struct settings *settings, const struct journal *journal)
{
	CLEANUP(resolved_deinit) struct resolved resolved = {.pmem = pmem};
	int r;

	r = resolve(root, entry, &resolved);
	for (size_t i = 0; !r && i < resolved.n; i++) {
		const struct resolved_device *device = &resolved.devices[i];

		if (settings_ignores(settings, device->id.name))
			continue;
		r = casework_report(store, &device->id, entry->source, &device->bad,
				    entry->last_usec, NULL);
		if (r == -ERANGE) { /* no device has such a byte: nobody could look it up */
			journal_say(journal, LOG_ERR, NULL,
				    "%s: \"%s\" reports bytes that no device has; ignored",
				    device->id.name, media_source_token(entry->source));
			r = 0;
		}
	}
	if (r)
		return r;

	if (resolved.elsewhere) {
		heard->n_elsewhere += entry->n;
		say_elsewhere(entry, &resolved, journal);
	}
	if (entry->gap)
		say_coarse(entry, journal);
	if (resolved.n)
		say_dimm(root, entry, &resolved, journal);
	return 0;
}

int heard_store(struct heard *heard, const struct sysroot *root, struct store *store,
		const struct settings *settings, const struct journal *journal)
{
	CLEANUP(pmem_deinit) struct pmem pmem = PMEM_NULL;
	int r;

	if (!heard->pending.n)
		return 0;
	r = pmem_read(root, &pmem);
	while (!r && heard->pending.n) {
		r = store_entry(heard, &heard->pending.entries[0], &pmem, root, store, settings,
				journal);
		if (!r)
			event_set_remove(&heard->pending, 0);
	}
	if (!heard->pending.n)
		heard->told = false;
	return r;
}

void heard_tell_unsaved(struct heard *heard, const struct sysroot *root,
			const struct journal *journal, const char *trouble)
{
	CLEANUP(pmem_deinit) struct pmem pmem = PMEM_NULL;

	if (heard->told || !heard->pending.n || pmem_read(root, &pmem))
		return;
	heard->told = true;
	for (size_t i = 0; i < heard->pending.n; i++) {
		CLEANUP(resolved_deinit) struct resolved resolved = {.pmem = &pmem};

		if (resolve(root, &heard->pending.entries[i], &resolved))
			continue;
		for (size_t k = 0; k < resolved.n; k++)
			announce_unsaved(journal, resolved.devices[k].id.name,
					 &resolved.devices[k].bad, trouble);
	}
}

size_t heard_n_unsaved(const struct heard *heard)
{
	return heard->pending.n;
}

/* ---- what happened while nobody listened ---- */

/* The number behind @key in a file of lines; false where there is none. */
static bool read_field(const struct sysroot *root, const char *path, const char *key, uint64_t *ret)
{
	CLEANUP(freep) char *text = NULL;
	unsigned long long value;
	const char *at;

	if (sysroot_read(root, path, &text, NULL))
		return false;
	for (at = strstr(text, key); at && at != text && at[-1] != '\n'; at = strstr(at + 1, key))
		;
	if (!at || sscanf(at + strlen(key), " %llu", &value) != 1)
		return false;
	*ret = value;
	return true;
}

struct witnessed {
	uint64_t since_usec;
	uint64_t bytes;
};

static int add_witnessed(int64_t row, const struct incident *incident, void *data)
{
	const struct sighting *sighting = incident_sighting(incident, SOURCE_MEMORY_FAILURE);
	struct witnessed *witnessed = data;

	if (sighting && sighting->last_usec >= witnessed->since_usec)
		witnessed->bytes += rangeset_bytes(&sighting->bad);
	return 0;
}

int heard_unwitnessed(const struct sysroot *root, struct store *store, uint64_t *ret)
{
	struct witnessed witnessed = {.bytes = 0};
	uint64_t poison, boot;
	int r;

	if (!read_field(root, "/proc/meminfo", "HardwareCorrupted:", &poison) ||
	    !read_field(root, "/proc/stat", "btime ", &boot) || poison > UINT64_MAX / 1024)
		poison = boot = 0;
	witnessed.since_usec = boot * 1000000;
	poison *= 1024;
	r = store_incident_each(store, 1u << INCIDENT_OPEN | 1u << INCIDENT_CLEARED, add_witnessed,
				&witnessed);
	if (r)
		return r;

	*ret = poison > witnessed.bytes ? poison - witnessed.bytes : 0;
	return 0;
}
