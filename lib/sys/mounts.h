/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef PMEMRAS_MOUNTS_H
#define PMEMRAS_MOUNTS_H

/* The mount table (libmount, /proc/self/mountinfo below the root); of other namespaces see nsmounts.h. */
#include <sys/types.h>
#include "sysroot.h"

struct mount {
	int id; /* the kernel's, as "mnt_id:" in /proc/PID/fdinfo */
	dev_t devno;
	char *source; /* as mounted, "/dev/pmem0" */
	char *target; /* raw bytes, unescaped */
	char *root;   /* what of the filesystem shows there: "/" or a subtree */
	char *fs_type;
	char *options;     /* filesystem's own */
	pid_t pid;         /* in whose mount namespace it is; 0: in our own */
	size_t prefix_len; /* bytes of target that lead there, "/proc/PID/root"; 0: in our own */
};

struct mounts {
	struct mount *items;
	size_t n;
};

#define MOUNTS_NULL ((struct mounts){NULL, 0})
int mounts_read(const struct sysroot *root, struct mounts *ret);
/* As process @pid sees them; targets begin with "/proc/PID/root". */
int mounts_read_of(const struct sysroot *root, pid_t pid, struct mounts *ret);
/* Moves all of @more to the end of @mounts. -ENOMEM. */
int mounts_append(struct mounts *mounts, struct mounts *more);
void mounts_deinit(struct mounts *mounts);
/*
 * The mount to work through: one in our own namespace if possible; one that shows the filesystem's root
 * where there is one. NULL none.
 */
const struct mount *mounts_find(const struct mounts *mounts, dev_t devno);

/* Is @name, without a value, one of the filesystem's own options? */
bool mounts_has_option(const struct mount *mount, const char *name);
/* What follows "@name=" among them; free(). NULL: there is none, or no memory. */
char *mounts_option_value(const struct mount *mount, const char *name);

#endif
