/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef PMEMRAS_PLAN_H
#define PMEMRAS_PLAN_H

/*
 * What repairing an incident takes: an ordered list of steps, computed from what was found and what
 * was chosen, and nothing else. `repair --dry-run` prints it, and what executes works it off.
 *
 * A repair works in pages of PAGE_BYTES, as nothing smaller clears poison. Each bad page that file data
 * owns is taken out of all of its owners before anything is written to it. What cannot be repaired
 * becomes advice; what stands in the way of repairing at all is an obstacle.
 */
#include "findings.h"

enum plan_choice {
	PLAN_UNDECIDED,  /* shows which choices there are */
	PLAN_ZERO,       /* lost bytes become zeros, on record as lost */
	PLAN_RESTORE,    /* lost bytes come from a backup */
	PLAN_QUARANTINE, /* as PLAN_ZERO; the bad block is kept away, not cleared */
	PLAN_SALVAGE,    /* nothing is repaired, what can be read is copied out */
	PLAN_EXEC,       /* a program of the application's repairs it */
	PLAN_CHOICE_N,
};
const char *plan_choice_token(enum plan_choice choice); /* "undecided", "zero", … */
int plan_choice_from_token(const char *token);          /* -1 where it names none, NULL included */

enum plan_action {
	PLAN_COPY_OUT, /* a file's readable bytes, with a map of the holes */
	PLAN_HOLD,     /* a quarantine file becomes one more owner of the bad block */
	PLAN_BUILD,    /* a good page in an unnamed file */
	PLAN_REPLACE,  /* it takes the bad block's place in one owner */
	PLAN_CLEAR, /* the whole page is written through the quarantine file, the only owner left */
	PLAN_KEEP,  /* the block stays in the quarantine file */
	PLAN_RUN,   /* the program */
	PLAN_PROVE,
	PLAN_ACTION_N,
};
const char *plan_action_token(enum plan_action action); /* "copy-out", "hold", … */
int plan_action_from_token(const char *token);          /* as above */
const char *plan_only_if(enum plan_action action);      /* what is verified first; "" nothing */
const char *plan_destroys(enum plan_action action);     /* never "" */
bool plan_can_undo(enum plan_action action);

struct plan_step {
	enum plan_action action;
	uint32_t file;   /* index into the findings' files; FINDING_NO_FILE */
	uint64_t page;   /* HOLD … KEEP: first byte of the page on the device */
	uint64_t offset; /* HOLD, BUILD, REPLACE: of the page in the file */
	uint32_t len;    /* of these: how much of the page the file has */
};

enum plan_obstacle {
	PLAN_OBSTACLE_LAYERED,    /* partitions or device-mapper below the filesystem */
	PLAN_OBSTACLE_BLOCK_SIZE, /* filesystem blocks are no pages */
	PLAN_OBSTACLE_NO_REFLINK, /* blocks cannot be moved from file to file */
	PLAN_OBSTACLE_NO_RMAPBT,  /* the kernel cannot tell at each step who has a block */
	PLAN_OBSTACLE_READ_ONLY,
	PLAN_OBSTACLE_INCOMPLETE, /* not all owners are known */
	PLAN_OBSTACLE_NOT_FILE,   /* pages that something else than stored file data owns as well */
	PLAN_OBSTACLE_FILE_GONE,  /* pages of files that are deleted or cannot be looked at */
	PLAN_OBSTACLE_NOT_LISTED, /* pages that no list, no declaration and no event holds bad now */
	PLAN_OBSTACLE_TAILS,      /* pages whose owners end at different places in them */
	PLAN_OBSTACLE_TOO_MANY,   /* more pages than one plan holds */
	PLAN_OBSTACLE_SEVERAL_FILES, /* RESTORE: no single file has all that is lost */
	PLAN_OBSTACLE_BACKUP_SHORT,  /* RESTORE: it ends before the lost bytes do */
	PLAN_OBSTACLE_BACKUP_SHARES, /* RESTORE: it has the very blocks that are bad */
	PLAN_OBSTACLE_N,
};
const char *plan_obstacle_token(enum plan_obstacle obstacle);
const char *plan_obstacle_says(enum plan_obstacle obstacle); /* one sentence and what to do */

