/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Who takes the bytes of a device, from the surest to the vaguest: the mount table, the list of swaps, the
 * devices above it; what its superblock says (udev noted that down for those who may not read
 * the device), and whether somebody holds it: the kernel refuses an exclusive open then.
 *
 * A signature alone says what was made there once. That it is in use says only the rest.
 */
#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>

#include "blkdev.h"
#include "blkprobe.h"
#include "cleanup.h"
#include "fd.h"
#include "reason.h"
#include "topology.h"

#define OPENERS_MAX 8 /* named for one device */

/* ---- mounts and swaps ---- */

static int use_mounts(const struct sysroot *root, const struct mounts *mounts, struct topo *topo)
{
	int r = 0;

	for (size_t i = 0; !r && i < mounts->n; i++) {
		const struct mount *mount = &mounts->items[i];
		size_t at = topology_mount_node(root, mounts, topo, mount->devno);
		struct topo_node *node = at == TOPO_NONE ? NULL : &topo->nodes[at];

		/* of namespaces beside ours only what ours has not is news */
		if (!node || (mount->pid && !mounts_find(mounts, mount->devno)->pid))
			continue;
		node->use = TOPO_USE_MOUNTED;
		snprintf(node->holds, sizeof(node->holds), "%s", mount->fs_type);
		r = topo_add_where(node, mount->target);
	}
	return r;
}

/* Blanks in names are octal: "/dev/a\040b". */
static void unescape(char *text)
{
	char *to = text;

	for (const char *from = text; *from; to++) {
		if (from[0] == '\\' && from[1] >= '0' && from[1] <= '3' && from[2] >= '0' &&
		    from[2] <= '7' && from[3] >= '0' && from[3] <= '7') {
			*to = (char)((from[1] - '0') << 6 | (from[2] - '0') << 3 | (from[3] - '0'));
			from += 4;
		} else {
			*to = *from++;
		}
	}
	*to = '\0';
}

/* "Filename Type Size Used Priority", then "/dev/dm-1 partition 1 2 3"; files lie on a filesystem. */
static int use_swaps(const struct sysroot *root, struct topo *topo)
{
	CLEANUP(freep) char *text = NULL;
	char *rest, *line;
	int r;

	r = sysroot_read(root, "/proc/swaps", &text, NULL);
	if (r)
		return r == -ENOMEM ? r : 0;
	for (line = strtok_r(text, "\n", &rest); line; line = strtok_r(NULL, "\n", &rest)) {
		CLEANUP(blkdev_deinit) struct blkdev dev = BLKDEV_NULL;
		char *type = strpbrk(line, " \t");
		size_t at;

		if (!type)
			continue;
		*type++ = '\0';
		type += strspn(type, " \t");
		if (strncmp(type, "partition", 9) != 0)
			continue;
		unescape(line);
		r = blkdev_resolve(root, line, &dev);
		if (r == -ENOMEM)
			return r;
		at = r ? TOPO_NONE : topo_find(topo, dev.name);
		if (at != TOPO_NONE)
			topo->nodes[at].use = TOPO_USE_SWAP;
	}
	return 0;
}

/* ---- signatures ---- */

/* What udev found when the device came: "E:ID_FS_TYPE=xfs". False where it has no entry. */
static bool ask_udev(const struct sysroot *root, struct topo_node *node)
{
	CLEANUP(freep) char *text = NULL;
	const char *line, *value;

	if (sysroot_readf(root, &text, "/run/udev/data/b%u:%u", major(node->devno),
			  minor(node->devno)))
		return false;
	line = strstr(text, "E:ID_FS_TYPE=");
	if (line && (line == text || line[-1] == '\n')) {
		value = strchr(line, '=') + 1;
		snprintf(node->holds, sizeof(node->holds), "%.*s", (int)strcspn(value, "\n"),
			 value);
		node->use = TOPO_USE_SIGNATURE;
	}
	return true;
}

static bool is_held(const char *path)
{
	CLEANUP(fd_closep)
	int fd = open(path, O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC | O_EXCL);

	return fd < 0 && errno == EBUSY;
}

