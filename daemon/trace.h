/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef PMEMRAS_TRACE_H
#define PMEMRAS_TRACE_H

/* The tracepoints of tracefact.h, as many as this kernel has, read in a trace instance of our own. */
#include <systemd/sd-event.h>
#include "journal.h"
#include "tracefact.h"

struct trace;

struct trace_host {
	sd_event *event;
	const struct journal *journal;
	const char *instance; /* name */
	uint64_t page;        /* bytes */
	/* @at_usec: CLOCK_REALTIME; @says: the whole event in the kernel's words. Never TRACEFACT_NOTHING. */
	void (*told)(void *data, enum tracefact_event event, const struct tracefact *fact,
		     uint64_t at_usec, const char *says);
	/* It cannot be read any more. Not called from within _new() or _free(). */
	void (*ended)(void *data, const char *why);
	void *data;
};

/*
 * What an instance of that name holds already (a daemon was killed) is told as well, from the loop.
 * @ret_events: those that are heard, bits 1u << TRACEFACT_*
 * @ret_why:    static text that says why memory failures are not among them; untouched where they are
 * Return: 0: something is heard; -errno: nothing is; -EOPNOTSUPP: built without.
 */
int trace_new(const struct trace_host *host, struct trace **ret, unsigned int *ret_events,
	      const char **ret_why);
/* Removes the instance. NULL always. */
struct trace *trace_free(struct trace *trace);

#endif
