/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * An instance of our own leaves everybody else's tracing alone. It outlives its
 * maker: one that a killed daemon left behind has gone on listening, so it is
 * used as it is, and what it caught meanwhile is not lost. A daemon that
 * ends in peace takes it away.
 *
 * Which tracepoints there are, and in which system, depends on the kernel; the
 * layout of each and the names of its numbers are taken from its format file by
 * libtraceevent. One descriptor, of trace_pipe, is what poll tells by, for all CPUs
 * (with buffer_percent 0, or the kernel waits until half of the buffer is full);
 * nothing is read from it, as libtracefs reads the raw pages.
 *
 * The instance's clock is CLOCK_MONOTONIC, from which an event's time of day follows.
 */
#include "trace.h"

#include <errno.h>
#include <event-parse.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <trace-seq.h>
#include <tracefs.h>
#include <unistd.h>

#include "cleanup.h"
#include "trace_event.h"

/* For each CPU; an event takes some 40 bytes, and is read within moments. */
#define BUFFER_KB "128"
/* Wake-ups that bring nothing, in a row: something is wrong with poll here. */
#define VAIN_MAX 1000

static const struct {
	const char *system;
	enum tracefact_event event;
} points[] = {
	{"memory_failure", TRACEFACT_MEMORY_FAILURE},
	{"ras", TRACEFACT_MEMORY_FAILURE}, /* older kernels */
	{"mce", TRACEFACT_MCE},
	{"cxl", TRACEFACT_CXL_POISON},
	{"cxl", TRACEFACT_CXL_MEDIA},
	{"cxl", TRACEFACT_CXL_DRAM},
};

struct trace {
	struct trace_host host;
	struct tracefs_instance *instance;
	struct tep_handle *tep;
	unsigned int enabled; /* bits of @points */
	sd_event_source *io;
	int pipe;
	unsigned int vain;
};

static uint64_t clock_usec(clockid_t clock)
{
	struct timespec now;

	clock_gettime(clock, &now);
	return (uint64_t)now.tv_sec * 1000000 + (uint64_t)now.tv_nsec / 1000;
}

/* Of day, from @ns of CLOCK_MONOTONIC. */
static uint64_t time_of(uint64_t ns)
{
	uint64_t now = clock_usec(CLOCK_MONOTONIC), at = ns / 1000;

	return clock_usec(CLOCK_REALTIME) - (at < now ? now - at : 0);
}

static void tell(struct trace *trace, enum tracefact_event which, const struct tracefact *fact,
		 struct tep_record *record)
{
	struct trace_seq says;

	trace_seq_init(&says);
	tep_print_event(trace->tep, &says, record, "%s", TEP_PRINT_INFO);
	trace_seq_terminate(&says);
	trace->host.told(trace->host.data, which, fact, time_of(record->ts), says.buffer);
	trace_seq_destroy(&says);
}

static int on_record(struct tep_event *event, struct tep_record *record, int cpu, void *data)
{
	struct trace *trace = data;
	enum tracefact_event which;
	struct tracefact fact;
	int r;

	trace->vain = 0;
	if (record->missed_events)
		journal_say(
			trace->host.journal, LOG_ERR, NULL,
			"Memory failures came faster than they could be read: some were MISSED; "
			"the kernel log has them (\"Memory failure: \")");
	r = trace_event_decode(event, record, trace->host.page, &which, &fact);
	if (r == -ENODATA)
		journal_say(trace->host.journal, LOG_ERR, NULL,
			    "The kernel's event %s lacks a field in this kernel: NOT UNDERSTOOD",
			    event->name);
	else if (!r && fact.kind != TRACEFACT_NOTHING)
		tell(trace, which, &fact, record);
	return 0;
}

static int on_pipe(sd_event_source *io, int fd, uint32_t revents, void *data)
{
	struct trace *trace = data;

	trace->vain++;
	if (tracefs_iterate_raw_events(trace->tep, trace->instance, NULL, 0, on_record, trace) ||
	    trace->vain > VAIN_MAX) {
		(void)sd_event_source_set_enabled(io, SD_EVENT_OFF);
		trace->host.ended(trace->host.data, "the trace buffer cannot be read");
	}
	return 0;
}

