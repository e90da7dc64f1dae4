/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The words of a plan: tokens for programs, sentences for people. What a step destroys and whether
 * it can be undone is said here once, for text and JSON alike.
 */
#include <string.h>
#include "cleanup.h"
#include "plan.h"

struct action_words {
	const char *token, *only_if, *destroys;
	bool undo;
};

static const struct action_words actions[PLAN_ACTION_N] = {
	[PLAN_COPY_OUT] = {"copy-out", "inode and generation are the same", "nothing", true},
	[PLAN_HOLD] = {"hold", "still bad, file unchanged since the plan, same block and owners",
		       "nothing", true},
	[PLAN_BUILD] = {"build", "", "nothing", true},
	[PLAN_REPLACE] = {"replace", "same block, same end, nobody else has it open",
			  "nothing that can be read", false},
	[PLAN_CLEAR] = {"clear", "no file but the quarantine file has the block",
			"nothing that a file has", false},
	[PLAN_KEEP] = {"keep", "no file but the quarantine file has the block", "nothing", true},
	[PLAN_RUN] = {"run", "", "whatever the program destroys", false},
	[PLAN_PROVE] = {"prove", "", "nothing", true},
};

static const struct action_words *words_of(enum plan_action action)
{
	static const struct action_words none = {"unknown", "", "not known", false};

	return (unsigned int)action < PLAN_ACTION_N ? &actions[action] : &none;
}

const char *plan_action_token(enum plan_action action)
{
	return words_of(action)->token;
}

int plan_action_from_token(const char *token)
{
	for (int i = 0; token && i < PLAN_ACTION_N; i++)
		if (!strcmp(actions[i].token, token))
			return i;
	return -1;
}

const char *plan_only_if(enum plan_action action)
{
	return words_of(action)->only_if;
}

const char *plan_destroys(enum plan_action action)
{
	return words_of(action)->destroys;
}

bool plan_can_undo(enum plan_action action)
{
	return words_of(action)->undo;
}

const char *plan_choice_token(enum plan_choice choice)
{
	static const char *const tokens[PLAN_CHOICE_N] = {
		[PLAN_UNDECIDED] = "undecided", [PLAN_ZERO] = "zero",
		[PLAN_RESTORE] = "restore",     [PLAN_QUARANTINE] = "quarantine",
		[PLAN_SALVAGE] = "salvage",     [PLAN_EXEC] = "exec",
	};

	return (unsigned int)choice < PLAN_CHOICE_N ? tokens[choice] : "unknown";
}

int plan_choice_from_token(const char *token)
{
	for (int i = 0; token && i < PLAN_CHOICE_N; i++)
		if (!strcmp(plan_choice_token((enum plan_choice)i), token))
			return i;
	return -1;
}

static const struct {
	const char *token, *says;
} obstacles[PLAN_OBSTACLE_N] = {
	[PLAN_OBSTACLE_LAYERED] =
		{"layered", "Partitions or device-mapper lie between the device and the "
			    "filesystem; this version repairs only where the filesystem is "
			    "on the device itself. Copy out what is left with --salvage DIR."},
	[PLAN_OBSTACLE_BLOCK_SIZE] = {"block-size",
				      "The filesystem's blocks are not of 4096 bytes, and this "
				      "version repairs no others. Copy out what is left with "
				      "--salvage DIR."},
	[PLAN_OBSTACLE_NO_REFLINK] = {"no-reflink",
				      "The filesystem was made without reflink, so a bad block "
				      "cannot be put aside. Copy out what is left with --salvage "
				      "DIR; move the damaged file away, as it keeps the bad block "
				      "from the next one, and restore beside it."},
	[PLAN_OBSTACLE_NO_RMAPBT] = {"no-rmapbt",
				     "The filesystem keeps no reverse map, so the kernel cannot "
				     "tell before each step who has a bad block. Copy out what is "
				     "left with --salvage DIR; move the damaged file away, as it "
				     "keeps the bad block from the next one, and restore beside "
				     "it."},
	[PLAN_OBSTACLE_READ_ONLY] = {"read-only",
				     "The filesystem is mounted read-only. Find out why first; "
				     "then: mount -o remount,rw"},
	[PLAN_OBSTACLE_INCOMPLETE] = {"incomplete",
				      "Not everybody who has the blocks is known, and an owner "
				      "left out would keep the damage. See the reasons."},
	[PLAN_OBSTACLE_NOT_FILE] = {"not-file-data",
				    "A page belongs to stored file data and to something else as "
				    "well; it is left alone."},
	[PLAN_OBSTACLE_FILE_GONE] = {"file-gone",
				     "A file is deleted, or went away, or cannot be looked at. "
				     "While it is open its pages are left alone; plan again once "
				     "it is gone."},
	[PLAN_OBSTACLE_NOT_LISTED] = {"not-listed",
				      "A page is on no badblocks list now, not declared, and no "
				      "event is on record for it, so "
				      "that it is still bad cannot be verified before acting. To "
				      "have it repaired, declare it."},
	[PLAN_OBSTACLE_TAILS] = {"tails",
				 "Files that share a page end at different places in it; this "
				 "version leaves the page alone."},
	[PLAN_OBSTACLE_TOO_MANY] = {"too-many",
				    "More pages and owners than one plan holds (65536)."},
	[PLAN_OBSTACLE_SEVERAL_FILES] = {"several-files",
					 "The damage is in several files, none of which has all of "
					 "it: one backup file cannot restore it. Copy out what is "
					 "left with --salvage DIR."},
	[PLAN_OBSTACLE_BACKUP_SHORT] = {"backup-short",
					"The backup ends before the lost bytes do. Name another."},
	[PLAN_OBSTACLE_BACKUP_SHARES] = {"backup-shares",
					 "The backup is a reflink copy: it has the very blocks "
					 "that are bad. Name another."},
};

