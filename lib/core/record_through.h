/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef PMEMRAS_RECORD_THROUGH_H
#define PMEMRAS_RECORD_THROUGH_H

/* The part of a findings record that says through which devices the filesystem was found: "through". */
#include <json-c/json.h>
#include "findings.h"

int record_put_through(const struct findings *f, struct json_object *object); /* -ENOMEM */
int record_parse_through(struct json_object *object, struct findings *f); /* 0, -EBADMSG, -ENOMEM */

#endif
