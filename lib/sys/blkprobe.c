/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * libblkid's low-level probe, superblocks only: no cache file, no udev, no
 * partition tables. It is asked where no mount can tell what lies on a device.
 *
 * Some superblocks carry the uuid of a set of devices, not of one (RAID and
 * pool members, btrfs). Such a uuid would make one device out of several, so
 * it is not handed out.
 */
#include <blkid.h>
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include "blkprobe.h"
#include "cleanup.h"

static void probe_freep(blkid_probe *probe)
{
	blkid_free_probe(*probe);
}

static bool uuid_names_one_device(const char *type, const char *usage)
{
	static const char *const sets[] = {"btrfs", "zfs_member", "bcachefs", "bcache"};

	if (strcmp(usage, "filesystem") && strcmp(usage, "crypto"))
		return false;
	for (size_t i = 0; i < ARRAY_SIZE(sets); i++)
		if (!strcmp(type, sets[i]))
			return false;
	return true;
}

static const char *lookup(blkid_probe probe, const char *name)
{
	const char *value;

	return blkid_probe_lookup_value(probe, name, &value, NULL) ? "" : value;
}

int blkprobe_fd(int fd, struct blkprobe *ret)
{
	CLEANUP(probe_freep) blkid_probe probe = blkid_new_probe();
	struct blkprobe found = {"", ""};
	const char *type, *uuid;
	int r;

	if (!probe)
		return -ENOMEM;
	errno = 0;
	if (blkid_probe_set_device(probe, fd, 0, 0))
		return errno ? -errno : -EIO;
	blkid_probe_enable_superblocks(probe, 1);
	blkid_probe_set_superblocks_flags(probe, BLKID_SUBLKS_TYPE | BLKID_SUBLKS_UUID |
							 BLKID_SUBLKS_USAGE);
	errno = 0;
	r = blkid_do_safeprobe(probe);
	if (r == -1)
		return errno ? -errno : -EIO;

	if (r == -2) { /* several signatures */
		snprintf(found.type, sizeof(found.type), "ambiguous");
	} else if (r == 0) {
		type = lookup(probe, "TYPE");
		uuid = lookup(probe, "UUID");
		snprintf(found.type, sizeof(found.type), "%s", type);
		if (strlen(uuid) < sizeof(found.uuid) &&
		    uuid_names_one_device(type, lookup(probe, "USAGE")))
			snprintf(found.uuid, sizeof(found.uuid), "%s", uuid);
	}

	*ret = found;
	return 0;
}
