/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * pmemras works owners out for XFS alone. Whoever has something else on the device is told the way that leads on
 * from there, in a few words, as a fragment of a sentence.
 */
#include "advice.h"

#include <stddef.h>
#include <string.h>

#include "cleanup.h"

#define MD_CHECK                                                                                   \
	"if the array is not degraded (mdadm --detail); echo check > md/sync_action in its sysfs " \
	"directory reads all and rewrites from there what cannot be read"
#define READ_FILES "reading its files tells which are hit (an I/O error)"

/* Types of device-mapper targets, levels of md, and bcache. */
static const char *for_layer(const char *type, size_t len)
{
	static const struct {
		const char *type, *advice;
	} layers[] = {
		{"raid1", "another leg has the data, " MD_CHECK},
		{"raid10", "another leg has the data, " MD_CHECK},
		{"raid4", "the other legs and parity have the data, " MD_CHECK},
		{"raid5", "the other legs and parity have the data, " MD_CHECK},
		{"raid6", "the other legs and parity have the data, " MD_CHECK},
		{"raid0", "an array without a second copy: " READ_FILES},
		{"linear", "an array without a second copy: " READ_FILES},
		{"mirror",
		 "another leg has the data, if dmsetup status says that all are alive (A) "
		 "and in sync"},
		{"raid",
		 "the other legs have the data, if dmsetup status says that all are alive and "
		 "in sync (A), and it is not raid0; lvchange --syncaction check VG/LV reads all "
		 "and rewrites from there what cannot be read"},
		{"thin-pool", "thin_rmap --region FIRST..END (blocks of the pool) on the pool's "
			      "metadata, the pool "
			      "not active, names the thin volume and the block in it: ask about "
			      "that place there"},
		{"thin",
		 "its pool decides where its blocks are: thin_rmap on the pool's metadata, the "
		 "pool not active, names the thin volume and the block in it"},
		{"cache",
		 "a block may be the only copy or one of two: lvconvert --splitcache VG/LV "
		 "writes back what is dirty and takes the cache off, then ask again"},
		{"writecache",
		 "a block may be the only copy: lvconvert --splitcache VG/LV writes back what is "
		 "dirty and takes the cache off, then ask again"},
		{"snapshot-origin",
		 "the origin has its blocks at the same places (dmsetup table), and its snapshots "
		 "share those that were not rewritten since"},
		{"snapshot", "what was rewritten since the snapshot lies in its store (lvs -o "
			     "+origin,snap_percent), the rest in the origin"},
		{"snapshot-merge",
		 "a snapshot is being merged into its origin: ask again when that is done (lvs)"},
		{"crypt", "it authenticates its sectors, or has bigger ones than the device: a bad "
			  "sector spoils a whole one; " READ_FILES},
		{"integrity", "a bad sector, or a bad tag, spoils a whole sector above; reading "
			      "what is on it tells "
			      "which (it fails with an I/O error)"},
		{"multipath", "it has every byte at the same place: ask about it instead"},
		{"vdo", "it moves and shares blocks: " READ_FILES},
		{"bcache", "it moves blocks: " READ_FILES},
	};

	for (size_t i = 0; i < ARRAY_SIZE(layers); i++)
		if (strlen(layers[i].type) == len && !memcmp(layers[i].type, type, len))
			return layers[i].advice;
	return NULL;
}

/* "dm-3 (thin-pool)": how layers are told that cannot be computed. */
static const char *for_named_layer(const char *text)
{
	size_t len = strlen(text);
	const char *open = len && text[len - 1] == ')' ? memrchr(text, '(', len) : NULL;

	return open ? for_layer(open + 1, len - 2 - (size_t)(open - text)) : NULL;
}

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
	return type ? for_named_layer(type) : NULL;
}
