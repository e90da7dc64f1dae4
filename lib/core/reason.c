/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Why an answer is incomplete, in words. "Unsupported", "not checked" and
 * "failed" are different answers, and none of them is "nothing lost": each
 * sentence says what could not be told, each remedy what to do about it.
 */
#include <stddef.h>
#include <string.h>
#include "reason.h"

static const struct {
	const char *token, *says, *remedy;
} reasons[REASON_N] = {
	[REASON_NO_RMAPBT] = {"no-rmapbt",
			      "This XFS keeps no reverse map; what is in use and claimed by no "
			      "file that could be asked "
			      "may be part of a file's extent map, of a btree, or of a file that "
			      "could not be asked.",
			      "Unmounted, xfs_db names any block (blockget -n; fsblock N; blockuse "
			      "-n); the map can only "
			      "be made with the filesystem (mkfs.xfs -m rmapbt=1, then restore)."},
	[REASON_SHUTDOWN] = {"shutdown",
			     "The filesystem has shut itself down and does not answer any more; "
			     "what is told of it was read from its device, without the changes "
			     "that only its log has.",
			     "Unmount it, look at the kernel log (dmesg), mount it again and ask "
			     "again; if it does "
			     "not mount, xfs_repair -n shows what is broken."},
	[REASON_NOT_PERMITTED] =
		{"not-permitted",
		 "Without privileges the kernel does not tell who owns a block, nor the addresses "
		 "of "
		 "persistent memory.",
		 "Run this as root (CAP_SYS_ADMIN in the initial user namespace)."},
	[REASON_UNRESOLVED_LAYER] = {"unresolved-layer",
				     "Something sits on this device (a partition, device-mapper, "
				     "RAID) and where its blocks "
				     "come from is not worked out.",
				     "Find the range on the layer above with lsblk and dmsetup "
				     "table, and locate it there."},
	[REASON_NOT_XFS] =
		{"not-xfs",
		 "The device holds something other than XFS, whose block owners pmemras cannot "
		 "read.",
		 "Use that filesystem's own tools, for example debugfs icheck and ncheck on ext4; "
		 "lsblk -f shows what it is."},
	[REASON_NOT_MOUNTED] =
		{"not-mounted",
		 "The filesystem on this device is not mounted, so that the kernel cannot be "
		 "asked.",
		 "Mount it and ask again; mount -o ro,norecovery changes nothing on the device."},
	[REASON_DEVICE_GONE] =
		{"device-gone", "The device is not there, or went away during the look.",
		 "See whether it comes back (lsblk, ndctl list -Ni), then ask again."},
	[REASON_BEYOND_END] = {"beyond-end",
			       "Part of what was asked lies behind the end of the device.",
			       "Compare with the device's size (blockdev --getsize64); badblocks "
			       "lists and most logs "
			       "count 512-byte sectors: write 8s, not 8."},
	[REASON_UNKNOWN_OWNER] =
		{"unknown-owner",
		 "The filesystem says that some blocks are in use, but not by whom.",
		 "Ask again as root with the filesystem idle; if it stays, check it unmounted with "
		 "xfs_repair -n."},
	[REASON_NO_PATHS] =
		{"no-paths", "File names were not looked for; inode numbers are given instead.",
		 "Ask again without --no-paths, or use find MOUNTPOINT -xdev -inum INODE."},
	[REASON_PATHS_OUTSIDE] = {"paths-outside",
				  "Some names of the files hit were not found: they lie outside "
				  "what this mount shows, "
				  "below another mount, in a directory that cannot be read, or "
				  "changed during the look.",
				  "Ask again; if only a part of the filesystem is mounted here (a "
				  "bind mount), mount its "
				  "root as well."},
	[REASON_CHANGED] = {"changed",
			    "Files changed during the look, so some of what is shown may already "
			    "be out of date.",
			    "Ask again."},
	[REASON_LIST_CUT] = {"list-cut",
			     "The kernel's list of bad blocks is so long that sysfs may show only "
			     "a part of it.",
			     "Scan the whole region for the rest: ndctl start-scrub, then ndctl "
			     "list --media-errors."},
	[REASON_NOT_LOCATED] = {"not-located", "Nobody has looked yet at what these blocks hold.",
				"Start pmemrasd, or look now: pmemrasctl locate DEVICE RANGE."},
	[REASON_TRUNCATED] =
		{"truncated",
		 "There are more findings than are kept here; the totals count all of them.",
		 "For all of them: pmemrasctl locate DEVICE RANGE."},
	[REASON_IO_ERROR] = {"io-error",
			     "A read failed, or gave what makes no sense, so part of the question "
			     "has no answer.",
			     "Look at the kernel log (dmesg), then ask again."},
	[REASON_INODES_UNREADABLE] = {"inodes-unreadable",
				      "Some inodes could not be read, so type, size and names of "
				      "their files are not known.",
				      "Look at the kernel log (dmesg); xfs_repair -n, unmounted, "
				      "shows which inodes are broken."},
	[REASON_OUTSIDE_FS] = {"outside-filesystem",
			       "Part of what was asked lies behind the end of the filesystem, on "
			       "the same device; "
			       "nothing is known about it.",
			       "If nothing else uses the end of the device (wipefs, lsblk -f), "
			       "nothing is lost there."},
	[REASON_DIRTY_LOG] = {"dirty-log",
			      "The filesystem was not unmounted, or its log cannot be told to be "
			      "empty: what was "
			      "changed last is in the log only, and told as it was before.",
			      "Mount it once, which replays the log, and ask again."},
	[REASON_MOUNTED] = {"mounted",
			    "The filesystem is mounted and being written to: what its device holds "
			    "is behind what the "
			    "kernel knows, so it is not read off the device.",
			    "Ask the kernel: leave --offline out."},
};

const char *reason_token(enum reason reason)
{
	return (unsigned int)reason < REASON_N ? reasons[reason].token : "unknown";
}

int reason_from_token(const char *token)
{
	for (int i = 0; token && i < REASON_N; i++)
		if (!strcmp(token, reasons[i].token))
			return i;
	return -1;
}

const char *reason_says(enum reason reason)
{
	return (unsigned int)reason < REASON_N ? reasons[reason].says : "The answer is incomplete.";
}

const char *reason_remedy(enum reason reason)
{
	return (unsigned int)reason < REASON_N ? reasons[reason].remedy : "";
}
