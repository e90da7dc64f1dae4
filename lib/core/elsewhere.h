/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef PMEMRAS_ELSEWHERE_H
#define PMEMRAS_ELSEWHERE_H

/*
 * A mount that exists in mount namespaces of other processes only (mount_namespaces(7)), a
 * container's say: whose it is, and what it is called there.
 */
#include <sys/types.h>
#include "cgroup.h"

struct elsewhere {
	pid_t pid;     /* the process through which it was reached */
	char comm[16]; /* its name, NUL-terminated, any bytes */
	char *path;    /* mount point as it sees it; raw bytes */
	char *unit;    /* as in cgroup.h; NULL where not known */
	char *container;
	enum cgroup_container kind;
};

/* A copy of @from with its texts; those that are "" become NULL, save the path. -ENOMEM. */
int elsewhere_new(const struct elsewhere *from, struct elsewhere **ret);
/* Likewise; NULL of NULL. */
int elsewhere_copy(const struct elsewhere *from, struct elsewhere **ret);
struct elsewhere *elsewhere_free(struct elsewhere *elsewhere); /* always NULL; takes NULL */
void elsewhere_freep(struct elsewhere **elsewhere);

#endif
