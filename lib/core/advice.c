/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * pmemras works owners out for XFS alone. Whoever has something else on the device is told the way that leads on
 * from there, in a few words, as a fragment of a sentence.
 */
#include "advice.h"

#include <stddef.h>
#include <string.h>

#include "cleanup.h"

const char *advice_for(const char *type)
{
	static const struct {
		const char *type, *advice;
	} types[] = {
		{"ext2", "which file has a block: debugfs -R 'icheck BLOCK', then 'ncheck INODE'"},
		{"ext3", "which file has a block: debugfs -R 'icheck BLOCK', then 'ncheck INODE'"},
		{"ext4", "which file has a block: debugfs -R 'icheck BLOCK', then 'ncheck INODE'"},
		{"btrfs", "btrfs scrub start finds and names the files, and repairs from a copy"},
		{"f2fs", "fsck.f2fs --dry-run tells what is damaged, not which file has a block"},
		{"ntfs", "ntfscluster -s FIRST-LAST names the files of a range of sectors"},
		{"LVM2_member", "pvs -o +vg_name names its group; vgchange -ay, then ask again"},
		{"LVM1_member", "an old LVM format that nothing here can read"},
		{"linux_raid_member",
		 "mdadm --examine names its array; while that runs, a check of "
		 "it (echo check > md/sync_action) finds what is bad"},
		{"crypto_LUKS", "cryptsetup open, then ask again"},
		{"zfs_member", "zpool scrub, then zpool status -v names the files"},
		{"bcache", "bcache moves blocks: read the backing device's filesystem whole"},
		{"swap", "not in use as swap: mkswap --check leaves bad pages out"},
		{ADVICE_SWAP_IN_USE,
		 "a process whose page is there dies when it is read back; swapoff moves all "
		 "of it, then mkswap --check leaves bad pages out"},
		{ADVICE_DEVDAX, "what is where only the program knows that maps it; touching a bad "
				"page there is a "
				"SIGBUS"},
		{ADVICE_KMEM,
		 "the kernel takes bad pages out of use by itself (HardwareCorrupted in "
		 "/proc/meminfo)"},
		{ADVICE_NOTHING,
		 "what is where only a program knows that uses the device itself, a database say: "
		 "ask it for a check of its own, or restore from its backup"},
		{"ambiguous", "more than one signature: wipefs lists them"},
	};

	for (size_t i = 0; type && i < ARRAY_SIZE(types); i++)
		if (!strcmp(types[i].type, type))
			return types[i].advice;
	return NULL;
}
