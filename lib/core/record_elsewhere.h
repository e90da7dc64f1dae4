/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef PMEMRAS_RECORD_ELSEWHERE_H
#define PMEMRAS_RECORD_ELSEWHERE_H

/* The part of a findings record that says whose a mount is: "elsewhere", of "filesystem". */
#include <json-c/json.h>
#include "elsewhere.h"

/* Nothing of NULL. -ENOMEM. */
int record_put_elsewhere(const struct elsewhere *elsewhere, struct json_object *filesystem);
/* @ret: NULL where there is none. -EBADMSG, -ENOMEM. */
int record_parse_elsewhere(struct json_object *filesystem, struct elsewhere **ret);

#endif
