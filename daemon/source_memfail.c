/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Memory failures: pages that memory_failure() in the kernel has taken out of
 * use, after a machine check, a report of the firmware (GHES), a scrub or by injection. For persistent memory
 * this may be the only word there ever is of a loss: no badblocks list shows it
 * where no machine check came first.
 *
 * Machine checks themselves and what CXL devices report come the same way: one more
 * source for the same place, or the only one where the kernel did not act on it.
 *
 * The tracepoint tells best. Where it cannot be had, the kernel's log has a line
 * for each page. The log is read from its end on: what it says of the time before
 * is not known to be unknown. Where neither can be had, that is said, and
 * everything else goes on.
 */
#include "source.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "cleanup.h"
#include "escape.h"
#include "fd.h"
#include "kmsg.h"
#include "serd.h"
#include "store.h"
#include "trace.h"

/* More than so many pages in so short a time are no single errors any more. */
#define BURST_N    10
#define BURST_USEC UINT64_C(60000000)

struct source_memfail {
	const struct source_host *host;
	struct trace *trace;
	unsigned int events; /* heard from tracepoints, bits 1u << TRACEFACT_* */
	int kmsg;            /* -1 */
	sd_event_source *kmsg_io;
	const char *why;      /* the tracepoint cannot be used; NULL: it is */
	const char *kmsg_why; /* nor the log; NULL: it is, or is not needed */
	uint64_t page;        /* bytes */
	struct serd burst;
};

static uint64_t clock_usec(clockid_t clock)
{
	struct timespec now;

	clock_gettime(clock, &now);
	return (uint64_t)now.tv_sec * 1000000 + (uint64_t)now.tv_nsec / 1000;
}

static void memfail_free(void *data)
{
	struct source_memfail *source = data;

	if (!source)
		return;
	trace_free(source->trace);
	sd_event_source_disable_unref(source->kmsg_io);
	fd_closep(&source->kmsg);
	free(source);
}

static void memfail_freep(struct source_memfail **source)
{
	memfail_free(*source);
}

static void hear(struct source_memfail *source, const struct media_event *event)
{
	source->host->heard(source->host->data, event);
	if (serd_record(&source->burst, clock_usec(CLOCK_MONOTONIC)))
		journal_say(source->host->journal, LOG_ALERT, NULL,
			    "BURST of memory failures: %u pages within %u seconds, ordinary memory "
			    "included",
			    BURST_N, (unsigned int)(BURST_USEC / 1000000));
}

/* ---- from tracepoints ---- */

static const char *const words[TRACEFACT_EVENTS] = {
	[TRACEFACT_MEMORY_FAILURE] = "Memory failure", [TRACEFACT_MCE] = "Machine check",
	[TRACEFACT_CXL_POISON] = "CXL poison",         [TRACEFACT_CXL_MEDIA] = "CXL media error",
	[TRACEFACT_CXL_DRAM] = "CXL memory error",
};

/* A machine check is mostly followed by the memory failure it is about: it does not count twice. */
static void on_told(void *data, enum tracefact_event which, const struct tracefact *fact,
		    uint64_t at_usec, const char *says)
{
	const struct media_event event = {
		.source = fact->source,
		.at_usec = at_usec,
		.space = EVENT_PHYSICAL,
		.range = fact->range,
	};
	struct source_memfail *source = data;
	CLEANUP(freep) char *text = NULL;

	if (fact->kind == TRACEFACT_BAD && which == TRACEFACT_MEMORY_FAILURE)
		hear(source, &event); /* before anything else */
	else if (fact->kind == TRACEFACT_BAD)
		source->host->heard(source->host->data, &event);
	if (escape_terminal(says, &text))
		return;
	if (fact->kind == TRACEFACT_BAD)
		journal_say(source->host->journal, LOG_INFO, NULL, "%s: %s", words[which], text);
	else
		journal_say(source->host->journal, LOG_CRIT, NULL,
			    "%s of memory that has no physical address here: NOT RECORDED: %s",
			    words[which], text);
}

/* ---- from the log ---- */

static void hear_page(struct source_memfail *source, uint64_t pfn)
{
	const struct media_event event = {
		.source = SOURCE_MEMORY_FAILURE,
		.at_usec = clock_usec(CLOCK_REALTIME),
		.space = EVENT_PHYSICAL,
		.range = {pfn * source->page, source->page},
	};

	if (pfn < UINT64_MAX / source->page) /* else there is no such address */
		hear(source, &event);
}

