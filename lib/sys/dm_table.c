/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * One ioctl by way of libdevmapper, which knows the versions of its interface.
 * Without the flag that asks for them, keys come back as zeros.
 */
#include "dm_table.h"

#include <errno.h>
#include <libdevmapper.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "cleanup.h"

static void task_freep(struct dm_task **task)
{
	if (*task)
		dm_task_destroy(*task);
}

/* Its errors are answers here, and go to nobody's standard error. */
static void __attribute__((format(printf, 5, 6)))
say_nothing(int level, const char *file, int line, int dm_errno, const char *format, ...)
{
}

static int write_targets(struct dm_task *task, FILE *to)
{
	void *next = NULL;

	do {
		uint64_t start = 0, length = 0;
		char *type = NULL, *params = NULL;

		next = dm_get_next_target(task, next, &start, &length, &type, &params);
		if (type)
			fprintf(to, "%llu %llu %s %s\n", (unsigned long long)start,
				(unsigned long long)length, type, params ? params : "");
	} while (next);
	return ferror(to) ? -ENOMEM : 0;
}

int dm_table_read(dev_t devno, char **ret)
{
	CLEANUP(task_freep) struct dm_task *task = NULL;
	CLEANUP(freep) char *text = NULL;
	struct dm_info info;
	size_t len = 0;
	FILE *stream;
	int r;

	if (geteuid() != 0 && access("/dev/mapper/control", R_OK | W_OK))
		return -EPERM;
	dm_log_with_errno_init(say_nothing);
	task = dm_task_create(DM_DEVICE_TABLE);
	if (!task)
		return -EIO;
	if (!dm_task_set_major(task, (int)major(devno)) ||
	    !dm_task_set_minor(task, (int)minor(devno)) || !dm_task_no_open_count(task) ||
	    !dm_task_run(task) || !dm_task_get_info(task, &info) || !info.exists)
		return -EIO;
	stream = open_memstream(&text, &len);
	if (!stream)
		return -ENOMEM;
	r = write_targets(task, stream);
	if (fclose(stream) || r || !text)
		return -ENOMEM;
	*ret = steal(text);
	return 0;
}
