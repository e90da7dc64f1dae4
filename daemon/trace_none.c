/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Built without libtracefs. */
#include "trace.h"

#include <errno.h>

int trace_new(const struct trace_host *host, struct trace **ret, unsigned int *ret_events,
	      const char **ret_why)
{
	*ret_why = "pmemras was built without libtracefs";
	return -EOPNOTSUPP;
}

struct trace *trace_free(struct trace *trace)
{
	return NULL;
}
