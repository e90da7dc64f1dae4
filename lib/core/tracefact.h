/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef PMEMRAS_TRACEFACT_H
#define PMEMRAS_TRACEFACT_H

/*
 * What tracepoints of the kernel say of bad memory. Which fields an event has is
 * a matter of the kernel's version: they are asked for by name.
 *
 * memory_failure_event	pfn (include/ras/ras_event.h, later trace/events/memory-failure.h)
 * mce_record		status, addr, misc, cpu, bank (include/trace/events/mce.h); what the
 *			status means: Intel SDM volume 3B, "Machine-check architecture"
 * cxl_poison		hpa, dpa, dpa_length, trace_type (drivers/cxl/core/trace.h)
 * cxl_general_media, cxl_dram	hpa, dpa, descriptor (likewise; CXL 3.1, 8.2.9.2.1)
 */
#include <stdint.h>
#include "incident.h"

enum tracefact_event {
	TRACEFACT_MEMORY_FAILURE,
	TRACEFACT_MCE,
	TRACEFACT_CXL_POISON,
	TRACEFACT_CXL_MEDIA,
	TRACEFACT_CXL_DRAM,
	TRACEFACT_EVENTS,
};
const char *tracefact_event_name(enum tracefact_event event); /* "memory_failure_event", … */

enum tracefact_kind {
	TRACEFACT_NOTHING,  /* corrected, cleared, or not about memory */
	TRACEFACT_BAD,      /* @range is bad */
	TRACEFACT_UNPLACED, /* memory is bad, and no physical address is given */
};

struct tracefact {
	enum tracefact_kind kind;
	enum media_source source;
	struct byte_range range; /* physical addresses, bytes, whole sectors */
};

struct tracefact_fields {
	/* @ret: the field's bits; nonzero: no such field */
	int (*get)(void *data, const char *name, uint64_t *ret);
	void *data;
};

/**
 * tracefact_read() - what an event says
 * @page: bytes of a page of memory
 *
 * Return: 0; -ENODATA: it lacks a field that it cannot be understood without.
 */
int tracefact_read(enum tracefact_event event, const struct tracefact_fields *fields, uint64_t page,
		   struct tracefact *ret);

#endif
