/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The kernel's log as a source of last resort: its wording is no interface, so
 * only the one line is understood that has stood unchanged since Linux 4.20,
 * and everything else is somebody else's business.
 */
#include <errno.h>
#include <stdbool.h>
#include <string.h>
#include "kmsg.h"

struct cursor {
	const char *at, *end;
};

static bool take_text(struct cursor *c, const char *text)
{
	size_t len = strlen(text);

	if ((size_t)(c->end - c->at) < len || memcmp(c->at, text, len))
		return false;
	c->at += len;
	return true;
}

static int digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	return -1;
}

/* At least one digit, none that does not fit. */
static bool take_number(struct cursor *c, unsigned int base, uint64_t *ret)
{
	const char *start = c->at;
	uint64_t value = 0;

	for (; c->at < c->end; c->at++) {
		int d = digit(*c->at);

		if (d < 0 || (unsigned int)d >= base)
			break;
		if (value > (UINT64_MAX - (unsigned int)d) / base)
			return false;
		value = value * base + (unsigned int)d;
	}
	*ret = value;
	return c->at > start;
}

int kmsg_memory_failure(const char *text, size_t len, struct kmsg_failure *ret)
{
	struct cursor c = {text, text + len};
	struct kmsg_failure failure;
	uint64_t priority;

	if (!take_number(&c, 10, &priority) || !take_text(&c, ",") ||
	    !take_number(&c, 10, &failure.sequence) || !take_text(&c, ",") ||
	    !take_number(&c, 10, &failure.usec) || !take_text(&c, ","))
		return -EBADMSG;
	c.at = memchr(c.at, ';',
		      (size_t)(c.end - c.at)); /* flags, and fields still to be invented */
	if (!c.at)
		return -EBADMSG;
	c.at++;

	if (priority >> 3) /* facility: 0 is the kernel */
		return KMSG_E_OTHER;
	if (!take_text(&c, "Memory failure: 0x") || !take_number(&c, 16, &failure.pfn) ||
	    !take_text(&c, ": recovery action for "))
		return KMSG_E_OTHER;

	*ret = failure;
	return 0;
}
