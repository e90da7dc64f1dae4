/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * "ndbusN/nfit/scrub" (Documentation/ABI/testing/sysfs-bus-nfit) is the number of scrubs
 * completed since the bus is there, with a "+" behind it while one is at work. The kernel
 * counts when the regions' lists are filled in.
 *
 * What is missing from a list is an argument here, so the list must be whole. sysfs prints one
 * page of it, and the table behind it has 512 entries: a text with that many lines may lack
 * something even where the page does not.
 */
#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include "badblocks.h"
#include "cleanup.h"
#include "fd.h"
#include "pmem.h"
#include "pmem_scrub.h"

#define ND            "/sys/bus/nd/devices"
#define TABLE_ENTRIES 512u

/* ---- the counters ---- */

struct walk {
	const struct sysroot *root;
	int (*fn)(const struct pmem_scrub *scrub, void *data);
	void *data;
};

static bool read_counter(const struct sysroot *root, const char *path, struct pmem_scrub *ret)
{
	CLEANUP(freep) char *text = NULL;
	CLEANUP(fd_closep) int fd = -1;
	unsigned long long count;
	struct stat st;
	char *end;

	if (sysroot_open_file(root, path, O_PATH | O_CLOEXEC, &fd) || fstat(fd, &st) ||
	    sysroot_read_line(root, path, &text) || !isdigit((unsigned char)*text))
		return false;
	errno = 0;
	count = strtoull(text, &end, 10);
	ret->busy = *end == '+';
	if (errno || end[ret->busy])
		return false;

	ret->ino = st.st_ino;
	ret->count = count;
	return true;
}

static int look_at_bus(const char *name, void *data)
{
	const struct walk *walk = data;
	struct pmem_scrub scrub;
	char path[96];

	if (strncmp(name, "ndbus", 5) != 0 || strlen(name) >= sizeof(scrub.bus))
		return 0;
	strcpy(scrub.bus, name);
	snprintf(path, sizeof(path), ND "/%s/nfit/scrub", name);
	return read_counter(walk->root, path, &scrub) ? walk->fn(&scrub, walk->data) : 0;
}

int pmem_scrub_each(const struct sysroot *root,
		    int (*fn)(const struct pmem_scrub *scrub, void *data), void *data)
{
	struct walk walk = {root, fn, data};
	int r;

	r = sysroot_each(root, ND, look_at_bus, &walk);
	return r > 0 || r == -ENOMEM ? r : 0;
}

/* ---- the lists ---- */

/* Where a device's bytes are; false where it is not there or disabled. */
static bool find_span(const struct spamap *map, const char *name, size_t *ret_region,
		      struct byte_range *ret)
{
	for (size_t i = 0; i < map->n_regions; i++) {
		if (strcmp(map->regions[i].name, name) != 0)
			continue;
		*ret_region = i;
		*ret = map->regions[i].spa.range;
		return true;
	}
	for (size_t i = 0; i < map->n_namespaces; i++) {
		const struct nd_namespace *ns = &map->namespaces[i];
		bool data = ns->mode == ND_MODE_DEVDAX && !strcmp(ns->dev, name);

		if (!*ns->dev || (!data && strcmp(ns->name, name) != 0))
			continue;
		*ret_region = ns->region;
		*ret = data ? ns->data.range : ns->whole.range;
		return true;
	}
	return false;
}

static bool is_on_bus(const struct sysroot *root, const char *bus, const char *region)
{
	CLEANUP(fd_closep) int fd = -1;
	char path[128];

	snprintf(path, sizeof(path), ND "/%s/%s", bus, region);
	return !sysroot_open_file(root, path, O_PATH | O_CLOEXEC, &fd);
}

static int read_whole_list(const struct sysroot *root, const char *region, struct rangeset *ret)
{
	CLEANUP(freep) char *text = NULL;
	size_t len, n_lines = 0;
	char path[96];
	bool cut;
	int r;

	snprintf(path, sizeof(path), ND "/%s/badblocks", region);
	r = sysroot_read(root, path, &text, &len);
	if (r)
		return r;
	r = badblocks_parse(text, len, ret, &cut, NULL);
	if (r)
		return r == -ENOMEM ? r : -EBADMSG;
	for (size_t i = 0; i < len; i++)
		n_lines += text[i] == '\n';
	return cut || n_lines >= TABLE_ENTRIES ? -EOVERFLOW : 0;
}

int pmem_scrub_listed(const struct sysroot *root, const char *bus, const char *name,
		      struct rangeset *ret)
{
	CLEANUP(rangeset_deinit) struct rangeset listed = RANGESET_NULL, bad = RANGESET_NULL;
	CLEANUP(pmem_deinit) struct pmem pmem = PMEM_NULL;
	struct byte_range span, whole;
	size_t region;
	int r;

	r = pmem_read(root, &pmem);
	if (r)
		return r;
	if (!find_span(&pmem.map, name, &region, &span) ||
	    !is_on_bus(root, bus, pmem.map.regions[region].name))
		return -ENOENT;
	whole = pmem.map.regions[region].spa.range;
	if (span.start < whole.start || range_end(span) > range_end(whole))
		return -ENOENT;
	r = read_whole_list(root, pmem.map.regions[region].name, &listed);
	for (size_t i = 0; !r && i < listed.n; i++) {
		uint64_t skip = span.start - whole.start;
		uint64_t start = listed.ranges[i].start, end = range_end(listed.ranges[i]);

		start = start < skip ? 0 : start - skip;
		end = end < skip ? 0 : end - skip;
		if (end > span.len)
			end = span.len;
		if (start < end)
			r = rangeset_add(&bad, (struct byte_range){start, end - start});
	}
	if (r)
		return r;

	rangeset_move(ret, &bad);
	return 0;
}