struct trace *trace_free(struct trace *trace)
{
	if (!trace)
		return NULL;
	sd_event_source_disable_unref(trace->io);
	if (trace->pipe >= 0)
		close(trace->pipe);
	tep_free(trace->tep);
	if (trace->instance) {
		for (size_t i = 0; i < ARRAY_SIZE(points); i++)
			if (trace->enabled & 1u << i)
				tracefs_event_disable(trace->instance, points[i].system,
						      tracefact_event_name(points[i].event));
		tracefs_instance_destroy(trace->instance);
		tracefs_instance_free(trace->instance);
	}
	free(trace);
	return NULL;
}

static void trace_freep(struct trace **trace)
{
	trace_free(*trace);
}

static bool exists(size_t point)
{
	return tracefs_event_file_exists(NULL, points[point].system,
					 tracefact_event_name(points[point].event), "format");
}

/* Each that is there; what of it is heard comes back in @ret_events. */
static void enable(struct trace *trace, unsigned int *ret_events, const char **why)
{
	const char *failed = "this kernel has no tracepoint memory_failure_event";

	*ret_events = 0;
	for (size_t i = 0; i < ARRAY_SIZE(points); i++) {
		const char *name = tracefact_event_name(points[i].event);

		if (!exists(i))
			continue;
		if (tracefs_event_enable(trace->instance, points[i].system, name)) {
			if (points[i].event == TRACEFACT_MEMORY_FAILURE)
				failed = "the tracepoint cannot be switched on";
			continue;
		}
		trace->enabled |= 1u << i;
		*ret_events |= 1u << points[i].event;
	}
	if (!(*ret_events & 1u << TRACEFACT_MEMORY_FAILURE))
		*why = failed;
}

/* An instance that is there already keeps its clock and size: to set them would empty it. */
static int set_up(struct trace *trace, unsigned int *ret_events, const char **ret_why)
{
	const char *const systems[] = {"memory_failure", "ras", "mce", "cxl", NULL};

	errno = 0;
	trace->instance = tracefs_instance_create(trace->host.instance);
	if (!trace->instance) {
		*ret_why = "no trace instance can be made";
		return errno ? -errno : -EIO;
	}
	if (tracefs_instance_is_new(trace->instance)) {
		(void)tracefs_instance_file_write(trace->instance, "trace_clock", "mono");
		(void)tracefs_instance_file_write(trace->instance, "buffer_size_kb", BUFFER_KB);
	}
	(void)tracefs_instance_file_write(trace->instance, "buffer_percent", "0");
	trace->tep = tracefs_local_events_system(NULL, systems);
	if (!trace->tep) {
		*ret_why = "the format of the tracepoint cannot be read";
		return -EIO;
	}
	enable(trace, ret_events, ret_why);
	return trace->enabled ? 0 : -ENOENT;
}

static bool any_exists(void)
{
	for (size_t i = 0; i < ARRAY_SIZE(points); i++)
		if (exists(i))
			return true;
	return false;
}

int trace_new(const struct trace_host *host, struct trace **ret, unsigned int *ret_events,
	      const char **ret_why)
{
	CLEANUP(trace_freep) struct trace *trace = calloc(1, sizeof(*trace));
	int r;

	if (!trace)
		return -ENOMEM;
	trace->host = *host;
	trace->pipe = -1;
	tracefs_set_loglevel(TEP_LOG_NONE); /* errors are answers here */
	if (!tracefs_tracing_dir()) {
		*ret_why = "there is no tracefs, or it may not be used";
		return -ENOENT;
	}
	if (!any_exists()) { /* then nothing is made for nothing */
		*ret_why = geteuid() ? "tracefs may not be used without privileges"
				     : "this kernel has no tracepoint memory_failure_event";
		return -ENOENT;
	}
	r = set_up(trace, ret_events, ret_why);
	if (r)
		return r;
	trace->pipe = tracefs_instance_file_open(trace->instance, "trace_pipe",
						 O_RDONLY | O_NONBLOCK | O_CLOEXEC);
	if (trace->pipe < 0) {
		*ret_why = "the trace buffer cannot be read";
		return -EIO;
	}
	r = sd_event_add_io(host->event, &trace->io, trace->pipe, EPOLLIN, on_pipe, trace);
	if (r < 0) {
		*ret_why = "the trace buffer cannot be polled";
		return r;
	}

	*ret = steal(trace);
	return 0;
}
