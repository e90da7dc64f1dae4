/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef PMEMRAS_STATEDIR_H
#define PMEMRAS_STATEDIR_H

/* A state directory of its own for each test, below $TMPDIR or /tmp; and sets of sectors as text.
 */
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include "rangeset.h"
#include "unit.h"

/* @state: the path, as cmocka's setup wants it. The directory itself does not exist yet. */
static inline int statedir_setup(void **state)
{
	const char *tmp = getenv("TMPDIR") ?: "/tmp";
	char *path;

	if (asprintf(&path, "%s/pmemras-test-XXXXXX", tmp) < 0 || !mkdtemp(path))
		return -1;
	*state = path;
	return 0;
}

static inline int statedir_teardown(void **state)
{
	char *path = *state, *command;
	int r;

	if (asprintf(&command, "rm -rf '%s'", path) < 0)
		return -1;
	r = system(command);
	free(command);
	free(path);
	return r;
}

/* "0+8 100+1", sectors; replaces @ret */
static inline void statedir_sectors(const char *text, struct rangeset *ret)
{
	unsigned long long start, len;
	int used;

	rangeset_clear(ret);
	for (; sscanf(text, " %llu+%llu%n", &start, &len, &used) == 2; text += used)
		assert_int_equal(rangeset_add(ret, (struct byte_range){start * SECTOR_SIZE,
								       len * SECTOR_SIZE}),
				 0);
}

static inline void statedir_assert_sectors(const struct rangeset *set, const char *text)
{
	CLEANUP(rangeset_deinit) struct rangeset want = RANGESET_NULL;

	statedir_sectors(text, &want);
	if (!rangeset_equal(set, &want))
		for (size_t i = 0; i < set->n; i++)
			print_message("got %llu+%llu, not %s\n",
				      (unsigned long long)set->ranges[i].start / SECTOR_SIZE,
				      (unsigned long long)set->ranges[i].len / SECTOR_SIZE, text);
	assert_true(rangeset_equal(set, &want));
}

#endif
