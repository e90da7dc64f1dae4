/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef PMEMRASCTL_QUESTIONS_H
#define PMEMRASCTL_QUESTIONS_H

/* What locate asks, each with an answer of its own: ranges of devices, apart where they lead to
 * different filesystems. */
#include <json-c/json.h>
#include "capture.h"
#include "ctl.h"

struct question {
	struct blkdev dev;
	struct rangeset bad;
	bool cut; /* the ranges are a list that may hold more */
};

struct questions {
	struct question *items;
	size_t n;
};

#define QUESTIONS_NULL ((struct questions){NULL, 0})
void questions_deinit(struct questions *questions);

/* Copies. 0, -ENOMEM. */
int questions_add(struct questions *questions, const struct ctl *ctl, const struct blkdev *dev,
		  const struct rangeset *bad, bool cut);

/**
 * questions_answer() - ask and print
 * @head:    of a record of kind "parts", which is then printed also for one answer; NULL: none
 * @columns: of tables, NULL usual ones
 *
 * Return: enum ctl_exit, the worst of all.
 */
int questions_answer(struct ctl *ctl, const struct questions *questions, struct json_object *head,
		     struct capture_options *capture, const char *columns);
/* As one answer is printed. Likewise. */
int questions_print(struct ctl *ctl, const struct findings *f, const char *columns);

#endif
