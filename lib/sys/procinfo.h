/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef PMEMRAS_PROCINFO_H
#define PMEMRAS_PROCINFO_H

/* Who a process is: its name, its user, its unit and container; when the kernel kills it. */
#include <sys/types.h>
#include "findings_holders.h"
#include "sysroot.h"

#define PROCINFO_USERS 16

/* Names of users that were looked up last. */
struct procinfo_users {
	struct {
		uint32_t uid;
		char name[64]; /* "": has none in /etc/passwd */
	} last[PROCINFO_USERS];
	size_t n; /* ever looked up */
};

struct procinfo {
	char comm[16]; /* "" where it is gone */
	bool has_uid;
	uint32_t uid; /* effective */
	char user[64];
	struct cgroup_place place;
};

/*
 * What cannot be read is left empty. Users come from /etc/passwd alone: a directory service may not
 * answer, least of all on a machine that has just lost memory.
 */
void procinfo_read(const struct sysroot *root, pid_t pid, struct procinfo_users *users,
		   struct procinfo *ret);
/* Its texts, lent by @info. */
struct holder_home procinfo_home(const struct procinfo *info);

/* Yes, no, or not known, of one process or of all that have set nothing. */
enum procinfo_early { PROCINFO_EARLY_UNKNOWN, PROCINFO_EARLY_NO, PROCINFO_EARLY_YES };

/* vm.memory_failure_early_kill. A kernel that cannot handle memory failures does not have it. */
enum procinfo_early procinfo_early_default(const struct sysroot *root);
/* Is memory that fails below a mapping told at once, to any thread of the process (mcekill.h)? */
enum procinfo_early procinfo_early(const struct sysroot *root, pid_t pid,
				   enum procinfo_early otherwise);

#endif
