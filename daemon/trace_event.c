/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Fields are found by name, through the format that the running kernel gave: their
 * places and sizes are not known here.
 */
#include "trace_event.h"

#include <errno.h>
#include <string.h>

struct fields {
	struct tep_event *event;
	struct tep_record *record;
};

static int get_field(void *data, const char *name, uint64_t *ret)
{
	const struct fields *fields = data;
	unsigned long long value;

	if (tep_get_field_val(NULL, fields->event, name, fields->record, &value, 0) < 0)
		return -ENODATA;
	*ret = value;
	return 0;
}

int trace_event_decode(struct tep_event *event, struct tep_record *record, uint64_t page,
		       enum tracefact_event *ret_which, struct tracefact *ret)
{
	struct fields fields = {event, record};
	const struct tracefact_fields seam = {get_field, &fields};
	enum tracefact_event which = 0;
	int r;

	while (which < TRACEFACT_EVENTS && strcmp(tracefact_event_name(which), event->name))
		which++;
	if (which == TRACEFACT_EVENTS)
		return -ENOENT;
	r = tracefact_read(which, &seam, page, ret);
	if (!r)
		*ret_which = which;
	return r;
}
