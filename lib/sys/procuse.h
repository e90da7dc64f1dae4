/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef PMEMRAS_PROCUSE_H
#define PMEMRAS_PROCUSE_H

/* What looking through the processes for users of a file or device has in common. */
#include <dirent.h>
#include "findings_holders.h"
#include "mapsline.h"
#include "procinfo.h"

#define PROCUSE_CHUNK ((size_t)64 * 1024) /* a name in maps has at most 4 x PATH_MAX bytes */

/* Open descriptors: /proc/PID/fd. -errno. */
int procuse_descriptors(const struct sysroot *root, pid_t pid, DIR **ret);
void procuse_dir_closep(DIR **dir);
/* HOLDER_OPEN…, what the descriptor called @name in that directory was opened for. */
uint32_t procuse_how_opened(int dir, const char *name);

/*
 * Mappings of files. @chunk: room of PROCUSE_CHUNK bytes; @line (@len bytes): what @m was read from. 0
 * continues, nonzero stops and comes back. A process that cannot be looked at has none.
 */
int procuse_mappings(const struct sysroot *root, pid_t pid, char *chunk,
		     int (*fn)(const struct mapsline *m, const char *line, size_t len, void *data),
		     void *data);

struct procuse_machine {
	struct procinfo_users users;
	enum procinfo_early early; /* of processes that have set nothing */
};

/* Who a process is; @ret->file and maps are left to the caller. @mapped: tell also whether it is killed early. -ENOMEM. */
int procuse_who(const struct sysroot *root, pid_t pid, bool mapped, struct procuse_machine *machine,
		struct findings *f, struct found_holder *ret);

/* For sysroot_each() of "/proc": false where @name is no process. */
bool procuse_pid(const char *name, pid_t *ret);

#endif
