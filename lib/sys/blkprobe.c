/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * libblkid's low-level probe, superblocks only: no cache file, no udev, no
 * partition tables. It is asked where no mount can tell what lies on a device.
 *
 * Some superblocks carry the uuid of a set of devices, not of one (RAID and
 * pool members, btrfs). Such a uuid would make one device out of several, so
 * it is not handed out.
 *
 * libblkid looks for swap of large pages, RAID and others at many places of the first megabyte, and a
 * bad block at one of them makes it find nothing at all. So an XFS is looked for once more then, by its first
 * sector alone, whose checksum leaves no doubt.
 */
#include <blkid.h>
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>
#include "blkprobe.h"
#include "cleanup.h"
#include "xfsdisk.h"

/* xfs_dsb, "XFS Algorithms & Data Structures" */
enum superblock_at {
	SB_UUID = 32,
	SB_SECTOR_SIZE = 102,
	SB_CRC = 224,
	SB_READ = 512,
};

/* libblkid's answers beside 0, and -1 and -2, which we tell from -errno */
enum { NOTHING = 1, SEVERAL };

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

static bool find_xfs(int fd, struct blkprobe *ret)
{
	uint8_t sb[XFSDISK_SECTOR_MAX];
	struct blkprobe found = {"xfs", ""};
	uint16_t size;

	if (pread(fd, sb, SB_READ, 0) != SB_READ || memcmp(sb, "XFSB", 4) != 0)
		return false;
	size = xfsdisk_u16(sb + SB_SECTOR_SIZE);
	if (size < SB_READ || size > sizeof(sb) || size & (size - 1) ||
	    pread(fd, sb, size, 0) != size || !xfsdisk_sum_holds(sb, size, SB_CRC))
		return false;
	fsgeom_uuid_text(sb + SB_UUID, found.uuid);

	*ret = found;
	return true;
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
		r = errno ? -errno : -EIO;
	else if (r == -2)
		r = SEVERAL;
	if ((r < 0 || r == NOTHING) && find_xfs(fd, ret))
		return 0;
	if (r < 0)
		return r;

	if (r == SEVERAL) {
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
