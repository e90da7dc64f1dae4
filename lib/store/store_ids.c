/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * An incident's id is written into tickets and labels, so it is never given
 * twice, not even when the database that knew it is damaged beyond reading or
 * deleted. Beside the database lies a mark: every id up to it counts as given.
 * It is moved ahead in steps, synced before the first id of a step is given,
 * so it costs a file write for every hundredth incident, and a new database,
 * which begins above the mark, skips at most a step.
 *
 * The line is "pmemras-ids MARK SUM"; one with a wrong sum counts as no mark.
 */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>
#include "store_priv.h"

#define STEP     UINT64_C(100)
#define LINE_LEN 96

static uint64_t sum_of(uint64_t mark)
{
	char text[24];

	snprintf(text, sizeof(text), "%" PRIu64, mark);
	return sql_sum(SQL_SUM_SEED, text, strlen(text));
}

uint64_t store_ids_mark(int dir_fd)
{
	int fd = openat(dir_fd, STORE_FILE_IDS, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
	char line[LINE_LEN];
	uint64_t mark, sum;
	ssize_t n;

	if (fd < 0)
		return 0;
	n = read(fd, line, sizeof(line) - 1);
	close(fd);
	if (n <= 0)
		return 0;
	line[n] = '\0';

	if (sscanf(line, "pmemras-ids %" SCNu64 " %" SCNx64, &mark, &sum) != 2)
		return 0;
	return sum == sum_of(mark) && mark <= INT64_MAX / 2 ? mark : 0;
}

int store_ids_reserve(int dir_fd, uint64_t id, uint64_t *known)
{
	uint64_t mark, step = STEP;
	char line[LINE_LEN];
	int r;

	if (id <= *known)
		return 0;
	mark = *known = store_ids_mark(dir_fd);
	if (id <= mark)
		return 0;
	/* many at once: do not write the file for each hundred of a hundred thousand */
	if (mark && id / 8 > step)
		step = id / 8;
	mark = id + step - 1;
	snprintf(line, sizeof(line), "pmemras-ids %" PRIu64 " %016" PRIx64 "\n", mark,
		 sum_of(mark));
	r = store_dir_replace(dir_fd, STORE_FILE_IDS, line);
	if (r)
		return store_dir_error(r);

	*known = mark;
	return 0;
}
