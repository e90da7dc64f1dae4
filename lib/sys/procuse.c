/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * There may be a million mappings on a machine, and hardly any of them matters: so they are read in
 * large pieces and looked at in place.
 */
#include "procuse.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cleanup.h"
#include "fd.h"

void procuse_dir_closep(DIR **dir)
{
	if (*dir)
		closedir(*dir);
}

int procuse_descriptors(const struct sysroot *root, pid_t pid, DIR **ret)
{
	CLEANUP(fd_closep) int fd = -1;
	char path[64];
	int r;

	snprintf(path, sizeof(path), "/proc/%d/fd", (int)pid);
	r = sysroot_open_file(root, path, O_RDONLY | O_DIRECTORY, &fd);
	if (r)
		return r;
	*ret = fdopendir(fd);
	if (!*ret)
		return -errno;
	fd = -1;
	return 0;
}

/* The link in /proc/PID/fd has the permissions that the file was opened for (proc_pid_fd(5)). */
uint32_t procuse_how_opened(int dir, const char *name)
{
	uint32_t flags = HOLDER_OPEN;
	struct stat link;

	if (fstatat(dir, name, &link, AT_SYMLINK_NOFOLLOW))
		return flags;
	if (link.st_mode & S_IRUSR)
		flags |= HOLDER_OPEN_READ;
	if (link.st_mode & S_IWUSR)
		flags |= HOLDER_OPEN_WRITE;
	return flags;
}

int procuse_mappings(const struct sysroot *root, pid_t pid, char *chunk,
		     int (*fn)(const struct mapsline *m, const char *line, size_t len, void *data),
		     void *data)
{
	CLEANUP(fd_closep) int fd = -1;
	struct mapsline m;
	size_t len = 0;
	char path[64];

	snprintf(path, sizeof(path), "/proc/%d/maps", (int)pid);
	if (sysroot_open_file(root, path, O_RDONLY, &fd))
		return 0;
	for (;;) {
		ssize_t got = read(fd, chunk + len, PROCUSE_CHUNK - len);
		const char *line = chunk, *end;

		if (got < 0 && errno == EINTR)
			continue;
		if (got <= 0)
			return 0;
		len += (size_t)got;
		while ((end = memchr(line, '\n', (size_t)(chunk + len - line)))) {
			size_t bytes = (size_t)(end - line);
			int r = mapsline_parse(line, bytes, &m) || !m.ino
					? 0
					: fn(&m, line, bytes, data);

			if (r)
				return r;
			line = end + 1;
		}
		len -= (size_t)(line - chunk);
		if (len == PROCUSE_CHUNK) /* no line is that long */
			return 0;
		memmove(chunk, line, len);
	}
}

bool procuse_pid(const char *name, pid_t *ret)
{
	char *end;
	long pid = strtol(name, &end, 10);

	if (*end || pid <= 0 || pid > INT32_MAX)
		return false;
	*ret = (pid_t)pid;
	return true;
}

/* Only what is mapped is ever killed for. */
static uint32_t early_flags(enum procinfo_early early)
{
	switch (early) {
	case PROCINFO_EARLY_YES: return HOLDER_EARLY_KNOWN | HOLDER_EARLY;
	case PROCINFO_EARLY_NO: return HOLDER_EARLY_KNOWN;
	default: return 0;
	}
}

int procuse_who(const struct sysroot *root, pid_t pid, bool mapped, struct procuse_machine *machine,
		struct findings *f, struct found_holder *ret)
{
	struct found_holder who = {.pid = pid};
	struct procinfo info;
	struct holder_home home;
	int r;

	procinfo_read(root, pid, &machine->users, &info);
	home = procinfo_home(&info);
	r = findings_add_home(f, &home, &who.home);
	if (r)
		return r;
	memcpy(who.comm, info.comm, sizeof(who.comm));
	who.uid = info.uid;
	who.flags = info.has_uid ? HOLDER_UID : 0;
	if (mapped)
		who.flags |= early_flags(procinfo_early(root, pid, machine->early));

	*ret = who;
	return 0;
}
