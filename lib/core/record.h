/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef PMEMRAS_RECORD_H
#define PMEMRAS_RECORD_H

/*
 * The one JSON schema (doc/record-schema.json): what --json prints, the store
 * keeps, hooks read. Numbers are bytes unless the key says otherwise; times
 * are "…_usec" since the epoch. A path is "path" (a string; bytes that are not
 * UTF-8 replaced by U+FFFD) and, only where that lost something,
 * "path_base64" with the exact bytes; "mountpoint", "comm", "name" and "detail" likewise.
 */
#include <json-c/json.h>
#include "devid.h"
#include "findings.h"
#include "incident.h"

#define RECORD_SCHEMA 1

void record_freep(struct json_object **object); /* for CLEANUP() */

/* "file", "directory", "symlink", …; NULL where @mode (as st_mode) has no type */
const char *record_file_type(uint32_t mode);

/* "complete" and the array "reasons" of a mask (1u << REASON_*), as every record has them. -ENOMEM. */
int record_put_reasons(struct json_object *object, uint32_t reasons);

/* One finding with its file's paths and holders; @ret: the caller owns one reference. -ENOMEM. */
int record_from_finding(const struct findings *f, size_t index, struct json_object **ret);

/*
 * A findings record, "findings" cut to @limit (free space goes first, then what is unknown, data,
 * metadata; the summary stays that of all) with reason "truncated". 0: the head alone, without the
 * arrays "asked" and "findings", which may be long: the caller streams them.
 */
int record_from_findings(const struct findings *f, size_t limit, struct json_object **ret);

/*
 * Of a file's mode only the type is kept. What is computed (impact, says, agno, summary) is not
 * read but for the summary of a truncated record. Findings come back sorted.
 * Return: 0, -EBADMSG (not a findings record of a schema we know), -ENOMEM. Any bytes are safe.
 */
int record_to_findings(struct json_object *object, struct findings **ret);
int record_parse_findings(const char *text, size_t len, struct findings **ret);

/*
 * What there is nothing to say about is left out ("merged_into", "cleared_usec", "findings", …).
 * -EBADMSG: the findings it keeps are not JSON. -ENOMEM.
 */
int record_from_incident(const struct incident *incident, const struct devid *device,
			 struct json_object **ret);

#endif