/* Damage that the steps do nothing about: summed up by what was hit and what that means. */
struct plan_advice {
	uint8_t kind;   /* enum fs_owner_kind */
	uint8_t impact; /* enum impact */
	uint64_t bytes;
};
const char *plan_advice_says(enum fs_owner_kind kind, enum impact impact);

/* A file as it was when the plan was made. */
struct plan_inode {
	uint64_t ino;
	uint64_t size;          /* bytes */
	uint64_t changed_nsec;  /* st_ctime */
	uint64_t modified_nsec; /* st_mtime */
};

struct plan_backup {
	const char *path;
	uint64_t dev, ino, size, modified_nsec;
	/* by comparison with the damaged file */
	uint32_t obstacles;           /* 1u << PLAN_OBSTACLE_BACKUP_* */
	uint64_t compared, different; /* bytes around those that are lost */
	bool doubtful;                /* older, of another size, or different around them */
};

struct plan_facts {
	const struct findings *f;   /* of @known_bad; sorted, judged */
	const struct rangeset *bad; /* of the incident: what is to be repaired; device bytes */
	const struct rangeset *known_bad; /* all of the device that is never to be read; has @bad */
	const struct rangeset *listed;    /* of these, what can be seen to be bad now */
	const struct rangeset *declared;  /* what nobody may call cleared */
	const struct plan_inode *inodes;  /* ascending; the files that could be looked at */
	size_t n_inodes;
	bool read_only;   /* mounted so */
	uint32_t granule; /* bytes: what the device reads at least; 0: a sector */
	int64_t incident;
	enum plan_choice choice;
	const char *argument;      /* SALVAGE: directory, EXEC: program; else NULL */
	struct plan_backup backup; /* RESTORE */
};

#define PLAN_QUARANTINE_DIR ".pmemras-quarantine" /* at the top of the filesystem */
#define PLAN_PAGES_MAX      65536                 /* owners of pages that one plan has at most */

struct plan {
	const struct plan_facts *facts; /* lent, and so is all in it */
	struct plan_step *steps;
	size_t n_steps, allocated;
	uint32_t obstacles;          /* 1u << PLAN_OBSTACLE_* */
	size_t n_pages;              /* that the steps repair */
	struct rangeset quarantined; /* pages that nobody but a quarantine file has */
	struct rangeset repaired;    /* these pages, device bytes */
	struct plan_advice *advice;
	size_t n_advice, advice_allocated;
	uint32_t restore_file; /* RESTORE: whose backup it is; FINDING_NO_FILE */
};

#define PLAN_NULL ((struct plan){0})
void plan_deinit(struct plan *plan); /* for CLEANUP() */

/**
 * plan_make() - the steps for what was chosen
 * @facts: outlives @ret
 * @ret:   plan_deinit(); without steps where nothing can be done: obstacles and advice say why
 *
 * Return: 0, -ENOMEM.
 */
int plan_make(const struct plan_facts *facts, struct plan *ret);

/* NULL: that file could not be looked at. */
const struct plan_inode *plan_inode(const struct plan_facts *facts, uint64_t ino);
/*
 * @ret (initialised, replaced): device bytes of a step's page that are known bad, or cannot be read without
 * reading some that are. -ENOMEM.
 */
int plan_lost_of_page(const struct plan_facts *facts, uint64_t page, struct rangeset *ret);
/*
 * @ret (as above): bytes of a file that cannot be read from it: pages of which a part is known bad.
 * @ret_lost (as above, may be NULL): those of its bytes that are known bad.
 */
int plan_unreadable(const struct plan_facts *facts, uint32_t file, struct rangeset *ret,
		    struct rangeset *ret_lost);

/* Bytes that a file stores, or could read back: not preallocated ones. */
static inline bool plan_is_file_data(const struct finding *item)
{
	return item->kind == FS_OWNER_DATA && !(item->flags & FINDING_UNWRITTEN);
}

/* Adds what its steps leave as it is; part of plan_make(). -ENOMEM. */
int plan_advise(struct plan *plan);

/*
 * The plan as a record (doc/record-schema.json) without "hash": two plans are the same where the text
 * of this is. -ENOMEM.
 */
struct json_object;
int plan_record(const struct plan *plan, struct json_object **ret);

#endif