static int on_kmsg(sd_event_source *io, int fd, uint32_t revents, void *data)
{
	struct source_memfail *source = data;
	struct kmsg_failure failure;
	char record[8192]; /* the kernel's limit for one */

	for (;;) {
		ssize_t got = read(fd, record, sizeof(record));

		if (got < 0 && errno == EPIPE) {
			journal_say(
				source->host->journal, LOG_ERR, NULL,
				"The kernel's log was overwritten before it could be read: memory "
				"failures may have been MISSED");
			continue;
		}
		if (got < 0 && errno == EINTR)
			continue;
		if (got <= 0) {
			if (got < 0 && errno == EAGAIN)
				return 0;
			source->kmsg_why = "the kernel's log cannot be read";
			(void)sd_event_source_set_enabled(io, SD_EVENT_OFF);
			return 0;
		}
		if (!kmsg_memory_failure(record, (size_t)got, &failure))
			hear_page(source, failure.pfn);
	}
}

static void listen_to_kmsg(struct source_memfail *source)
{
	source->kmsg_why = NULL;
	source->kmsg = open("/dev/kmsg", O_RDONLY | O_NONBLOCK | O_CLOEXEC);
	if (source->kmsg < 0) {
		source->kmsg_why = errno == EPERM || errno == EACCES
					   ? "nor may the kernel's log be read"
					   : "and there is no kernel log";
		return;
	}
	(void)lseek(source->kmsg, 0, SEEK_END);
	if (sd_event_add_io(source->host->event, &source->kmsg_io, source->kmsg, EPOLLIN, on_kmsg,
			    source) < 0)
		source->kmsg_why = "and the kernel's log cannot be polled";
}

static void fall_back(struct source_memfail *source)
{
	listen_to_kmsg(source);
	journal_say(source->host->journal, source->kmsg_why ? LOG_WARNING : LOG_NOTICE, NULL,
		    source->kmsg_why ? "Memory failures are not heard: %s, %s"
				     : "Memory failures are heard from the kernel's log: %s%s",
		    source->why, source->kmsg_why ? source->kmsg_why : "");
}

static void on_ended(void *data, const char *why)
{
	struct source_memfail *source = data;

	source->why = why;
	source->events = 0;
	fall_back(source);
	/* tells the others that the table of what is watched is another */
	source->host->look(source->host->data, LOOK_DEVICES, 0);
}

/* ---- life ---- */

/* One daemon has one state directory, so that tells instances apart. */
static void name_instance(const char *state_dir, char *ret, size_t size)
{
	uint64_t hash = UINT64_C(14695981039346656037); /* FNV-1a */

	if (!strcmp(state_dir, STORE_DIR_DEFAULT)) {
		snprintf(ret, size, "pmemrasd");
		return;
	}
	for (const char *c = state_dir; *c; c++)
		hash = (hash ^ (unsigned char)*c) * UINT64_C(1099511628211);
	snprintf(ret, size, "pmemrasd-%016llx", (unsigned long long)hash);
}

static int memfail_new(const struct source_host *host, void **ret)
{
	CLEANUP(memfail_freep) struct source_memfail *source = NULL;
	char instance[32];
	struct trace_host trace;
	int r;

	if (!host->root->live)
		return -EOPNOTSUPP;
	source = calloc(1, sizeof(*source));
	if (!source)
		return -ENOMEM;
	source->host = host;
	source->kmsg = -1;
	source->page = (uint64_t)sysconf(_SC_PAGESIZE);
	(void)serd_init(&source->burst, BURST_N, BURST_USEC);
	name_instance(host->state_dir, instance, sizeof(instance));
	trace = (struct trace_host){
		.event = host->event,
		.journal = host->journal,
		.instance = instance,
		.page = source->page,
		.told = on_told,
		.ended = on_ended,
		.data = source,
	};
	r = trace_new(&trace, &source->trace, &source->events, &source->why);
	if (r == -ENOMEM)
		return r;
	if (source->why)
		fall_back(source);
	*ret = steal(source);
	return 0;
}

static int memfail_watches(const void *data, struct watch *watch)
{
	const struct source_memfail *source = data;

	watch->memory_failure = !source->why        ? WATCH_MEMFAIL_TRACE
				: !source->kmsg_why ? WATCH_MEMFAIL_LOG
						    : WATCH_MEMFAIL_NO;
	watch->memory_failure_why[0] = source->why;
	watch->memory_failure_why[1] = source->why ? source->kmsg_why : NULL;
	watch->machine_check = (source->events & 1u << TRACEFACT_MCE) != 0;
	watch->cxl = (source->events & (1u << TRACEFACT_CXL_POISON | 1u << TRACEFACT_CXL_MEDIA |
					1u << TRACEFACT_CXL_DRAM)) != 0;
	return 0;
}

const struct source_ops source_memfail = {
	.name = "memory failures",
	.new = memfail_new,
	.free = memfail_free,
	.watches = memfail_watches,
};
