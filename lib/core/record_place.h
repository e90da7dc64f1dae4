/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef PMEMRAS_RECORD_PLACE_H
#define PMEMRAS_RECORD_PLACE_H

/*
 * The part of a findings record that says where on the machine it is, in ndctl's terms: "namespace",
 * "region", "physical_address" (of the first byte asked about), "dimms". All left out where
 * the device is no persistent memory.
 */
#include <json-c/json.h>
#include "findings.h"

int record_put_place(const struct findings *f, struct json_object *object); /* -ENOMEM */
/* @f->asked is read already. 0, -EBADMSG, -ENOMEM. */
int record_parse_place(struct json_object *object, struct findings *f);

#endif
