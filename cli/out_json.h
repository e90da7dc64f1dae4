/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef PMEMRASCTL_OUT_JSON_H
#define PMEMRASCTL_OUT_JSON_H

/*
 * Records on standard output: one object, one line, unless it holds a
 * long array, which then has an element a line.
 */
#include <json-c/json.h>
#include "ctl.h"
#include "findings.h"

/* Prints @record and a newline. 0, -ENOMEM. */
int out_json(const struct ctl *ctl, struct json_object *record);

/*
 * An object that is too large to be held: its head is printed, then the elements of an
 * array that is its last member, one by one. out_json_open() 0 or -ENOMEM, out_json_element()
 * too; @index counts from 0.
 */
int out_json_open(const struct ctl *ctl, struct json_object *head);
int out_json_element(const struct ctl *ctl, const char *key, size_t index,
		     struct json_object *element);
void out_json_close(const struct ctl *ctl, const char *key, size_t n);

/*
 * A findings record of any size. @head: record_from_findings(…, 0), members may have been added.
 * Elements are made, printed and dropped one by one. 0, -ENOMEM.
 */
int out_json_findings(const struct ctl *ctl, const struct findings *f, struct json_object *head);

/* A new record: {"schema":…,"kind":KIND}; NULL without memory. */
struct json_object *out_json_record(const char *kind);

#endif