const char *plan_obstacle_token(enum plan_obstacle obstacle)
{
	return (unsigned int)obstacle < PLAN_OBSTACLE_N ? obstacles[obstacle].token : "unknown";
}

const char *plan_obstacle_says(enum plan_obstacle obstacle)
{
	return (unsigned int)obstacle < PLAN_OBSTACLE_N ? obstacles[obstacle].says : "";
}

static const char *says_nothing_lost(enum fs_owner_kind kind)
{
	switch (kind) {
	case FS_OWNER_FREE:
	case FS_OWNER_COW:
		return "Nothing is stored there, but the filesystem may hand it out, and the next "
		       "write "
		       "there may fail. This version cannot take free space out of use.";
	case FS_OWNER_DATA:
		return "Nothing is stored there yet (preallocated, or behind the end of the file). "
		       "Writing the whole page clears it where the device can.";
	case FS_OWNER_OUTSIDE: return "Behind the end of the filesystem: nothing of it is there.";
	case FS_OWNER_AG_PADDING: return "Nothing is stored there. Nothing has to be done.";
	default: return "Nothing is stored there.";
	}
}

const char *plan_advice_says(enum fs_owner_kind kind, enum impact impact)
{
	if (impact == IMPACT_NOTHING)
		return says_nothing_lost(kind);
	switch (kind) {
	case FS_OWNER_DATA:
		return "File data that no step of this plan repairs: see what stands in the way. "
		       "Restore the file from a backup beside the damaged one, and keep that: it "
		       "holds on to the bad block.";
	case FS_OWNER_DIRECTORY:
		return "A directory block: the names in it are lost, the files are not. Move the "
		       "other entries into a new directory, or unmount and let xfs_repair put the "
		       "rest into lost+found.";
	case FS_OWNER_SYMLINK:
		return "The target of a symbolic link: make the link again (ln -sfn).";
	case FS_OWNER_ATTR:
	case FS_OWNER_ATTR_MAP:
		return "Extended attributes (ACLs, labels): copy the file to a new one, set them "
		       "again there, and keep the old one, which holds on to the bad block.";
	case FS_OWNER_EXTENT_MAP:
		return "The map of a file's blocks: its data are there but cannot be found. "
		       "Unmount "
		       "and look with xfs_repair -n, which can only drop that part; restore the "
		       "file from a backup.";
	case FS_OWNER_INODES:
		return "Inodes: files in it cannot be opened. Unmount and look with xfs_repair -n; "
		       "restore what it would drop from a backup.";
	case FS_OWNER_AG_BTREE:
	case FS_OWNER_INOBT:
	case FS_OWNER_REFCOUNT:
		return "An index that can be made anew from the rest: xfs_scrub, where the kernel "
		       "repairs online, else unmount and xfs_repair.";
	case FS_OWNER_LOG:
		return "The log: unmount cleanly first, if that still works; then xfs_repair, with "
		       "-L "
		       "only when nothing else is left, as it drops what was not written back.";
	case FS_OWNER_UNKNOWN:
		return "Who owns it is not known, so it is not touched. See the reasons.";
	case FS_OWNER_DEFECTIVE: return "Marked defective already: nothing uses it.";
	default:
		return "Metadata of the filesystem: this version does not repair it. Back up what "
		       "can "
		       "be read, unmount, and look with xfs_repair -n.";
	}
}
