/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * An instance of our own leaves everybody else's tracing alone. It outlives its
 * maker: one that a killed daemon left behind has gone on listening, so it is
 * used as it is, and what it caught meanwhile is not lost. A daemon that
 * ends in peace takes it away.
 *
 * The event is of system "ras" or "memory_failure", depending on the kernel, and
 * its layout and the names of its numbers are taken from its format file by
 * libtraceevent. One descriptor, of trace_pipe, is what poll tells by, for all CPUs
 * (with buffer_percent 0, or the kernel waits until half of the buffer is full);
 * nothing is read from it, as libtracefs reads the raw pages.
 *
 * The instance's clock is CLOCK_MONOTONIC, from which an event's time of day follows.
 */
#include "memfail_trace.h"

#include <errno.h>
#include <event-parse.h>
#include <fcntl.h>
#include <stdlib.h>
#include <time.h>
#include <trace-seq.h>
#include <tracefs.h>
#include <unistd.h>

#include "cleanup.h"

#define EVENT "memory_failure_event"
/* For each CPU; an event takes some 40 bytes, and is read within moments. */
#define BUFFER_KB "128"
/* Wake-ups that bring nothing, in a row: something is wrong with poll here. */
#define VAIN_MAX 1000

static const char *const systems[] = {"memory_failure", "ras"};

struct memfail_trace {
	struct memfail_trace_host host;
	struct tracefs_instance *instance;
	struct tep_handle *tep;
	const char *system;
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

static int on_record(struct tep_event *event, struct tep_record *record, int cpu, void *data)
{
	struct memfail_trace *trace = data;
	unsigned long long pfn;
	struct trace_seq says;

	trace->vain = 0;
	if (record->missed_events)
		journal_say(
			trace->host.journal, LOG_ERR, NULL,
			"Memory failures came faster than they could be read: some were MISSED; "
			"the kernel log has them (\"Memory failure: \")");
	trace_seq_init(&says);
	if (tep_get_field_val(&says, event, "pfn", record, &pfn, 0) >= 0) {
		tep_print_event(trace->tep, &says, record, "%s", TEP_PRINT_INFO);
		trace_seq_terminate(&says);
		trace->host.failure(trace->host.data, pfn, time_of(record->ts), says.buffer);
	} else {
		journal_say(trace->host.journal, LOG_ERR, NULL,
			    "A memory failure was reported, but not where: " EVENT
			    " has no field pfn in this kernel");
	}
	trace_seq_destroy(&says);
	return 0;
}

static int on_pipe(sd_event_source *io, int fd, uint32_t revents, void *data)
{
	struct memfail_trace *trace = data;

	trace->vain++;
	if (tracefs_iterate_raw_events(trace->tep, trace->instance, NULL, 0, on_record, trace) ||
	    trace->vain > VAIN_MAX) {
		(void)sd_event_source_set_enabled(io, SD_EVENT_OFF);
		trace->host.ended(trace->host.data, "the trace buffer cannot be read");
	}
	return 0;
}

struct memfail_trace *memfail_trace_free(struct memfail_trace *trace)
{
	if (!trace)
		return NULL;
	sd_event_source_disable_unref(trace->io);
	if (trace->pipe >= 0)
		close(trace->pipe);
	tep_free(trace->tep);
	if (trace->instance) {
		if (trace->system)
			tracefs_event_disable(trace->instance, trace->system, EVENT);
		tracefs_instance_destroy(trace->instance);
		tracefs_instance_free(trace->instance);
	}
	free(trace);
	return NULL;
}

static void memfail_trace_freep(struct memfail_trace **trace)
{
	memfail_trace_free(*trace);
}

static const char *find_system(void)
{
	for (size_t i = 0; i < ARRAY_SIZE(systems); i++)
		if (tracefs_event_file_exists(NULL, systems[i], EVENT, "format"))
			return systems[i];
	return NULL;
}

/* An instance that is there already keeps its clock and size: to set them would empty it. */
static int set_up(struct memfail_trace *trace, const char **ret_why)
{
	const char *const only[] = {trace->system, NULL};

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
	trace->tep = tracefs_local_events_system(NULL, only);
	if (!trace->tep) {
		*ret_why = "the format of the tracepoint cannot be read";
		return -EIO;
	}
	if (tracefs_event_enable(trace->instance, trace->system, EVENT)) {
		*ret_why = "the tracepoint cannot be switched on";
		return errno ? -errno : -EIO;
	}
	return 0;
}

int memfail_trace_new(const struct memfail_trace_host *host, struct memfail_trace **ret,
		      const char **ret_why)
{
	CLEANUP(memfail_trace_freep) struct memfail_trace *trace = calloc(1, sizeof(*trace));
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
	trace->system = find_system();
	if (!trace->system) {
		*ret_why = geteuid() ? "tracefs may not be used without privileges"
				     : "this kernel has no tracepoint " EVENT;
		return -ENOENT;
	}
	r = set_up(trace, ret_why);
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
