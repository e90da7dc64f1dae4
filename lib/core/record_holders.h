/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef PMEMRAS_RECORD_HOLDERS_H
#define PMEMRAS_RECORD_HOLDERS_H

/* The part of a findings record that says who uses a file: "holders". */
#include <json-c/json.h>
#include "findings.h"

/* Who of a process belongs where: "uid", "user", "unit", "user_unit", "slice", "container". -ENOMEM. */
int record_put_home(const struct findings *f, uint32_t home, struct json_object *object);
int record_parse_home(struct json_object *object, struct findings *f,
		      uint32_t *ret); /* or -EBADMSG */

/*
 * The holders of @file, if any; @piece: bytes of the file that the finding is about, len 0: none in
 * particular. -ENOMEM.
 */
int record_put_holders(const struct findings *f, uint32_t file, struct byte_range piece,
		       struct json_object *object);
/* Those that @object lists, as of @file. 0, -EBADMSG, -ENOMEM. */
int record_parse_holders(struct json_object *object, struct findings *f, uint32_t file);

#endif
