/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Kept by value, as the process may be gone by the time that somebody reads about it.
 */
#include "elsewhere.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "cleanup.h"

struct elsewhere *elsewhere_free(struct elsewhere *elsewhere)
{
	if (!elsewhere)
		return NULL;

	free(elsewhere->path);
	free(elsewhere->unit);
	free(elsewhere->container);
	free(elsewhere);
	return NULL;
}

void elsewhere_freep(struct elsewhere **elsewhere)
{
	elsewhere_free(*elsewhere);
}

static int copy_text(const char *text, char **ret)
{
	*ret = text && *text ? strdup(text) : NULL;
	return text && *text && !*ret ? -ENOMEM : 0;
}

int elsewhere_new(const struct elsewhere *from, struct elsewhere **ret)
{
	CLEANUP(elsewhere_freep) struct elsewhere *fresh = calloc(1, sizeof(*fresh));
	int r;

	if (!fresh)
		return -ENOMEM;
	fresh->pid = from->pid;
	memcpy(fresh->comm, from->comm, sizeof(fresh->comm));
	fresh->comm[sizeof(fresh->comm) - 1] = '\0';
	fresh->path = strdup(from->path ? from->path : "");
	if (!fresh->path)
		return -ENOMEM;
	if ((r = copy_text(from->unit, &fresh->unit)) ||
	    (r = copy_text(from->container, &fresh->container)))
		return r;
	fresh->kind = fresh->container ? from->kind : CGROUP_NO_CONTAINER;

	*ret = steal(fresh);
	return 0;
}

int elsewhere_copy(const struct elsewhere *from, struct elsewhere **ret)
{
	if (from)
		return elsewhere_new(from, ret);
	*ret = NULL;
	return 0;
}
