/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Three identities of a device, each as strong as where it comes from:
 *
 * - The uuid of its nd namespace. The disk's parent in sysfs is the namespace
 *   itself (raw) or the pfn, btt or dax device that claims it and has a uuid of
 *   its own; that one names its namespace in the attribute "namespace", and the
 *   two are siblings below the region. A namespace without a label has no uuid;
 *   then the claiming device's, which lies in its info block, has to do.
 * - The hardware's: wwid, else a serial number, else device-mapper's or md's
 *   uuid. Loop devices and other virtual ones have none: what is behind
 *   their name today may be another file tomorrow.
 * - The filesystem's uuid.
 *
 * A partition has no identity but its parent's and its number.
 */
#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include "blkdev_id.h"
#include "blkprobe.h"
#include "cleanup.h"
#include "fd.h"
#include "fs_xfs.h"

/* An attribute as an identity: printable, without blanks at either end, lower case where @lower. */
static bool read_id(const struct sysroot *root, const char *dir, const char *name, char *ret,
		    size_t size)
{
	CLEANUP(freep) char *text = NULL;
	char *start, *end;

	if (sysroot_readf(root, &text, "%s/%s", dir, name))
		return false;
	start = text + strspn(text, " \t\n");
	end = start + strlen(start);
	while (end > start && isspace((unsigned char)end[-1]))
		end--;
	*end = '\0';
	for (char *c = start; *c; c++)
		if (!isprint((unsigned char)*c))
			*c = '_';
	if (!*start || strlen(start) >= size)
		return false;
	memcpy(ret, start, strlen(start) + 1);
	return true;
}

static bool read_uuid(const struct sysroot *root, const char *dir, const char *name, char ret[37])
{
	if (!read_id(root, dir, name, ret, 37))
		return false;
	if (strlen(ret) != 36 || !strcmp(ret, "00000000-0000-0000-0000-000000000000")) {
		ret[0] = '\0';
		return false;
	}
	for (char *c = ret; *c; c++)
		*c = (char)tolower((unsigned char)*c);
	return true;
}

static bool is_nd_name(const char *name)
{
	return !strncmp(name, "namespace", 9) && !strchr(name, '/');
}

static void nd_identity(const struct sysroot *root, const char *dir, char ret[37])
{
	CLEANUP(freep) char *device = NULL;
	CLEANUP(freep) char *target = NULL;
	CLEANUP(freep) char *namespace = NULL;
	CLEANUP(freep) char *path = NULL;
	const char *base;

	if (asprintf(&device, "%s/device", dir) < 0) {
		device = NULL;
		return;
	}
	if (sysroot_readlink(root, device, &target))
		return;
	base = strrchr(target, '/');
	base = base ? base + 1 : target;
	if (strncmp(base, "pfn", 3) && strncmp(base, "btt", 3) && strncmp(base, "dax", 3) &&
	    !is_nd_name(base))
		return; /* other disks' parents may have a uuid of another meaning */

	if (is_nd_name(base)) {
		read_uuid(root, device, "uuid", ret);
		return;
	}
	if (!sysroot_readf(root, &namespace, "%s/namespace", device) && is_nd_name(namespace)) {
		if (asprintf(&path, "%s/../%s", device, namespace) < 0) {
			path = NULL;
			return;
		}
		if (read_uuid(root, path, "uuid", ret))
			return;
	}
	read_uuid(root, device, "uuid", ret);
}

static void hw_identity(const struct sysroot *root, const char *dir, const char *name, char *ret)
{
	static const struct {
		const char *attribute, *prefix;
	} sources[] = {
		{"wwid", ""},       {"device/wwid", ""},   {"dm/uuid", "dm-"},
		{"md/uuid", "md-"}, {"serial", "serial-"}, {"device/serial", "serial-"},
	};
	char id[DEVID_TEXT - 8];

	if (!strncmp(name, "loop", 4) || !strncmp(name, "zram", 4) || !strncmp(name, "ram", 3))
		return;
	for (size_t i = 0; i < ARRAY_SIZE(sources); i++) {
		if (read_id(root, dir, sources[i].attribute, id, sizeof(id))) {
			snprintf(ret, DEVID_TEXT, "%s%s", sources[i].prefix, id);
			return;
		}
	}
}

/* The parent's identity, and which part of it. @ret: DEVID_TEXT */
static void partition_identity(const struct sysroot *root, const char *dir, const char *number,
			       char *ret)
{
	CLEANUP(freep) char *parent = NULL;
	CLEANUP(freep) char *dev = NULL;
	char nd[37] = "", hw[DEVID_TEXT] = "";

	if (asprintf(&parent, "%s/..", dir) < 0) {
		parent = NULL;
		return;
	}
	if (sysroot_readf(root, &dev, "%s/dev", parent))
		return; /* not in its disk's directory */
	nd_identity(root, parent, nd);
	hw_identity(root, parent, "", hw);
	if (*nd)
		snprintf(ret, DEVID_TEXT, "nd-%s:p%.8s", nd, number);
	else if (*hw && strlen(hw) + strlen(number) + 3 < DEVID_TEXT)
		snprintf(ret, DEVID_TEXT, "%.*s:p%.8s", DEVID_TEXT - 12, hw, number);
}

static bool is_removable(const struct sysroot *root, const char *dir)
{
	CLEANUP(freep) char *text = NULL;

	return !sysroot_readf(root, &text, "%s/removable", dir) && !strcmp(text, "1");
}

/*
 * A mounted XFS says it itself; else the medium is read, unless that could
 * wake up a drive or mean nothing. Neither is open any more afterwards.
 */
static void fs_identity(const struct sysroot *root, const struct mounts *mounts, const char *dir,
			struct blkdev *dev)
{
	CLEANUP(fd_closep) int fd = -1;
	const struct mount *mount;
	struct blkprobe probe;
	struct fsgeom geom;
	char path[PATH_MAX];
	struct stat st;

	if (!fs_xfs_open(mounts, dev->devno, &fd, &mount) && !fs_xfs_geometry(fd, &geom)) {
		fsgeom_uuid_text(geom.uuid, dev->id.fs_uuid);
		return;
	}
	fd_closep(&fd);
	if (!dev->size || is_removable(root, dir))
		return;
	fd = open(blkdev_path(dev, path), O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
	if (fd < 0 || fstat(fd, &st) || !S_ISBLK(st.st_mode) || st.st_rdev != dev->devno)
		return;
	if (!blkprobe_fd(fd, &probe))
		snprintf(dev->id.fs_uuid, sizeof(dev->id.fs_uuid), "%s", probe.uuid);
}

int blkdev_identify(const struct sysroot *root, const struct mounts *mounts, const char *dir,
		    struct blkdev *dev)
{
	CLEANUP(freep) char *number = NULL;

	memcpy(dev->id.name, dev->name, sizeof(dev->id.name));
	dev->id.size = dev->size;
	if (!sysroot_readf(root, &number, "%s/partition", dir)) {
		partition_identity(root, dir, number, dev->id.hw_id);
	} else {
		nd_identity(root, dir, dev->id.nd_uuid);
		hw_identity(root, dir, dev->name, dev->id.hw_id);
	}
	if (root->live)
		fs_identity(root, mounts, dir, dev);
	return 0;
}
