/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Built without libtracefs. */
#include "memfail_trace.h"

#include <errno.h>

int memfail_trace_new(const struct memfail_trace_host *host, struct memfail_trace **ret,
		      const char **ret_why)
{
	*ret_why = "pmemras was built without libtracefs";
	return -EOPNOTSUPP;
}

struct memfail_trace *memfail_trace_free(struct memfail_trace *trace)
{
	return NULL;
}
