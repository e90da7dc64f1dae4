/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef PMEMRAS_HOUSE_H
#define PMEMRAS_HOUSE_H

/*
 * A machine of the tests' making for casework: block devices, their lists, what can be
 * read of them and what a look finds are tables that a test changes between one pass
 * and the next. The linker puts it where lib/sys is ($(house_wrap) in tests/Makemodule.am).
 * With it a house: a store, somebody who watches it, and what was told.
 */
#include "casework.h"
#include "statedir.h"

#define FS_X "aaaaaaaa-0000-4000-8000-000000000001"
#define MIB  (UINT64_C(1) << 20)

struct fake {
	const char *name;
	struct devid id;
	const char *list; /* sectors; NULL: has no list */
	int list_error;
};

extern struct machine {
	struct fake devices[4];
	size_t n;
	const char *readable; /* sectors, of any device */
	int reads;
	const char *mounted;     /* name of the device whose file system can be asked */
	bool used;               /* all of it is one file's, else free */
	const char *broken;      /* name of the device that no look can be had at: -EIO */
	void (*meanwhile)(void); /* happens during a look */
	int looks;
} machine;

struct house {
	char *dir;
	struct sysroot root;
	struct store *store, *watcher;
	char told[500];
	struct casework_observer observer;
	uint64_t now;
};

extern struct house *house; /* for what happens during a look */

/* For cmocka; *state is the house. */
int house_setup(void **state);
int house_teardown(void **state);

/* As lib/sys would tell of it. */
void fake_blkdev(const struct fake *fake, struct blkdev *ret);
struct fake *plug(const char *name, const char *hw_id, const char *list);
/* One pass, and what was told of it; a second one over the same machine must do nothing at all. */
void pass(struct house *h, const char *told);
void assert_incident(struct house *h, int64_t id, enum incident_state want, const char *lost,
		     const char *bad);
bool is_unreachable(struct house *h, int64_t id);

#endif
