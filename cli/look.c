/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Everybody may read a badblocks list, so even without the daemon, and without
 * permission on the store, status can tell that something is listed. What an
 * open incident already holds bad is no news; what is listed again after it
 * was cleared is.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "blkdev.h"
#include "cleanup.h"
#include "look.h"
#include "reason.h"

struct looker {
	const struct sysroot *root;
	struct store *store;
	struct look *look;
};

static void list_deinit(struct look_list *list)
{
	rangeset_deinit(&list->listed);
	rangeset_deinit(&list->news);
}

void look_deinit(struct look *look)
{
	for (size_t i = 0; i < look->n; i++)
		list_deinit(&look->lists[i]);
	free(look->lists);
	*look = LOOK_NULL;
}

static int subtract_known(struct store *store, const struct blkdev *dev, struct rangeset *news)
{
	CLEANUP(casebook_deinit) struct casebook book = CASEBOOK_NULL;
	int64_t row = 0;
	int r;

	r = store_device_find(store, &dev->id, &row);
	if (r)
		return r == -ENOENT ? 0 : r;
	r = store_casebook(store, row, &book);
	for (size_t i = 0; !r && i < book.n; i++) {
		CLEANUP(rangeset_deinit) struct rangeset bad = RANGESET_NULL;

		r = incident_bad(book.incidents[i], &bad);
		if (!r)
			r = rangeset_subtract_set(news, &bad);
	}
	return r;
}

static int look_at_device(const struct blkdev *dev, void *data)
{
	struct looker *looker = data;
	struct look *look = looker->look;
	CLEANUP(list_deinit) struct look_list list = {0};
	int r;

	if (!dev->has_badblocks)
		return 0;
	snprintf(list.device, sizeof(list.device), "%s", dev->name);
	list.error = blkdev_badblocks(looker->root, dev, &list.listed, &list.cut);
	if (list.error == -ENOENT)
		return 0;
	if (list.error == -ENOMEM)
		return list.error;

	r = rangeset_copy(&list.news, &list.listed);
	if (!r && looker->store && list.news.n)
		r = subtract_known(looker->store, dev, &list.news);
	if (r)
		return r;

	if (look->n == look->allocated) {
		size_t larger = look->allocated ? look->allocated * 2 : 8;
		struct look_list *grown = reallocarray(look->lists, larger, sizeof(*grown));

		if (!grown)
			return -ENOMEM;
		look->lists = grown;
		look->allocated = larger;
	}
	look->lists[look->n++] = list;
	list = (struct look_list){0};
	return 0;
}

static int count_bus(const char *name, void *data)
{
	size_t *n = data;

	*n += !strncmp(name, "ndbus", strlen("ndbus"));
	return 0;
}

int look_at(const struct sysroot *root, struct store *store, struct look *ret)
{
	CLEANUP(look_deinit) struct look look = LOOK_NULL;
	struct looker looker = {root, store, &look};
	int r;

	/* without libnvdimm there is no such directory: no bus */
	r = sysroot_each(root, "/sys/bus/nd/devices", count_bus, &look.n_buses);
	if (r && r != -ENOENT)
		return r;
	r = blkdev_each(root, look_at_device, &looker);
	if (r && r != -ENOENT)
		return r;

	*ret = look;
	look = LOOK_NULL;
	return 0;
}

uint32_t look_reasons(const struct look *look)
{
	uint32_t reasons = 0;

	for (size_t i = 0; i < look->n; i++) {
		if (look->lists[i].error)
			reasons |= 1u << REASON_IO_ERROR;
		if (look->lists[i].cut)
			reasons |= 1u << REASON_LIST_CUT;
		if (look->lists[i].news.n)
			reasons |= 1u << REASON_NOT_LOCATED;
	}
	return reasons;
}

uint64_t look_news_bytes(const struct look *look)
{
	uint64_t bytes = 0;

	for (size_t i = 0; i < look->n; i++)
		bytes += rangeset_bytes(&look->lists[i].news);
	return bytes;
}