/* -errno where the device could not be looked at */
static int probe(struct topo_node *node)
{
	struct blkdev dev = {.devno = node->devno};
	CLEANUP(fd_closep) int fd = -1;
	struct blkprobe found;
	char path[PATH_MAX];
	struct stat st;
	int r;

	strcpy(dev.name, node->name);
	fd = open(blkdev_path(&dev, path), O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	if (fstat(fd, &st) || !S_ISBLK(st.st_mode) || st.st_rdev != node->devno)
		return -ENODEV;
	r = blkprobe_fd(fd, &found);
	if (r)
		return r;
	if (*found.type) {
		node->use = TOPO_USE_SIGNATURE;
		memcpy(node->holds, found.type, sizeof(node->holds));
	} else if (is_held(path)) {
		node->use = TOPO_USE_CLAIMED;
	}
	return 0;
}

static int use_signature(const struct sysroot *root, struct topo *topo, struct topo_node *node)
{
	int r = root->live ? probe(node) : -EOPNOTSUPP;

	if (!r || r == -ENOMEM)
		return r;
	if (ask_udev(root, node))
		return 0;
	node->use = TOPO_USE_UNKNOWN;
	topo->reasons |= 1u << (r == -EACCES || r == -EPERM ? REASON_NOT_PERMITTED
				: r == -EOPNOTSUPP          ? REASON_NOT_LOCATED
							    : REASON_IO_ERROR);
	return 0;
}

/* ---- programs ---- */

static void dir_closep(DIR **dir)
{
	if (*dir)
		closedir(*dir);
}

static bool is_open_by_a_program(const struct topo_node *node)
{
	return node->use == TOPO_USE_NONE || node->use == TOPO_USE_CLAIMED ||
	       node->use == TOPO_USE_SIGNATURE || node->use == TOPO_USE_OPEN ||
	       node->use == TOPO_USE_DAX;
}

static struct topo_node *opened(struct topo *topo, const struct stat *st)
{
	for (size_t i = 0; i < topo->n_nodes; i++) {
		struct topo_node *node = &topo->nodes[i];

		if (node->devno == st->st_rdev && node->devno &&
		    (node->kind == TOPO_DAX ? S_ISCHR(st->st_mode) : S_ISBLK(st->st_mode)))
			return is_open_by_a_program(node) ? node : NULL;
	}
	return NULL;
}

static int note_opener(const struct sysroot *root, const char *pid, struct topo_node *node)
{
	CLEANUP(freep) char *comm = NULL, *text = NULL;
	unsigned int n = 1;
	int r;

	if (sysroot_readf(root, &comm, "/proc/%s/comm", pid))
		return 0; /* gone */
	if (asprintf(&text, "%s (pid %s)", comm, pid) < 0) {
		text = NULL;
		return -ENOMEM;
	}
	for (const char *at = node->where; at && (at = strstr(at, "(pid ")); at++)
		n++;
	if (n > OPENERS_MAX || (node->where && strstr(node->where, text)))
		return 0;
	if (node->use == TOPO_USE_NONE)
		node->use = TOPO_USE_OPEN;
	r = topo_add_where(node, text);
	return r;
}

struct programs {
	const struct sysroot *root;
	struct topo *topo;
};

/* A name below /dev is asked for by its text first: nothing else is touched, as a dead server's files
 * could be. */
static int look_at_program(const char *pid, void *data)
{
	struct programs *all = data;
	CLEANUP(dir_closep) DIR *dir = NULL;
	const struct dirent *entry;
	char path[64];
	int r = 0;

	if (!isdigit((unsigned char)*pid) || strlen(pid) > 16 || atoi(pid) == getpid())
		return 0;
	snprintf(path, sizeof(path), "/proc/%s/fd", pid);
	dir = opendir(path);
	while (!r && dir && (entry = readdir(dir))) {
		char target[PATH_MAX];
		struct topo_node *node;
		struct stat st;
		ssize_t n = readlinkat(dirfd(dir), entry->d_name, target, sizeof(target) - 1);

		if (n < 5 || strncmp(target, "/dev/", 5) != 0 ||
		    fstatat(dirfd(dir), entry->d_name, &st, 0))
			continue;
		node = opened(all->topo, &st);
		if (node)
			r = note_opener(all->root, pid, node);
	}
	return r;
}

int topology_find_uses(const struct sysroot *root, const struct mounts *mounts, struct topo *topo)
{
	struct programs all = {root, topo};
	int r;

	r = use_mounts(root, mounts, topo);
	if (!r)
		r = use_swaps(root, topo);
	for (size_t i = 0; !r && i < topo->n_nodes; i++) {
		struct topo_node *node = &topo->nodes[i];

		if (node->use != TOPO_USE_NONE)
			continue;
		if (topo_has_above(topo, i))
			node->use = TOPO_USE_LAYERS;
		else if (node->kind > TOPO_DAX)
			r = use_signature(root, topo, node);
	}
	if (!r && root->live)
		r = sysroot_each(root, "/proc", look_at_program, &all);
	return r == -ENOMEM ? r : 0;
}
