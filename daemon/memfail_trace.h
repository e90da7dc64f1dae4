/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef PMEMRAS_MEMFAIL_TRACE_H
#define PMEMRAS_MEMFAIL_TRACE_H

/* The tracepoint memory_failure_event, read in a trace instance of our own. */
#include <systemd/sd-event.h>
#include "journal.h"

struct memfail_trace;

struct memfail_trace_host {
	sd_event *event;
	const struct journal *journal;
	const char *instance; /* name */
	/* @at_usec: CLOCK_REALTIME; @says: page type and result in the kernel's words */
	void (*failure)(void *data, uint64_t pfn, uint64_t at_usec, const char *says);
	/* It cannot be read any more. Not called from within _new() or _free(). */
	void (*ended)(void *data, const char *why);
	void *data;
};

/*
 * What an instance of that name holds already (a daemon was killed) is told as well, from the loop.
 * @ret_why: where it fails, static text that says why. Return: 0, -errno; -EOPNOTSUPP: built without.
 */
int memfail_trace_new(const struct memfail_trace_host *host, struct memfail_trace **ret,
		      const char **ret_why);
/* Removes the instance. NULL always. */
struct memfail_trace *memfail_trace_free(struct memfail_trace *trace);

#endif
