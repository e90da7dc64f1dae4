/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef PMEMRAS_RECORD_THROUGH_H
#define PMEMRAS_RECORD_THROUGH_H

/* The part of a findings record that says through which devices the filesystem was found: "through". */
#include <json-c/json.h>
#include "findings.h"

int record_put_through(const struct findings *f, struct json_object *object); /* -ENOMEM */
int record_parse_through(struct json_object *object, struct findings *f); /* 0, -EBADMSG, -ENOMEM */
/* "inside": each {"through", "found": a findings record, cut to @limit (0: not)}. -ENOMEM. */
int record_put_inside(const struct findings *f, size_t limit, struct json_object *object);
int record_parse_inside(struct json_object *object, struct findings *f); /* 0, -EBADMSG, -ENOMEM */

#endif
