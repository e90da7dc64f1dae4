/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef PMEMRAS_RECORD_FILES_H
#define PMEMRAS_RECORD_FILES_H

/* Part of record: see record.h. */
#include <json-c/json.h>
#include "findings.h"

/*
 * The files, paths and holders that the findings in the array @items name, put
 * into @f, which has none yet. 0, -EBADMSG, -ENOMEM; @f may hold a part then.
 */
int record_files_parse(struct json_object *items, struct findings *f);

#endif
