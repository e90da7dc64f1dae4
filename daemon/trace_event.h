/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef PMEMRAS_TRACE_EVENT_H
#define PMEMRAS_TRACE_EVENT_H

/* Records of tracepoints, as libtraceevent has them, become what they say (tracefact.h). */
#include <event-parse.h>
#include "tracefact.h"

/* Return: 0; -ENOENT: an event of another name; -ENODATA: it lacks a field. */
int trace_event_decode(struct tep_event *event, struct tep_record *record, uint64_t page,
		       enum tracefact_event *ret_which, struct tracefact *ret);

#endif
