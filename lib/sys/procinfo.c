/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Read only for processes that turned out to matter, so some small files each are cheap.
 */
#include "procinfo.h"

#include <errno.h>
#include <fcntl.h>
#include <pwd.h>
#include <stdio.h>
#include <string.h>

#include "cleanup.h"
#include "fd.h"
#include "mcekill.h"

static void file_closep(FILE **file)
{
	if (*file)
		fclose(*file);
}

static void find_user(const struct sysroot *root, uint32_t uid, char ret[64])
{
	CLEANUP(file_closep) FILE *file = NULL;
	CLEANUP(fd_closep) int fd = -1;
	const struct passwd *entry;

	if (sysroot_open_file(root, "/etc/passwd", O_RDONLY | O_NONBLOCK, &fd))
		return;
	file = fdopen(fd, "r");
	if (!file)
		return;
	fd = -1;
	while ((entry = fgetpwent(file))) {
		if (entry->pw_uid != uid || strlen(entry->pw_name) >= 64)
			continue;
		strcpy(ret, entry->pw_name);
		return;
	}
}

static const char *user_name(const struct sysroot *root, struct procinfo_users *users, uint32_t uid)
{
	size_t n = users->n < PROCINFO_USERS ? users->n : PROCINFO_USERS, at;

	for (size_t i = 0; i < n; i++)
		if (users->last[i].uid == uid)
			return users->last[i].name;
	at = users->n++ % PROCINFO_USERS;
	users->last[at].uid = uid;
	users->last[at].name[0] = '\0';
	find_user(root, uid, users->last[at].name);
	return users->last[at].name;
}

void procinfo_read(const struct sysroot *root, pid_t pid, struct procinfo_users *users,
		   struct procinfo *ret)
{
	CLEANUP(freep) char *comm = NULL, *status = NULL, *cgroup = NULL;
	const char *line;

	memset(ret, 0, sizeof(*ret));
	if (!sysroot_readf(root, &comm, "/proc/%d/comm", (int)pid))
		snprintf(ret->comm, sizeof(ret->comm), "%s", comm);
	if (!sysroot_readf(root, &cgroup, "/proc/%d/cgroup", (int)pid))
		cgroup_parse(cgroup, strlen(cgroup), &ret->place);
	/* "Uid:" real, effective, saved, of file systems; the name in the first line is escaped */
	if (sysroot_readf(root, &status, "/proc/%d/status", (int)pid))
		return;
	line = strstr(status, "\nUid:");
	if (line && sscanf(line, "\nUid: %*u %u", &ret->uid) == 1) {
		ret->has_uid = true;
		snprintf(ret->user, sizeof(ret->user), "%s", user_name(root, users, ret->uid));
	}
}

struct holder_home procinfo_home(const struct procinfo *info)
{
	return (struct holder_home){
		.user = info->user,
		.unit = info->place.unit,
		.user_unit = info->place.user_unit,
		.slice = info->place.slice,
		.container = info->place.container,
		.kind = info->place.kind,
	};
}

/* ---- early kill ---- */

enum procinfo_early procinfo_early_default(const struct sysroot *root)
{
	CLEANUP(freep) char *text = NULL;

	if (sysroot_read_line(root, "/proc/sys/vm/memory_failure_early_kill", &text))
		return PROCINFO_EARLY_UNKNOWN;
	return strcmp(text, "0") ? PROCINFO_EARLY_YES : PROCINFO_EARLY_NO;
}

struct threads {
	const struct sysroot *root;
	pid_t pid;
	enum procinfo_early otherwise, ret;
};

/* One early thread decides; else one of which nothing is known. */
static int look_at_thread(const char *name, void *data)
{
	struct threads *threads = data;
	CLEANUP(freep) char *stat = NULL;
	enum procinfo_early early;
	enum mcekill set;

	if (sysroot_readf(threads->root, &stat, "/proc/%d/task/%s/stat", (int)threads->pid, name))
		return 0; /* has ended */
	if (mcekill_parse(stat, strlen(stat), &set)) {
		early = PROCINFO_EARLY_UNKNOWN;
	} else if (set == MCEKILL_DEFAULT) {
		early = threads->otherwise;
	} else {
		early = set == MCEKILL_EARLY ? PROCINFO_EARLY_YES : PROCINFO_EARLY_NO;
	}
	if (early != PROCINFO_EARLY_NO)
		threads->ret = early;
	return early == PROCINFO_EARLY_YES;
}

enum procinfo_early procinfo_early(const struct sysroot *root, pid_t pid,
				   enum procinfo_early otherwise)
{
	struct threads threads = {root, pid, otherwise, PROCINFO_EARLY_NO};
	char path[64];

	snprintf(path, sizeof(path), "/proc/%d/task", (int)pid);
	if (sysroot_each(root, path, look_at_thread, &threads) < 0)
		return PROCINFO_EARLY_UNKNOWN;
	return threads.ret;
}
